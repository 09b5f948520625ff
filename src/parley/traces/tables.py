"""Traces and their events."""

from piccolo.columns import BigInt, BigSerial, Boolean, Integer, Text, Varchar
from piccolo.table import Table


class Trace(Table, tablename="trace"):
    """How one generation went. No foreign keys: it may outlive what it tells about until the next cleanup."""

    id = BigSerial(primary_key=True)
    generation = BigInt()
    owner = BigInt()
    conversation = BigInt()
    model = Varchar(300)  # public id of the model that was chosen
    connection = Varchar(120, default="")  # name of the one that was asked last
    status = Varchar(12, default="running")  # running, then as the generation ended
    level = Varchar(12)  # explicit (asked for with the question) or standard
    reason = Varchar(16)  # why it was taken: a word of traces/policy.py
    most = Integer()  # events that are kept
    started_at = BigInt()
    ended_at = BigInt(null=True, default=None)
    events = Integer(default=0)  # counted at the end
    truncated = Boolean(default=False)  # more happened than is kept
    metadata = Text(default="{}")  # JSON: what the list shows and searches


class TraceEvent(Table, tablename="trace_event"):
    """One thing that happened. `seq` keeps apart who noted it, see traces/recorder.py."""

    id = BigSerial(primary_key=True)
    trace = BigInt()
    seq = BigInt()
    at = BigInt()  # microseconds since the epoch; of a span its beginning
    duration = BigInt(null=True, default=None)  # microseconds
    kind = Varchar(16)  # a word of traces/story.py
    name = Varchar(120, default="")
    data = Text(default="{}")  # JSON, redacted
