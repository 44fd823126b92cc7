"""Notebooks: what an article says is shown as text, in the colours of its speakers, and not without end."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes import Extractor, extract
from quotes.formats.notebook import MOST_CHARACTERS, MOST_QUOTES
from quotes.formats.terminal import on_one_line, visible
from quotes.model import NOBODY, Article, Extraction, Quote, Span, Speaker
from tests import strategies
from tests.formats.samples import TEXT, sample, span

TAGS = {"div", "strong", "span", "mark", "sup", "table", "thead", "tbody", "tr", "th", "td", "em"}
ATTRIBUTES = {"class", "style", "title", "dir", "role", "aria-label", "tabindex", "scope"}
STYLE = re.compile(r"[a-z-]+:[\w .,%()-]+(;[a-z-]+:[\w .,%()-]+)*")


class Page(HTMLParser):
    """A fragment, taken apart: what elements and attributes it has, and the words in each kind of element."""

    def __init__(self, fragment: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: list[str] = []
        self.titles: list[str] = []
        self.open: list[str] = []
        self.region = ""
        self.marks: list[str] = []
        self.all = ""
        self.feed(fragment)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.tags.add(tag)
        self.attributes |= said.keys()
        self.styles += [said["style"] or ""] if "style" in said else []
        self.titles += [said["title"] or ""] if "title" in said else []
        self.open.append("region" if said.get("role") == "region" else tag)
        if tag == "mark":
            self.marks.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() in (tag, "region")

    def handle_data(self, data: str) -> None:
        self.all += data
        if "region" in self.open and "sup" not in self.open:
            self.region += data
        if "mark" in self.open:
            self.marks[-1] += data


def page_of(extraction: Extraction) -> Page:
    return Page(extraction._repr_html_())


def said(number: int, text: str, name: str | None = None, **more: object) -> Quote:
    start = text.index(f"<{number}>")
    speaker = Speaker((Span(0, 1),), name, Span(0, 1)) if name else NOBODY
    return Quote("direct", (Span(start, start + 3),), (), speaker, "high", ("rules",), **more)  # type: ignore[arg-type]


# Text is data


@pytest.fixture(scope="module")
def rules() -> Iterator[Extractor]:
    with Extractor() as extractor:
        yield extractor


@given(text=strategies.articles)
def test_the_text_is_shown_as_it_is_and_never_becomes_an_element(rules: Extractor, text: str) -> None:
    page = page_of(rules.extract(text))
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert all(STYLE.fullmatch(style) for style in page.styles)
    assert page.region == "".join(visible(part) for part in re.split("(\r\n)", text))


@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=20), st.text(max_size=20))
def test_nor_do_ids_names_and_messages(text: str, name: str, number: str) -> None:
    text = f"{text}<script>alert(1)</script>“<1>"
    extraction = replace(
        sample(name=f'"><img src=x onerror=x>{number}', text=text), quotes=(said(1, text, f"{name}'\"><b>"),)
    )
    for fragment in (extraction._repr_html_(), extraction.quotes[0]._repr_html_()):
        page = Page(fragment)
        assert page.tags <= TAGS
        assert page.attributes <= ATTRIBUTES
        assert "\u202e" not in fragment
        fragment.encode("utf-8")


def test_what_steers_a_page_is_shown_as_a_sign() -> None:
    fragment = extract("“No\x1b[31m,” Ida \u202eKrell said.")._repr_html_()
    assert "␛[31m" in fragment
    assert "\x1b" not in fragment
    assert "\u202e" not in fragment


# What is shown


def test_an_extraction_shows_its_text_its_quotes_and_what_is_open() -> None:
    page = page_of(sample())
    assert "news/7" in page.all
    assert "partial, 1 quote, 1 skipped, 1 unresolved, 1 rejected" in page.all
    assert "chunk 1: connection: no answer came" in page.all
    assert page.region == visible(TEXT)
    assert page.marks == ["We tried,", "and we failed."]
    assert page.titles == ["1: Mara Oduya, direct, high"] * 2


def test_speakers_have_a_colour_each_and_keep_it() -> None:
    text = "<1> <2> <3> <4>"
    quotes = tuple(said(number, text, name) for number, name in enumerate(("Ida", "Oduya", "IDA", None), start=1))
    fragment = Extraction(Article("a", text), "complete", quotes)._repr_html_()
    first, second, third, fourth = re.findall(r"border-left:3px solid rgb\(([\d,]+)\)", fragment)
    assert first == third
    assert len({first, second, fourth}) == 3


def test_of_nested_quotes_the_inner_one_colours_its_words() -> None:
    outer = Quote("indirect", (Span(0, 20),), (), Speaker((), None, None), "low", ("rules",))
    inner = replace(outer, content=(Span(5, 9),), speaker=Speaker((Span(0, 3),), "Ida", Span(0, 3)))
    page = page_of(Extraction(Article("a", "Ida, who came, said so."), "complete", (outer, inner)))
    assert page.titles == ["1: –, indirect, low", "1: –, indirect, low", "2: Ida, indirect, low", "1: –, indirect, low"]


def test_a_quote_alone_shows_its_words_and_its_speaker() -> None:
    page = Page(sample().quotes[0]._repr_html_())
    assert page.all == "“We tried, … and we failed.”Mara Oduya · direct, high"


def test_a_pronoun_leads_to_its_name() -> None:
    extraction = extract("Mara Oduya came. “We tried,” she said.")
    assert str(extraction.quotes[0]) == "“We tried,” – she → Mara Oduya"


def test_a_record_without_its_text_shows_its_quotes() -> None:
    page = page_of(replace(sample(), article=Article("a", "")))
    assert "We tried, … and we failed." in page.all
    assert "without the article's text" in page.all


def test_an_article_without_quotes_has_no_table() -> None:
    page = page_of(extract("The pier is long."))
    assert "table" not in page.tags
    assert "0 quotes" in page.all


def test_spans_of_another_text_are_left_out() -> None:
    page = page_of(replace(sample(), article=Article("a", TEXT[:8])))
    assert page.region == TEXT[:8]
    assert page.marks == []


def test_a_long_article_is_cut_with_a_note_and_a_quote_over_the_end_with_it() -> None:
    text = "x" * (MOST_CHARACTERS - 5) + "“" + "y" * 100 + "”"
    over = Quote("direct", (Span(MOST_CHARACTERS - 4, MOST_CHARACTERS + 96),), (), NOBODY, "high", ("rules",))
    page = page_of(Extraction(Article("a", text), "complete", (over,)))
    assert page.region == text[:MOST_CHARACTERS]
    assert page.marks == ["yyyy"]
    assert f"The first {MOST_CHARACTERS:,} of {len(text):,} characters." in page.all


def test_many_quotes_and_long_ones_are_cut_too() -> None:
    text = "word " * 400
    long = Quote("indirect", (Span(0, 1999),), (), NOBODY, "low", ("rules",))
    fragment = Extraction(Article("a", text), "complete", (long,) * (MOST_QUOTES + 1))._repr_html_()
    assert fragment.count("<tr ") == MOST_QUOTES
    assert f"The first {MOST_QUOTES} of {MOST_QUOTES + 1} quotes." in html.unescape(fragment)
    assert on_one_line(text)[:300] + " …</td>" in fragment


def test_ipython_prints_the_plain_form() -> None:
    class Printer:
        shown = ""

        def text(self, text: str) -> None:
            self.shown += text

    printer = Printer()
    sample()._repr_pretty_(printer, False)
    sample().quotes[0]._repr_pretty_(printer, False)
    assert printer.shown == f"{sample()}{sample().quotes[0]}"


def test_the_number_of_a_quote_follows_its_last_words() -> None:
    assert f"{html.escape(span('and we failed.').of(TEXT))}</mark><sup" in sample()._repr_html_()
