"""Verbs on the catalogue: say something about models, and look for new ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from parley.audit.acting import act_of, noted
from parley.audit.entries import Entry
from parley.catalogue import scripts
from parley.catalogue.overrides import NOTHING_SAID, Overrides, changed
from parley.catalogue.queries import model_row
from parley.connections.service import check
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Invalid, NotFound
from parley.settings.answering import REFRESH_MINUTES
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

LEASE_MS = 30_000  # a check takes at most 15 s; a process that died meanwhile blocks nobody for longer
MOST = 2000  # models in one bulk edit


async def change_models(resources: Resources, ids: Sequence[str], change: Mapping[str, Any]) -> None:
    """Say something about models, all or none: what `change` names is set, null takes it back.

    Raises NotFound for unknown ids and Invalid with one sentence per field that cannot be used.
    """
    if not ids:
        raise Invalid(_("Choose at least one model."), code="no_models")
    if len(ids) > MOST:
        raise Invalid(_("At most %(n)s models at once.", n=MOST), code="too_many_models")
    changed(NOTHING_SAID, change)  # says what is wrong before a transaction begins
    await _check_fallbacks(resources, ids, change.get("fallbacks") or [])
    await _override(resources, ids, partial(changed, change=change), change)


async def reset_models(resources: Resources, ids: Sequence[str]) -> None:
    """Take back everything that was said about models; raises NotFound for unknown ids."""
    await _override(resources, ids, lambda _said: NOTHING_SAID, None)


async def refresh(resources: Resources, connections: Sequence[int]) -> list[int]:
    """Begin to look for models in the background; the connections that are being asked now.

    Those that somebody asks already are among them, those that are turned off are not.
    """
    now = now_ms()
    rows = await resources.db.fetch("SELECT id FROM connection WHERE enabled AND refresh_until > ?", now)
    begun, until = await _claim(resources, connections, now)
    for id in begun:
        resources.background.start(_refresh(resources, id, until), f"refresh of connection {id}")
    return sorted(set(begun) | {row["id"] for row in rows} & set(connections))


async def refresh_due(resources: Resources) -> list[int]:
    """Look for models at every connection that is due, all at once, and wait for them; their ids.

    Nothing is written while none is due. One that hangs delays the others not at all.
    """
    now = now_ms()
    old = now - (await load(resources.db))[REFRESH_MINUTES] * 60_000
    rows = await resources.db.fetch(
        "SELECT id FROM connection WHERE enabled AND refresh_until <= ?"
        " AND (checked_at IS NULL OR checked_at <= ?) ORDER BY id",
        now,
        old,
    )
    if not rows:
        return []
    begun, until = await _claim(resources, [row["id"] for row in rows], now)
    await asyncio.gather(*(_refresh(resources, id, until) for id in begun))
    return begun


async def _claim(resources: Resources, ids: Sequence[int], now: int) -> tuple[list[int], int]:
    until = now + LEASE_MS
    return await resources.db.write_relaxed(scripts.claim_refresh, ids, now, until), until


async def _refresh(resources: Resources, id: int, until: int) -> None:
    try:
        await check(resources, id)
    except AppError as error:  # deleted meanwhile, or a key that cannot be opened: its page says it
        log.info("connection not refreshed", connection=id, error=error.code)
    finally:
        await resources.db.write_relaxed(scripts.end_refresh, id, until)


async def _override(
    resources: Resources,
    ids: Sequence[str],
    change: Callable[[Overrides], Overrides],
    said: Mapping[str, Any] | None,
) -> None:
    unique = list(dict.fromkeys(ids))
    missing = [id for id in unique if "\0" in id]  # no text of PostgreSQL holds it, so no model's id does
    if not missing:
        note = _note(unique, said)
        override = noted(scripts.override, lambda unknown: None if unknown else note)
        missing = await resources.db.write(override, unique, change, scripts.row_lock(resources.db))
    if missing:
        raise NotFound(_("There is no model “%(model)s”.", model=missing[0][:100]), code="model_not_found")


def _note(ids: Sequence[str], said: Mapping[str, Any] | None) -> Entry:
    """What was said about which models, for the audit log; `said` None took everything back."""
    subject = f"model {ids[0]}" if len(ids) == 1 else f"{len(ids)} models"
    after: dict[str, object] = {} if len(ids) == 1 else {"models": ", ".join(ids)}
    if said is None:
        return act_of("model.reset", subject, after=after or None)
    return act_of("model.changed", subject, after={**said, **after})


async def _check_fallbacks(resources: Resources, ids: Sequence[str], named: Sequence[str]) -> None:
    if not named:
        return
    text = ""
    if set(ids) & set(named):
        text = _("A model cannot stand in for itself.")
    else:
        unknown = [id for id in named if await model_row(resources.db, id) is None]
        if unknown:
            text = _("There is no model “%(model)s”.", model=unknown[0][:100])
    if text:
        raise Invalid(text, fields={"fallbacks": text})
