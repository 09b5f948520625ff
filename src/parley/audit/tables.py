"""The audit log. Times are milliseconds since the epoch, UTC."""

from piccolo.columns import BigInt, Integer, Text, Varchar
from piccolo.table import Table


class AuditEntry(Table, tablename="audit_entry"):
    """One act, never changed; `hash` covers the row and the hash before it."""

    seq = BigInt(primary_key=True)  # contiguous from 1
    at = BigInt()
    actor = BigInt(null=True, default=None)  # user id; None for the system and for nobody
    actor_name = Varchar(40)  # as it was then
    address = Varchar(45, default="")
    act = Varchar(64)  # what was done: noun.verb, a word of the code
    subject = Varchar(120, default="")  # to what: "user 7", "setting titles.by_model"
    before = Text(default="")  # JSON, "" where there was nothing
    after = Text(default="")
    hash = Varchar(64)


class AuditHead(Table, tablename="audit_head"):
    """The ends of the chain, one row: locking it puts acts in a row. Retention moves its beginning."""

    id = Integer(primary_key=True)
    seq = BigInt()
    hash = Varchar(64)
    first_seq = BigInt(default=0)  # the last entry that was removed
    first_hash = Varchar(64, default="0" * 64)  # its hash, which the first one left is chained to
    removed_at = BigInt(null=True, default=None)
