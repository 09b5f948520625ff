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
    folder = BigInt(null=True, default=None)
    pinned_at = BigInt(null=True, default=None)
    archived_at = BigInt(null=True, default=None)
    temporary = Boolean(default=False)  # in no list and no search, gone with the page
    forked_from = BigInt(null=True, default=None)  # the message of another conversation it goes on from
    title_due = BigInt(null=True, default=None)  # when to ask a model for a title; None: not (any more)
    title_tries = Integer(default=0)  # how often a model was asked
    created_at = BigInt()
    updated_at = BigInt()
    deleted_at = BigInt(null=True, default=None)


class Folder(Table, tablename="folder"):
    """A person's shelf of conversations."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    name = Varchar(80)
    position = Integer(default=0)
    created_at = BigInt()


class ConversationTag(Table, tablename="conversation_tag"):
    """A word a conversation can be found by."""

    id = BigSerial(primary_key=True)
    conversation = ForeignKey(Conversation)
    owner = ForeignKey(User)
    name = Varchar(40)


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
    chosen_child = BigInt(null=True, default=None)  # where the path went on when it last led through here
    instruction = Varchar(500, default="")  # of an answer asked for again: "shorter", in words for the model
    deleted_at = BigInt(null=True, default=None)
    created_at = BigInt()


class MessageFile(Table, tablename="message_file"):
    """A file of a message: attached to a question, or made by an answer."""

    id = BigSerial(primary_key=True)
    message = ForeignKey(Message)
    file = ForeignKey(StoredFile)
    position = Integer()


class MessageRating(Table, tablename="message_rating"):
    """What a person thinks of an answer."""

    id = BigSerial(primary_key=True)
    message = ForeignKey(Message)
    owner = ForeignKey(User)
    value = Integer()  # 1 or -1
    comment = Varchar(2000, default="")
    created_at = BigInt()
    updated_at = BigInt()
