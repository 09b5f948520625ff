"""A conversation as a file: the JSON that Parley writes and reads again. Pure; docs/formats.md describes it.

`{"format": "parley.conversation", "version": 1, …}` holds every branch: `messages` is a tree by `parent`,
parents stand before their children, `leaf` is the last message of the chosen path. Ids are strings that mean
something inside the file only. Times are ISO 8601, UTC. Files are named by the SHA-256 of their bytes; in an
archive they lie at `files/{sha256}`.

An archive is a ZIP: `conversations/{id}.json`, `files/{sha256}`, `account.json`, and last `manifest.json`,
so that one with a manifest is complete.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from parley.lib.errors import Invalid
from parley.lib.nesting import is_too_deep
from parley.web.i18n import _

FORMAT = "parley.conversation"
ARCHIVE = "parley.archive"
VERSION = 1

MANIFEST = "manifest.json"
ACCOUNT = "account.json"
CONVERSATIONS = "conversations/"
FILES = "files/"

BOM = b"\xef\xbb\xbf"  # editors on Windows leave it

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Sha256 = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]  # "" of a file that expired
Count = Annotated[int, Meta(ge=0, le=2**53)]


class FileEntry(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """A file of a message. `path` is where its bytes lie in the same archive, "" when they do not."""

    id: Id
    sha256: Sha256
    name: str = ""
    mime: str = "application/octet-stream"
    size: Count = 0  # bytes
    width: Count = 0  # pixels; 0 of what is no picture
    height: Count = 0
    path: str = ""


class Usage(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """What an answer took."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    reasoning_tokens: Count | None = None  # part of completion_tokens
    cached_tokens: Count | None = None  # part of prompt_tokens
    estimated: bool = False  # counted by Parley, the vendor gave no numbers
    cost_nano: Count | None = None  # billionths of a US dollar


class Course(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """How an answer came about."""

    asked_at: str = ""
    started_at: str = ""
    first_fact_at: str = ""  # text or reasoning
    first_text_at: str = ""
    reasoning_ms: Count | None = None
    window_tokens: Count | None = None  # what the model could read
    notices: list[dict[str, Any]] = []  # what stayed with the answer: another model stood in, and so on


class Rating(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """What its owner thought of an answer."""

    value: Literal[1, -1]
    comment: str = ""


class MessageEntry(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """One question or answer. `parent` is None for the first of a branch that begins anew."""

    id: Id
    role: Literal["user", "assistant"]
    parent: Id | None = None
    chosen: Id | None = None  # the child through which the path last went on
    text: str = ""  # Markdown
    reasoning: str = ""
    model: str = ""  # id of the model that was asked
    model_name: str = ""
    answered_by: str = ""  # of the model that really answered, when it was another one
    answered_name: str = ""
    instruction: str = ""  # of an answer asked for again: "shorter"
    created_at: str = ""
    finished_at: str = ""
    status: str = "done"  # done, error, cancelled, interrupted; queued or running while it is being written
    finish_reason: str = ""
    error: str = ""
    error_code: str = ""
    usage: Usage | None = None
    course: Course | None = None  # only of an answer that Parley saw being written
    rating: Rating | None = None
    files: list[FileEntry] = []


class Document(msgspec.Struct, kw_only=True, rename="camel"):
    """One conversation, complete."""

    format: str = FORMAT
    version: int = VERSION
    id: Id
    title: str = ""
    created_at: str = ""
    updated_at: str = ""
    model: str = ""
    system_prompt: str = ""
    sampling: dict[str, Any] = {}
    reasoning: dict[str, Any] = {}
    tags: list[str] = []
    folder: str = ""  # its name
    pinned: bool = False
    archived: bool = False
    leaf: Id | None = None
    messages: list[MessageEntry] = []


class Manifest(msgspec.Struct, kw_only=True, rename="camel"):
    """What an archive holds; its last entry."""

    format: str = ARCHIVE
    version: int = VERSION
    exported_at: str = ""
    generator: str = ""  # "Parley 1.2.3"
    conversations: Count = 0
    messages: Count = 0
    files: Count = 0
    missing: list[str] = []  # sha256 of files whose bytes are not in the store any more


Entry = TypeVar("Entry", Document, Manifest)
_encoder = msgspec.json.Encoder()


def encode(entry: Document | Manifest, *, indent: int = 0) -> bytes:
    """The file's bytes: UTF-8, one line; `indent` > 0 spreads it for people."""
    data = _encoder.encode(entry)
    return msgspec.json.format(data, indent=indent) + b"\n" if indent else data


def decode(data: bytes) -> Document:
    """The conversation in a file.

    Raises Invalid with a sentence for the person who brought it: `not_json`, `other_format`,
    `newer_version`, `damaged` (which place, and why).
    """
    document = _decoded(data, Document, FORMAT)
    _check_tree(document)
    _check_times(document)
    return document


def decode_manifest(data: bytes) -> Manifest:
    """The manifest of an archive; raises Invalid like `decode`."""
    return _decoded(data, Manifest, ARCHIVE)


def format_of(data: bytes) -> str:
    """The `format` a JSON object names, "" for anything else. Raises nothing."""
    try:
        return msgspec.json.decode(data.removeprefix(BOM), type=_Head).format
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""


def path(document: Document) -> list[MessageEntry]:
    """The messages of the chosen path, oldest first."""
    known = {message.id: message for message in document.messages}
    chain: list[MessageEntry] = []
    at = document.leaf
    while at is not None:
        chain.append(known[at])
        at = known[at].parent
    return chain[::-1]


def iso(ms: int | None) -> str:
    """A time of the database in the file; "" for none."""
    if ms is None:
        return ""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ms_of(text: str) -> int | None:
    """A time of the file for the database, None for ""; raises ValueError. Without a zone it is UTC."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    ms = round(at.timestamp() * 1000)
    if not 0 <= ms < 2**52:
        raise ValueError(text)
    return ms


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


def _decoded(data: bytes, type: type[Entry], format: str) -> Entry:
    data = data.removeprefix(BOM)
    try:
        head = msgspec.json.decode(data, type=_Head)
    except msgspec.ValidationError as error:
        raise _other_format(format) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(_("This file is not JSON: %(reason)s", reason=str(error)), code="not_json") from error
    if head.format != format:
        raise _other_format(format)
    if head.version > VERSION:
        raise Invalid(
            _("This file comes from a newer Parley (format version %(version)s).", version=head.version),
            code="newer_version",
        )
    try:
        return msgspec.json.decode(data, type=type)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _damaged(str(error)) from error


def _check_tree(document: Document) -> None:
    """Parents before children: so there are no circles and no lost branches."""
    known: dict[str, None] = {}
    if is_too_deep(document.sampling) or is_too_deep(document.reasoning):
        raise _damaged("$.sampling, $.reasoning: too deep")
    for index, message in enumerate(document.messages):
        place = f"$.messages[{index}]"
        if message.id in known:
            raise _damaged(f"{place}.id: {json.dumps(message.id)} is used twice")
        if message.parent is not None and message.parent not in known:
            raise _damaged(f"{place}.parent: no earlier message {json.dumps(message.parent)}")
        known[message.id] = None
    if document.leaf is not None and document.leaf not in known:
        raise _damaged(f"$.leaf: no message {json.dumps(document.leaf)}")


def _check_times(document: Document) -> None:
    times = [("$.createdAt", document.created_at), ("$.updatedAt", document.updated_at)]
    course = ("askedAt", "startedAt", "firstFactAt", "firstTextAt")
    for index, message in enumerate(document.messages):
        times.append((f"$.messages[{index}].createdAt", message.created_at))
        times.append((f"$.messages[{index}].finishedAt", message.finished_at))
        if (run := message.course) is not None:
            values = (run.asked_at, run.started_at, run.first_fact_at, run.first_text_at)
            names = [f"$.messages[{index}].course.{name}" for name in course]
            times += zip(names, values, strict=True)
            if is_too_deep(run.notices):
                raise _damaged(f"$.messages[{index}].course.notices: too deep")
    for place, text in times:
        try:
            ms_of(text)
        except (ValueError, OverflowError) as error:
            raise _damaged(f"{place}: no ISO 8601 time") from error


def _other_format(format: str) -> Invalid:
    return Invalid(_("This file is not in the format “%(format)s”.", format=format), code="other_format")


def _damaged(reason: str) -> Invalid:
    return Invalid(_("This file is damaged: %(reason)s", reason=reason), code="damaged")
