"""Imports and what became of each conversation in them."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, Integer, Varchar
from piccolo.table import Table

from parley.accounts.tables import User
from parley.chat.tables import Conversation


class ImportJob(Table, tablename="import_job"):
    """One uploaded file; a worker claims it for `lease_until` and goes on where the last one stopped."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    name = Varchar(200)
    source = Varchar(16, default="")  # "" until it was recognised
    status = Varchar(12)  # queued, running, done, error, cancelled
    attempt = Integer(default=0)
    lease_until = BigInt(null=True, default=None)
    file = Varchar(64, default="")  # its name in the folder of imports
    size = BigInt()
    done = Integer(default=0)  # conversations looked at: where the next worker goes on
    percent = Integer(default=0)  # of the file read
    total = Integer(null=True, default=None)  # once the file was read to its end
    error = Varchar(500, default="")  # an English sentence of ours
    created_at = BigInt()
    finished_at = BigInt(null=True, default=None)


class ImportItem(Table, tablename="import_item"):
    """One conversation of an import. The same one comes once, however often its file is brought."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    job = ForeignKey(ImportJob)
    source = Varchar(16)
    external = Varchar(128)
    conversation = ForeignKey(Conversation, null=True)
    title = Varchar(200, default="")
    outcome = Varchar(12)  # new, updated, known, failed
    messages = Integer(default=0)  # that came now
    notes = Varchar(500, default="")  # JSON: what was left out or changed, and how often; see notes.py
