"""The look of the site, as browsers ask for it: its colour, its words, its notice. For everybody."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from parley.accounts.entering import AnyRequest, below_root, preference_cookie, see_other
from parley.lib.db import Database
from parley.lib.errors import NotFound
from parley.resources import Resources
from parley.settings.branding import MARK
from parley.settings.queries import load, mark_piece
from parley.web.envelope import ok
from parley.web.i18n import _
from parley.web.look import SIZES, look, mark_file
from parley.web.render import CLOSED
from parley.web.targets import safe_target

FOREVER = "public, max-age=31536000, immutable"  # another colour has another address
SHORTLY = "public, max-age=30"
PICTURE = {  # we drew it ourselves, and still it is no document of ours
    "Cache-Control": FOREVER,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@get("/branding/{name:str}")
async def branded(name: FromPath[str], resources: NamedDependency[Resources]) -> Response[Any]:
    """The colour of the site, or its mark in one size; what is not in force does not exist."""
    if name.startswith("mark-"):
        picture = await _mark_piece(resources.db, name)
        return Response(picture, media_type="image/png", headers=PICTURE)
    if not look().accent or name != look().accent:
        raise NotFound(_("There is nothing here."))
    return Response(look().accent_css, media_type="text/css", headers={"Cache-Control": FOREVER})


@get("/api/settings/branding", sync_to_thread=False)
def branding() -> Response[dict[str, Any]]:
    """What the sign-in page of a program may show."""
    site = look()
    data = {
        "name": site.name,
        "letter": site.letter,
        "mark": site.picture("512") if site.mark else "",
        "accentCss": f"/branding/{site.accent}" if site.accent else "",
        "greeting": site.greeting,
        "starters": list(site.starters),
        "loginText": site.login_text,
        "footer": site.footer,
        "notice": {"text": site.banner.text, "level": site.banner.level} if site.banner else None,
    }
    return Response(ok(data), headers={"Cache-Control": SHORTLY})


@post("/branding/notice/closing")
async def close_notice(request: AnyRequest) -> Response[Any]:
    """Keep the notice away from this browser until its text changes; back to where it was closed."""
    form = await request.form()
    target = below_root(request, safe_target(str(form.get("next", "")), "/"))
    notice = str(form.get("notice", ""))[:12]
    banner = look().banner
    cookies = [preference_cookie(request, CLOSED, notice)] if banner and notice == banner.id else []
    return see_other(request, target, cookies)


async def _mark_piece(db: Database, name: str) -> bytes:
    # Another process may know of a change already, and pages it drew ask this one.
    known = _is_of(name, look().mark) or _is_of(name, (await load(db))[MARK])
    piece = await mark_piece(db, name) if known else None
    if piece is None:
        raise NotFound(_("There is nothing here."))
    return piece


def _is_of(name: str, mark: str) -> bool:
    return mark != "" and name in {mark_file(mark, size) for size in SIZES}
