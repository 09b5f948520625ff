"""Configured upstreams and the models they offer."""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table


class Connection(Table, tablename="connection"):
    """One upstream: provider kind, address and sealed credential, with what the last check found."""

    id = BigSerial(primary_key=True)
    name = Varchar(80)
    provider = Varchar(32)  # a name in providers.base.REGISTRY
    base_url = Varchar(500, default="")
    key_sealed = Text(null=True, default=None)
    key_hint = Varchar(8, default="")  # last characters, to recognise it
    enabled = Boolean(default=True)
    created_at = BigInt()
    updated_at = BigInt()
    checked_at = BigInt(null=True, default=None)
    check_error = Text(null=True, default=None)  # None after a check that succeeded
    check_code = Varchar(32, default="")  # a key of providers.base.SENTENCES while failing
    check_latency_ms = Integer(null=True, default=None)
    worked_at = BigInt(null=True, default=None)  # last check that succeeded
    failing_since = BigInt(null=True, default=None)  # first of the failed checks since then


class Model(Table, tablename="model"):
    """A model of a connection. `public_id` is what clients name it by."""

    id = BigSerial(primary_key=True)
    connection = ForeignKey(Connection)
    public_id = Varchar(300)
    raw_id = Varchar(256)
    name = Varchar(256)
    capabilities = Text(default="[]")  # JSON list of words
    created_at = BigInt()
