"""JSON that a strict reader refuses, made readable. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


def json_or_none(text: str) -> Any:
    """Any JSON, None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def mended(data: bytes) -> Any:
    """JSON whose text is broken: bytes that are no UTF-8 and lone surrogates become U+FFFD. None: no JSON."""
    loose = json_or_none(data.decode("utf-8", "replace"))
    if loose is None:
        return None
    text = json.dumps(loose, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def coerced(loose: Mapping[str, Any], struct: type[S]) -> S:
    """A struct (all fields optional) out of JSON of any shape: what has the wrong type counts as absent."""
    result = struct()
    for field in msgspec.structs.fields(struct):
        if field.encode_name in loose:
            value = _as(loose[field.encode_name], field.type)
            if value is not None:
                setattr(result, field.name, value)
    return result


def _as(value: Any, wanted: Any) -> Any:
    try:
        return msgspec.json.decode(msgspec.json.encode(value), type=wanted)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        pass
    if isinstance(value, dict) and (inner := _struct_in(wanted)):
        return coerced(value, inner)
    if isinstance(value, list):
        for choice in (wanted, *getattr(wanted, "__args__", ())):  # list[X] or `list[X] | None`
            inner = _struct_in(choice) if getattr(choice, "__origin__", None) is list else None
            if inner is not None:
                return [coerced(each, inner) for each in value if isinstance(each, dict)]
    return None


def _struct_in(wanted: Any) -> type[msgspec.Struct] | None:
    """The struct in `X | None` or list[X]."""
    for choice in getattr(wanted, "__args__", ()):
        if isinstance(choice, type) and issubclass(choice, msgspec.Struct):
            return choice
    return None
