"""The doors for people: an app with codes, a provider, an invitation, a link for a password, and waiting."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.fair import fair
from tests.browser.visitor import PASSWORD, Visitor
from tests.browser.written import ask_api
from tests.integration.accounts.provider import CLIENT, SECRET, Provider
from tests.servers import free_port

Visit = Callable[..., Visitor]
WRONG = "This code is wrong or was used already."


def sign_in(visitor: Visitor, name: str) -> None:
    """The first step."""
    visitor.page.get_by_label("Username").fill(name)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()


def say(page: Page, code: str, button: str) -> None:
    """Type a code and press a button."""
    page.get_by_label("One-time code").fill(code)
    page.get_by_role("button", name=button, exact=True).click()


def sign_out(page: Page) -> None:
    """By the menu, on a phone."""
    page.get_by_role("button", name="Open the sidebar").click()
    page.locator("#side .who").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")


@pytest.fixture
def invited(visitor: Visitor, visit: Visit) -> Visitor:
    """Somebody with a phone who registers by a link."""
    visitor.go("/admin/invitations")
    visitor.page.get_by_role("button", name="Make a link").click()
    assert fair(visitor.page)
    theirs = visit(signed_in=False, width=320, height=720, touch=True)
    theirs.page.goto(visitor.page.get_by_label("Address").input_value())
    assert fair(theirs.page)
    theirs.page.get_by_role("button", name="中文").click()
    theirs.page.get_by_role("button", name="English").click()  # and still invited
    theirs.page.get_by_label("Username").fill("with_an_app")
    theirs.page.get_by_label("Password", exact=True).fill(PASSWORD)
    theirs.page.get_by_role("button", name="Register").click()
    theirs.page.wait_for_url("**/chat")
    return theirs


def turn_on(page: Page) -> tuple[pyotp.TOTP, Download]:
    """Scan the picture, type a wrong code and a right one; the app, and the recovery codes as a file."""
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    assert page.locator(".enrol__code").evaluate("picture => picture.naturalWidth > 100")
    assert fair(page)
    app = pyotp.TOTP(page.locator(".enrol__secret").inner_text().replace(" ", ""))
    say(page, "000000", "Turn on")
    expect(page.get_by_text(WRONG)).to_be_visible()
    say(page, app.now(), "Turn on")
    expect(page.locator(".recovery li")).to_have_count(10)
    assert fair(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".is-done")).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    return app, coming.value


def test_an_account_is_kept_with_an_app_and_opened_without_it(invited: Visitor) -> None:
    page = invited.page
    invited.go("/account/security")
    expect(page.get_by_text("No passkey can be made here")).to_be_visible()  # the address is an IP
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    assert fair(page)
    page.get_by_role("link", name="Set up").click()
    app, file = turn_on(page)
    codes = Path(file.path()).read_text().split()
    assert codes == page.locator(".recovery li").all_inner_texts()
    assert page.evaluate("navigator.clipboard.readText()").split() == codes
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Manage").click()
    expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()
    assert codes[0] not in page.content()
    sign_out(page)
    sign_in(invited, "with_an_app")
    say(page, "000000", "Sign in")
    expect(page.get_by_text(WRONG)).to_be_visible()
    assert fair(page)
    say(page, app.at(int(time.time()) + 30), "Sign in")
    page.wait_for_url("**/chat")
    sign_out(page)
    sign_in(invited, "with_an_app")
    say(page, codes[0], "Sign in")
    page.wait_for_url("**/chat")
    invited.go("/account/security/two-factor")
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    say(page, codes[0], "Turn off")
    expect(page.get_by_text(WRONG)).to_be_visible()
    assert fair(page)
    page.get_by_label("Current password").fill(PASSWORD)
    say(page, codes[1], "Turn off")
    page.get_by_role("link", name="Set up").click()
    expect(page.get_by_role("button", name="Set up")).to_be_visible()


@pytest.fixture
def idp(visitor: Visitor) -> Iterator[Provider]:
    """A provider whose bosses are administrators; forgotten by Parley afterwards."""
    provider = Provider()
    provider.start()
    yield provider
    provider.stop()
    visitor.go("/chat")
    agreed = ("issuer", "client_id", "label", "admin_rule", "accounts")
    ask_api(visitor.page, "PUT", "/api/settings/system", {f"signing.{each}": None for each in agreed})


def agree(page: Page, **typed: str) -> None:
    """Fill the administrators' page and keep it."""
    for label, text in typed.items():
        page.get_by_label(label.replace("_", " ")).fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_people_come_from_a_provider(visitor: Visitor, visit: Visit, idp: Provider) -> None:
    page = visitor.page
    visitor.go("/admin/sign-in")
    nowhere = f"http://127.0.0.1:{free_port()}/realm"
    agree(page, Address_of_the_provider=nowhere, Client_id=CLIENT, Words_on_the_button="At the museum")
    assert fair(page)
    page.get_by_role("link", name="Test sign-in").click()
    expect(page.get_by_role("alert")).to_contain_text("The sign-in provider cannot be reached")
    assert fair(page)
    theirs = visit(signed_in=False, width=320, height=720, touch=True)
    theirs.go("/login")
    theirs.page.get_by_role("link", name="At the museum").click()
    expect(theirs.page.get_by_role("alert")).to_contain_text("The sign-in provider cannot be reached")
    assert fair(theirs.page)

    page.get_by_role("link", name="Back to signing in").click()
    page.locator("[name='signing.accounts']").select_option("auto")
    agree(
        page,
        Address_of_the_provider=idp.issuer,
        Client_secret=SECRET,
        Who_is_an_administrator="groups=boss",
    )
    idp.claims = {"preferred_username": "hopper", "groups": ["boss"]}
    page.get_by_role("link", name="Test sign-in").click()
    expect(page.locator(".pairs").first).to_contain_text("Administrator")
    expect(page.locator(".claims")).to_contain_text("grace@example.org")
    assert fair(page)
    idp.claims["groups"] = []
    theirs.page.get_by_role("link", name="At the museum").click()
    theirs.page.wait_for_url("**/chat")
    visitor.go("/admin/users?q=hopper")
    expect(page.get_by_role("link", name="hopper", exact=True)).to_be_visible()


def test_an_identity_is_linked_and_taken_away(visitor: Visitor, idp: Provider) -> None:
    page = visitor.page
    visitor.go("/admin/sign-in")
    agree(page, Address_of_the_provider=idp.issuer, Client_id=CLIENT, Client_secret=SECRET)
    idp.claims = {"sub": "the-keeper", "email": "keeper@example.org"}
    visitor.go("/account/security")
    yours = page.get_by_role("region", name="Your organisation")
    yours.get_by_label("Current password").fill("not this one")
    yours.get_by_role("button", name="Link an identity").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not your current password.")
    yours.get_by_label("Current password").fill(PASSWORD)
    yours.get_by_role("button", name="Link an identity").click()
    page.get_by_role("main").get_by_role("link", name=re.compile("^Sign in")).click()
    expect(page.get_by_text("The identity is linked.")).to_be_visible()
    assert fair(page)
    yours.locator("summary").click()
    yours.get_by_label("Current password").fill(PASSWORD)
    assert fair(page)
    yours.get_by_role("button", name=re.compile("^Remove")).click()
    expect(yours.get_by_role("button", name="Link an identity")).to_be_visible()


def test_somebody_waits_under_a_notice_and_is_declined(visitor: Visitor, visit: Visit) -> None:
    rules = {"registration.mode": "approval", "banner.text": "Closed for repairs tonight from ten to eleven.",
             "banner.level": "warn"}  # fmt: skip
    ask_api(visitor.page, "PUT", "/api/settings/system", rules)
    theirs = visit(signed_in=False, width=320, height=720, touch=True)
    page = theirs.page
    theirs.go("/register")
    expect(page.get_by_role("region", name="Notice")).to_contain_text("Closed for repairs")
    page.get_by_label("Username").fill("stranger_9")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Register").click()
    page.wait_for_url("**/pending")
    assert fair(page)
    visitor.go("/admin/users?q=stranger_9")
    visitor.page.get_by_role("link", name="Decline: stranger_9").click()
    visitor.page.get_by_label("Reason").fill("Nobody here knows you")
    visitor.page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("heading", name="Not approved")).to_be_visible()
    expect(page.get_by_text("Nobody here knows you")).to_be_visible()
    assert fair(page)
    page.get_by_role("button", name="Close the notice").click()
    expect(page.get_by_role("heading", name="Not approved")).to_be_visible()
    expect(page.get_by_role("region", name="Notice")).to_have_count(0)
    ask_api(visitor.page, "PUT", "/api/settings/system", dict.fromkeys(rules))
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
