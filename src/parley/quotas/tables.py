"""Allowances, what was charged, and how much of each allowance is used."""

from piccolo.columns import BigInt, BigSerial, Varchar
from piccolo.table import Table


class Allowance(Table, tablename="allowance"):
    """What somebody may use, see quotas/rules.py; one row for each scope, subject, model, unit and period."""

    id = BigSerial(primary_key=True)
    scope = Varchar(8)  # user, group, users, visitors, range, pool
    subject = Varchar(20, default="")  # id of the user or group
    model = Varchar(300, default="")  # public id; "" is all models together
    unit = Varchar(8)  # messages, tokens, money
    period = Varchar(5)  # day, week, month
    most = BigInt(null=True, default=None)  # None is without limit; money in billionths of the currency


class Charge(Table, tablename="charge"):
    """The ledger: one row for each generation, never deleted with it.

    While `state` is "reserved" the amounts are what was set aside, then what was delivered.
    """

    id = BigSerial(primary_key=True)
    generation = BigInt()  # unique: nothing is charged twice
    owner = BigInt()
    pool = Varchar(60, default="")  # of a visitor: "range 192.0.2.0/24" or "range "; "" is no visitor
    model = Varchar(300)
    reason = Varchar(12)  # question, again, continuation
    state = Varchar(12)  # reserved, complete, stopped, interrupted, empty
    reserved_messages = BigInt()
    reserved_tokens = BigInt()
    reserved_nano = BigInt()
    messages = BigInt()
    tokens = BigInt()
    nano = BigInt()
    at = BigInt()
    settled_at = BigInt(null=True, default=None)
    prompt_tokens = BigInt(default=0)  # our estimate of what is read, while nobody has counted
    price_input = BigInt(default=0)  # millionths of the currency for a million tokens; 0 is unknown
    price_output = BigInt(default=0)


class QuotaUse(Table, tablename="quota_use"):
    """A counter: the sum of the charges under `key` from `start_at` to `end_at` that came after `past`."""

    id = BigSerial(primary_key=True)
    key = Varchar(80)  # "user 7", "range 192.0.2.0/24", "visitors"
    model = Varchar(300, default="")
    unit = Varchar(8)
    period = Varchar(5)
    start_at = BigInt()
    end_at = BigInt()
    past = BigInt(default=0)  # the last charge before somebody set it to zero
    used = BigInt()


class QuotaReset(Table, tablename="quota_reset"):
    """Whose allowances began anew, for the counters that are made later."""

    key = Varchar(80, primary_key=True)  # as of a counter; "" is everybody
    past = BigInt()  # the last charge before


class QuotaTurn(Table, tablename="quota_turn"):
    """A row for each person to wait at, who asks twice at the same moment; row 0 is that of all visitors.

    Not their account: many inserts that refer to it and updates at once end in "new multixact has more than
    one updating member" on PostgreSQL 15.
    """

    owner = BigInt(primary_key=True)
    at = BigInt()
