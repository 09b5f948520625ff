"""Pages of chat put together: rows through `presenting`, messages through `turns`. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from parley.accounts.actor import Actor
from parley.catalogue.marks import default_model, marks
from parley.chat import pages, picking, preferences, presenting, queries, tuning, windows
from parley.chat.access import ConversationRow
from parley.chat.branches.queries import origin_of
from parley.chat.gauge import gauge
from parley.chat.organising.assembling import sidebar, standing
from parley.chat.scripts import Accepted
from parley.chat.turns import AnyRequest, turn_of, turns_of
from parley.generations.follow import Follower
from parley.quotas.presenting import allowance_left
from parley.resources import Resources
from parley.routes.queries import choices
from parley.settings.queries import load
from parley.settings.tracing import BY_DEFAULT
from parley.traces.policy import may_choose
from parley.web.i18n import _, lang_of_text
from parley.web.look import look

NO_ERRORS: Mapping[str, str] = MappingProxyType({})


async def chat_page(
    request: AnyRequest,
    resources: Resources,
    follower: Follower,
    actor: Actor,
    conversation: ConversationRow | None,
    at: int = 0,
) -> pages.ChatPage:
    """`/chat` (None) or `/chat/{id}`, at its end or at message `at`; a constant number of queries."""
    db = resources.db
    current = conversation.id if conversation else None
    values = await load(db)
    side = await sidebar(request, resources, actor, current)
    shown = await windows.opening(db, conversation, at) if conversation else windows.Window([])
    path = shown.path
    last = path[-1] if path else None
    picker = await model_picker(
        resources, actor, conversation.model if conversation else "", last.model_name if last else ""
    )
    title = (conversation.title or _("New chat")) if conversation else ""
    asked = request.query_params.get("temporary") == "1"
    return pages.ChatPage(
        title=title,
        temporary=conversation.temporary if conversation else asked,
        title_lang=lang_of_text(title) if title else "",
        conversation_id=current,
        sidebar=side,
        standing=standing(request, side, conversation, values),
        turns=await turns_of(resources, follower, path),
        earlier=shown.earlier,
        later=shown.later,
        found=shown.found,
        missed=shown.missed,
        origin=await origin_of(db, conversation.id, actor)
        if conversation and conversation.forked_from
        else None,
        picker=picker,
        greeting=look().greets(actor.username) or presenting.greeting(actor.username),
        starters=look().starters or presenting.starters(),
        gauge=gauge(path, picker.current.window_tokens if picker.current else None),
        effort=tuning.effort_of(
            tuning.stored("", "", conversation.reasoning if conversation else "").reasoning
        ),
        efforts=[(word, _(label)) for word, label in tuning.EFFORTS],
        trace=values[BY_DEFAULT] if may_choose(values, admin=actor.is_admin) else None,
        running_generation=last.generation if last and last.is_open else None,
        notice_no_model=not any(option.available for option in picker.options),
        allowance=await allowance_left(db, actor.id),
        offer_connection=actor.is_admin and all(option.demo for option in picker.options),
    )


async def model_picker(
    resources: Resources, actor: Actor, current: str, current_name: str = "", search: str = ""
) -> pages.ModelPicker:
    """The picker of a chat whose model is `current`; a constant number of queries."""
    db = resources.db
    wish = picking.Wish(
        current=current,
        current_name=current_name,
        default=await default_model(db, actor.id) if not current else "",
        marks=await marks(db, actor.id),
        troubles=await queries.failing_connections(db),
    )
    return picking.picker(await choices(db, actor), wish, search)


async def tuning_page(
    request: AnyRequest,
    resources: Resources,
    conversation: int | None,
    typed: Mapping[str, str],
    errors: Mapping[str, str] = NO_ERRORS,
) -> pages.TuningPage:
    """The panel filled in as `typed`; for the script of the chat page only the form."""
    limit = await preferences.prompt_limit(resources.db)

    def field(name: str, label: str, hint: str) -> pages.Field:
        return pages.Field(
            name=name, label=label, hint=hint, value=typed.get(name, ""), error=errors.get(name, "")
        )

    page = pages.TuningFragment if request.headers.get("hx-request") == "true" else pages.TuningPage
    return page(
        id=conversation,
        system_prompt=field("system_prompt", _("System prompt"), _prompt_hint(limit)),
        numbers=[field(name, _(label), _(hint)) for name, label, hint in tuning.NUMBERS],
        stop=field("stops", _("Stop at"), _(tuning.STOP)),
        budget=field("budget", _("Budget for reasoning"), _(tuning.BUDGET)),
        effort=typed.get("effort", "auto"),
        efforts=[(word, _(label)) for word, label in tuning.EFFORTS],
    )


async def personal_page(
    resources: Resources,
    actor: Actor,
    own: preferences.Personal,
    *,
    saved: bool = False,
    errors: Mapping[str, str] = NO_ERRORS,
) -> pages.PersonalPage:
    """A person's own defaults."""
    limit = await preferences.prompt_limit(resources.db)
    picker = await model_picker(resources, actor, own.default_model)
    models = [(option.id, option.name) for option in (*picker.options, *filter(None, [picker.kept]))]
    return pages.PersonalPage(
        prompt=pages.Field(
            name="prompt",
            label=_("Your system prompt"),
            hint=_prompt_hint(limit),
            value=own.prompt,
            error=errors.get("prompt", ""),
        ),
        model=own.default_model,
        models=[("", _("The first that can be used")), *models],
        saved=saved,
        errors=dict(errors),
    )


def _prompt_hint(limit: int) -> str:
    return _(
        "Sent before everything else. {date}, {time} and {user} are filled in. At most %(most)s characters.",
        most=f"{limit:,}",
    )


async def turns_fragment(
    resources: Resources, follower: Follower, conversation: ConversationRow, before: int, after: int
) -> pages.TurnsFragment:
    """The window of turns above message `before`, else those after message `after`."""
    if before:
        shown = await windows.above(resources.db, conversation, before)
    else:
        shown = await windows.below(resources.db, conversation, after)
    return pages.TurnsFragment(
        conversation_id=conversation.id,
        turns=await turns_of(resources, follower, shown.path),
        earlier=shown.earlier,
        later=shown.later,
    )


async def exchange(resources: Resources, follower: Follower, accepted: Accepted) -> pages.ExchangeFragment:
    """What a send led to: the question as stored, and the place where its answer grows."""
    question = await queries.path_to(resources.db, accepted.question, limit=1)
    return pages.ExchangeFragment(
        question=cast(pages.UserTurn, (await turns_of(resources, follower, question))[0]),
        answer=await turn_of(resources, follower, accepted.answer),
    )
