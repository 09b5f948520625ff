"""Files people attached or models made; their bytes lie under `$PARLEY_DATA/files` by content."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table

from parley.accounts.tables import User


class StoredFile(Table, tablename="stored_file"):
    """One file of one person."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    sha256 = Varchar(64)  # of the bytes as stored
    mime = Varchar(80)
    size = Integer()  # bytes
    width = Integer(default=0)  # pixels
    height = Integer(default=0)
    description = Text(default="")  # of a picture, by a vision model, for models that cannot see
    described_by = Varchar(300, default="")  # that model's public id
    created_at = BigInt()
