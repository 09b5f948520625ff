"""Which language a reader gets."""

import pytest

from parley.web.i18n import _, html_lang, lang_of_text, language, ngettext, pick_language, use_language


@pytest.mark.parametrize(
    ("user", "cookie", "header", "expected"),
    [
        ("zh", "en", "en", "zh"),
        (None, "zh", "en", "zh"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, None, "zh-TW", "zh"),
        (None, None, "de-DE,de;q=0.9,zh;q=0.4,en;q=0.5", "en"),
        (None, None, "en;q=0,zh;q=0.1", "zh"),
        (None, None, "fr", "en"),
        (None, "klingon", "zh", "zh"),
        (None, None, ";;q=x,,", "en"),
        (None, None, None, "en"),
    ],
)
def test_setting_then_cookie_then_browser_decide(
    user: str | None, cookie: str | None, header: str | None, expected: str
) -> None:
    assert pick_language(cookie, header, user) == expected


def test_a_language_lasts_for_its_block() -> None:
    assert language() == "en"
    with use_language("zh"):
        assert language() == "zh"
        assert html_lang(language()) == "zh-Hans"
    assert language() == "en"


def test_an_unknown_language_is_english() -> None:
    with use_language("xx"):
        assert language() == "en"


def test_a_missing_sentence_is_shown_in_english() -> None:
    with use_language("zh"):
        assert _("A sentence nobody translated, %(name)s", name="Ada") == "A sentence nobody translated, Ada"
        assert _("100 % sure") == "100 % sure"


def test_english_has_a_singular() -> None:
    assert ngettext("%(n)s thing", "%(n)s things", 1) == "1 thing"
    assert ngettext("%(n)s thing", "%(n)s things", 2) == "2 things"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Nightly backup is slow", "en"),
        ("请用 systemd 定时器来写", "zh-Hans"),
        ("The word 备份 means backup and nothing else in this long sentence", "en"),
        ("", "en"),
        ("12345 !!!", "en"),
    ],
)
def test_the_language_of_a_text_is_seen_from_its_letters(text: str, lang: str) -> None:
    assert lang_of_text(text) == lang
