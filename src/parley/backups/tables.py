"""Who makes the next backup. Times are milliseconds since the epoch, UTC."""

from piccolo.columns import BigInt, Varchar
from piccolo.table import Table


class ChoreLease(Table, tablename="chore_lease"):
    """A chore that one process at a time does; its only row is "backup"."""

    name = Varchar(40, primary_key=True)
    held_until = BigInt(default=0)  # 0 while nobody is at it
    done_at = BigInt(default=0)  # when it was last begun and ended well
    fault = Varchar(300, default="")  # why the last one failed
