"""What checks, tests and imports found, in words for a person. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.connections import diagnosis
from parley.connections.diagnosis import Symptoms
from parley.connections.queries import ConnectionRow
from parley.connections.transfer import CREATED, SKIPPED, UPDATED, Outcome
from parley.connections.verification import KeyReport, Question, causes_of, in_container, report_of
from parley.providers.base import SENTENCES
from parley.web.i18n import _, ngettext


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What an import did with one connection."""

    name: str
    result: str
    tone: str
    why: str


@dataclass(frozen=True, slots=True)
class Probe:
    """What one key saw in a test: lines of (what, answer), the failure, its likely causes."""

    title: str
    good: bool
    lines: list[tuple[str, str]]
    problem: str
    detail: str
    causes: list[str]


def words_of(error: str, code: str) -> tuple[str, str]:
    """A stored error as our sentence in the reader's language, and the provider's words."""
    sentence = SENTENCES.get(code, "")
    if not sentence or not error:
        return (_(error) if error else ""), ""
    return _(sentence), error.removeprefix(sentence).strip()


def causes_of_check(row: ConnectionRow) -> list[str]:
    """What is likely wrong, as far as the last check or test tells."""
    report = report_of(row.verification)
    failing = next((key for key in report.keys if key.failure is not None), None) if report else None
    if failing is not None:
        return [diagnosis.sentence(cause) for cause in causes_of(failing)]
    if row.check_error is None:
        return []
    symptoms = Symptoms(
        row.check_code,
        row.check_error,
        row.provider,
        row.base_url,
        has_key=bool(row.keys),
        status=diagnosis.status_in(row.check_error),
        in_container=in_container(),
    )
    return [diagnosis.sentence(cause) for cause in diagnosis.causes(symptoms)]


def probe_of(key: KeyReport) -> Probe:
    """What one key saw, line by line."""
    failure = key.failure
    problem, detail = words_of(failure.error, failure.code) if failure else ("", "")
    lines: list[tuple[str, str]] = []
    if key.list is not None and key.list.asked:
        count = ngettext("%(n)s model", "%(n)s models", key.count)
        answer = (
            _("failed after %(ms)s ms", ms=key.list.ms) if key.list.error else f"{count} · {key.list.ms} ms"
        )
        lines += [(_("Models"), key.list.asked), ("", answer)]
    if key.question is not None:
        asked = f"{key.question.asked} · {key.question.model}" if key.question.asked else key.question.model
        lines += [(_("Question"), asked), ("", _answer(key.question))]
    title = key.label or (f"••••{key.hint}" if key.key else _("Without a key"))
    return Probe(
        title, failure is None, lines, problem, detail, [diagnosis.sentence(each) for each in causes_of(key)]
    )


def _answer(question: Question) -> str:
    if question.error:
        return _("failed after %(ms)s ms", ms=question.ms)
    if question.first_ms is None:
        return _("answered without a word after %(ms)s ms", ms=question.ms)
    if not question.streaming:
        return _("all at once after %(ms)s ms: does not stream", ms=question.first_ms)
    return ngettext(
        "streams: %(n)s piece, the first after %(ms)s ms",
        "streams: %(n)s pieces, the first after %(ms)s ms",
        question.pieces,
        ms=question.first_ms,
    )


def outcome_lines(outcomes: Sequence[Outcome]) -> list[OutcomeLine]:
    """What an import did, in words."""
    words = {
        CREATED: (_("created"), "good"),
        UPDATED: (_("updated"), "good"),
        SKIPPED: (_("skipped"), "warn"),
    }
    return [OutcomeLine(each.name, *words[each.result], each.why) for each in outcomes]
