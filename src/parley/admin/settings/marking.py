"""The picture mark of the site: uploaded by an administrator, shown to everybody."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.admin.settings.authors import author_of
from parley.admin.settings.controllers import PATH, refused_card
from parley.files import intake, sitemarks
from parley.files.receiving import received
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.settings import mirror, service
from parley.settings.branding import MARK


@post(f"{PATH}/branding/mark")
async def take_mark(
    request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
) -> Response[Any]:
    """Put another picture in force; the token is the first field, see web/peeking.py."""
    try:
        await _put_in_force(request, admin, resources)
    except AppError as error:
        said = error.fields.get(MARK.key, error.message) if isinstance(error, Invalid) else error.message
        return await refused_card(request, resources, MARK.card, {MARK.key: said}, status=error.status)
    return see_other(request, f"{PATH}/{MARK.card}?saved=true")


async def _put_in_force(request: AnyRequest, admin: Actor, resources: Resources) -> None:
    async with received(request, sitemarks.MOST_BYTES, sitemarks.too_large()) as upload:
        made = await intake.taken(intake.marked, upload.read)
    await service.put_mark(resources, made.id, made.files, author_of(request, admin))
    await mirror.refresh(resources)
