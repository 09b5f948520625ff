"""A small OpenID Connect provider that lets everybody in, and can be made to lie."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

CLIENT, SECRET = "parley", "s3cret:with/odd chars"
Signer = Callable[["Provider", dict[str, Any]], str]


_making = threading.Lock()  # a cache alone makes a key for each of several threads that ask at once


def rsa(name: str) -> RSAPrivateKey:
    """A key for every name, made once: it takes 0.1 s."""
    with _making:
        return _made(name)


@cache
def _made(_name: str) -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def honest(provider: Provider, claims: dict[str, Any]) -> str:
    """A token as it should be."""
    return jwt.encode(claims, rsa(provider.kid), algorithm="RS256", headers={"kid": provider.kid})


@dataclass
class Provider:
    """What it knows, and what tests change about it."""

    issuer: str = ""
    kid: str = "one"
    claims: dict[str, Any] = field(default_factory=dict)
    sign: Signer = honest
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen on a free port, in a thread."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, {})

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                provider.answer(self, fields(self.rfile.read(length).decode()))

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}/realm"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        """Send what belongs to the path."""
        parts = urlsplit(handler.path)
        name = parts.path.removeprefix("/realm/")
        self.asked.append(name)
        if name == "authorize":
            handler.send_response(302)
            handler.send_header("location", self.authorize(fields(parts.query)))
            handler.end_headers()
            return
        status, body = (
            200,
            {
                ".well-known/openid-configuration": self.metadata,
                "jwks": self.jwks,
            }.get(name, lambda: {})(),
        )
        if name == "token":
            status, body = self.token(handler.headers.get("authorization", ""), form)
        raw = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    def metadata(self) -> dict[str, Any]:
        """What discovery finds."""
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {"issuer": self.issuer, **{key: f"{self.issuer}/{end}" for key, end in ends.items()}}

    def jwks(self) -> dict[str, Any]:
        """The public half of the key of now."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(rsa(self.kid).public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes back to: nobody is asked anything."""
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.issuer}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A token for a code, once, for the client that knows its secret and the verifier."""
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        pair = b64decode(authorization.removeprefix("Basic ")).decode()
        right = asked is not None and (
            asked["code_challenge"] == urlsafe_b64encode(digest).rstrip(b"=").decode()
            and asked["redirect_uri"] == form["redirect_uri"]
            and pair == "parley:s3cret%3Awith%2Fodd%20chars"
        )
        if asked is None or not right:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "u-1", "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "preferred_username": "grace", "email": "grace@example.org",
            "email_verified": True,
        }  # fmt: skip
        return 200, {"id_token": self.sign(self, {**claims, **self.claims}), "token_type": "Bearer"}


@contextlib.contextmanager
def providing(**claims: Any) -> Iterator[Provider]:
    """A provider that says `claims`, for the length of the block."""
    provider = Provider(claims=claims)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


def fields(text: str) -> dict[str, str]:
    """A query or a form as it is read."""
    return {key: values[0] for key, values in parse_qs(text).items()}
