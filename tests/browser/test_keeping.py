"""An administrator makes a backup, reads who did what, and watches the log."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.test_looks import sideways, violations
from tests.browser.visitor import PASSWORD, Visitor

Visit = Callable[..., Visitor]


def test_a_backup_is_made_downloaded_and_found_in_the_audit_log(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/admin/backups")
    page.get_by_label("Passphrase").fill("three quiet otters")
    page.get_by_role("button", name="Back up").click()
    shelf = page.locator("#shelf")
    expect(shelf.get_by_text("intact", exact=True)).to_be_visible()
    expect(shelf.get_by_text("sealed")).to_be_visible()
    assert violations(page) == []
    shelf.locator("summary", has_text="Download").click()
    shelf.get_by_label("Your password").fill(PASSWORD)
    with page.expect_download() as coming:
        shelf.get_by_role("button", name="Download").click()
    assert coming.value.suggested_filename.startswith("parley-")
    visitor.go("/admin/audit")
    page.get_by_label("What", exact=True).select_option("backup.downloaded")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Backup parley-")
    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_role("status").filter(has_text="as they were written")).to_be_visible()
    assert violations(page) == []


def test_new_lines_of_the_log_come_by_themselves(visit: Visit) -> None:
    phone = visit(width=390, touch=True)
    phone.go("/admin/log?text=/admin/audit")
    other = visit()
    other.go("/admin/audit?who=somebody-new")
    expect(phone.page.locator("#log-rows tr").first).to_contain_text("/admin/audit")
    assert sideways(phone.page) == 0
    assert violations(phone.page) == []
