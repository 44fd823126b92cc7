"""A report of any number of articles: each is on one page, in order, and no page is too large."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.errors import OutputError, UsageError
from quotes.formats.provenance import MARKER
from quotes.report.document import Item, report_page
from quotes.report.folder import folder_of
from quotes.report.site import Limits, ReportOutcome, write_report
from tests.report.making import HOSTILE, Elements, articles_of, item, items, rows_of

FRAME = len(report_page([], title="").encode())
SMALL = Limits(articles=3, alone=10**9, packed=12_000, most=FRAME + 40_000)


def pages(out: Path) -> list[Path]:
    return sorted(folder_of(out).glob("p*.html"))


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_few_articles_are_one_page_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    outcome = write_report(items(3), out, limits=SMALL)
    assert outcome == ReportOutcome(out, articles=3, quotes=3, pages=1)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert articles_of(out) == [(1, "a0"), (2, "a1"), (3, "a2")]


def test_no_article_is_a_page_too(tmp_path: Path) -> None:
    assert write_report([], tmp_path / "report.html").pages == 1


def test_one_article_more_makes_an_index_and_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    outcome = write_report(items(4), out, limits=SMALL)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report_files"]
    assert outcome.folder == tmp_path / "report_files"
    assert outcome.pages == len(pages(out))
    assert articles_of(out) == []


def test_few_articles_that_are_very_large_are_a_folder(tmp_path: Path) -> None:
    assert write_report(items(3), tmp_path / "report.html", limits=Limits(alone=12_000)).folder is not None


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.sampled_from(["Mara Ruiz", HOSTILE, None]), st.integers(1, 2000)), max_size=6),
            st.text(st.characters(codec="utf-8"), max_size=5),
            st.sampled_from(["complete", "partial", "failed"]),
            st.booleans(),
        ),
        max_size=14,
    )
)
def test_every_article_is_on_one_page_in_order_and_no_page_too_large(articles: list[Any]) -> None:
    records = [
        item(f"{n}{name}", *said, status=status, with_text=with_text)
        for n, (said, name, status, with_text) in enumerate(articles)
    ]
    with TemporaryDirectory() as folder:
        out = Path(folder) / "report.html"
        outcome = write_report(records, out, title=HOSTILE, limits=SMALL)
        on_pages = [articles_of(page) for page in pages(out) or [out]]
        assert [number for page in on_pages for number, _ in page] == list(range(1, len(records) + 1))
        assert outcome.articles == len(records)
        if outcome.folder is None:
            return
        larger = [path.name for path in outcome.folder.iterdir() if path.stat().st_size > SMALL.most]
        assert sorted(larger) == [large.path.name for large in outcome.large]
        assert all(len(articles_of(large.path)) == 1 for large in outcome.large)
        assert out.stat().st_size <= SMALL.most
        rows = [row for shard in sorted(outcome.folder.glob("s*.js")) for row in rows_of(shard)]
        assert [row[0] for row in rows] == [n + 1 for n, page in enumerate(on_pages) for _ in page]


def test_an_article_over_the_limit_is_alone_and_named(tmp_path: Path) -> None:
    records = [*items(2), item("novel", ("Ida Krell", 30_000)), *items(2)]
    outcome = write_report(records, tmp_path / "report.html", limits=SMALL)
    assert [large.id for large in outcome.large] == ["novel"]
    assert outcome.larges == 1
    assert articles_of(outcome.large[0].path) == [(3, "novel")]
    assert outcome.large[0].size == outcome.large[0].path.stat().st_size > SMALL.most


def test_a_page_whose_size_was_guessed_too_small_is_halved(tmp_path: Path) -> None:
    records = [item(f"a{n}", *[(f"Speaker {k}", 3) for k in range(25)]) for n in range(8)]
    most = len(report_page(records[:3], title="").encode())
    out = tmp_path / "report.html"
    write_report(records, out, limits=Limits(articles=3, packed=10**9, most=most))
    assert max(len(articles_of(page)) for page in pages(out)) == 2
    assert [one for page in pages(out) for one in articles_of(page)] == [(n + 1, f"a{n}") for n in range(8)]


def test_pages_lead_to_their_neighbours_and_to_the_index(tmp_path: Path) -> None:
    out = tmp_path / "wéek 31.html"
    write_report(items(9), out, limits=Limits(articles=3, packed=15_000))
    found = pages(out)
    assert len(found) > 2
    for place, page in enumerate(found):
        links = {one["href"] for one in Elements(page.read_text()).all("a")}
        assert "../w%C3%A9ek%2031.html" in links
        assert {other.name for other in found} & links == {
            other.name for other in found[max(0, place - 1) : place + 2] if other != page
        }


def test_the_same_records_give_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for folder in ("a", "b"):
        write_report(items(9), tmp_path / folder / "report.html", limits=SMALL)
    assert written(tmp_path / "a") == written(tmp_path / "b")


def test_quoted_words_are_there_to_be_searched(tmp_path: Path) -> None:
    outcome = write_report([item("a", ("Mara Ruiz", 30_000)), *items(3)], tmp_path / "r.html", limits=SMALL)
    assert outcome.folder is not None
    rows = [row for shard in sorted(outcome.folder.glob("w*.js")) for row in rows_of(shard)]
    assert "".join(words for number, words in rows if number == 1) == " ".join(["yes"] * 30_000)
    assert [number for number, _ in rows if number != 1] == [2, 3, 4]


# ------------------------------------------------------------ what was there before


def broken() -> Iterator[Item]:
    yield from items(5)
    raise KeyboardInterrupt


def test_an_interrupted_run_leaves_the_older_report(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    write_report(items(4), out, limits=SMALL)
    before = written(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        write_report(broken(), out, limits=SMALL)
    assert written(tmp_path) == before


def test_a_failure_at_the_last_step_puts_the_older_pages_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "report.html"
    write_report(items(4), out, limits=SMALL)
    before = written(tmp_path)
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OutputError):
        write_report(items(9), out, limits=SMALL)
    assert written(tmp_path) == before


def failing(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_new_report_replaces_the_older_with_all_its_pages(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    write_report(items(12), out, limits=SMALL)
    write_report(items(4), out, limits=SMALL)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    write_report(items(4), fresh / "report.html", limits=SMALL)
    assert written(folder_of(out)) == written(fresh / "report_files")


def test_a_smaller_report_leaves_no_pages_of_the_larger(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    write_report(items(4), out, limits=SMALL)
    write_report(items(2), out, limits=SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("elsewhere")])
def test_what_quotes_did_not_write_is_not_replaced(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "report_files")
    with pytest.raises(OutputError, match=r"report_files: .* did not write it"):
        write_report(items(4), tmp_path / "report.html", limits=SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["report_files"]


def test_a_folder_of_ours_is_known_by_its_marker(tmp_path: Path) -> None:
    write_report(items(4), tmp_path / "report.html", limits=SMALL)
    assert (tmp_path / "report_files" / MARKER).is_file()


@pytest.mark.parametrize("sibling", ["report.htm", "report"])
def test_a_sibling_of_the_same_stem_leaves_the_pages_alone(tmp_path: Path, sibling: str) -> None:
    write_report(items(4), tmp_path / "report.html", limits=SMALL)
    before = written(tmp_path)
    with pytest.raises(OutputError, match=r"report_files: stands where .* and it belongs to report.html \(move it"):
        write_report(items(5), tmp_path / sibling, limits=SMALL)
    assert written(tmp_path) == before
    write_report(items(2), tmp_path / sibling, limits=SMALL)
    (tmp_path / sibling).unlink()
    assert written(tmp_path) == before


def test_pages_of_a_report_that_does_not_say_whose_they_are_belong_to_the_usual_name(tmp_path: Path) -> None:
    write_report(items(4), tmp_path / "report.html", limits=SMALL)
    (tmp_path / "report_files" / MARKER).write_text('{"generator": "quotes"}\n')
    with pytest.raises(OutputError, match=r"belongs to report\.html"):
        write_report(items(4), tmp_path / "report.htm", limits=SMALL)
    write_report(items(2), tmp_path / "report.html", limits=SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_many_articles_cannot_go_to_standard_output() -> None:
    with pytest.raises(UsageError, match="more than 3 articles"):
        write_report(items(4), "-", limits=SMALL)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="create its folder"):
        write_report(items(1), tmp_path / "no" / "report.html")
