"""Runs of models and their facts."""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table


class Generation(Table, tablename="generation"):
    """One run of a model that produces (or continues) one answer.

    `message` and `conversation` belong to whoever asked for it; a generation does not know their
    tables. Every write of a worker is conditional on `attempt`.
    """

    id = BigSerial(primary_key=True)
    owner = BigInt()  # user id, for stopping and following
    conversation = BigInt()
    message = BigInt()  # the assistant message that receives the text
    model = Varchar(300)  # public id
    status = Varchar(12)  # queued, running, done, error, cancelled, interrupted
    attempt = Integer(default=0)  # fencing token: grows with every claim
    lease_until = BigInt(null=True, default=None)
    shown = Boolean(default=False)  # a fact is stored: never call the provider again
    stop_requested = Boolean(default=False)
    prefix = Text(default="")  # text the message already had (a continuation)
    prefix_reasoning = Text(default="")
    error_code = Varchar(32, default="")  # before the end: why it is to stop, "" for a person's wish
    error = Text(default="")
    finish_reason = Varchar(32, default="")
    prompt_tokens = Integer(null=True, default=None)
    completion_tokens = Integer(null=True, default=None)
    created_at = BigInt()
    started_at = BigInt(null=True, default=None)
    first_fact_at = BigInt(null=True, default=None)
    finished_at = BigInt(null=True, default=None)
    answered_by = Varchar(300, default="")  # public id of the model that really answered
    answered_name = Varchar(256, default="")
    notices = Text(default="[]")  # JSON list of the notices that stay with the answer
    reasoning_tokens = Integer(null=True, default=None)  # part of completion_tokens
    cached_tokens = Integer(null=True, default=None)  # part of prompt_tokens
    estimated = Boolean(default=False)  # the counts are ours, the vendor gave none
    cost_nano = BigInt(null=True, default=None)  # billionths of the currency; None without prices
    window_tokens = Integer(null=True, default=None)  # what the model can read
    first_text_at = BigInt(null=True, default=None)
    reasoning_ms = Integer(null=True, default=None)
    pruned = Boolean(default=False)  # its events were deleted
    traced = Boolean(default=False)  # see parley/traces
    counted = Boolean(default=False)  # it is in the sums of what was used


class GenerationEvent(Table, tablename="generation_event"):
    """One committed fact; `seq` is contiguous from 1 within a generation."""

    id = BigSerial(primary_key=True)
    generation = ForeignKey(Generation)
    seq = Integer()
    kind = Varchar(16)  # text, reasoning, usage, notice, end
    data = Text()


class WorkerBeat(Table, tablename="worker_beat"):
    """When each worker was last seen alive."""

    name = Varchar(80, primary_key=True)
    version = Varchar(32)
    started_at = BigInt()
    seen_at = BigInt()
