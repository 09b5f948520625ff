"""What the JSON API says about an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parley.importing.notes import sentences
from parley.importing.queries import PAGE, ItemRow, JobRow
from parley.web.i18n import _


def job_body(job: JobRow) -> dict[str, Any]:
    """One import as it stands."""
    return {
        "id": job.id,
        "name": job.name,
        "source": job.source,
        "status": job.status,
        "size": job.size,
        "percent": job.percent,
        "conversations": job.total if job.total is not None else job.done,
        "error": _(job.error) if job.error else "",
        "createdAt": job.created_at,
        "finishedAt": job.finished_at,
    }


def report_body(job: JobRow, counts: Mapping[str, int], items: Sequence[ItemRow]) -> dict[str, Any]:
    """One import with a page of its report; `next` goes on after it."""
    shown = items[:PAGE]
    return {
        "import": job_body(job),
        "counts": {word: counts.get(word, 0) for word in ("new", "updated", "known", "failed", "messages")},
        "items": [
            {
                "id": item.id,
                "title": item.title,
                "outcome": item.outcome,
                "messages": item.messages,
                "conversation": item.conversation,
                "notes": sentences(item.notes),
            }
            for item in shown
        ],
        "next": shown[-1].id if len(items) > PAGE else None,
    }
