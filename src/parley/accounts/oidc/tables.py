"""Rows about the provider people sign in at. Times are milliseconds since the epoch, UTC."""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table

from parley.accounts.tables import User


class Identity(Table, tablename="oidc_identity"):
    """Who an account is at a provider: by issuer and subject, never by an e-mail address."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    issuer = Varchar(500)
    subject = Varchar(255)
    name = Varchar(120, default="")  # as the provider said it, for the list
    made_account = Boolean(
        default=False
    )  # it came with this identity, uninvited: its role follows the claims
    created_at = BigInt()
    used_at = BigInt(null=True, default=None)


class ClientSecret(Table, tablename="oidc_secret"):
    """One row at most: what the provider knows us by, for the issuer it was entered for and no other."""

    id = Integer(primary_key=True)
    issuer = Varchar(500)
    sealed = Text()
    updated_at = BigInt()
