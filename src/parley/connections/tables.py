"""Configured upstreams and their credentials."""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table


class Connection(Table, tablename="connection"):
    """One upstream: provider kind and address, with what the last check found.

    Credentials are rows of `ConnectionKey`; `key_sealed` and `key_hint` are from before there were several.
    """

    id = BigSerial(primary_key=True)
    name = Varchar(80)
    provider = Varchar(32)  # a name in providers.base.REGISTRY
    preset = Varchar(32, default="")  # a name in providers.presets.PRESETS
    base_url = Varchar(500, default="")
    options = Text(default="{}")  # JSON of connections.fields.Options
    headers_sealed = Text(null=True, default=None)  # JSON {name: value}; values may be secrets
    prefix = Varchar(40, default="")  # put before the names of its models
    tags = Text(default="[]")  # JSON list of words, for all its models
    listed = Text(default="[]")  # JSON list of raw model ids; not empty: nothing is discovered
    defaults = Text(default="{}")  # JSON of connections.fields.Defaults: sampling, reasoning
    verification = Text(null=True, default=None)  # JSON: what the last "Verify" saw
    refresh_until = BigInt(default=0)  # ms; until then somebody refreshes it (single flight)
    key_sealed = Text(null=True, default=None)
    key_hint = Varchar(8, default="")
    enabled = Boolean(default=True)
    created_at = BigInt()
    updated_at = BigInt()
    checked_at = BigInt(null=True, default=None)
    check_error = Text(null=True, default=None)  # None after a check that succeeded
    check_code = Varchar(32, default="")  # a key of providers.base.SENTENCES while failing
    check_latency_ms = Integer(null=True, default=None)
    worked_at = BigInt(null=True, default=None)  # last check that succeeded
    failing_since = BigInt(null=True, default=None)  # first of the failed checks since then


class ConnectionKey(Table, tablename="connection_key"):
    """One credential of a connection, sealed for (table connection, row its connection, column key)."""

    id = BigSerial(primary_key=True)
    connection = ForeignKey(Connection)
    label = Varchar(80, default="")
    sealed = Text()
    hint = Varchar(8, default="")  # last characters, to recognise it
    enabled = Boolean(default=True)
    created_at = BigInt()


class Model(Table, tablename="model"):
    """A model of a connection. `public_id` is what clients name it by."""

    id = BigSerial(primary_key=True)
    connection = ForeignKey(Connection)
    public_id = Varchar(300)
    raw_id = Varchar(256)
    name = Varchar(256)
    capabilities = Text(default="[]")  # unused since `found` holds everything
    found = Text(default="{}")  # JSON of providers.base.ModelInfo without its ids: what the upstream says
    overrides = Text(default="{}")  # JSON of catalogue.overrides.Overrides: what an administrator says
    gone_at = BigInt(null=True, default=None)  # since when the upstream does not list it any more
    created_at = BigInt()
