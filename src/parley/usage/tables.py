"""Sums over ended generations; `usage/scripts.py` says how they stay exact. Times are ms, UTC."""

from piccolo.columns import BigInt, BigSerial, Integer, Varchar
from piccolo.table import Table, create_table_class

from parley.usage.waits import COLUMNS


class UsageSlot(Table, tablename="usage_slot"):
    """What one person used of one model in a quarter of an hour.

    Owner 0 is everybody together, by the hour; owner -1 the same by the quarter.
    """

    id = BigSerial(primary_key=True)
    owner = BigInt()
    slot = BigInt()  # its beginning
    model = Varchar(300)  # public id of the model that answered
    connection = BigInt()  # 0 when it was not known any more
    messages = BigInt()
    errors = BigInt()  # of them failed or broke off
    prompt_tokens = BigInt()
    cached_tokens = BigInt()  # part of prompt_tokens
    completion_tokens = BigInt()
    reasoning_tokens = BigInt()  # part of completion_tokens
    cost_nano = BigInt()  # billionths of the currency
    unpriced = BigInt()  # messages with tokens whose price is not known
    began = BigInt()  # messages with first words
    first_ms = BigInt()  # what they waited for them, together
    duration_ms = BigInt()  # from question to end, all messages together


class UsageHour(Table, tablename="usage_hour"):
    """The same by the hour, all models together; owner 0 is everybody."""

    id = BigSerial(primary_key=True)
    owner = BigInt()
    hour = BigInt()  # its beginning
    messages = BigInt()
    errors = BigInt()
    prompt_tokens = BigInt()
    cached_tokens = BigInt()
    completion_tokens = BigInt()
    reasoning_tokens = BigInt()
    cost_nano = BigInt()
    unpriced = BigInt()
    began = BigInt()
    first_ms = BigInt()
    duration_ms = BigInt()


class UsageDay(Table, tablename="usage_day"):
    """The same by person and model for whole days, UTC; owner 0 is everybody."""

    id = BigSerial(primary_key=True)
    day = BigInt()  # its beginning
    owner = BigInt()
    model = Varchar(300)
    connection = BigInt()
    messages = BigInt()
    errors = BigInt()
    prompt_tokens = BigInt()
    cached_tokens = BigInt()
    completion_tokens = BigInt()
    reasoning_tokens = BigInt()
    cost_nano = BigInt()
    unpriced = BigInt()
    began = BigInt()
    first_ms = BigInt()
    duration_ms = BigInt()


class UsagePerson(Table, tablename="usage_person"):
    """The same by person, all models together."""

    id = BigSerial(primary_key=True)
    day = BigInt()
    owner = BigInt()
    messages = BigInt()
    errors = BigInt()
    prompt_tokens = BigInt()
    cached_tokens = BigInt()
    completion_tokens = BigInt()
    reasoning_tokens = BigInt()
    cost_nano = BigInt()
    unpriced = BigInt()
    began = BigInt()
    first_ms = BigInt()
    duration_ms = BigInt()


class UsageWait(Table, tablename="usage_wait"):
    """How many answers of each model began after about how long: see `usage/waits.py`."""

    id = BigSerial(primary_key=True)
    hour = BigInt()  # the beginning of the day, UTC
    model = Varchar(300)
    bucket = Integer()
    answers = BigInt()


# The same of all models by the hour, one column for each bucket: a row for an hour is read five times
# as fast as one for each of its buckets.
UsageFirst = create_table_class(
    "UsageFirst",
    class_kwargs={"tablename": "usage_first"},
    class_members={
        "__module__": __name__,
        "id": BigSerial(primary_key=True),
        "hour": BigInt(),
        **{column: BigInt() for column in COLUMNS},
    },
)
