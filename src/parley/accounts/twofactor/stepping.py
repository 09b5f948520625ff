"""From a proof of who somebody is into the house, by way of the second step where the account has one."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response

from parley.accounts import challenges, entering
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.queries import user_by_id
from parley.accounts.twofactor import queries, service
from parley.lib.db import Row
from parley.lib.errors import NotSignedIn
from parley.resources import Resources
from parley.web.i18n import _


class Step(msgspec.Struct):
    """Somebody whose first proof was right: when the account had version `ver`, and where they go."""

    ver: int
    target: str
    via: str
    left: bool = False  # a visitor who does not take along what they have


async def proceed(
    request: AnyRequest, resources: Resources, user: Row, target: str, *, via: str
) -> Response[Any]:
    """In at once, or on to the page that asks for a code."""
    if not await queries.is_on(resources.db, user["id"]):
        return await entering.enter(request, resources, user, target, via=via)
    step = Step(user["ver"], target, via, entering.leaves_visit(request))
    cookie = await challenges.begin(request, resources, challenges.SECOND_STEP, step, user["id"])
    return see_other(request, "/login/code", [cookie])


async def finish(request: AnyRequest, resources: Resources, code: str) -> Response[Any]:
    """In with the right code.

    Raises WrongCode, TooMany, or NotSignedIn when the first step has to be taken again.
    """
    again = NotSignedIn(_("Sign in again: the second step took too long or failed too often."))
    found = await challenges.look(request, resources.db, challenges.SECOND_STEP, Step)
    user = await user_by_id(resources.db, found[1]) if found and found[1] else None
    if found is None or user is None or user["ver"] != found[0].ver:
        raise again
    try:
        await service.check(resources, entering.caller_of(request), user, code)
    except service.WrongCode:
        if not await challenges.failed(request, resources, challenges.SECOND_STEP):
            raise again from None
        raise
    await challenges.take(request, resources, challenges.SECOND_STEP, Step)
    step = found[0]
    entering.note_wish(request, {"visit": "1"} if step.left else {})
    answer = await entering.enter(request, resources, user, step.target, via=f"{step.via} and code")
    answer.set_cookie(challenges.forgotten(request, challenges.SECOND_STEP))
    return answer
