from datetime import date

import pytest

from parley.chat import measures, presenting
from parley.chat.queries import ListedConversation
from parley.web.i18n import use_language

TODAY = date(2026, 11, 21)
NOW = 1_795_219_200_000  # 2026-11-21 00:00 UTC


def listed(id: int, updated_at: int) -> ListedConversation:
    return ListedConversation(
        id=id, title=f"c{id}", model="", created_at=0, updated_at=updated_at, running=False
    )


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (TODAY, "Today"),
        (date(2026, 11, 22), "Today"),
        (date(2026, 11, 20), "Yesterday"),
        (date(2026, 11, 15), "Last 7 days"),
        (date(2026, 11, 1), "Last 30 days"),
        (date(2026, 3, 1), "March"),
        (date(2025, 3, 1), "March 2025"),
    ],
)
def test_days_stand_under_the_heading_a_reader_expects(day: date, label: str) -> None:
    with use_language("en"):
        assert presenting.day_label(day, TODAY) == label


def test_rows_are_grouped_by_the_readers_own_midnight() -> None:
    rows = [listed(2, NOW - 60_000), listed(1, NOW - 3_600_000 * 17)]
    with use_language("en"):
        utc = presenting.grouped(rows, now=NOW, offset=0, current=2)
        beijing = presenting.grouped(rows, now=NOW, offset=480, current=None)
    assert [(group.label, len(group.rows)) for group in utc] == [("Yesterday", 2)]
    assert [(group.label, len(group.rows)) for group in beijing] == [("Today", 1), ("Yesterday", 1)]
    assert [row.current for row in utc[0].rows] == [True, False]


def test_words_are_counted_as_readers_of_each_script_do() -> None:
    assert measures.word_count("three little words") == 3
    assert measures.word_count("四个汉字") == 4
