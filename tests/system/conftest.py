"""A real browser for the tests of pages: the system's Chromium, driven by Playwright; no page may leave the machine.

Every test's page is watched: an error in its console, an exception in a script, or a request to anything but the page's
own files or server fails the test, whatever else it asserts.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright

from tests.system.database import Server, running

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OWN = ("file:", "data:", "blob:", "about:", "http://127.0.0.1:")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Watched:
    """What a page did that it must not do."""

    faults: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def guard(self, route: Route) -> None:
        if route.request.url.startswith(OWN):
            route.continue_()
        else:
            self.faults.append(f"request: {route.request.url}")
            route.abort()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("QUOTES_CHROMIUM") or shutil.which("chromium")
    assert executable, "no Chromium: scripts/chromium installs it, or QUOTES_CHROMIUM names one"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def open_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts, with the arguments of Playwright's ``new_context``; all are watched and closed."""
    watched, contexts = Watched(), []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": DESK, **options})
        context.set_default_timeout(15_000)
        context.route("**/*", watched.guard)
        context.on("console", watched.console)
        context.on("weberror", lambda error: watched.faults.append(f"exception: {error.error}"))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert watched.faults == []


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A watched page on a desk's screen, in light colours."""
    return open_context(color_scheme="light").new_page()


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with a page, one line each."""

    def run(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{each['id']}: {each['help']}: {node['html'][:200]}" for each in found for node in each["nodes"]]

    return run


@pytest.fixture(scope="session")
def database() -> Iterator[Server]:
    """A PostgreSQL server of this process's own."""
    with running() as server:
        yield server
