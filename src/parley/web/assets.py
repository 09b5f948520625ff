"""Static files under addresses that change with their content, so that browsers never ask twice.

The fingerprint is one for the whole folder: relative addresses inside stylesheets and sprites stay true.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

STATIC = Path(__file__).resolve().parents[3] / "static"
FOREVER = "public, max-age=31536000, immutable"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".txt": "text/plain",
}
PACKED = (".css", ".js", ".mjs", ".svg")
# What web/sandbox.py loads into a page of no origin: a module is only given to one that may have it.
FOR_SANDBOX = ("vendor/mermaid/", "js/frames/")

_SHELL = ("dom", "words", "behaviours", "theme", "fields", "drawer", "menus")
_CHAT = (
    "connection",
    "follow",
    "drafts",
    "turns",
    "attach",
    "composer",
    "streams",
    "actions",
    "picker",
    "waiting",
    "code",
    "sidebar",
    "news",
    "features",
)
_STYLES = (
    "tokens",
    "base",
    "layout",
    "controls",
    "floats",
    "side",
    "turns",
    "prose",
    "composer",
    "pages",
    "state",
)

# Served as one file each: fewer requests on a cold page. The order is the order of the parts.
BUNDLES: dict[str, tuple[str, ...]] = {
    "vendor/htmx.js": ("vendor/htmx.min.js", "vendor/hx-sse.min.js", "vendor/hx-preload.min.js"),
    "css/reading.css": ("css/tokens.css", "css/prose.css", "css/features/reading.css"),
    "js/reading.js": ("js/reading.js",),
    # A module that needs KaTeX, which finds its place in the page by itself.
    "js/features/maths.js": ("vendor/katex/katex.min.js", "js/features/maths.js"),
    "css/parley.css": tuple(f"css/{name}.css" for name in _STYLES),
    "js/entry.js": tuple(f"js/{name}.js" for name in _SHELL),
    "js/parley.js": tuple(f"js/{name}.js" for name in (*_SHELL, *_CHAT)),
}

_IMPORT = re.compile(rb"^import\b[^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(rb"^export (?=(async function|function|class|const|let)\b)", re.MULTILINE)
_COMMENT = re.compile(rb"^\s*//[^\n]*\n", re.MULTILINE)
_REMARK = re.compile(rb"/\*.*?\*/", re.DOTALL)
_INDENT = re.compile(rb"\n\s+")


class Assets:
    """The files of one folder, read at start; `root` is the path we live under ("" or "/parley")."""

    def __init__(self, root: str = "", folder: Path = STATIC) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in TYPES
        }
        digest = hashlib.sha256()
        for name, path in self._files.items():
            digest.update(name.encode() + b"\0" + path.read_bytes())
        self.version = digest.hexdigest()[:12]
        self._base = f"{root}/static/{self.version}/"
        self.body = lru_cache(maxsize=None)(self._body)
        self.packed = lru_cache(maxsize=None)(self._packed)

    def url(self, name: str) -> str:
        """The address of a file or bundle ("" for the folder itself); KeyError if there is no such file."""
        if name and name not in self._files and name not in BUNDLES:
            raise KeyError(name)
        return self._base + name

    def _body(self, name: str) -> bytes:
        parts = BUNDLES.get(name)
        if parts is None:
            return self._files[name].read_bytes()
        bodies = [self._files[part].read_bytes() for part in parts]
        if name.startswith("js/") and not name.startswith("js/features/"):
            bodies = [plain_script(body) for body in bodies]
        elif name.startswith("css/"):
            bodies = [bare_style(body) for body in bodies]
        return b"\n".join(bodies)

    def _packed(self, name: str) -> bytes:
        return gzip.compress(self.body(name), 9, mtime=0)


def plain_script(module: bytes) -> bytes:
    """A module without its imports and exports, to stand beside the others in one file.

    Our modules write each import and export on its own line and never use one top-level name twice
    (tests/contracts/test_scripts.py holds both), so no bundler is needed.
    """
    return _COMMENT.sub(b"", _EXPORT.sub(b"", _IMPORT.sub(b"", module)))


def bare_style(style: bytes) -> bytes:
    """A stylesheet without what only its writers read: comments and indentation.

    Our stylesheets hold no `/*` and no line break inside a string (tests/contracts/test_scripts.py).
    """
    return _INDENT.sub(b"\n", _REMARK.sub(b"", style))


def static_files(assets: Assets) -> HTTPRouteHandler:
    """The handler of `/static/{version}/{name}`.

    A page from before an upgrade asks with the old version: it gets the new file, not to be kept.
    """

    @get("/static/{version:str}/{name:path}", name="static", include_in_schema=False, sync_to_thread=False)
    def static(
        request: Request[Any, Any, Any], version: FromPath[str], name: FromPath[Path]
    ) -> Response[bytes]:
        path = name.as_posix().lstrip("/")
        try:
            packed = path.endswith(PACKED) and "gzip" in request.headers.get("accept-encoding", "")
            body = assets.packed(path) if packed else assets.body(path)
        except KeyError:
            raise NotFoundException from None
        headers = {
            "Cache-Control": FOREVER if version == assets.version else "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
        }
        if path.startswith(FOR_SANDBOX):
            headers |= {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        if packed:
            headers["Content-Encoding"] = "gzip"
        media_type = TYPES[Path(path).suffix]
        return Response(body, media_type=media_type, headers=headers)

    return static
