"""Rows -> what the pages show. Pure: time and language come in from outside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

from markupsafe import Markup

from parley.chat import measures, notices, pages
from parley.chat.branches import instructions
from parley.chat.branches.steps import can_continue
from parley.chat.chips import chip
from parley.chat.queries import PathMessage
from parley.files.access import FileRow
from parley.providers.base import SENTENCES
from parley.web.i18n import _, lang_of_text, ngettext

NOTHING = Markup()
SMALL = 240  # pixels of the longer side of a picture in a question
# What helps against a class of error beside trying again.
REMEDIES: dict[str, pages.Remedy] = {
    "authentication": "connection",
    "quota": "connection",
    "model_not_found": "connection",
    "address": "connection",
    "network": "model",
    "timeout": "model",
    "overloaded": "model",
    "server": "model",
    "rate_limit": "model",
    "invalid_request": "model",
    "malformed": "model",
    "empty": "model",
    "resting": "model",
    "context_length": "new",
}


def model_name(id: str, name: str) -> str:
    """The name of a model; the demo's is ours to translate."""
    return _("Demo model") if id == "demo" else name


def answered_name(message: PathMessage) -> str:
    """The name of the model that really answered; of the one that was asked before it is known."""
    if message.answered_name:
        return model_name(message.answered_by, message.answered_name)
    return model_name(message.model, message.model_name)


def picture(root: str, file: int, width: int, height: int) -> Markup:
    """A picture of a message; its room is kept before it is loaded. `root`: the path we live under."""
    size = Markup(' width="{}" height="{}"').format(width, height) if width > 0 and height > 0 else NOTHING
    return Markup(
        '<a class="pic" href="{0}" data-feature="lightbox" target="_blank" rel="noopener">'
        '<img src="{0}"{1} alt="{2}" loading="lazy"></a>'
    ).format(f"{root}/files/{file}", size, _("Picture"))


def pictures(root: str, files: Iterable[FileRow]) -> Markup:
    """All pictures of an answer."""
    return NOTHING.join(
        chip(root, file) if file.is_expired else picture(root, file.id, file.width, file.height)
        for file in files
    )


def small_pictures(root: str, files: Iterable[FileRow]) -> Markup:
    """All files of a question: its writer knows them. js/turns.js draws pictures in the same size."""
    html = NOTHING
    for file in files:
        if file.is_expired or not file.is_picture:
            html += chip(root, file)
            continue
        scale = min(1.0, SMALL / max(file.width, file.height, 1))
        html += Markup(
            '<a class="pic" href="{0}" data-feature="lightbox" target="_blank" rel="noopener">'
            '<img src="{0}?size=thumb" width="{1}" height="{2}" alt="{3}"></a>'
        ).format(
            f"{root}/files/{file.id}",
            round(file.width * scale),
            round(file.height * scale),
            _("Attached picture"),
        )
    return html


def user_turn(message: PathMessage, pictures_html: Markup = NOTHING) -> pages.UserTurn:
    """A question as the page shows it."""
    return pages.UserTurn(
        id=message.id,
        text=message.text,
        lang=lang_of_text(message.text),
        client_message_id=message.client_message_id or "",
        pictures_html=pictures_html,
    )


def ended_turn(
    message: PathMessage,
    *,
    done_html: Markup = NOTHING,
    reasoning_html: Markup = NOTHING,
    pictures_html: Markup = NOTHING,
) -> pages.AnswerTurn:
    """An answer that is not being written any more."""
    return pages.AnswerTurn(
        id=message.id,
        model_name=answered_name(message),
        status=cast(pages.Status, message.status),
        demo=message.model == "demo",
        lang=lang_of_text(message.text),
        generation=message.generation,
        done_html=done_html,
        reasoning_html=reasoning_html,
        reasoning_summary=measures.thought_for(message.reasoning_ms) if message.reasoning else "",
        pictures_html=pictures_html,
        notes_html=notices.notes(message.notices),
        error=error_sentence(message),
        error_code=message.error_code,
        remedy=REMEDIES.get(message.error_code, "") if message.status == "error" else "",
        metrics=measures.line(message) if message.text or message.completion_tokens else "",
        details=measures.details(message),
        can_retry=True,
        can_continue=can_continue(message.status, message.finish_reason, message.text),
        copy_text=message.text,
        rating=message.rating,
        wish=_(instructions.label(message.instruction)) if message.instruction else "",
    )


def error_sentence(message: PathMessage) -> str:
    """What to tell the reader about an answer that did not end well; "" when it did."""
    words = measures.word_count(message.text)
    match message.status:
        case "error":
            return translated(message.error, message.error_code) or _("The answer failed. Try again.")
        case "interrupted" if words:
            broke = ngettext(
                "The answer broke off after %(n)s word.", "The answer broke off after %(n)s words.", words
            )
            return f"{broke} {_why(message)}".strip()
        case "interrupted":
            return _("The answer broke off before its first word. Try again.")
        case "cancelled":  # nothing where the person stopped it
            return translated(message.error)
    return ""


def _why(message: PathMessage) -> str:
    """Why an answer broke off, where more is known than that."""
    if message.error_code == "incomplete":
        return message.error.removeprefix(SENTENCES["incomplete"]).strip()
    return translated(message.error, message.error_code)


def translated(sentence: str, code: str = "") -> str:
    """A stored English sentence of ours in the reader's language; a vendor's own words stay as they are."""
    known = SENTENCES.get(code, "")
    if known and sentence.startswith(known):
        return f"{_(known)} {sentence.removeprefix(known).strip()}".strip()
    return _(sentence) if sentence else ""


def moment(ms: int) -> pages.Moment:
    """A point in time; the page's script puts it into the reader's own form."""
    when = datetime.fromtimestamp(ms / 1000, UTC)
    return pages.Moment(iso=when.isoformat(timespec="seconds"), text=when.strftime("%Y-%m-%d %H:%M UTC"))


def greeting(username: str) -> str:
    """What a new chat says first."""
    if not username:  # a visitor
        return _("What can I do for you?")
    return _("What can I do for you, %(name)s?", name=username)


def starters() -> tuple[str, ...]:
    """First questions for people who want to try it."""
    return (
        _("Plan a quiet weekend in a city I have never been to"),
        _("Explain how a heat pump works, with a small table"),
        _("Write a Python function that finds duplicate files"),
        _("Help me say no to an invitation without hurting anyone"),
    )
