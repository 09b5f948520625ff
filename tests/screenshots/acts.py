"""What is done on a page before it is looked at. By selectors, so that it works in both languages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

Act = Callable[[Page], None]

OPEN = "[popover]:popover-open"


def nothing(page: Page) -> None:
    """The page as it comes."""


def upper(page: Page) -> None:
    """The beginning of the chat, everything on it drawn."""
    for figure in page.locator("[data-diagram]").all():
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_class("code is-drawn", timeout=20_000)
        figure.locator("img").evaluate("picture => picture.decode()")
    page.locator("#log").evaluate("log => { log.scrollTop = 0; }")


def rich(page: Page) -> None:
    """A formula and a diagram."""
    upper(page)
    page.locator("#turns h3:has-text('What the roof gives')").evaluate("part => part.scrollIntoView()")
    page.locator("#log").evaluate("log => { log.scrollTop -= 48; }")


def thinking(page: Page) -> None:
    """The fold with the reasoning."""
    page.locator("#turns .thread > summary:visible").first.click()


def message_menu(page: Page, turn: str = ".turn--ai") -> None:
    """The menu of the last answer or question."""
    last = page.locator(f"#turns {turn}").last
    last.hover()
    last.locator(".acts [data-menu]").click()
    expect(page.locator("#turn-menu .menu__item").first).to_be_visible()


def in_message_menu(item: str, shown: str, turn: str = ".turn--ai") -> Act:
    """Choose something in that menu."""

    def act(page: Page) -> None:
        message_menu(page, turn)
        page.locator(f"#turn-menu {item}").click()
        expect(page.locator(shown).first).to_be_visible()

    return act


def in_chat_menu(item: str) -> Act:
    """Choose something in the menu of the chat that opens a dialog."""

    def act(page: Page) -> None:
        page.locator("[popovertarget='chat-menu']").click()
        page.locator(f"#chat-menu {item}").click()
        expect(page.locator("dialog[open]")).to_be_visible()

    return act


def row_menu(page: Page) -> None:
    """The menu of a chat in the list."""
    row = page.locator("#chats li", has_text="tides").first
    row.hover()
    row.locator(".row__more").click()
    expect(page.locator(OPEN)).to_be_visible()


def choosing(page: Page) -> None:
    """Several chats are being chosen."""
    row_menu(page)
    page.locator("#row-menu [data-feature='select']").click()
    expect(page.locator(".choosing")).to_be_visible()


def new_folder(page: Page) -> None:
    """The dialog of a new folder."""
    page.locator("[data-verb='new-folder']").click()
    expect(page.locator("dialog[open]")).to_be_visible()


def drawer(page: Page) -> None:
    """The list of chats on a small window."""
    page.locator(".bar [data-behaviour='drawer']").click()
    expect(page.locator("#side[data-open]")).to_be_visible()


def palette(page: Page) -> None:
    """The palette with something typed."""
    page.keyboard.press("Control+k")
    page.locator("#palette input").fill("boat")
    expect(page.locator("#palette [role='option']").last).to_contain_text("boat")


def keys(page: Page) -> None:
    """The list of keys."""
    page.keyboard.press("Control+/")
    expect(page.locator("dialog[open]")).to_be_visible()


def offers(page: Page) -> None:
    """The prompts above the composer."""
    page.locator("#ask").press_sequentially("/")
    expect(page.locator(".offer [role='option']").first).to_be_visible()


def lightbox(page: Page) -> None:
    """A picture in full."""
    page.locator("#turns .pics--you .pic").first.click()
    expect(page.locator("#lightbox img")).to_be_visible()


def fresh_link(page: Page) -> None:
    """An invitation, shown once."""
    page.locator(".invite__form [name='note']").fill("Class 7b")
    page.locator(".invite__form .btn--primary").click()
    expect(page.locator(".invite__code")).to_be_visible()


def unfolded(page: Page) -> None:
    """The first table under a chart."""
    page.locator(".charts summary").first.click()


def pressing(opener: str, shown: str = OPEN) -> Act:
    """Open a menu or a dialog by its button."""

    def act(page: Page) -> None:
        page.locator(opener).click()
        expect(page.locator(shown)).to_be_visible()

    return act
