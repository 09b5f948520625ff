"""Rows of second factors. Times are milliseconds since the epoch, UTC."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, Text, Varchar
from piccolo.table import Table

from parley.accounts.tables import User


class SecondFactor(Table, tablename="second_factor"):
    """The app of one account; it counts once a code of it has confirmed it."""

    owner = ForeignKey(User, primary_key=True)
    secret = Text()  # sealed for this row
    last_step = BigInt(default=0)  # the time step of the newest code used: it and older ones are spent
    created_at = BigInt()
    confirmed_at = BigInt(null=True, default=None)


class RecoveryCode(Table, tablename="recovery_code"):
    """One code for the day the app is lost, stored hashed."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    code_hash = Varchar(64)
    used_at = BigInt(null=True, default=None)
