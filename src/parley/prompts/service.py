"""The verbs of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.prompts import queries, scripts
from parley.prompts.access import PromptRow, gone
from parley.prompts.names import checked_command
from parley.prompts.scripts import Wording
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_TITLE = 120
LONGEST_BODY = 100_000
FORGET_AFTER = 30 * 60 * 1000  # ms a deleted prompt can be brought back


def checked(command: str, title: str, body: str, *, shared: bool) -> Wording:
    """What was typed, as it is stored; raises Invalid that names every field that does not fit."""
    fields: dict[str, str] = {}
    title, body = " ".join(title.split()), body.replace("\r\n", "\n").strip()
    try:
        command = checked_command(command)
    except Invalid as error:
        fields.update(error.fields)
    if not 1 <= len(title) <= LONGEST_TITLE:
        fields["title"] = _("A title has 1 to %(most)d characters.", most=LONGEST_TITLE)
    if not 1 <= len(body) <= LONGEST_BODY:
        fields["body"] = _("A prompt has 1 to %(most)d characters.", most=LONGEST_BODY)
    if "\0" in title + body:
        fields["body"] = _("The text contains a character that cannot be stored (NUL). Remove it.")
    if fields:
        raise Invalid(next(iter(fields.values())), fields=fields)
    return Wording(command, title, body, shared)


async def create(resources: Resources, actor: Actor, wording: Wording) -> int:
    """A new prompt of the actor's; raises Invalid, Conflict."""
    return await resources.db.write(scripts.create, actor.id, wording, now_ms())


async def change(resources: Resources, actor: Actor, prompt: PromptRow, wording: Wording) -> None:
    """Say it differently; raises NotFound, Invalid."""
    done = await resources.db.write(scripts.change, prompt.id, prompt.owner, actor.id, wording, now_ms())
    if not done:
        raise gone()


async def go_back(resources: Resources, actor: Actor, prompt: PromptRow, number: int) -> None:
    """Make a version the present wording again, as a new version; raises NotFound."""
    for version in await queries.versions(resources.db, prompt.id):
        if version.number == number:
            wording = Wording(prompt.command, version.title, version.body, prompt.shared)
            await change(resources, actor, prompt, wording)
            return
    raise gone()


async def delete(resources: Resources, prompt: PromptRow) -> None:
    """Put it out of sight; raises NotFound."""
    if not await resources.db.write(scripts.delete, prompt.id, now_ms()):
        raise gone()


async def restore(resources: Resources, actor: Actor, prompt: int) -> None:
    """Undo one's own deletion; raises NotFound, Invalid."""
    if not await resources.db.write(scripts.restore, prompt, actor.id):
        raise gone()


async def purge_deleted(resources: Resources) -> int:
    """A chore: forget what nobody brought back in time."""
    return await resources.db.write(scripts.purge, now_ms() - FORGET_AFTER)
