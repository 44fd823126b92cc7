"""The page of errors."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given

from quotes.evaluation import Annotation, System, error_page
from quotes.evaluation.judging import judge
from quotes.formats.provenance import is_product, is_report
from quotes.formats.terminal import visible
from tests.evaluation.samples import TEXT, gold_of, judged_articles, mark

HOLD = mark(TEXT, "that the old pier would hold until June", by="She", name="Ida Krell", cue="told")


class Reader(HTMLParser):
    """The elements and the text of a page, and a check that every element is closed."""

    VOID = ("meta",)

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(text: str, gold: list[Annotation], predicted: list[Annotation], name: str = "rules") -> str:
    return "".join(error_page(gold_of((text, gold)), [System(name, {"a0": predicted})]))


def test_every_error_stands_under_its_cause_with_the_count() -> None:
    page = page_of(TEXT, [HOLD, mark(TEXT, "We tried hard enough")], [])
    text = Reader(page).text
    assert "Missed: gold quotes that nothing found (2)" in text
    assert "Spurious: predictions that found no gold quote (0)" in text
    assert "<summary><b>1</b>its cue is known, but led to nothing</summary>" in page


def test_gold_and_predicted_words_are_highlighted_where_they_stand() -> None:
    page = page_of(TEXT, [HOLD], [mark(TEXT, "that the old pier would hold until June", by="the board")])
    assert '<span class="gold predicted">that the old pier would hold until June</span>' in page
    assert '<span class="cue">told</span> <span class="source">the board</span>' in page
    assert "gold: indirect, She → Ida Krell · predicted: indirect, the board · 100% of the words in common" in page


def test_nothing_an_article_or_a_name_says_becomes_markup() -> None:
    evil = "<script>alert(1)</script> & <b onclick='x'>“Ho”</b> \x1b[2J\u202e said <img src=x>."
    page = page_of(evil, [Annotation(mark(evil, "Ho").content, name="<i>Krell</i>")], [], name="</h2><script>")
    assert "script" not in Reader(page).tags
    assert "img" not in Reader(page).tags
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_the_page_may_load_nothing() -> None:
    page = page_of(TEXT, [HOLD], [])
    assert "default-src 'none'" in page
    assert not re.search(r"https?:", page)


def test_the_page_is_known_as_one_of_quotes(tmp_path: Path) -> None:
    path = tmp_path / "errors.html"
    path.write_text(page_of(TEXT, [HOLD], []), encoding="utf-8")
    assert is_report(path)
    assert is_product(path)


def test_long_articles_are_shown_in_part() -> None:
    text = "before " * 500 + TEXT + "after " * 500 + "x" * 5000
    page = page_of(text, [mark(text, "We tried hard enough")], [])
    assert len(page) < 6000
    assert "<p>… before" in page
    assert "after …</p>" in page


@given(article=judged_articles())
def test_the_page_is_sound_and_shows_the_words_of_every_miss(
    article: tuple[str, list[Annotation], list[Annotation]],
) -> None:
    text, gold, predicted = article
    shown = Reader(page_of(text, gold, predicted)).text
    judgement = judge(text, gold, predicted)
    for row, missed in enumerate(judgement.gold):
        if row not in judgement.half:
            assert all(visible(span.of(text)) in shown for span in missed.annotation.content)
