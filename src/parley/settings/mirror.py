"""Settings that every page and every line of the log needs, kept at hand in each process."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from typing import TYPE_CHECKING

import structlog

from parley.lib.logging import set_level
from parley.settings import bannering, branding, general
from parley.settings.catalogue import Values
from parley.settings.colours import accent_of, stylesheet
from parley.settings.logs import LEVEL
from parley.settings.networking import HEARTBEAT_SECONDS
from parley.settings.queries import load
from parley.settings.service import NEWS
from parley.web.look import PLAIN, Banner, Look, wear

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

STALE_AFTER = 30.0  # seconds; Redis may have been away when something changed


def look_of(values: Values) -> Look:
    """What the settings say about every page."""
    accent, css = stylesheet(accent_of(values[branding.ACCENT])) if values[branding.ACCENT] else ("", "")
    return Look(
        name=values[branding.NAME] or PLAIN.name,
        letter=values[branding.LETTER],
        mark=values[branding.MARK],
        accent=accent,
        accent_css=css,
        greeting=values[branding.GREETING],
        starters=branding.starters_of(values[branding.STARTERS]),
        login_text=values[branding.LOGIN_TEXT],
        footer=values[branding.FOOTER],
        banner=_banner(values[bannering.TEXT], values[bannering.LEVEL]),
        origin=values[general.ORIGIN],
        language=values[general.LANGUAGE],
        heartbeat=float(values[HEARTBEAT_SECONDS]),
    )


async def refresh(resources: Resources) -> None:
    """Put in force in this process what the settings say now."""
    values = await load(resources.db)
    wear(look_of(values))
    set_level(values[LEVEL] or resources.config.log_level)


async def stay_fresh(resources: Resources) -> None:
    """Do so at every news of a change, and every 30 s; cancel to stop."""
    changed = asyncio.Event()

    def hear(_payload: bytes | None) -> None:
        changed.set()

    await resources.hub.subscribe(NEWS, hear)
    try:
        while True:
            changed.clear()
            try:
                await refresh(resources)
            except Exception as error:  # the database may be away for a while
                log.warning("settings not read", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STALE_AFTER):
                    await changed.wait()
    finally:
        resources.hub.unsubscribe(NEWS, hear)


def _banner(text: str, level: str) -> Banner | None:
    return Banner(text, level, hashlib.sha256(f"{level} {text}".encode()).hexdigest()[:12]) if text else None
