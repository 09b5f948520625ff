"""What is photographed, and how: pages, what is opened on them, sizes, themes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.visitor import Visitor
from tests.screenshots import acts
from tests.screenshots.acts import Act
from tests.screenshots.colours import small
from tests.screenshots.world import World

SIZES = {1440: 900, 820: 1180, 390: 844}
THEMES = ("light", "dark")
DRAWN = """() => document.querySelectorAll(
    '.prose [data-math]:not([data-drawn]), [data-charts]:not([data-drawn])').length === 0
  && [...document.images].every(image => image.complete || image.loading === 'lazy')"""


@dataclass(frozen=True)
class Shot:
    """One page. `kept`: worth showing; the others are for whoever looks for faults."""

    name: str
    path: str
    act: Act = acts.nothing
    lang: str = "en"
    kept: bool = False
    who: str = "admin"  # whose cookies, see World.governed
    sizes: tuple[int, ...] = tuple(SIZES)


def shots(world: World) -> list[Shot]:
    """All pictures, in the order in which they are taken."""
    chat = world.solar
    return [
        Shot("chat", f"/chat/{chat}", acts.upper, kept=True),
        Shot("chat-rich", f"/chat/{chat}", acts.rich, kept=True, sizes=(1440, 390)),
        Shot("search", "/search?q=boathouse", kept=True),
        Shot("share", world.share, kept=True, who="nobody"),
        Shot("prompts", "/prompts", kept=True),
        Shot("folders", "/chat/folders", kept=True),
        Shot("chat-zh", f"/chat/{world.tea}", acts.upper, lang="zh", kept=True, sizes=(1440, 390)),
        Shot("chat-end", f"/chat/{chat}"),
        Shot("chat-new", "/chat"),
        Shot("chat-new-zh", "/chat", lang="zh"),
        Shot("search-zh", "/search?q=灯塔 博物馆", lang="zh"),
        Shot("row-menu", f"/chat/{chat}", acts.row_menu, sizes=(1440,)),
        Shot("drawer", f"/chat/{chat}", acts.drawer, sizes=(820, 390)),
        Shot("you-menu", f"/chat/{chat}", acts.pressing("#side .who"), sizes=(1440,)),
        Shot("temporary", "/chat?temporary=1"),
        *(Shot(name, f"/chat/{chat}", act) for name, act in OPENED.items()),
        *(Shot(name, path) for name, path in pages(world).items()),
        *(Shot(f"account-{name}", f"/account/{name}") for name in ACCOUNT),
        *(Shot(f"admin-{name}", f"/admin/{name}") for name in ADMIN),
        *governing(world),
        Shot("account-preferences-zh", "/account/preferences", lang="zh"),
        *(Shot(path.strip("/"), path, who="nobody", kept=path == "/login") for path in OUTSIDE),
    ]


def pages(world: World) -> dict[str, str]:
    """Pages of their own for what is usually a dialog or a menu, and some that nobody photographs."""
    chat, answer = world.solar, world.answers["Sizing solar panels for the boathouse"]
    return {
        "prompt-edit": f"/prompts/{world.prompt}",
        "prompt-new": "/prompts/new",
        "archive": "/chat/archive",
        "folder": "/chat/folders/1",
        "tag": "/chat/tags?tag=code",
        "place": f"/chat/{chat}/place",
        "share-form": f"/chat/{chat}/share",
        "print": f"/chat/{chat}/print",
        "chat-settings": f"/chat/{chat}/settings",
        "why": f"/messages/{answer}/why",
        "rating": f"/messages/{answer}/rating",
        "models-page": f"/messages/{answer}/models",
        "edit-page": f"/messages/{answer - 2}/edit",
        "message": f"/messages/{answer}",
        "filters": "/search?q=boathouse&pinned=0&role=user",
        "keys-page": "/keys",
        "password": "/account/password",
        "import-report": world.imported,
        "setup-2": "/setup?step=2",
        "setup-3": "/setup?step=3",
        "offline": "/offline",
        "not-found": "/chat/999999",
    }


def governing(world: World) -> Iterator[Shot]:
    """What only administrators see, and the doors through which others come in."""
    made = world.governed
    one, two = made.traces[:2]
    yield Shot("trace", f"/traces/{two}", kept=True)
    yield Shot("trace-compared", f"/traces/{one}/comparison?other={two}")
    for name, path in GOVERNING.items():
        yield Shot(name, path, kept=True)
    yield Shot("person", f"/admin/users/{made.person}")
    yield Shot("person-deletion", f"/admin/users/deletion?ids={made.person}")
    yield Shot("invitation", "/admin/invitations", acts.fresh_link)
    yield Shot("admin-usage-table", "/admin/usage", acts.unfolded)
    yield Shot("quotas-person", "/admin/quotas?person=jonas&period=day")
    for name, path in OWN.items():
        yield Shot(name, path, kept=name in ("security", "two-factor"))
    yield Shot("admin-sign-in-test", "/admin/sign-in/test", kept=True)
    for name in ("admin-settings", "admin-usage", "trace"):
        path = f"/traces/{two}" if name == "trace" else GOVERNING[name]
        yield Shot(f"{name}-zh", path, lang="zh", sizes=(1440, 390))
    yield Shot("reset", made.reset, who="nobody", kept=True)
    yield Shot("invited", made.invited, who="nobody", kept=True)
    yield Shot("login-code", "/login/code", who="code", kept=True)
    yield Shot("pending", "/pending", who="waiting", kept=True)
    yield Shot("declined", "/pending", who="declined", kept=True)
    yield Shot("visitor", f"/chat/{made.chat}", who="visitor")
    yield Shot("visitor-new", "/chat", who="visitor")


GOVERNING = {
    "admin": "/admin",
    "admin-settings": "/admin/settings/branding",
    "admin-users": "/admin/users",
    "admin-groups": "/admin/groups",
    "admin-invitations": "/admin/invitations",
    "admin-quotas": "/admin/quotas",
    "admin-usage": "/admin/usage",
    "admin-audit": "/admin/audit",
    "admin-log": "/admin/log",
    "admin-backups": "/admin/backups",
    "admin-sign-in": "/admin/sign-in",
    "admin-search": "/admin/search",
    "usage": "/usage",
    "traces": "/traces",
}
OWN = {
    "settings-history": "/admin/settings/history",
    "settings-all": "/admin/settings",
    "settings-network": "/admin/settings/network",
    "settings-import": "/admin/settings/import",
    "person-new": "/admin/users/new",
    "security": "/account/security",
    "two-factor": "/account/security/two-factor",
    "profile": "/account/profile",
    "own-deletion": "/account/deletion",
}
OPENED: dict[str, Act] = {
    "message-menu": acts.message_menu,
    "palette": acts.palette,
    "keys": acts.keys,
    "models": acts.pressing(".bar .model"),
    "chat-menu": acts.pressing("[popovertarget='chat-menu']"),
    "settings-dialog": acts.pressing(".bar a[data-panel]", "dialog[open]"),
    "share-dialog": acts.in_chat_menu("[href$='/share']"),
    "place-dialog": acts.in_chat_menu("[data-verb='place']"),
    "why-dialog": acts.in_message_menu("[href$='/why']", "dialog[open]"),
    "rating-dialog": acts.in_message_menu("[href$='/rating']", "dialog[open]"),
    "other-model": acts.in_message_menu("[data-do='models']", "#turn-menu button[name='model']"),
    "edit": acts.in_message_menu("[data-do='edit']", ".turn--you textarea", ".turn--you"),
    "thinking": acts.thinking,
    "offers": acts.offers,
    "lightbox": acts.lightbox,
}
# Before anybody is there.
FIRST = [Shot("setup", "/setup", who="nobody", kept=True),
         Shot("setup-restore", "/setup/restore", who="nobody", kept=True)]  # fmt: skip
OUTSIDE = ("/login", "/register")
ACCOUNT = ("preferences", "avatar", "chat", "shares", "data", "imports", "sessions")
ADMIN = ("connections", "models", "routes", "answering", "assistant", "ratings")


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
        browser, world.seen_by(shot.who), width=width, height=SIZES[width], touch=width < 800,
        lang=shot.lang, theme=theme, still=True,
    )  # fmt: skip
    try:
        visitor.go(shot.path)
        visitor.page.wait_for_function(DRAWN)
        shot.act(visitor.page)
        visitor.page.evaluate("document.fonts.ready")
        return visitor.page.screenshot(animations="disabled", caret="hide")
    finally:
        visitor.context.close()
