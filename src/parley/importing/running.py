"""One import, from the claim to its end: conversation after conversation, each a transaction of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from parley.chat.service import tell
from parley.importing import scripts
from parley.importing.arriving import Arriving, title_of
from parley.importing.container import Refused
from parley.importing.library import library_of
from parley.importing.neutral import Conversation, Unreadable
from parley.importing.normalising import Tree
from parley.importing.queries import is_over
from parley.importing.reading import Reading
from parley.importing.scripts import Claim, Line, Place
from parley.importing.uploading import folder_of
from parley.lib.clock import now_ms
from parley.lib.db import is_refused
from parley.lib.errors import NotFound, StorageFull, Unavailable
from parley.web.i18n import N_

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

LEASE = 20_000  # ms
BEAT_EVERY = 4.0  # seconds
TELL_EVERY = 5.0  # seconds between news to the owner's lists
LONGEST_PAUSE = 0.1  # seconds

GONE = N_("The uploaded file is not on the server any more. Upload it again.")
GAVE_UP = N_("The import was begun many times and never came further. It was given up.")
FULL = N_("The disk of the server is full. Upload the file again later: what has come is not stored twice.")
FAULT = N_("Something went wrong inside Parley. Upload the file again: what has come is not stored twice.")


class Lost(Exception):
    """The job was cancelled, deleted, or taken over by another worker."""


class Import:
    """One claimed job."""

    def __init__(self, resources: Resources, claim: Claim) -> None:
        self._resources = resources
        self._claim = claim
        self._arriving = Arriving(resources, claim.owner)
        self._told = time.monotonic()
        self._lost = False

    async def run(self) -> None:
        """Go on where the last worker stopped, until the end. Raises only what a later try may mend."""
        beating = asyncio.create_task(self._keep_alive())
        path = folder_of(self._resources.config) / self._claim.file
        try:
            total, error = await self._conduct(path)
        except Lost:
            if await is_over(self._resources.db, self._claim.held.job):  # else another worker goes on
                await asyncio.to_thread(path.unlink, missing_ok=True)
            return
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):  # else the lease runs out
                await asyncio.shield(self._resources.db.write(scripts.hand_back, self._claim.held))
            raise
        finally:
            beating.cancel()
        await self._resources.db.write(scripts.finish, self._claim.held, total, error, now_ms())
        await asyncio.to_thread(path.unlink, missing_ok=True)
        tell(self._resources, self._claim.owner, "imported", 0)

    async def _conduct(self, path: Path) -> tuple[int | None, str]:
        """How many conversations there were (None when that is not known), and what went wrong."""
        if self._claim.held.attempt > scripts.MOST_ATTEMPTS:
            return None, GAVE_UP
        reading = Reading(path)
        try:
            await asyncio.to_thread(reading.__enter__)
            await asyncio.to_thread(reading.skip, self._claim.done, self._claim.source)
            while (found := await asyncio.to_thread(reading.next)) is not None:
                began = time.monotonic()
                await self._take(found, reading)
                # Answers of people share this process and this database: half of the time is theirs.
                await asyncio.sleep(min(LONGEST_PAUSE, time.monotonic() - began))
            if account := await asyncio.to_thread(reading.account):
                await self._bring_library(account)
            return reading.looked_at, reading.error
        except FileNotFoundError:
            return None, GONE
        except Refused as reason:
            return None, str(reason)
        except StorageFull:
            return None, FULL
        except (Lost, Unavailable):
            raise
        except Exception:
            log.exception("import failed", job=self._claim.held.job)
            return None, FAULT
        finally:
            reading.__exit__()

    async def _take(self, found: tuple[Conversation, Tree] | Unreadable, reading: Reading) -> None:
        place = Place(reading.looked_at, reading.percent, reading.source, now_ms() + LEASE)
        if self._lost:
            raise Lost
        if isinstance(found, Unreadable):
            await self._note(place, Line(found.external, found.title, notes={found.code: 1}))
            return
        conversation, tree = found
        line = Line(conversation.external, title_of(conversation, tree), notes=conversation.notes)
        here = await self._arriving.standing(conversation)
        if here is not None:
            await self._note(place, Line(line.external, line.title, "known", here))
            return
        try:
            arrival = await self._arriving.of(reading.source, conversation, tree)
            told = await self._resources.db.write(
                scripts.bring, self._claim.held, self._claim.owner, place, arrival, line, now_ms()
            )
        except Exception as error:
            if not (is_refused(error) or isinstance(error, NotFound)):  # a file of it expired just now
                raise
            log.warning("conversation refused", job=self._claim.held.job, error=str(error)[:200])
            await self._note(place, Line(line.external, line.title, notes={"failed": 1}))
            return
        if told is None:
            raise Lost
        self._tell_now_and_then()

    async def _note(self, place: Place, line: Line) -> None:
        held, owner = self._claim.held, self._claim.owner
        if not await self._resources.db.write_relaxed(scripts.note, held, owner, place, line):
            raise Lost

    async def _bring_library(self, account: dict[str, Any]) -> None:
        held, owner = self._claim.held, self._claim.owner
        if not await self._resources.db.write(
            scripts.bring_library, held, owner, library_of(account), now_ms()
        ):
            raise Lost

    async def _keep_alive(self) -> None:
        while not self._lost:
            await asyncio.sleep(BEAT_EVERY)
            with contextlib.suppress(Exception):  # it outlives a short outage of the database
                write = self._resources.db.write_relaxed
                self._lost = not await write(scripts.prolong, self._claim.held, now_ms() + LEASE)

    def _tell_now_and_then(self) -> None:
        if time.monotonic() - self._told > TELL_EVERY:
            self._told = time.monotonic()
            tell(self._resources, self._claim.owner, "imported", 0)
