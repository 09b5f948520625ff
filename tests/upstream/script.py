"""What the upstream says, as a pure function of the request: a checker can say it too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

WORDS = re.split(
    r"\s+",
    "the river keeps its own time and nobody asks why the stones are warm "
    "数据 先 落 盘 再 给 人 看 断 线 之后 继续 naïve café über façade 🙂 👩‍🚀 𝛑 ½ – … "
    "**bold** `code` first second third while under after light green quiet",
)
NUDGE = "Continue your last answer"  # how a client asks to go on
_KEY = re.compile(r"\bkey=([\w.:-]+)")
_BRACKETS = re.compile(r"\[\[([^\]]*)\]\]")


@dataclass(frozen=True, slots=True)
class Options:
    """How one answer is given. Times in milliseconds; `speed` in tokens per second, 0 is at once.

    `fault` is a refusal by the vendor (401 429 quota context filter invalid no-model 500 503), by
    something on the way (html-502 redirect), an answer that is none (wrong-type error-in-200), a break
    `at` a place (hang-headers hang-body only-alive drip reset truncated bad-json error-in-stream
    limit-in-stream), or an oddity that is none (json length content_filter odd many-models).
    `failures` n: only the first n calls of a key suffer it.
    """

    tokens: int = 40
    speed: float = 200.0
    fault: str = ""
    at: str = "mid"  # first (before any byte of the body), mid (before the token `after`) or last
    after: int = 10
    failures: int = 0  # 0 is all
    echo: str = ""  # a header whose value a refusal repeats, instead of the credential
    bad_key: str = ""  # calls with this credential are refused (401, or as `fault` says), others are not
    slow: int = 0
    retry_after: str = "3"  # seconds, or date:3 for an HTTP date so many seconds from now; none sends none
    reasoning: int = 0  # pieces
    think: str = ""  # for openai: reasoning (OpenRouter's field) or tags
    tools: int = 0  # calls
    images: int = 0
    image_size: int = 0  # bytes
    block: int = 0  # every n-th token ends a paragraph
    line: int = 0  # characters of one very long piece of text in the middle
    stamp: bool = False
    usage: bool = True
    cached: int = 0  # tokens of the prompt
    keepalive: int = 0  # a sign of life before every n-th token
    crlf: bool = False
    sse: str = ""  # odd: a byte order mark, no space behind the colon, ids and retry times
    gzip: bool = False
    split: int = 0  # bytes of each chunk
    type: str = ""  # content type of the stream


ALIASES: dict[str, dict[str, Any]] = {
    "stall-before-first": {"fault": "hang-headers"},
    "stall-mid": {"fault": "hang-body"},
    "split-utf8": {"fault": "", "split": 3},
    "null-choices": {"fault": "odd"},
}
KINDS = {field.name: str(field.type) for field in fields(Options)}
SIZES = {"KB": 1000, "MB": 1_000_000}


def options_of(text: str, base: Options | None = None) -> Options:
    """`fake,tokens=20,speed=50,fault=429` (model id), `[[tokens=20 fault=429]]` (prompt), or a header."""
    found: dict[str, Any] = {}
    for word in re.split(r"[,\s;]+", text):
        name, equals, value = word.partition("=")
        name = name.replace("-", "_")
        if equals and name in KINDS:
            alias = ALIASES.get(value) if name == "fault" else None
            found |= {name: _typed(KINDS[name], value)} if alias is None else alias
    return replace(base or Options(), **found)


def _typed(kind: str, value: str) -> Any:
    if kind == "bool":
        return value in ("1", "true", "yes")
    if kind == "int" and value[-2:] in SIZES:
        return int(value[:-2]) * SIZES[value[-2:]]
    return {"int": int, "float": float}.get(kind, str)(value)


def options_for(model: str, prompt: str, header: str, path: str) -> Options:
    """Every place that may ask for something; the prompt wins over the model over header over path."""
    options = options_of(model, options_of(header, options_of(path)))
    for inside in _BRACKETS.findall(prompt):
        options = options_of(inside, options)
    return options


def question_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """The last thing a person asked; a request to go on with an answer is not a question."""
    asked = [str(m.get("content") or "") for m in messages if m.get("role") == "user"]
    real = [text for text in asked if not text.startswith(NUDGE)]
    return real[-1] if real else ""


def key_of(question: str) -> str:
    """What identifies a request to a checker: `key=abc` in the question, else a hash of it."""
    named = _KEY.findall(question)  # a question that was stopped unanswered comes along with the next
    return named[-1] if named else hashlib.sha256(question.encode()).hexdigest()[:16]


@lru_cache(maxsize=4096)
def tokens_of(key: str, count: int) -> tuple[str, ...]:
    """The tokens of the answer for `key`."""
    out: list[str] = []
    block = 0
    while len(out) < count:
        for byte in hashlib.sha256(f"{key}:{block}".encode()).digest():
            out.append(WORDS[byte % len(WORDS)] + ("\n\n" if byte == 255 else " "))
        block += 1
    return tuple(out[:count])


def in_blocks(tokens: tuple[str, ...], size: int) -> tuple[str, ...]:
    """The tokens with an end of paragraph after every so many; as they are for 0."""
    if not size:
        return tokens
    return tuple(token + "\n\n" * (number % size == 0) for number, token in enumerate(tokens, 1))


def text_of(key: str, count: int) -> str:
    """The whole answer for `key`."""
    return "".join(tokens_of(key, count))


def already_said(messages: Sequence[Mapping[str, Any]]) -> str:
    """The start of the answer when the request asks to go on with it."""
    tail = [m for m in messages if not str(m.get("content") or "").startswith(NUDGE)]
    return str(tail[-1].get("content") or "") if tail and tail[-1].get("role") == "assistant" else ""


def rest_of(tokens: Sequence[str], said: str) -> tuple[str, ...]:
    """The tokens after `said`, the first one cut when it ends inside a token; all when it is no prefix."""
    whole = "".join(tokens)
    if not said or not whole.startswith(said):
        return tuple(tokens)
    position, rest = 0, []
    for token in tokens:
        left = position + len(token) - len(said)
        position += len(token)
        if left > 0:
            rest.append(token[-left:])
    return tuple(rest)
