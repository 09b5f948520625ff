"""An administrator decides about people, from the list and from the page of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.test_looks import violations
from tests.browser.visitor import PASSWORD, Visitor

Visit = Callable[..., Visitor]


def make(page: Page, name: str, status: str = "active") -> None:
    """An account for somebody, by the form."""
    page.get_by_role("link", name="New account").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_label("Status").select_option(status)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("link", name="Users").last.click()


def menu(page: Page, name: str, verb: str) -> None:
    """One verb of a person's menu in the list."""
    page.get_by_role("button", name=f"More about {name}").click()
    page.locator(".menu:popover-open").get_by_text(verb).click()


def row(page: Page, name: str) -> Any:
    """Their line in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def test_people_are_made_approved_promoted_and_declined(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/admin/users")
    make(page, "grace", "pending")
    make(page, "henry", "pending")
    make(page, "irene")
    # From the list, without leaving it.
    page.get_by_role("button", name="Approve: grace").click()
    expect(row(page, "grace").first).to_contain_text("Active")
    # Asked about first.
    menu(page, "irene", "Make an administrator")
    expect(page.get_by_role("heading", name="Make irene an administrator?")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Make an administrator").click()
    expect(page.get_by_text("They administer this site now.")).to_be_visible()
    visitor.go("/admin/users")
    menu(page, "irene", "Make an ordinary user")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("definition").filter(has_text="Administrator")).to_be_visible()
    visitor.go("/admin/users")
    # With a reason, on their own page.
    page.get_by_role("link", name="Decline: henry").click()
    page.get_by_label("Reason").fill("Nobody here knows you")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Declined.")).to_be_visible()
    expect(page.get_by_text("Nobody here knows you")).to_be_visible()
    assert violations(page) == []
    assert visitor.troubles == []


def test_people_are_grouped_disabled_together_and_deleted(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/admin/users")
    make(page, "kate")
    make(page, "luise")
    visitor.go("/admin/groups")
    page.get_by_label("New group").fill("Class 7b")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name of the group Class 7b")).to_be_visible()
    visitor.go("/admin/users?q=kate")
    menu(page, "kate", "Move to a group")
    page.get_by_label("Group").select_option("Class 7b")
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text("Moved.")).to_be_visible()
    visitor.go("/admin/users")
    expect(page.get_by_text("Tick people to decide")).to_be_visible()
    page.get_by_role("checkbox", name="kate").check()
    page.get_by_role("checkbox", name="luise").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.locator("#bulk").get_by_role("button", name="Disable").click()
    expect(page.get_by_text("kate, luise")).to_be_visible()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("Done for 2 people.")).to_be_visible()
    assert violations(page) == []
    menu(page, "luise", "Delete")
    page.get_by_label("Type luise to confirm").fill("luise")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Done for 1 person.")).to_be_visible()
    expect(row(page, "luise")).to_have_count(0)
    assert visitor.troubles == []


def test_a_link_sets_a_password_and_a_time_zone_is_offered(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/admin/users/new")
    page.get_by_label("Username").fill("jo_ann")
    page.get_by_role("button", name="Make the account").click()
    link = page.get_by_role("textbox", name="Link to set a password").input_value()
    page.get_by_role("button", name="Copy").click()
    visitor.wait_for_copy("text === value", link)
    theirs = visit(signed_in=False)
    theirs.page.goto(link)
    theirs.page.get_by_label("New password").fill("a brand new word")
    theirs.page.get_by_role("button", name="Set the password").click()
    theirs.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    theirs.page.get_by_label("Username").fill("jo_ann")
    theirs.page.get_by_label("Password", exact=True).fill("a brand new word")
    theirs.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(theirs.box).to_be_visible()
    theirs.go("/account/profile")
    theirs.page.get_by_role("button", name=re.compile("Take that of this browser")).click()
    expect(theirs.page.get_by_text("Saved.")).to_be_visible()
    theirs.go("/account/deletion")
    theirs.page.get_by_label("Password", exact=True).fill("a brand new word")
    theirs.page.get_by_role("button", name="Delete for good").click()
    theirs.page.wait_for_url("**/login")
    assert visitor.troubles + theirs.troubles == []
