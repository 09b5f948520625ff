"""Why a search failed, as a word that is stored and a sentence in the reader's language. Pure."""

from __future__ import annotations

from parley.lib.errors import AppError
from parley.web.i18n import N_, _

SENTENCES = {
    "none": N_("Web search is not set up."),
    "no_key": N_("It needs a key."),
    "no_address": N_("It needs an address."),
    "key": N_("The key was refused. Copy it again, whole."),
    "key_unreadable": N_("The stored key cannot be read. Enter it again."),
    "forbidden": N_("The key may not search. Look at its plan and permissions."),
    "credit": N_("The plan or the credit is used up."),
    "limit": N_("Too many searches in a short time. It works again later."),
    "timeout": N_("It did not answer in time."),
    "unreachable": N_("It cannot be reached. Is the address right, and does it run?"),
    "refused_address": N_("This address may not be reached."),
    "redirect": N_("It sent us on to another address. Enter that one."),
    "not_found": N_("There is no search at this address."),
    "too_large": N_("It answered too much."),
    "not_json": N_("It answered, but not with JSON. Is the address right?"),
    "nonsense": N_("It answered without a list of results. Is the address right?"),
    "json_off": N_("It gives no JSON. Add “json” to search.formats in its settings.yml."),
    "limiter": N_("Its limiter turns us away. Let the address of Parley pass in its limiter.toml."),
    "upstreams": N_("None of the engines it asks has answered."),
    "refused": N_("It refused this search."),
    "down": N_("It has a fault of its own. Try again later."),
}


class SearchFailed(AppError):
    """No engine found anything out; `code` is a key of SENTENCES."""

    status = 502

    @classmethod
    def of(cls, code: str) -> SearchFailed:
        """The error with its sentence."""
        return cls(sentence(code), code=code)


def sentence(code: str) -> str:
    """What `code` means, in the reader's language; one of another version says that it failed."""
    return _(SENTENCES.get(code, SENTENCES["down"]))
