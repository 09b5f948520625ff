"""What is photographed, and how: pages, what is opened on them, sizes, themes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Visitor
from tests.screenshots.world import World

SIZES = {1440: 900, 820: 1180, 390: 844}
THEMES = ("light", "dark")
DRAWN = """() => document.querySelectorAll('.prose [data-math]:not([data-drawn])').length === 0
  && [...document.images].every(image => image.complete || image.loading === 'lazy')"""

Act = Callable[[Page], None]


def nothing(page: Page) -> None:
    """The page as it comes."""


@dataclass(frozen=True)
class Shot:
    """One page. `kept`: worth showing; the others are for whoever looks for faults."""

    name: str
    path: str
    act: Act = nothing
    lang: str = "en"
    kept: bool = False
    signed_in: bool = True
    sizes: tuple[int, ...] = tuple(SIZES)


def shots(world: World) -> list[Shot]:
    """All pictures, in the order in which they are taken."""
    chat, answer = world.solar, world.answers["Sizing solar panels for the boathouse"]
    return [
        Shot("chat", f"/chat/{chat}", upper, kept=True),
        Shot("chat-rich", f"/chat/{chat}", rich, kept=True, sizes=(1440, 390)),
        Shot("search", "/search?q=boathouse", kept=True),
        Shot("share", world.share, kept=True, signed_in=False),
        Shot("prompts", "/prompts", kept=True),
        Shot("folders", "/chat/folders", kept=True),
        Shot("chat-zh", f"/chat/{world.tea}", upper, lang="zh", kept=True, sizes=(1440, 390)),
        Shot("chat-end", f"/chat/{chat}"),
        Shot("chat-new", "/chat"),
        Shot("chat-new-zh", "/chat", lang="zh"),
        Shot("search-zh", "/search?q=灯塔 博物馆", lang="zh"),
        Shot("message-menu", f"/chat/{chat}", message_menu),
        Shot("row-menu", f"/chat/{chat}", row_menu, sizes=(1440,)),
        Shot("drawer", f"/chat/{chat}", drawer, sizes=(820, 390)),
        Shot("palette", f"/chat/{chat}", palette),
        Shot("models", f"/chat/{chat}", pressing(".model")),
        Shot("you-menu", f"/chat/{chat}", pressing("#side .who"), sizes=(1440,)),
        Shot("chat-menu", f"/chat/{chat}", pressing("[popovertarget='chat-menu']")),
        Shot("temporary", "/chat?temporary=1"),
        Shot("prompt-edit", f"/prompts/{world.prompt}"),
        Shot("archive", "/chat/archive"),
        Shot("place", f"/chat/{chat}/place"),
        Shot("share-form", f"/chat/{chat}/share"),
        Shot("print", f"/chat/{chat}/print"),
        Shot("chat-settings", f"/chat/{chat}/settings"),
        Shot("why", f"/messages/{answer}/why"),
        Shot("rating", f"/messages/{answer}/rating"),
        Shot("message", f"/messages/{answer}"),
        Shot("import-report", world.imported),
        *(Shot(f"account-{name}", f"/account/{name}") for name in ACCOUNT),
        *(Shot(f"admin-{name}", f"/admin/{name}") for name in ADMIN),
        Shot("account-preferences-zh", "/account/preferences", lang="zh"),
        Shot("login", "/login", signed_in=False),
        Shot("offline", "/offline"),
        Shot("not-found", "/chat/999999"),
    ]


ACCOUNT = ("preferences", "avatar", "chat", "shares", "data", "imports", "sessions")
ADMIN = ("connections", "models", "routes", "answering", "assistant", "users", "ratings")


def upper(page: Page) -> None:
    """The beginning of the chat, everything on it drawn."""
    page.locator("#log").evaluate("log => { log.scrollTop = log.scrollHeight; }")
    for figure in page.locator("[data-diagram]").all():
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_class("code is-drawn", timeout=20_000)
    page.locator("#log").evaluate("log => { log.scrollTop = 0; }")


def rich(page: Page) -> None:
    """A formula and a diagram."""
    upper(page)
    page.get_by_role("heading", name="What the roof gives").evaluate("part => part.scrollIntoView()")
    page.locator("#log").evaluate("log => { log.scrollTop -= 48; }")


def message_menu(page: Page) -> None:
    """The menu of the last answer."""
    page.locator("#turns .turn--ai").last.locator(".acts [data-feature='turnmenu']").click()
    expect(page.locator("[popover]:popover-open")).to_be_visible()


def row_menu(page: Page) -> None:
    """The menu of a chat in the list."""
    row = page.locator("#chats li", has_text="Why do tides").first
    row.hover()
    row.locator(".row__more").click()
    expect(page.locator("[popover]:popover-open")).to_be_visible()


def drawer(page: Page) -> None:
    """The list of chats on a small window."""
    page.get_by_role("button", name="Open the sidebar").click()
    expect(page.locator("#side[data-open]")).to_be_visible()


def palette(page: Page) -> None:
    """The palette with something typed."""
    page.keyboard.press("Control+k")
    page.locator("#palette input").fill("boat")
    expect(page.locator("#palette [role='option']").last).to_contain_text("boat")


def pressing(opener: str) -> Act:
    """Open a menu."""

    def act(page: Page) -> None:
        page.locator(opener).click()
        expect(page.locator("[popover]:popover-open")).to_be_visible()

    return act


def take(browser: Browser, world: World, wanted: list[Shot], folder: Path) -> Iterator[Path]:
    """Every picture into `folder`; yields each file as it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        for shot in wanted:
            for width in shot.sizes:
                path = folder / f"{shot.name}-{width}-{theme}.png"
                path.write_bytes(small(_taken(browser, world, shot, width, theme)))
                yield path


def _taken(browser: Browser, world: World, shot: Shot, width: int, theme: str) -> bytes:
    visitor = Visitor.arrived(
        browser, world.workspace, width=width, height=SIZES[width], touch=width < 800, lang=shot.lang,
        theme=theme, signed_in=shot.signed_in, still=True,
    )  # fmt: skip
    try:
        visitor.go(shot.path)
        visitor.page.wait_for_function(DRAWN)
        shot.act(visitor.page)
        visitor.page.evaluate("document.fonts.ready")
        return visitor.page.screenshot(animations="disabled", caret="hide")
    finally:
        visitor.context.close()


def small(picture: bytes) -> bytes:
    """The same with few colours: a page has no more, and the file is a third."""
    buffer = io.BytesIO()
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        buffer, "PNG", optimize=True
    )
    return buffer.getvalue()
