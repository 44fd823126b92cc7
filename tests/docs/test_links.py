"""Links: every relative one leads to a file and a heading that are there, on GitHub and in the built site."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import AROUND, DOCS, ROOT, Page, in_site, on_github, pages, read

IN_SITE = {ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")}
each_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


def relative_links(page: Page) -> list[tuple[str, str]]:
    """Path and anchor of each link that leads to no other host."""
    parts = [urlsplit(link) for link in page.links]
    return [(part.path, part.fragment) for part in parts if not part.scheme]


@each_page
def test_every_relative_link_leads_to_a_file(page: Page) -> None:
    missing = [path for path, _ in relative_links(page) if not (page.path.parent / path).resolve().exists()]
    assert missing == []


@each_page
def test_every_anchor_is_a_heading_there_by_the_same_name_on_github_and_in_the_site(page: Page) -> None:
    lost = []
    for path, anchor in relative_links(page):
        target = (page.path.parent / path).resolve() if path else page.path
        if anchor and target.suffix == ".md" and anchor not in read(target).anchors():
            lost.append(f"{path}#{anchor}")
    assert lost == []


@pytest.mark.parametrize("page", [page for page in pages() if page.name != "README.md"], ids=lambda page: page.name)
def test_pages_of_the_site_link_to_pages_of_the_site(page: Page) -> None:
    targets = [(page.path.parent / path).resolve() for path, _ in relative_links(page) if path]
    assert [target for target in targets if not _is_in_site(target)] == []


def _is_in_site(path: Path) -> bool:
    return path in IN_SITE or (DOCS in path.parents and path.is_file())


@each_page
def test_links_to_other_hosts_are_https_addresses(page: Page) -> None:
    parts = [urlsplit(link) for link in page.links]
    wrong = [part.geturl() for part in parts if part.scheme and (part.scheme != "https" or "." not in part.netloc)]
    assert wrong == []


def test_every_page_is_in_the_navigation_once() -> None:
    listed = [line.split(": ")[-1].strip() for line in (ROOT / "mkdocs.yml").read_text("utf-8").splitlines()]
    found = [name for name in listed if name.endswith(".md")]
    made = ["notebook.md", *(name.lower() for name in AROUND if name != "README.md")]
    assert sorted(found) == sorted([*(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")), *made])


def test_anchors_are_made_as_the_two_places_make_them() -> None:
    assert on_github("Who is believed") == in_site("Who is believed") == "who-is-believed"
    assert on_github("Profiles: `quotes.toml`") == in_site("Profiles: `quotes.toml`") == "profiles-quotestoml"
    assert (on_github("a – b"), in_site("a – b")) == ("a--b", "a-b")
