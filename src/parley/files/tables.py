"""Files people attached or models made; their bytes lie where FILES_URL says, by content.

A row whose sha256 is "" has expired: its message still names it.
"""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table

from parley.accounts.tables import User


class StoredFile(Table, tablename="stored_file"):
    """One file of one person."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    sha256 = Varchar(64)  # of the bytes as stored; "" when they were removed
    mime = Varchar(80)
    size = Integer()  # bytes
    width = Integer(default=0)  # pixels
    height = Integer(default=0)
    description = Text(default="")  # of a picture, by a vision model, for models that cannot see
    described_by = Varchar(300, default="")  # that model's public id
    name = Varchar(200, default="")  # as it was called where it came from; only ever shown
    extracted = Text(null=True, default=None)  # text of a document; None of what has no text
    extracted_all = Boolean(default=True)  # whether that is the whole of it
    characters = Integer(default=0)  # of the whole text of a document, as far as it was read
    characters_used = Integer(default=0)  # of `extracted`
    pages = Integer(default=0)  # or sheets; 0 where there are none
    avatar = Boolean(default=False)  # somebody's face: shown to everybody signed in, held by no message
    created_at = BigInt()
