"""What an administrator entered about engines. Which are on, and in which order, is a setting."""

from piccolo.columns import BigInt, BigSerial, Integer, Text, Varchar
from piccolo.table import Table


class WebEngine(Table, tablename="web_engine"):
    """One engine: its address, its key, and how the last searches went. Times are ms, UTC."""

    id = BigSerial(primary_key=True)
    name = Varchar(32)  # a name in websearch.engines.base.REGISTRY
    address = Varchar(500, default="")  # "" is the engine's own
    sealed = Text(null=True, default=None)  # the key, for (table, row, "key " and the address)
    hint = Varchar(8, default="")  # its last characters, to recognise it
    updated_at = BigInt()
    tried_at = BigInt(null=True, default=None)
    worked_at = BigInt(null=True, default=None)
    failing_since = BigInt(null=True, default=None)  # first of the failed searches since then
    fault = Varchar(32, default="")  # a key of websearch.faults.SENTENCES while failing
    latency_ms = Integer(null=True, default=None)
