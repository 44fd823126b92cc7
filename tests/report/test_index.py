"""The index: what it says and links to, with and without scripts, whatever articles are called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from quotes.report import site
from quotes.report.entries import entry_of
from quotes.report.folder import folder_of
from quotes.report.index import row_html
from quotes.report.site import LIMITS, Limits, write_report
from tests.report.making import HOSTILE, Elements, item, items, rows_of

FOUR = Limits(articles=3)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


def test_it_tells_the_totals(out: Path) -> None:
    records = [item("a", ("Mara Ruiz", 3), ("Dean Holt", 4), (None, 2), unresolved=1), *items(3)]
    write_report(records, out, limits=FOUR)
    text = Elements(out.read_text()).text
    for figure in (
        "4 articles",
        "6 quotes",
        "21 words",
        "5 speakers",
        "1 quote without a name",
        "1 quotation unresolved",
    ):
        assert figure in text


def test_articles_that_are_not_complete_are_counted(out: Path) -> None:
    write_report([*items(3), item("p", status="partial"), item("f", status="failed")], out, limits=FOUR)
    text = Elements(out.read_text()).text
    assert "1 article partial" in text
    assert "complete (3)partial (1)failed (1)" in text


def test_every_row_leads_to_its_article(out: Path) -> None:
    write_report(items(9), out, limits=Limits(articles=3, packed=15_000))
    links = [one["href"] or "" for one in Elements(out.read_text()).all("a")]
    rows = [link for link in links if "#a-" in link]
    assert len(rows) == 9
    for number, link in enumerate(rows, start=1):
        name, anchor = link.split("#")
        assert anchor == f"a-{number}"
        assert {"id": anchor}.items() <= next(
            one.items() for one in Elements((out.parent / name).read_text()).all("article") if one["id"] == anchor
        )


def test_plain_lists_hold_every_article_for_those_without_scripts(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "_LISTED", 4)
    write_report(items(10), out, limits=FOUR)
    folder = folder_of(out)
    name, seen = "l0001.html", []
    while name:
        page = Elements((folder / name).read_text())
        seen += [one["href"] or "" for one in page.all("a") if "#a-" in (one["href"] or "")]
        following = sorted(one["href"] or "" for one in page.all("a") if (one["href"] or "").startswith("l"))
        name = following[-1] if following and following[-1] > name else ""
        assert not page.all("script")[1:]  # only the one for its colours
    assert [link.split("#")[1] for link in seen] == [f"a-{number}" for number in range(1, 11)]
    assert all((folder / link.split("#")[0]).is_file() for link in seen)
    assert re.findall(r'href="(report_files/l\d+\.html)"', out.read_text()) == [
        f"report_files/l{number:04}.html" for number in (1, 2, 3)
    ]


def test_it_may_load_scripts_that_its_own_script_adds_and_nothing_else(out: Path) -> None:
    write_report(items(4), out, limits=FOUR)
    metas = Elements(out.read_text()).all("meta")
    policy = next(one["content"] or "" for one in metas if one.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"('sha256-[^ ']+' )+'strict-dynamic'", rules["script-src"])
    assert "connect-src" not in rules


def test_whatever_an_article_is_called_is_shown_and_never_markup(out: Path) -> None:
    records = [
        item(f"{n}{HOSTILE}", ("Mara </script> Ruiz", 3), ("<b>", 2), title=f"<s>{HOSTILE}{n}") for n in range(4)
    ]
    write_report(records, out, title=HOSTILE, limits=FOUR)
    for path in [out, *folder_of(out).glob("*.html")]:
        page = Elements(path.read_text())
        assert not page.all("img")
        assert not page.all("s")
        assert all(not name.startswith("on") for _, attributes in page.found for name in attributes)
    for path in folder_of(out).glob("*.js"):
        script = path.read_text(encoding="utf-8")
        assert "<" not in script
        assert not set("\u2028\u2029\u202e") & set(script)
        assert len(rows_of(path)) == 4


def test_names_of_any_length_and_number_stay_within_bounds(out: Path) -> None:
    long = "Ö" * 50_000
    crowd = [(f"{number} " + "Ü" * 300, 1) for number in range(300)]
    write_report([item(long, *crowd, title=f"T{long}"), *items(5)], out, title=long[:900], limits=FOUR)
    assert out.stat().st_size < LIMITS.most / 2
    rows = rows_of(folder_of(out) / "s0001.js")
    assert len(rows[0][1]) == len(rows[0][2]) == 300
    assert len(rows[0][6]) == 60


def test_a_row_shows_status_counts_and_the_first_speakers() -> None:
    speakers = [(f"Speaker {letter}", 1) for letter in "ABCDEFGH"]
    record, _ = item("news/7", *speakers, title="The tide", status="partial", unresolved=1)
    row = Elements(row_html(entry_of(record.value, "The tide", 7, 3), "report_files/"))
    assert row.all("a") == [{"href": "report_files/p0003.html#a-7"}]
    assert row.text == (
        "The tidenews/7partial 8 quotes · 1 unresolved"
        "Speaker A, Speaker B, Speaker C, Speaker D, Speaker E, Speaker F, 2 more\n"
    )
