"""A person's conversations: trees of messages."""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table

from parley.accounts.tables import User
from parley.files.tables import StoredFile


class Conversation(Table, tablename="conversation"):
    """One person's thread with a model. `leaf` is the last message of the chosen path."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    title = Varchar(200, default="")
    titled_by_owner = Boolean(default=False)
    model = Varchar(300, default="")  # a model's public id
    leaf = BigInt(null=True, default=None)
    system_prompt = Text(default="")  # "" takes the person's, else the site's
    sampling = Text(default="{}")  # JSON of providers.sampling.Sampling
    reasoning = Text(default="{}")  # JSON of providers.sampling.Reasoning
    origin = Varchar(128, null=True, default=None)  # client message id that started it
    created_at = BigInt()
    updated_at = BigInt()
    deleted_at = BigInt(null=True, default=None)


class Message(Table, tablename="message"):
    """One entry of a conversation; `parent` makes it a tree."""

    id = BigSerial(primary_key=True)
    conversation = ForeignKey(Conversation)
    parent = BigInt(null=True, default=None)
    role = Varchar(16)  # "user" or "assistant"
    text = Text(default="")
    reasoning = Text(default="")
    model = Varchar(300, default="")  # public id of the model that answers
    model_name = Varchar(256, default="")  # its name at that time
    client_message_id = Varchar(128, null=True, default=None)
    body_hash = Varchar(64, default="")
    created_at = BigInt()


class MessageFile(Table, tablename="message_file"):
    """A file of a message: attached to a question, or made by an answer."""

    id = BigSerial(primary_key=True)
    message = ForeignKey(Message)
    file = ForeignKey(StoredFile)
    position = Integer()
