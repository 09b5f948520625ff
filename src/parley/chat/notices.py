"""Notices of a generation -> sentences and markup. Pure.

A notice is the JSON object of a `notice` fact: `code`, an English `text` for programs, and what the sentence
is made of. `waiting` passes; the others stay with the answer (`generation.notices`, a JSON list).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from markupsafe import Markup, escape

from parley.web.i18n import N_, _, ngettext

Notice = Mapping[str, Any]
WAITING = "waiting"
FALLBACK = "fallback"
LONGEST_WAIT = 3600  # seconds a countdown shows at most
PLACE = "\ufffc"  # stands in a sentence where markup will be

# Class of a provider's error -> the clause that says what happened to a model.
REASONS = {
    "rate_limit": N_("“%(model)s” was rate-limited"),
    "overloaded": N_("“%(model)s” was overloaded"),
    "quota": N_("“%(model)s” has no credit left"),
    "authentication": N_("“%(model)s” refused the key"),
    "model_not_found": N_("“%(model)s” is not known there any more"),
    "context_length": N_("this chat is too long for “%(model)s”"),
    "content_filter": N_("a filter of “%(model)s” refused it"),
    "invalid_request": N_("“%(model)s” refused the request"),
    "network": N_("“%(model)s” could not be reached"),
    "address": N_("“%(model)s” could not be reached"),
    "timeout": N_("“%(model)s” did not answer in time"),
    "malformed": N_("“%(model)s” sent no readable answer"),
    "incomplete": N_("“%(model)s” broke off"),
    "empty": N_("“%(model)s” gave an empty answer"),
    "resting": N_("“%(model)s” failed several times in a row"),
}
FAILED = N_("“%(model)s” failed")


def notice_of(data: str) -> dict[str, Any]:
    """The notice of a fact's data; an empty one when it cannot be read."""
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def stored(notices: str) -> list[dict[str, Any]]:
    """The notices that stayed with an answer; none when they cannot be read."""
    try:
        return msgspec.json.decode(notices or "[]", type=list[dict[str, Any]])
    except msgspec.DecodeError:
        return []


def sentence(notice: Notice) -> str:
    """What a person is told; "" for what only programs want to know."""
    count = _whole(notice.get("count"))
    match notice.get("code"):
        case "fallback":
            return _(
                "Answered by “%(model)s” because %(reason)s.",
                model=_text(notice, "model"),
                reason=reason(_text(notice, "reason"), _text(notice, "instead_of")),
            )
        case "left_out":
            return ngettext(
                "%(n)s older message was left out: the chat is longer than this model can read.",
                "%(n)s older messages were left out: the chat is longer than this model can read.",
                count,
            )
        case "described":
            return ngettext(
                "This model cannot see: “%(model)s” described %(n)s picture to it.",
                "This model cannot see: “%(model)s” described %(n)s pictures to it.",
                count,
                model=_text(notice, "model"),
            )
        case "cut_files":
            return _(
                "Only the beginning of this fits into what the model can read: %(files)s.",
                files=_text(notice, "files"),
            )
        case "dropped":
            return ""
    return _(_text(notice, "text")) if notice.get("text") else ""


def reason(error: str, model: str) -> str:
    """What happened to a model, as a clause; `error` is a class of providers.base.SENTENCES."""
    return _(REASONS.get(error, FAILED), model=model)


def note(notice: Notice) -> Markup:
    """A notice that stays, as a line under the answer; empty when there is nothing to say."""
    said = sentence(notice)
    if not said:
        return Markup()
    code = escape(_text(notice, "code"))
    return Markup('<p class="note note--calm" data-code="{}">{}</p>').format(code, said)


def notes(notices: str) -> Markup:
    """The lines of everything that stayed with an answer."""
    return Markup("").join(map(note, stored(notices)))


def countdown(notice: Notice) -> Markup:
    """The line of a wait; a script counts `data-seconds` down towards `data-until` (ms since the epoch)."""
    seconds = max(0, min(_whole(notice.get("seconds"), up=True), LONGEST_WAIT))
    model = _text(notice, "model").replace(PLACE, "")
    if notice.get("reason") == "rate_limit":
        said = _("“%(model)s” asks to wait: %(seconds)s s", model=model, seconds=PLACE)
    else:
        why = reason(_text(notice, "reason"), model)
        said = _("%(reason)s. Trying again in %(seconds)s s", reason=why, seconds=PLACE)
    number = Markup('<b class="num" data-until="{}" data-seconds="{}">{}</b>').format(
        _whole(notice.get("until")), seconds, seconds
    )
    line = Markup(str(escape(said)).replace(PLACE, number, 1))  # noqa: S704 escaped before
    return Markup('<p class="note note--calm waiting"><span>{}</span></p>').format(line)


def _text(notice: Notice, name: str) -> str:
    value = notice.get(name)
    return value if isinstance(value, str) else ""


def _whole(value: object, *, up: bool = False) -> int:
    """A count from JSON that somebody else wrote."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**53:
        return 0
    return -int(-value // 1) if up else int(value)
