"""Rows about invitations. Times are milliseconds since the epoch, UTC."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, Integer, Varchar
from piccolo.table import Table

from parley.accounts.tables import User


class Invitation(Table, tablename="invitation"):
    """A link with which so many people may register; its token is stored hashed."""

    id = BigSerial(primary_key=True)
    token_hash = Varchar(64)
    role = Varchar(8)  # of the accounts it makes: "admin" or "user"
    note = Varchar(200, default="")
    uses = Integer()
    used = Integer(default=0)
    maker = ForeignKey(User, null=True, default=None)
    created_at = BigInt()
    expires_at = BigInt()
    revoked_at = BigInt(null=True, default=None)
