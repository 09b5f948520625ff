"""Pygments in the six classes the stylesheet knows: k keyword, s string, m number, nf name, o operator, c
comment, and nt for keys and tags. The language comes from a model, so only a closed list of lexers is ever
run.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    String,
    Token,
    _TokenType,
)

HEAVY = 20_000  # characters of code from which highlighting belongs in a thread
TOO_LONG = 200_000  # characters of code from which it is not highlighted at all
LONGEST_LINE = 5_000  # a longer line is data or minified: lexers are slow on it and nobody reads its colours
SECONDS, SECONDS_PER_CHARACTER = 0.05, 0.000_01  # of one core for one block; usual code takes a tenth of it
REMEMBERED = 16_000  # characters; shorter code is kept: an answer is rendered in blocks, then as a whole

# What is shown -> the lexer's name, and every word a fence may use for it.
_LANGUAGES: dict[str, tuple[str, str]] = {
    "Bash": ("bash", "bash"),
    "Shell": ("bash", "sh shell zsh ksh"),
    "Console": ("console", "console shell-session terminal"),
    "PowerShell": ("powershell", "powershell ps1 pwsh"),
    "Python": ("python", "python py python3 py3"),
    "JavaScript": ("javascript", "javascript js jsx mjs cjs node"),
    "TypeScript": ("typescript", "typescript ts tsx"),
    "JSON": ("json", "json jsonc json5 jsonl"),
    "HTML": ("html", "html xhtml htm vue svelte"),
    "XML": ("xml", "xml xsd xslt rss"),
    "SVG": ("xml", "svg"),
    "CSS": ("css", "css"),
    "SCSS": ("scss", "scss sass less"),
    "SQL": ("sql", "sql sqlite mysql postgres postgresql plsql tsql"),
    "C": ("c", "c h"),
    "C++": ("cpp", "cpp c++ cc cxx hpp"),
    "C#": ("csharp", "csharp c# cs"),
    "Java": ("java", "java"),
    "Kotlin": ("kotlin", "kotlin kt kts"),
    "Swift": ("swift", "swift"),
    "Go": ("go", "go golang"),
    "Rust": ("rust", "rust rs"),
    "Ruby": ("ruby", "ruby rb"),
    "PHP": ("php", "php"),
    "Lua": ("lua", "lua"),
    "R": ("r", "r"),
    "Dart": ("dart", "dart"),
    "Scala": ("scala", "scala"),
    "Haskell": ("haskell", "haskell hs"),
    "YAML": ("yaml", "yaml yml"),
    "TOML": ("toml", "toml"),
    "INI": ("ini", "ini cfg conf systemd service timer desktop"),
    "Dockerfile": ("docker", "dockerfile docker"),
    "Makefile": ("make", "makefile make"),
    "Nginx": ("nginx", "nginx"),
    "Diff": ("diff", "diff patch"),
    "LaTeX": ("latex", "latex tex"),
    "HTTP": ("http", "http"),
}
_SHOWN = {word: shown for shown, (_, words) in _LANGUAGES.items() for word in words.split()}
# How a file of it ends, where that is not the first word a fence may use.
_ENDINGS = {
    "Bash": "sh",
    "Shell": "sh",
    "Console": "txt",
    "PowerShell": "ps1",
    "Python": "py",
    "JavaScript": "js",
    "TypeScript": "ts",
    "C#": "cs",
    "Kotlin": "kt",
    "Rust": "rs",
    "Ruby": "rb",
    "R": "R",
    "Haskell": "hs",
    "YAML": "yml",
    "LaTeX": "tex",
    "HTTP": "http",
    "Nginx": "conf",
}
# Words that are endings themselves although their language is shown under another name.
_OWN_ENDINGS = (
    " jsx mjs cjs tsx jsonl json5 vue svelte svg xsd xslt scss sass less h hpp cc kts zsh ksh csv tsv md txt "
)

_CLASSES: list[tuple[_TokenType, str]] = [  # the first that contains the token's type wins
    (Comment, "c"),
    (Generic.Prompt, "c"),
    (Generic.Output, ""),
    (Generic.Inserted, "s"),
    (Generic.Deleted, "m"),
    (Generic.Heading, "k"),
    (Generic.Subheading, "k"),
    (String, "s"),
    (Number, "m"),
    (Literal.Date, "m"),
    (Keyword.Constant, "m"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Operator, "o"),
    (Name.Function, "nf"),
    (Name.Class, "nf"),
    (Name.Decorator, "nf"),
    (Name.Builtin, "nf"),
    (Name.Tag, "nt"),
    (Name.Attribute, "nt"),
]


def shown_language(word: str) -> str:
    """The name to show for a fence's word: "py" -> "Python"; an unknown word as it is, cut at 24."""
    return _SHOWN.get(word.lower(), word[:24])


def file_ending(word: str) -> str:
    """What a file with code of this fence's word ends in, without the dot: "py" for "python"; else "txt"."""
    word = word.lower()
    if f" {word} " in _OWN_ENDINGS:
        return word
    if word in ("mermaid", "markdown"):
        return {"mermaid": "mmd", "markdown": "md"}[word]
    shown = _SHOWN.get(word, "")
    return _ENDINGS.get(shown) or (_LANGUAGES[shown][1].split()[0] if shown else "txt")


def is_heavy(code: str) -> bool:
    """Whether highlighting this code takes long enough to be done in a thread."""
    return HEAVY < len(code) <= TOO_LONG


def highlight(code: str, word: str) -> Markup:
    """The code, escaped, with spans of the known classes; plain for unknown languages and oversized code."""
    if word.lower() not in _SHOWN or len(code) > TOO_LONG or _has_long_line(code):
        return escape(code)
    return _remembered(code, word.lower()) if len(code) <= REMEMBERED else _highlighted(code, word.lower())


def warm_up() -> None:
    """Load the lexers seen most: the first use of one costs up to 60 ms. Meant for the process's start."""
    for word in ("python", "bash", "javascript", "json"):
        highlight("x = 1\n", word)


@lru_cache(maxsize=64)
def _remembered(code: str, word: str) -> Markup:
    return _highlighted(code, word)


def _highlighted(code: str, word: str) -> Markup:
    code = code.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")  # as lexers read it
    tokens = _in_time(_lexer(_SHOWN[word]).get_tokens(code), code)
    return Markup("".join(_spans(tokens)))  # noqa: S704 (escaped in _span)


def _in_time(tokens: Iterable[tuple[_TokenType, str]], code: str) -> Iterator[tuple[_TokenType, str]]:
    """The tokens as far as they come in time; the rest of the code without colours.

    Some lexers look at each word through to the end of the code: 100 KB made for that took Java's four
    minutes, in which nothing else of the process went on.
    """
    until = time.thread_time() + SECONDS + len(code) * SECONDS_PER_CHARACTER
    taken = 0
    for kind, text in tokens:
        taken += len(text)
        yield kind, text
        if time.thread_time() > until:
            yield Token, code[taken:]
            return


def _spans(tokens: Iterable[tuple[_TokenType, str]]) -> Iterator[str]:
    """Neighbours of one class share a span: fewer elements for the sanitiser and the browser."""
    held, name = "", ""
    for kind, text in tokens:
        this = _class_of(kind) if not text.isspace() else name
        if this != name:
            yield _span(held, name)
            held, name = "", this
        held += text
    yield _span(held, name)


def _span(text: str, name: str) -> str:
    return f'<span class="{name}">{escape(text)}</span>' if name and text else escape(text)


@cache
def _class_of(kind: _TokenType) -> str:
    return next((name for family, name in _CLASSES if kind in family), "") if kind is not Token else ""


@cache
def _lexer(shown: str) -> Lexer:
    # stripnl and ensurenl off: the text must come out exactly as it went in
    return get_lexer_by_name(_LANGUAGES[shown][0], stripnl=False, ensurenl=False)


def _has_long_line(code: str) -> bool:
    return re.search(rf"[^\n]{{{LONGEST_LINE}}}", code) is not None
