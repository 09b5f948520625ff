"""Verbs on settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

# Each fills the registry.
import parley.settings.allowing
import parley.settings.answering
import parley.settings.backups
import parley.settings.bannering
import parley.settings.branding
import parley.settings.chatting
import parley.settings.entering
import parley.settings.filing
import parley.settings.general
import parley.settings.importing
import parley.settings.keeping
import parley.settings.logs
import parley.settings.networking
import parley.settings.signing
import parley.settings.titling
import parley.settings.tracing
import parley.settings.visiting
import parley.settings.websearching  # noqa: F401
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid, NotFound
from parley.settings import scripts
from parley.settings.answering import PROMPT_LIMIT, SYSTEM_PROMPT
from parley.settings.branding import MARK
from parley.settings.catalogue import SETTINGS, Values, pin_name
from parley.settings.keeping import HISTORY_DAYS
from parley.settings.queries import change_of, load, mark_is_kept
from parley.settings.scripts import NOBODY, Author
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

NEWS = "settings"  # the channel of the hub that says that something changed
DAY_MS = 86_400_000


async def change(resources: Resources, given: Mapping[str, object], by: Author = NOBODY) -> tuple[str, ...]:
    """Set what is given, all or nothing; None and "" take the default again. The keys that changed.

    Raises Invalid with a sentence for each key that is unknown, fixed by the environment or whose value does
    not fit. Every process hears of it.
    """
    stored = await load(resources.db)
    values, unset, errors = checked(given, stored)
    limit = values.get(PROMPT_LIMIT.key, stored[PROMPT_LIMIT])
    prompt = values.get(SYSTEM_PROMPT.key, "")
    if isinstance(limit, int) and isinstance(prompt, str) and len(prompt) > limit:
        errors[SYSTEM_PROMPT.key] = _(
            "At most %(n)s characters; this one has %(have)s.", n=limit, have=len(prompt)
        )
    mark = values.get(MARK.key)
    if mark and mark != stored[MARK] and not await mark_is_kept(resources.db, str(mark)):
        errors[MARK.key] = _("This picture is not kept any more. Upload it again.")
    if errors:
        raise Invalid(_("Some settings do not fit. Nothing was changed."), fields=errors)
    changed = await resources.db.write(scripts.store, values, unset, now_ms(), by)
    if changed:
        resources.hub.publish([(NEWS, b"")])
    return changed


async def put_mark(resources: Resources, mark: str, files: Mapping[str, bytes], by: Author = NOBODY) -> None:
    """Make this picture the mark of the site, `files` its sizes by name; raises Invalid as `change` does."""
    errors = checked({MARK.key: mark}, await load(resources.db))[2]
    if errors:
        raise Invalid(_("Some settings do not fit. Nothing was changed."), fields=errors)
    # The pictures first: a page that already names the mark finds them.
    await resources.db.write(scripts.keep_mark, mark, files, now_ms())
    await change(resources, {MARK.key: mark}, by)


async def undo(resources: Resources, id: int, by: Author = NOBODY) -> str:
    """Give a setting the value it had before the change with that id; its key.

    Raises NotFound for an unknown change, Invalid when the old value does not fit any longer.
    """
    row = await change_of(resources.db, id)
    if row is None or row.key not in SETTINGS:
        raise NotFound(_("This change is not known any more."))
    await change(resources, {row.key: msgspec.json.decode(row.before) if row.before else None}, by)
    return row.key


async def forget_history(resources: Resources) -> int:
    """A chore: forget changes that are older than somebody wants to undo, and marks only they named."""
    values, now = await load(resources.db), now_ms()
    gone = await resources.db.write(scripts.forget_history, now - values[HISTORY_DAYS] * DAY_MS)
    await resources.db.write_relaxed(scripts.forget_marks, values[MARK], now - DAY_MS)
    return gone


def checked(
    given: Mapping[str, object], stored: Values | None = None
) -> tuple[dict[str, object], tuple[str, ...], dict[str, str]]:
    """Values as their types, keys to forget, and what is wrong by key.

    A default that nobody decided on is not decided by being sent along; a fixed value may be sent too.
    """
    stored = stored or Values({})
    values: dict[str, object] = {}
    unset: list[str] = []
    errors: dict[str, str] = {}
    for key, value in given.items():
        value = value.replace("\0", "").replace("\r\n", "\n").strip() if isinstance(value, str) else value
        if key not in SETTINGS:
            errors[key] = _("There is no setting “%(key)s”.", key=key[:64])
            continue
        setting = SETTINGS.get(key)
        try:
            fitting = setting.default if value is None or value == "" else setting.checked(value)
        except msgspec.ValidationError:
            errors[key] = setting.says()
            continue
        if stored.is_pinned(key):
            if fitting != stored[setting]:
                errors[key] = _("%(name)s in the environment decides this.", name=pin_name(key))
        elif value is None or value == "":
            unset.append(key)
        elif stored.is_set(key) or fitting != setting.default:
            values[key] = fitting
    return values, tuple(unset), errors
