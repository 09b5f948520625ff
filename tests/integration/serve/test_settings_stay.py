"""What an administrator sets in the browser, in either language, is there after a restart of everything."""

from __future__ import annotations

import re
from contextlib import closing

import httpx

from tests.processes import Parley

NAME, PASSWORD = "operator", "quiet otter 47 lamp"
CARD = "/admin/settings/branding"
SAVED = {"en": "Saved.", "zh": "已保存"}


def browser(parley: Parley) -> httpx.Client:
    """A window of the operator, who is the first to come and so an administrator."""
    origin = {"Origin": parley.url}
    http = httpx.Client(
        base_url=parley.url, headers=origin, trust_env=False, timeout=30, follow_redirects=True
    )
    token = http.post("/api/auth/register", json={"username": NAME, "password": PASSWORD}).json()["data"][
        "token"
    ]
    assert token
    form = {"username": NAME, "password": PASSWORD, "_csrf": csrf(http, "/login")}
    assert http.post("/login", data=form).status_code == 200
    return http


def csrf(http: httpx.Client, path: str) -> str:
    found = re.search(r'name="_csrf" value="([^"]+)"', http.get(path).text)
    assert found is not None, path
    return found[1]


def change(http: httpx.Client, language: str, **fields: str) -> None:
    """Fill in the card as the form sends it."""
    http.cookies.set("lang", language)
    form = {f"branding.{name}": text for name, text in fields.items()}
    page = http.post(CARD, data={**form, "_csrf": csrf(http, CARD)})
    assert page.status_code == 200
    assert SAVED[language] in page.text


def test_what_is_set_in_either_language_survives_a_restart(parley: Parley) -> None:
    with closing(browser(parley)) as http:
        change(http, "en", greeting="Moin, {user}!")
        change(http, "zh", footer="隐私说明 & <规则>")
        change(http, "zh", accent="#2266aa")
        parley.stop()
        parley.start()
        for language in ("en", "zh"):
            http.cookies.set("lang", language)
            card = http.get(CARD).text
            assert 'value="Moin, {user}!"' in card
            assert 'value="隐私说明 &amp; &lt;规则&gt;"' in card
            page = http.get("/chat").text
            assert f"Moin, {NAME}!" in page
            sheet = re.search(r"/branding/accent-[0-9a-f]+\.css", page)
            assert sheet is not None
            assert http.get(sheet[0]).status_code == 200
