"""What a person chose for themselves, for programs."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, put
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody

from parley.accounts import service as accounts
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, chosen_cookies
from parley.accounts.habits import Habits
from parley.chat import preferences
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.settings.general import is_zone
from parley.web.envelope import ok
from parley.web.i18n import SUPPORTED, _


class PersonalChange(msgspec.Struct):
    """Body of `PUT /api/settings/personal`; what is absent stays, "" takes the site's."""

    personalPrompt: str | None = None
    defaultModel: str | None = None
    language: str | None = None
    timeZone: str | None = None
    preferences: dict[str, Any] | None = None  # fields of accounts.habits.Habits


class PersonalApiController(Controller):
    """`/api/settings/personal`. A browser that asks speaks and looks by it at once, see `chosen_cookies`."""

    path = "/api/settings/personal"

    @get()
    async def show(
        self, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """What the caller chose."""
        own = await preferences.personal(resources.db, actor.id)
        return ok(_wire(own, actor.language, actor.time_zone, actor.habits))

    @put()
    async def update(
        self,
        request: AnyRequest,
        data: JSONBody[PersonalChange],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[dict[str, Any]]:
        """Change it, all or nothing; raises Invalid for what does not fit, NotFound for the model."""
        habits = _habits(actor.habits, data.preferences)
        _check(data)
        own = await preferences.change_personal(
            resources, actor, prompt=data.personalPrompt, model=data.defaultModel
        )
        language = actor.language if data.language is None else data.language
        zone = actor.time_zone if data.timeZone is None else data.timeZone
        if language != actor.language:
            await accounts.set_language(resources, actor, language)
        if zone != actor.time_zone:
            await accounts.set_time_zone(resources, actor, zone)
        if habits != actor.habits:
            await accounts.set_habits(resources, actor, habits)
        return Response(ok(_wire(own, language, zone, habits)), cookies=_cookies(request, data))


def _cookies(request: AnyRequest, data: PersonalChange) -> list[Cookie]:
    spoken = "" if data.language is None else data.language or "auto"
    return chosen_cookies(request, language=spoken, theme=(data.preferences or {}).get("theme", ""))


def _check(data: PersonalChange) -> None:
    errors = {}
    if data.language is not None and data.language not in ("", *SUPPORTED):
        errors["language"] = _("One of: %(values)s.", values=", ".join(SUPPORTED))
    if data.timeZone is not None and not is_zone(data.timeZone):
        errors["timeZone"] = _("A name like Europe/Vienna or Asia/Shanghai.")
    if errors:
        raise Invalid(_("Choose one of the offered values."), fields=errors)


def _habits(now: Habits, given: dict[str, Any] | None) -> Habits:
    if not given:
        return now
    fields = {name: getattr(now, name) for name in now.__struct_fields__}
    try:
        return msgspec.convert({**fields, **given}, Habits)
    except msgspec.ValidationError:
        raise Invalid(_("Choose one of the offered values."), fields={"preferences": ""}) from None


def _wire(own: preferences.Personal, language: str, zone: str, habits: Habits) -> dict[str, Any]:
    return {
        "personalPrompt": own.prompt,
        "defaultModel": own.default_model,
        "language": language,
        "timeZone": zone,
        "preferences": {name: getattr(habits, name) for name in habits.__struct_fields__},
    }
