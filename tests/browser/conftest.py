"""A real browser in front of the real processes.

Package scope: while Playwright's sync API runs, its loop is this thread's, and no other suite could start
its own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.closing import close
from tests.browser.visitor import PATIENCE, Visitor, Workspace
from tests.processes import Parley
from tests.servers import ROOT, missing

DELETE = """async paths => {
  const headers = JSON.parse(document.body.getAttribute('hx-headers:inherited'));
  for (const path of paths) await fetch(path, { method: 'DELETE', headers }); }"""
NO_TITLES = """async () => {
  const own = JSON.parse(document.body.getAttribute('hx-headers:inherited'));
  const body = JSON.stringify({ 'titles.by_model': 'off' });
  const headers = { ...own, 'Content-Type': 'application/json' };
  await fetch('/api/settings/system', { method: 'PUT', headers, body }); }"""
FLAGS = [
    "--no-sandbox",  # as root in a container
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once."""
    executable = shutil.which("chromium")
    if executable is None:
        missing("chromium")
    expect.set_options(timeout=PATIENCE)  # what comes late is not wrong
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def workspace(chromium: Browser) -> Iterator[Workspace]:
    """A running Parley whose administrator is signed in; models are asked for no titles."""
    with Parley() as processes:
        founded = Workspace.founded(processes, chromium)
        with chromium.new_context(storage_state=founded.cookies) as context:
            page = context.new_page()
            page.goto(f"{founded.url}/chat")
            page.evaluate(NO_TITLES)
        yield founded


@pytest.fixture(scope="package")
def upstream_url() -> Iterator[str]:
    """The fake upstream as a process of its own: this thread's loop is Playwright's."""
    command = [sys.executable, "-m", "tests.upstream"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().split()[-1]}"
        process.terminate()


@pytest.fixture(scope="module", autouse=True)
def only_the_demo(chromium: Browser, workspace: Workspace) -> Iterator[None]:
    """What a module connected goes with it: new chats of the next one begin with the demo again."""
    yield
    with chromium.new_context(storage_state=workspace.cookies) as context:
        listed = context.request.get(f"{workspace.url}/api/connections").json()["data"]["connections"]
        made = [each["id"] for each in listed if not each["builtIn"]]
        if made:
            page = context.new_page()
            page.goto(f"{workspace.url}/admin/connections")
            page.evaluate(DELETE, [f"/api/connections/{id}" for id in made])


@pytest.fixture
def visit(chromium: Browser, workspace: Workspace) -> Iterator[Callable[..., Visitor]]:
    """Open a browser window of the administrator's; `visit(width=390, touch=True)`, `visit(signed_in=False)`.

    At the end every window must have been free of script errors and refused content.
    """
    opened: list[Visitor] = []

    def window(**wishes: object) -> Visitor:
        opened.append(Visitor.arrived(chromium, workspace, **wishes))  # type: ignore[arg-type]
        return opened[-1]

    yield window
    for visitor in opened:
        close(visitor.context)
    assert [trouble for visitor in opened for trouble in visitor.troubles] == []


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """The administrator at a desk, on the page of a new chat."""
    window = visit()
    window.go("/chat")
    return window


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """That window's page."""
    return visitor.page
