"""What the index knows of its texts. Their tokens are in `search_index`, made anew for each engine."""

from piccolo.columns import BigInt, BigSerial, Integer, Text, Varchar
from piccolo.table import Table


class SearchEntry(Table, tablename="search_entry"):
    """One text in the index; `id` grows with the text's time, see `search/index.py`."""

    id = BigInt(primary_key=True)
    owner = BigInt()
    kind = Varchar(12)  # "title", "user" or "assistant"
    source = BigInt()  # the message; of a title the conversation
    place = BigInt()  # the conversation


class SearchChange(Table, tablename="search_change"):
    """A text that came, changed or went and is not indexed yet; triggers write it."""

    id = BigSerial(primary_key=True)
    kind = Varchar(12)
    source = BigInt()
    was = Text(null=True, default=None)  # what the index has of it now


class SearchState(Table, tablename="search_state"):
    """One row: how far older texts were noted for the tokeniser's version."""

    id = Integer(primary_key=True)
    version = Integer()
    message = BigInt()  # ids up to here are noted
    conversation = BigInt()
