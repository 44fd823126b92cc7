"""The index of 10,000 articles in a browser: it opens and filters within a second; its links lead there and back."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from quotes.report.document import Item
from quotes.report.folder import folder_of
from quotes.report.site import LIMITS, Limits, write_report
from tests.report.making import HOSTILE, item

COUNT = 10_000
PHONE = {"width": 390, "height": 844}

_PLACES = ("Abbey Mill", "Great Ferry", "Ostwick", "Quillhaven", "Saint Orrin", "Tarnside", "Underhill")
_EVENTS = ("bridge opens", "clinic to close", "council divided", "ferry delayed", "flood plan", "market moves")
_FIRST = ("Mara", "Ida", "Tomas", "Wen", "Oskar", "Léna", "Priya", "Dario", "Noor", "Elka", "Jonas")
_LAST = ("Oberholt", "Krell", "Ashquist", "Belford", "Corwick", "Draydale", "Elmstone", "Fosson", "Halava")


def articles(count: int) -> Iterator[Item]:
    """*count* short articles: one that was checked against the schema, its id, title and names changed."""
    record, text = item("desk/0", ("Mara Ruiz", 6), ("Dean Holt", 4, "indirect"), ("Wen Ito", 9, "mixed"), unresolved=1)
    for number in range(count):
        value: dict[str, Any] = deepcopy(dict(record.value))
        value["id"] = f"desk/{number:06}"
        value["metadata"] = {"title": f"{_PLACES[number % 7]}: {_EVENTS[number % 6]}, day {number}"}
        value["status"] = "failed" if number % 1009 == 5 else "partial" if number % 97 == 3 else "complete"
        for place, quote in enumerate(value["quotes"], start=1):
            quote["speaker_name"] = f"{_FIRST[number * place % 11]} {_LAST[(number // 11 + place) % 9]}"
            quote["text"] = f"words of article {number} about the {_EVENTS[number * place % 6]}"
        article = replace(record.extraction.article, id=value["id"])
        yield replace(record, value=value, extraction=replace(record.extraction, article=article)), text


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of `COUNT` articles."""
    out = tmp_path_factory.mktemp("site") / "report.html"
    write_report(articles(COUNT), out, title="News desk, week 31")
    return out


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of *folder* on loopback."""
    handler = partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def send_head(self) -> Any:
        # A browser asks for an icon on its own.
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
            return None
        return super().send_head()


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-ready]")


TIMED = """async ([id, value]) => {
    const root = document.documentElement, before = root.dataset.ready, control = document.getElementById(id);
    const begun = performance.now();
    if (control.type === "checkbox") control.checked = value; else control.value = value;
    control.dispatchEvent(new Event(control.type === "search" ? "input" : "change"));
    while (root.dataset.ready === before) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begun;
}"""


def test_no_file_is_over_a_megabyte(site: Path) -> None:
    sizes = [path.stat().st_size for path in (site, *folder_of(site).iterdir())]
    assert max(sizes) <= LIMITS.most == 1_000_000


def test_it_opens_and_filters_within_a_second(page: Page, site: Path) -> None:
    # The best of three: other work on this machine is not what is measured.
    opening, filtering = [], []
    for _ in range(3):
        opened(page, site.as_uri())
        opening.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        steps = [("query", "oberholt"), ("status", "1"), ("query", ""), ("words", True), ("query", "flood")]
        filtering.append(max(page.evaluate(TIMED, step) for step in map(list, steps)))
        page.goto("about:blank")
    assert min(opening) < 1000
    assert min(filtering) < 1000


def test_search_finds_ids_titles_speakers_and_words(page: Page, site: Path) -> None:
    opened(page, site.as_uri())
    rows, found = page.locator("#rows li"), page.locator("#found")
    page.get_by_label("Search").fill("desk/007301")
    expect(found).to_have_text("1 of 10,000 articles")
    expect(rows.locator("a")).to_have_text("Abbey Mill: market moves, day 7301")
    page.get_by_label("Search").fill('"article 7301 about"')
    expect(found).to_have_text("none of 10,000 articles")
    page.get_by_label("in the quotes, too").check()
    expect(found).to_have_text("1 of 10,000 articles")
    page.get_by_role("button", name="Clear").click()
    expect(found).to_have_text("10,000 articles")
    expect(rows).to_have_count(100)


def test_status_and_speaker_narrow_the_list(page: Page, site: Path) -> None:
    opened(page, site.as_uri())
    found = page.locator("#found")
    page.get_by_label("Status").select_option(label="failed (10)")
    expect(found).to_have_text("10 of 10,000 articles")
    expect(page.locator("#rows .status")).to_have_text(["failed"] * 10)
    page.get_by_label("Status").select_option(label="all")
    page.get_by_label("Find").fill("lena krell")
    page.locator("table.speakers").get_by_role("link", name="Léna Krell").click()
    expect(page.locator("#chosen")).to_be_visible()
    expect(found).not_to_have_text("10,000 articles")
    said = page.locator("#rows .said").all_text_contents()
    assert said
    assert all("Léna Krell" in names for names in said)
    page.get_by_role("button", name="any speaker").click()
    expect(found).to_have_text("10,000 articles")


def test_a_row_leads_to_its_article_and_back_to_the_same_list(page: Page, site: Path) -> None:
    opened(page, site.as_uri())
    page.get_by_label("Search").fill("Tarnside ferry")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#turn")).to_have_value("2")
    first = page.locator("#rows a").first
    title = first.text_content()
    first.click()
    article = page.locator("article:target")
    expect(article.get_by_role("heading", name=title or "")).to_be_in_viewport()
    page.go_back()
    expect(page.get_by_label("Search")).to_have_value("Tarnside ferry")
    expect(page.locator("#rows a").first).to_have_text(title or "")
    expect(page.locator("#turn")).to_have_value("2")


def test_pages_lead_on_and_to_the_index(page: Page, site: Path) -> None:
    page.goto((folder_of(site) / "p0002.html").as_uri())
    pages = page.get_by_role("navigation", name="Pages", exact=True)
    pages.get_by_role("link", name="Next").click()
    expect(page).to_have_url((folder_of(site) / "p0003.html").as_uri())
    pages.get_by_role("link", name="All articles").click()
    expect(page).to_have_url(site.as_uri())


def test_the_last_page_of_the_list_ends_with_the_last_article(page: Page, site: Path) -> None:
    opened(page, site.as_uri())
    page.get_by_label("Page", exact=True).fill("100")
    page.keyboard.press("Enter")
    expect(page.locator("#rows a").last).to_contain_text("day 9999")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()


def test_it_works_from_a_server_too(page: Page, site: Path) -> None:
    with served(site.parent) as address:
        opened(page, f"{address}/{site.name}#q=desk%2F000007")
        expect(page.locator("#found")).to_have_text("1 of 10,000 articles")
        page.locator("#rows a").click()
        expect(page.locator("article:target")).to_have_attribute("data-id", "desk/000007")


def test_without_scripts_every_article_is_in_a_list(open_context: Callable[..., BrowserContext], site: Path) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(site.as_uri())
    expect(page.locator("#rows li")).to_have_count(100)
    expect(page.locator("#finder")).to_be_hidden()
    page.get_by_role("navigation", name="All articles").get_by_role("link", name="9,501").click()
    page.get_by_role("link", name="day 9999").click()
    expect(page.locator("article:target")).to_have_attribute("data-id", "desk/009999")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE])
def test_it_is_accessible_and_fits_the_screen(
    open_context: Callable[..., BrowserContext],
    violations: Callable[[Page], list[str]],
    site: Path,
    scheme: str,
    viewport: Any,
) -> None:
    page = open_context(color_scheme=scheme, **({"viewport": viewport} if viewport else {})).new_page()
    opened(page, f"{site.as_uri()}#status=2")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_plain_lists_are_accessible_and_fit_a_phone(
    open_context: Callable[..., BrowserContext], violations: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    write_report(articles(9), tmp_path / "report.html", limits=Limits(articles=3))
    page = open_context(viewport=PHONE).new_page()
    page.goto((tmp_path / "report_files" / "l0001.html").as_uri())
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_names_run_nothing(page: Page, tmp_path: Path) -> None:
    out = tmp_path / "re'po\"rt #%&.html"
    hostile = [item(f"{n}{HOSTILE}", (HOSTILE, 3), title=f"{HOSTILE}{n}", status="failed") for n in range(3)]
    write_report([*hostile, *islice(articles(300), 300)], out, title=HOSTILE)
    opened(page, out.as_uri())
    page.get_by_label("Search").fill("alert(1)")
    expect(page.locator("#rows li")).to_have_count(3)
    page.get_by_label("Find").fill("alert(1)")
    page.locator("table.speakers").get_by_role("link", name="alert(1)").click()
    expect(page.locator("#found")).to_have_text("3 of 303 articles")
    page.locator("#rows a").first.click()
    expect(page.locator("article:target")).to_have_attribute("data-status", "failed")
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="All articles").click()
    expect(page.locator("#found")).to_have_text("303 articles")
