"""The settings about searching the web; addresses and keys of engines are rows, not settings. Pure."""

from __future__ import annotations

import re

from parley.settings.catalogue import CARDS, Values, declared, number, text
from parley.web.i18n import N_

CARDS["websearch"] = N_("Web search")

_SPACE = re.compile(r"[\s,;]+")
_NAMES = re.compile(r"[a-z0-9_]{1,32}")
_DOMAIN = re.compile(r"(?!-)[\w-]{1,63}(\.[\w-]{1,63})+")
MOST_DOMAINS = 200


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list with commas, spaces or new lines between them."""
    return tuple(each for each in _SPACE.split(text.strip().lower()) if each)


def are_names(text: str) -> bool:
    """Whether it is a list of names, each of them once."""
    names = words_of(text)
    return len(set(names)) == len(names) and all(_NAMES.fullmatch(each) for each in names)


def are_domains(text: str) -> bool:
    """Whether it is a list of domains."""
    domains = words_of(text)
    return len(domains) <= MOST_DOMAINS and all(_DOMAIN.fullmatch(each) for each in domains)


ENGINES = declared(
    text(
        "websearch.engines",
        N_("Search engines"),
        N_(
            "Their names in the order they are asked, with commas between, like brave, searxng. The first"
            " that works answers."
        ),
        300,
        rule=(are_names, N_("Names of engines with commas between, each once.")),
    )
)
COUNT = declared(
    number(
        "websearch.count", 5, 1, 20, whole=True,
        words=(N_("Results of a search"), N_("More give a model more to read, and cost more."), ""),
    )
)  # fmt: skip
_RULE = (are_domains, N_("Domains like example.org, with commas or new lines between, at most 200."))
ALLOWED = declared(
    text(
        "websearch.allowed",
        N_("Allowed domains"),
        N_("Nothing else is found; what lies below a domain belongs to it. Empty: the whole web."),
        8_000,
        kind="long",
        rule=_RULE,
    )
)
BLOCKED = declared(
    text(
        "websearch.blocked",
        N_("Blocked domains"),
        N_("Never found, with all that lies below them, even where it is allowed."),
        8_000,
        kind="long",
        rule=_RULE,
    )
)


def engine_names(values: Values) -> list[str]:
    """The engines that are on, in their order."""
    return list(words_of(values[ENGINES]))
