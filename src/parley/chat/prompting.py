"""Messages of a path -> what the model is sent, cut to what it can read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from parley.chat.filing import Document, filed
from parley.chat.queries import PathMessage
from parley.lib.tokens import PER_TURN, estimate, estimate_image
from parley.providers.base import Image, Turn
from parley.providers.sampling import Sampling

ANSWER_ROOM = 4_096  # tokens kept free for the answer where nobody says how long it may get
LEFT_FOR_ANSWER = 4  # at most a quarter of the window is kept free
TRUSTED = 0.9  # of the window: the count is an estimate, and too much is refused as a whole
LEAST_OF_FILES = 200  # tokens of files that are worth sending
SMALLEST_ROOM = 16  # tokens; what is left when a prompt fills the window, so that the provider may judge


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a message: its bytes for models that see, its description for those that do not."""

    image: Image | None = None
    description: str = ""
    width: int = 0
    height: int = 0


Pictures = Mapping[int, Sequence[Picture]]  # by message
Documents = Mapping[int, Sequence[Document]]


@dataclass(frozen=True, slots=True)
class Built:
    """Turns to send, about how many tokens they are, what did not fit of messages, and of which files."""

    turns: tuple[Turn, ...]
    tokens: int
    left_out: int
    cut_files: tuple[str, ...] = ()  # names


def filled(prompt: str, *, now: datetime, user: str) -> str:
    """A system prompt with {date}, {time} and {user} filled in; other braces stay as they are."""
    offset = now.strftime("%z")
    zone = f"UTC{offset[:3]}:{offset[3:]}" if offset else "UTC"
    values = {"{date}": now.strftime("%Y-%m-%d"), "{time}": f"{now:%H:%M} {zone}", "{user}": user}
    for name, value in values.items():
        prompt = prompt.replace(name, value)
    return prompt


def instructed(path: Sequence[PathMessage], instruction: str) -> list[PathMessage]:
    """The path with what its next answer should be like added to its last question; "" adds nothing."""
    if not path or not instruction:
        return list(path)
    last = path[-1]
    return [*path[:-1], replace(last, text=f"{last.text}\n\n{instruction}".strip())]


def built(
    path: Sequence[PathMessage],
    *,
    window: int,
    keep_free: int = ANSWER_ROOM,
    system: str = "",
    prefix: str = "",
    pictures: Pictures | None = None,
    documents: Documents | None = None,
) -> Built:
    """The newest exchanges of `path` that fit into `window` tokens, oldest first.

    The system prompt and the last question are always in, whatever their size. What is cut is cut between
    exchanges, so no answer stands without its question; only files are cut themselves, when that makes
    their question fit. Failed answers are left out. `prefix` is the beginning of an answer that the model
    should continue; it comes last.
    """
    documents = documents or {}
    exchanges = _exchanges(path, pictures or {}, documents)
    fixed = [Turn("system", system)] if system else []
    ending = [Turn("assistant", prefix)] if prefix else []
    budget = int(window * TRUSTED) - min(keep_free, window // LEFT_FOR_ANSWER)
    spent = sum(size_of(turn) for turn in [*fixed, *ending])
    kept: list[list[Turn]] = []
    cut: list[str] = []
    for exchange in reversed(exchanges):
        left = budget - spent
        turns, names = _with_files(exchange, documents.get(exchange.question, ()), left, last=not kept)
        if turns is None:
            break
        kept.append(turns)
        cut += names
        spent += sum(map(size_of, turns))
    left_out = sum(exchange.count for exchange in exchanges[: len(exchanges) - len(kept)])
    chosen = _joined([turn for turns in reversed(kept) for turn in turns])
    return Built((*fixed, *chosen, *ending), spent, left_out, tuple(cut))


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    """Questions in a row as one: the answer between them failed, was deleted or never came.

    The templates of some open models (Mistral, Gemma) refuse two turns of one role.
    """
    joined: list[Turn] = []
    for turn in turns:
        last = joined[-1] if joined else None
        if last is not None and last.role == turn.role == "user":
            text = "\n\n".join(filter(None, (last.text, turn.text)))
            joined[-1] = replace(last, text=text, images=(*last.images, *turn.images))
        else:
            joined.append(turn)
    return joined


def _with_files(
    exchange: _Exchange, documents: Sequence[Document], left: int, *, last: bool
) -> tuple[list[Turn] | None, list[str]]:
    """An exchange with its files before the question, cut so that it takes `left` tokens; None: no room."""
    bare = sum(map(size_of, exchange.turns))
    room = left - bare
    if not last and (room < 0 or (documents and room < LEAST_OF_FILES)):
        return None, []
    if not documents:
        return exchange.turns, []
    text, cut = filed(documents, max(room, LEAST_OF_FILES))
    first = exchange.turns[0]
    return [replace(first, text=f"{text}\n\n{first.text}".strip()), *exchange.turns[1:]], cut


def clamped(sampling: Sampling, room: int) -> Sampling:
    """`sampling` with its length cut to `room`, see there; a length nobody asked for stays open."""
    if sampling.max_tokens is None:
        return sampling
    return Sampling(**{**sampling.given(), "max_tokens": min(sampling.max_tokens, room)})


def room(*, window: int, max_output: int | None, prompt_tokens: int) -> int:
    """Tokens an answer may take beside the prompt."""
    left = max(SMALLEST_ROOM, window - prompt_tokens)
    return min(left, max_output) if max_output else left


def size_of(turn: Turn) -> int:
    """About how many tokens a turn is; a picture without a size counts as a middling one."""
    return PER_TURN + estimate(turn.text) + len(turn.images) * estimate_image(0, 0)


@dataclass(slots=True)
class _Exchange:
    """A question with the answers to it."""

    question: int  # the message
    turns: list[Turn]
    count: int = 1  # messages


def _exchanges(path: Sequence[PathMessage], pictures: Pictures, documents: Documents) -> list[_Exchange]:
    """The exchanges of a path, without their files.

    The first one may be answers only, when the path was read from its middle: it is left out.
    """
    exchanges: list[_Exchange] = []
    for message in path:
        turn = _turn(message, pictures.get(message.id, ()), with_files=message.id in documents)
        if turn is None:
            continue
        if turn.role == "user":
            exchanges.append(_Exchange(message.id, [turn]))
        elif exchanges:
            exchanges[-1].turns.append(turn)
            exchanges[-1].count += 1
    return exchanges


def _turn(message: PathMessage, pictures: Sequence[Picture], *, with_files: bool) -> Turn | None:
    if message.status == "error":
        return None  # half an answer with an error in it teaches the model nothing
    turn = Turn(message.role, message.text)
    if message.role == "user":
        turn = _with_pictures(turn, pictures)
    return turn if turn.text or turn.images or with_files else None


def _with_pictures(turn: Turn, pictures: Sequence[Picture]) -> Turn:
    images = tuple(picture.image for picture in pictures if picture.image is not None)
    described = [picture.description for picture in pictures if picture.image is None and picture.description]
    notes = "".join(f"\n\n[Picture {n}: {text}]" for n, text in enumerate(described, 1))
    return replace(turn, text=(turn.text + notes).strip() if notes else turn.text, images=images)
