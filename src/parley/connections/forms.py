"""The form of a connection: a row as texts, and texts as a change. Pure.

Secrets go one way only: no text made here holds a key or the value of a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from parley.connections.changes import ConnectionChange, KeyEntry, NewConnection
from parley.connections.queries import ConnectionRow
from parley.lib.errors import Invalid
from parley.web.i18n import _

KEPT = "••••"  # in place of a header's value: the stored one
_NUMBERS: dict[str, tuple[str, type[int] | type[float]]] = {
    "temperature": ("temperature", float),
    "topP": ("top_p", float),
    "topK": ("top_k", int),
    "maxTokens": ("max_tokens", int),
}
_SECRET = re.compile(r"apiKey|key\.\d+\.value|passphrase")


def texts_of(row: ConnectionRow) -> dict[str, str]:
    """What the form of a stored connection shows."""
    options, sampling, reasoning = row.options, row.defaults.sampling, row.defaults.reasoning
    texts = {
        "name": row.name,
        "baseUrl": row.base_url,
        "models": "\n".join(row.listed),
        "prefix": row.prefix,
        "tags": ", ".join(row.tags),
        "auth": options.auth,
        "authHeader": options.authHeader,
        "headers": "\n".join(f"{name}: {KEPT}" for name in options.headers),
        "body": msgspec.json.format(msgspec.json.encode(options.body), indent=2).decode()
        if options.body
        else "",
        "tagMode": options.reasoningTags.mode,
        "tagOpen": options.reasoningTags.open,
        "tagClose": options.reasoningTags.close,
        "reasoningMode": reasoning.mode,
        "effort": reasoning.effort,
    }
    if not options.body:
        texts["body"] = ""
    for name, (attribute, _number) in _NUMBERS.items():
        value = getattr(sampling, attribute)
        texts[name] = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return {**texts, **{f"option.{name}": value for name, value in options.further.items()}}


def without_secrets(typed: Mapping[str, str]) -> dict[str, str]:
    """What a refused form may show again."""
    shown = {name: text for name, text in typed.items() if not _SECRET.fullmatch(name)}
    if "headers" in shown:
        names = [line.partition(":") for line in shown["headers"].splitlines() if line.strip()]
        shown["headers"] = "\n".join(
            f"{name.strip()}: {KEPT if value.strip() == KEPT else ''}" for name, _colon, value in names
        )
    return shown


def new_of(typed: Mapping[str, str]) -> NewConnection:
    """What the form "Add" asks for; raises Invalid."""
    if not typed.get("baseUrl", "").strip() and typed.get("provider") != "demo":
        text = _("Fill this in.")
        raise Invalid(text, fields={"baseUrl": text})
    change = NewConnection(provider=typed.get("provider", ""), baseUrl=typed.get("baseUrl", ""))
    _fill(change, typed, None)
    if key := typed.get("apiKey", "").strip():
        change.apiKey = key
    return change


def change_of(typed: Mapping[str, str], row: ConnectionRow) -> ConnectionChange:
    """What a form of a card asks for; what it does not hold stays. Raises Invalid."""
    change = ConnectionChange()
    if typed.get("baseUrl", "").strip():
        change.baseUrl = typed["baseUrl"]
    if typed.get("enabled") in ("on", "off"):
        change.enabled = typed["enabled"] == "on"
    _fill(change, typed, row)
    if "pool" in typed:
        change.apiKeys = _pool(typed, row)
    elif key := typed.get("apiKey", "").strip():
        change.apiKey = key
    return change


def _fill(change: ConnectionChange, typed: Mapping[str, str], row: ConnectionRow | None) -> None:
    """The fields both forms have; those behind the disclosure count when `advanced` came with them."""
    if typed.get("name", "").strip():
        change.name = typed["name"]
    if "advanced" not in typed:
        return
    change.models = typed.get("models", "").split()
    change.prefix = typed.get("prefix", "")
    change.tags = re.split(r"[,，、\n]", typed.get("tags", ""))
    change.options = _options(typed)
    change.defaults = _defaults(typed, row)


def _pool(typed: Mapping[str, str], row: ConnectionRow) -> list[KeyEntry]:
    entries = [
        KeyEntry(
            id=key.id,
            label=typed.get(f"key.{key.id}.label", key.label),
            key=typed.get(f"key.{key.id}.value") or None,
            enabled=f"key.{key.id}.on" in typed,
        )
        for key in row.keys
        if f"key.{key.id}.remove" not in typed
    ]
    if added := typed.get("apiKey", "").strip():
        entries.append(KeyEntry(label=typed.get("apiKeyLabel", ""), key=added))
    return entries


def _options(typed: Mapping[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {
        "auth": typed.get("auth", ""),
        "authHeader": typed.get("authHeader", "").strip(),
        "headers": _headers(typed.get("headers", "")),
        "body": _body(typed.get("body", "")),
        "reasoningTags": {
            "mode": typed.get("tagMode") or "default",
            "open": typed.get("tagOpen", ""),
            "close": typed.get("tagClose", ""),
        },
    }
    further = {name[7:]: text for name, text in typed.items() if name.startswith("option.")}
    return {**further, **options}


def _headers(text: str) -> dict[str, str | None]:
    headers: dict[str, str | None] = {}
    for line in filter(str.strip, text.splitlines()):
        name, colon, value = line.partition(":")
        if not colon or not value.strip():
            said = _("Write each header on a line of its own, as “Name: value”.")
            raise Invalid(said, fields={"options.headers": said})
        headers[name.strip()] = None if value.strip() == KEPT else value.strip()
    return headers


def _body(text: str) -> Any:
    if not text.strip():
        return {}
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        said = _("This is not JSON: %(why)s", why=str(error)[:200])
        raise Invalid(said, fields={"options.body": said}) from None


def _defaults(typed: Mapping[str, str], row: ConnectionRow | None) -> dict[str, Any]:
    """What the form says, over what is stored and the form does not show."""
    stored: dict[str, Any] = msgspec.to_builtins(row.defaults) if row else {}
    sampling = dict(stored.get("sampling", {}))
    for name, (attribute, number) in _NUMBERS.items():
        sampling.pop(attribute, None)
        if text := typed.get(name, "").strip().replace(",", "."):
            try:
                sampling[attribute] = number(text)
            except ValueError:
                said = _("This must be a number.")
                raise Invalid(said, fields={name: said}) from None
    reasoning = dict(stored.get("reasoning", {}))
    reasoning |= {"mode": typed.get("reasoningMode", ""), "effort": typed.get("effort", "")}
    return {"sampling": sampling, "reasoning": reasoning}
