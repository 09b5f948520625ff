"""What makes Parley an app that can be installed: manifest, service worker, the page without a network.

The worker stores hashed static files and `/offline`, nothing else (static/sw.js). Its script is never
cached, so a new version is found at the next visit. To switch it off everywhere, see docs/service-worker.md.
Members of the manifest: https://www.w3.org/TR/appmanifest/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from parley.web.assets import Assets
from parley.web.i18n import _, html_lang, language
from parley.web.look import look
from parley.web.render import Page, render

GROUND = "#f9fcfc"


@dataclass(frozen=True, slots=True)
class OfflinePage(Page):
    """What a failed navigation shows; it is stored in browsers, so it says nothing about anybody."""

    template: ClassVar[str] = "offline.html"


def installing(assets: Assets, root: str) -> list[HTTPRouteHandler]:
    """The handlers of `/manifest.webmanifest`, `/sw.js` and `/offline` of a site that lives under `root`."""
    worker = assets.body("sw.js").decode().replace("__ROOT__", root).replace("__VERSION__", assets.version)

    @get("/manifest.webmanifest", include_in_schema=False, sync_to_thread=False)
    def manifest() -> Response[bytes]:
        """Name, icons and colours of the installed app, in the language of the request."""
        body = msgspec.json.encode(_manifest(assets, root))
        headers = {"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"}
        return Response(body, media_type="application/manifest+json", headers=headers)

    @get("/sw.js", include_in_schema=False, sync_to_thread=False)
    def service_worker() -> Response[str]:
        """The worker of this version."""
        headers = {"Cache-Control": "no-cache"}
        return Response(worker, media_type="text/javascript", headers=headers)

    @get("/offline", include_in_schema=False, sync_to_thread=False)
    def offline(request: Request[Any, Any, Any]) -> Response[str]:
        """The page without a network."""
        return render(request, OfflinePage())

    return [manifest, service_worker, offline]


def _manifest(assets: Assets, root: str) -> dict[str, object]:
    def picture(name: str, size: int, purpose: str = "any") -> dict[str, str]:
        address = assets.url(f"img/{name}.png")
        return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}

    def own_icon(size: str, purpose: str = "any") -> dict[str, str]:
        sizes = f"{size}x{size}" if size.isdecimal() else "512x512"
        address = f"{root}{look().picture(size)}"
        return {"src": address, "sizes": sizes, "type": "image/png", "purpose": purpose}

    ours = [
        picture("icon-192", 192), picture("icon-512", 512), picture("icon-maskable", 512, "maskable"),
    ]  # fmt: skip
    own = [own_icon("192"), own_icon("512"), own_icon("maskable", "maskable")]
    return {
        "id": f"{root}/",
        "name": look().name,
        "short_name": look().name[:12],
        "description": _("A workspace for people and language models."),
        "lang": html_lang(language()),
        "start_url": f"{root}/chat",
        "scope": f"{root}/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": own if look().mark else ours,
        "shortcuts": [
            {"name": _("New chat"), "url": f"{root}/chat"},
            {"name": _("Temporary chat"), "url": f"{root}/chat?temporary=1"},
        ],
    }
