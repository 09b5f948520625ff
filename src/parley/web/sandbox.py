"""Two pages of no origin, to stand in frames: what a model wrote runs there and nowhere else.

`/frame/artifact` shows HTML or SVG with its scripts, `/frame/mermaid` draws diagrams. `sandbox` without
`allow-same-origin` gives a page an origin that equals no other, so it has neither our cookies nor our pages;
`default-src 'none'` lets it ask for nothing. Going elsewhere by itself is refused by the page around it,
whose policy lets frames hold our addresses only (`default-src 'self'`). No browser has a policy for WebRTC:
js/frames/artifact.js takes it away, which a frame within the frame can undo, so a preview is still only shown
when somebody asks for it.
Both are the same for everybody and hold nothing of anybody; what to show comes by `postMessage`.
See the Content Security Policy Level 3 draft, "sandbox" and "frame-src".
"""

from __future__ import annotations

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup

from parley.web.assets import Assets

CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
ARTIFACT_POLICY = (
    f"sandbox allow-scripts; {CLOSED}; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; media-src data: blob:"
)
# The library sets styles of its own; its images would be somebody else's.
MERMAID_POLICY = f"sandbox allow-scripts; {CLOSED}; script-src 'self'; style-src 'unsafe-inline'"
PAGE = Markup(
    '<!doctype html>\n<html><head><meta charset="utf-8"><title>{}</title></head><body>{}</body></html>\n'
)


def sandbox_pages(assets: Assets) -> list[HTTPRouteHandler]:
    """The handlers of both pages."""
    script = Markup(assets.body("js/frames/artifact.js").decode())  # noqa: S704 (a file of ours)
    artifact = PAGE.format("Preview", Markup("<script>{}</script>").format(script))
    address = assets.url("js/frames/mermaid.js")
    library = assets.url("vendor/mermaid/mermaid.esm.min.mjs")
    tag = Markup('<script type="module" src="{}" data-library="{}" crossorigin="anonymous"></script>')
    mermaid = PAGE.format("Diagram", tag.format(address, library))

    @get("/frame/artifact", name="frame-artifact", include_in_schema=False, sync_to_thread=False)
    def show_artifact() -> Response[str]:
        return _page(artifact, ARTIFACT_POLICY)

    @get("/frame/mermaid", name="frame-mermaid", include_in_schema=False, sync_to_thread=False)
    def show_mermaid() -> Response[str]:
        return _page(mermaid, MERMAID_POLICY)

    return [show_artifact, show_mermaid]


def _page(html: str, policy: str) -> Response[str]:
    headers = {
        "Content-Security-Policy": policy,
        "X-DNS-Prefetch-Control": "off",
        "Referrer-Policy": "no-referrer",
    }
    return Response(html, media_type=MediaType.HTML, headers=headers)
