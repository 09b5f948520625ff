"""Several files in place of others, as one step: a process that is killed in the middle tears nothing apart.

Before the first move the plan is on disk, and it goes after the last. Whoever starts next and finds one puts
everything back where it was (`put_back`). A move is a rename, which happens or does not; between two file
systems a whole copy is made first, and what was moved keeps a second name until the end.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from parley.backups.manifest import Refused
from parley.web.i18n import N_

PLAN = "swap.json"  # below the data directory
COPYING, MOVED = ".copying", ".moved"  # ends of names while something crosses to another file system
IN_THE_WAY = N_(
    "A restore was cut off, and what was here before is in %(aside)s. It cannot go back because %(place)s is"
    " there: move that away and start again."
)
STUCK = N_("A restore was cut off, and what was here before cannot be put back: %(why)s")

Move = tuple[Path, Path]  # from, to


class _Plan(msgspec.Struct, frozen=True):
    aside: str
    moves: list[tuple[str, str]]


def swap(data: Path, aside: Path, moves: Sequence[Move], last: Callable[[], None] | None = None) -> None:
    """Do all moves and then `last`, or nothing: whatever is raised, everything is where it was.

    Places are free when their turn comes; what is there now goes into `aside` by an earlier move. Where even
    going back fails the plan stays (`is_cut_off`) for the next start, which needs every origin's folder.
    """
    for origin, _place in moves:  # of an earlier one that was killed while it cleared up
        _remove(_named(origin, MOVED))
    plan = _Plan(str(aside), [(str(origin), str(place)) for origin, place in moves])
    _write(data / PLAN, msgspec.json.encode(plan))
    try:
        for origin, place in moves:
            _move(origin, place)
        if last is not None:
            last()
    except BaseException:
        with contextlib.suppress(OSError):  # then the next start tries
            _undo(moves)
            (data / PLAN).unlink()
        raise
    (data / PLAN).unlink()
    for origin, _place in moves:
        _remove(_named(origin, MOVED))


def is_cut_off(data: Path) -> bool:
    """Whether a `swap` has ended neither way, and `put_back` has still to tidy up."""
    return (data / PLAN).exists()


def put_back(data: Path, is_done: Callable[[], bool] | None = None) -> str:
    """Undo what a killed `swap` did: "back", or "" when there was none; "done" where its last step had
    happened by what `is_done` says. Raises Refused, with the plan kept.
    """
    try:
        plan = msgspec.json.decode((data / PLAN).read_bytes(), type=_Plan)
        moves = [(Path(origin), Path(place)) for origin, place in plan.moves]
        if is_done is not None and is_done():
            for origin, _place in moves:
                _remove(_named(origin, MOVED))
            (data / PLAN).unlink()
            return "done"
        _undo(moves)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not is_cut_off(data):
            return ""
        raise Refused(STUCK, why=f"{error.filename}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise Refused(STUCK, why=f"{data / PLAN}: {error}") from None
    for origin, place in moves:
        if place.is_relative_to(plan.aside) and place.exists():
            raise Refused(IN_THE_WAY, aside=plan.aside, place=origin)
    with contextlib.suppress(OSError):
        Path(plan.aside).rmdir()  # empty but for a dump of PostgreSQL
    (data / PLAN).unlink()
    return "back"


def _undo(moves: Sequence[Move]) -> None:
    for origin, place in reversed(moves):
        _remove(_named(place, COPYING))
        moved = _named(origin, MOVED)
        if moved.exists():
            _remove(place)
            os.rename(moved, origin)
        elif place.exists() and not origin.exists():
            os.rename(place, origin)


def _move(origin: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.rename(origin, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy = _named(place, COPYING)
        _remove(copy)
        if origin.is_dir():
            shutil.copytree(origin, copy)
        else:
            shutil.copy2(origin, copy)
        os.rename(origin, _named(origin, MOVED))
        os.rename(copy, place)


def _named(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, text: bytes) -> None:
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(part, path)
