"""What an import says about a conversation, in the reader's language. Pure.

Stored as JSON `{"tools": 3, "files": 1}`: the words come when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from parley.importing.neutral import MOST_MESSAGES, MOST_TEXT
from parley.web.i18n import N_, _, ngettext

WHY = {
    "no_id": N_("It has no id in this export, so it could not be told from others."),
    "no_conversation": N_("This is no chat."),
    "unknown": N_("This is no chat of a kind that Parley knows."),
    "damaged": N_("This chat is damaged in the export."),
    "newer": N_("It was written by a newer Parley."),
    "empty": N_("It has no messages."),
    "too_deep": N_("It is nested too deep to be a chat."),
    "too_large": N_("It is too large to be read."),
    "too_many": N_("It has more than %(most)s messages."),
    "failed": N_("It could not be stored. Bring the file again later."),
}


def stored(notes: Mapping[str, int]) -> str:
    """Counts as they are stored."""
    return msgspec.json.encode({word: n for word, n in notes.items() if n}).decode()


def sentences(stored: str) -> list[str]:
    """One sentence for each thing worth knowing."""
    try:
        notes = msgspec.json.decode(stored or "{}", type=dict[str, int])
    except msgspec.DecodeError:
        return []
    said = [_sentence(word, n) for word, n in notes.items()]
    return [sentence for sentence in said if sentence]


def _sentence(word: str, n: int) -> str:
    if word in WHY:
        return _(WHY[word], most=f"{MOST_MESSAGES:,}") if word == "too_many" else _(WHY[word])
    return _left_out(word, n) or _changed(word, n)


def _left_out(word: str, n: int) -> str:
    match word:
        case "tools":
            return ngettext("%(n)s step of a tool was left out.", "%(n)s steps of tools were left out.", n)
        case "pictures":
            return ngettext(
                "%(n)s picture is not in the export or cannot be read.",
                "%(n)s pictures are not in the export or cannot be read.",
                n,
            )
        case "files":
            return ngettext(
                "%(n)s attached file is not in the export or cannot be read.",
                "%(n)s attached files are not in the export or cannot be read.",
                n,
            )
        case "media":
            return ngettext(
                "%(n)s recording of sound or video was left out.",
                "%(n)s recordings of sound or video were left out.",
                n,
            )
        case "roles":
            return ngettext(
                "%(n)s message of neither side was left out.",
                "%(n)s messages of neither side were left out.",
                n,
            )
    return ""


def _changed(word: str, n: int) -> str:
    match word:
        case "cut":
            return ngettext(
                "%(n)s message was cut after %(most)s characters.",
                "%(n)s messages were cut after %(most)s characters.",
                n,
                most=f"{MOST_TEXT:,}",
            )
        case "no_question":
            return _("It begins with an answer; a question “…” was put before it.")
        case "loose":
            return _("You have as many folders as there can be; it stands in none.")
        case "unpinned":
            return _("You have as many pinned chats as there can be; it is not pinned.")
        case "prompts":
            return ngettext("%(n)s prompt was added to yours.", "%(n)s prompts were added to yours.", n)
        case "prompts left out":
            return ngettext("%(n)s prompt cannot be used.", "%(n)s prompts cannot be used.", n)
        case "restored":
            return _("You had deleted it; it is back.")
        case "deleted":
            return ngettext(
                "%(n)s message below a deleted one was left out.",
                "%(n)s messages below a deleted one were left out.",
                n,
            )
    return ""  # neighbours that were joined are of no interest to anybody
