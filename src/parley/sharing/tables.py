"""Pages that show a conversation to whoever has the address."""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table

from parley.accounts.tables import User
from parley.chat.tables import Conversation
from parley.files.tables import StoredFile


class Share(Table, tablename="share"):
    """Some turns of a conversation as they were, or (`live`) as they are now."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    conversation = ForeignKey(Conversation)
    token = Varchar(64)  # unguessable; the address is the right to read
    title = Varchar(200)
    content = Text()  # JSON, see snapshots.py
    live = Boolean(default=False)
    leaf = BigInt(null=True, default=None)  # of a live one, the path it follows
    views = Integer(default=0)  # not the owner's own
    viewed_at = BigInt(null=True, default=None)
    created_at = BigInt()
    expires_at = BigInt(null=True, default=None)
    revoked_at = BigInt(null=True, default=None)


class ShareFile(Table, tablename="share_file"):
    """A file that the readers of a share may load."""

    id = BigSerial(primary_key=True)
    share = ForeignKey(Share)
    file = ForeignKey(StoredFile)
