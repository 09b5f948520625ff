"""Rows of passkeys. Times are milliseconds since the epoch, UTC."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, Text, Varchar
from piccolo.table import Table

from parley.accounts.tables import User


class Passkey(Table, tablename="passkey"):
    """A key pair on a device of one account: only its public half is here."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    name = Varchar(60)
    credential = Varchar(1400)  # its id, base64url without padding
    public_key = Text()  # COSE, base64url
    sign_count = BigInt(default=0)
    created_at = BigInt()
    used_at = BigInt(null=True, default=None)
