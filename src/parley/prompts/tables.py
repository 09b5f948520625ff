"""Prompts with variables, and what they said before."""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table

from parley.accounts.tables import User


class Prompt(Table, tablename="prompt"):
    """A text to begin with; `shared` shows it to everybody."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    shared = Boolean(default=False)
    command = Varchar(40)  # what is typed after the slash
    title = Varchar(120)
    body = Text()
    version = Integer(default=1)
    created_at = BigInt()
    updated_at = BigInt()
    deleted_at = BigInt(null=True, default=None)


class PromptVersion(Table, tablename="prompt_version"):
    """A prompt as it once was, the present one included."""

    id = BigSerial(primary_key=True)
    prompt = ForeignKey(Prompt)
    number = Integer()
    title = Varchar(120)
    body = Text()
    author = BigInt(null=True, default=None)
    created_at = BigInt()
