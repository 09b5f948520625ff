"""From a stored connection to providers that can be asked, one for each of its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

import parley.providers  # noqa: F401  fills the registries
from parley.connections.queries import ConnectionRow, model_target
from parley.lib.errors import Conflict, NotFound
from parley.lib.http import HttpClient, Patience
from parley.lib.secretbox import KeyUnreadable
from parley.providers.base import REGISTRY, Kind, Provider, Target
from parley.providers.presets import PRESETS, quirks_at
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

ORDINARY = Patience()


@dataclass(frozen=True, slots=True)
class Credential:
    """One way to ask an upstream. `id` tells it from every other, for breakers and traces."""

    id: str  # "{connection}:{key row}", the row 0 where there is no key
    label: str
    provider: Provider


async def open_connection(
    resources: Resources, connection: ConnectionRow, patience: Patience = ORDINARY
) -> tuple[Credential, ...]:
    """A provider for each key that is turned on, in their order; one without a key where none is stored.

    Raises Conflict when the connection or all its keys are off or its provider is unknown here, KeyUnreadable
    when no key can be opened.
    """
    if not connection.enabled:
        raise Conflict(
            _("The connection “%(name)s” is turned off. Choose another model.", name=connection.name),
            code="connection_off",
        )
    return credentials_of(resources, connection, patience=patience)


def credentials_of(
    resources: Resources,
    connection: ConnectionRow,
    *,
    patience: Patience = ORDINARY,
    client: Callable[[], HttpClient] | None = None,
) -> tuple[Credential, ...]:
    """As `open_connection`, also for a connection that is off; `client` makes an HTTP client for each."""
    kind = kind_of_row(connection)
    headers = opened_headers(resources, connection)
    return tuple(
        Credential(
            f"{connection.id}:{row}",
            label,
            kind.make(target_of(connection, key, headers, patience), client() if client else resources.http),
        )
        for row, label, key in _opened(resources, connection)
    )


def target_of(
    connection: ConnectionRow, key: str, headers: Mapping[str, str], patience: Patience = ORDINARY
) -> Target:
    """Where and how a connection is asked with `key`."""
    options = connection.options
    preset = connection.preset
    return Target(
        connection.base_url,
        key,
        auth=options.auth,
        auth_header=options.authHeader,
        headers=headers,
        body=options.body,
        options=options.further,
        quirks=PRESETS.get(preset).quirks if preset in PRESETS else quirks_at(connection.base_url),
        patience=patience,
    )


async def provider_for(resources: Resources, public_id: str) -> tuple[Provider, str]:
    """The provider of a model with its connection's first key, and the model's id there.

    Raises NotFound when the model is gone, and as `open_connection`.
    """
    found = await model_target(resources.db, public_id)
    if found is None:
        raise NotFound(_("This model is not there any more. Choose another one."), code="model_not_found")
    raw_id, connection = found
    return (await open_connection(resources, connection))[0].provider, raw_id


def kind_of_row(connection: ConnectionRow) -> Kind:
    """The protocol of a stored connection; raises Conflict for one of a newer version."""
    if connection.provider not in REGISTRY:
        raise Conflict(_("This version does not know the provider “%(name)s”.", name=connection.provider))
    return REGISTRY.get(connection.provider)


def opened_headers(resources: Resources, connection: ConnectionRow) -> dict[str, str]:
    """The further headers with their values in the clear; raises KeyUnreadable."""
    if connection.headers_sealed is None:
        return {}
    clear = resources.box.unseal(
        connection.headers_sealed, table="connection", row=connection.id, column="headers"
    )
    return msgspec.json.decode(clear, type=dict[str, str])


def opened_key(resources: Resources, connection: ConnectionRow, sealed: str) -> str:
    """A key in the clear; raises KeyUnreadable."""
    return resources.box.unseal(sealed, table="connection", row=connection.id, column="key")


def _opened(resources: Resources, connection: ConnectionRow) -> Iterator[tuple[int, str, str]]:
    """Row, label and key of each credential; a key that cannot be opened is left out while another can."""
    if not connection.keys:
        yield 0, "", ""
        return
    usable = [key for key in connection.keys if key.enabled]
    if not usable:
        raise Conflict(_("Every key of “%(name)s” is turned off.", name=connection.name), code="keys_off")
    opened = 0
    for key in usable:
        try:
            clear = opened_key(resources, connection, key.sealed)
        except KeyUnreadable:
            continue
        opened += 1
        yield key.id, key.label, clear
    if not opened:
        raise KeyUnreadable
