"""Verbs on engines: enter an address or a key, turn on and off, put into order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import parley.websearch.engines  # noqa: F401  fills the registry
from parley.audit.acting import act_of
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid, NotFound
from parley.lib.http import Refused, checked_url
from parley.settings.queries import load
from parley.settings.scripts import Author
from parley.settings.service import change
from parley.settings.websearching import ENGINES, engine_names
from parley.web.i18n import _
from parley.websearch import scripts
from parley.websearch.engines.base import REGISTRY, Engine
from parley.websearch.exchange import TYPED
from parley.websearch.scripts import SealedKey

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_ADDRESS = 500
LONGEST_KEY = 500
HINT = 4  # last characters of a key that are shown
_KEY = re.compile(r"[\x21-\x7e]+")


def engine_named(name: str) -> Engine:
    """The engine; raises NotFound."""
    if name not in REGISTRY:
        raise NotFound(_("There is no such search engine."))
    return REGISTRY.get(name)


async def set_up(
    resources: Resources, engine: Engine, *, address: str, key: str = "", forget: bool = False
) -> bool:
    """Keep an address ("" is the engine's own) and a key; whether anything changed.

    An empty key leaves the stored one, another address forgets it. Raises Invalid with "address" or "key".
    """
    address = _clean_address(address, engine)
    clear = _clean_key(key) if engine.takes_key else ""

    def seal(row: int) -> SealedKey:
        text = resources.box.seal(clear, table="web_engine", row=row, column=key_column(address))
        return SealedKey(text, clear[-HINT:] if len(clear) >= 4 * HINT else "")

    return await resources.db.write(
        scripts.set_up,
        engine.name,
        address,
        seal if clear else None,
        act_of("", f"search engine {engine.name}"),
        now_ms(),
        forget=forget,
    )


def key_column(address: str) -> str:
    """Where a key is sealed for: one that was entered for an address opens for no other."""
    return f"key {address}"


async def place(resources: Resources, engine: Engine, verb: str, by: Author) -> None:
    """Turn an engine "on" (it comes last) or "off", or move it "up" or "down"; raises Invalid when pinned."""
    names = engine_names(await load(resources.db))
    at = names.index(engine.name) if engine.name in names else -1
    if verb == "on" and at < 0:
        names.append(engine.name)
    elif verb == "off" and at >= 0:
        names.remove(engine.name)
    elif verb == "up" and at > 0:
        names[at - 1 : at + 1] = [names[at], names[at - 1]]
    elif verb == "down" and 0 <= at < len(names) - 1:
        names[at : at + 2] = [names[at + 1], names[at]]
    await change(resources, {ENGINES.key: ", ".join(names)}, by)


def _clean_address(typed: str, engine: Engine) -> str:
    text = typed.strip().rstrip("/")
    if not text or text == engine.url:
        return ""
    if len(text) > LONGEST_ADDRESS:
        raise _invalid("address", _("At most %(n)s characters.", n=LONGEST_ADDRESS))
    try:
        parsed = checked_url(text, TYPED)
    except Refused:
        raise _invalid(
            "address", _("This is not an address: it must start with http:// or https://.")
        ) from None
    if "?" in text or "#" in text:
        raise _invalid("address", _("Leave out everything from “?” or “#”."))
    return str(parsed).rstrip("/").removesuffix("/search")


def _clean_key(typed: str) -> str:
    text = typed.strip()
    if text and (len(text) > LONGEST_KEY or not _KEY.fullmatch(text)):
        raise _invalid("key", _("A key has no spaces and only plain letters, digits and signs."))
    return text


def _invalid(field: str, text: str) -> Invalid:
    return Invalid(text, fields={field: text})
