from datetime import date

import pytest

from parley.chat.organising import listing
from parley.chat.organising.queries import FolderRow, ListedConversation
from parley.lib.errors import Invalid
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
        assert listing.day_label(day, TODAY) == label


def test_rows_are_grouped_by_the_readers_own_midnight() -> None:
    rows = [listed(2, NOW - 60_000), listed(1, NOW - 3_600_000 * 17)]
    with use_language("en"):
        utc = listing.grouped(rows, now=NOW, offset=0, current=2)
        beijing = listing.grouped(rows, now=NOW, offset=480, current=None)
    assert [(group.label, len(group.rows)) for group in utc] == [("Yesterday", 2)]
    assert [(group.label, len(group.rows)) for group in beijing] == [("Today", 1), ("Yesterday", 1)]
    assert [row.current for row in utc[0].rows] == [True, False]


def test_a_folder_says_how_many_it_holds_as_far_as_it_counts() -> None:
    assert [listing.counted(n) for n in (0, 3, 99, 100, 20_000)] == ["", "3", "99", "99+", "99+"]


def test_a_closed_folder_shows_no_rows_and_an_open_one_a_page_of_them() -> None:
    rows = [ListedConversation(n, f"c{n}", "", 0, 100 - n, False, folder=7) for n in range(3)]
    folders = [FolderRow(7, "Work", 1, 3), FolderRow(8, "Home", 2)]
    with use_language("en"):
        work, home = listing.shelves(folders, rows, [7], page=2, current=1)
    assert [row.id for row in work.rows] == [0, 1]
    assert (work.next_cursor, work.count, work.rows[1].current) == ("99-1", "3", True)
    assert (home.is_open, home.rows, home.next_cursor) == (False, [], None)


def test_what_a_browser_says_about_open_folders_is_not_believed() -> None:
    assert listing.opened("3.12.3.x.-1.99999999999999999999.", 10) == [3, 12]
    assert listing.opened("1.2.3", 2) == [1, 2]
    assert listing.parsed_cursor("") is None
    assert listing.parsed_cursor("5-6") == (5, 6)
    for broken in ("5", "5-6-7", "a-b", "9999999999999999999-1"):
        with use_language("en"), pytest.raises(Invalid):
            listing.parsed_cursor(broken)
