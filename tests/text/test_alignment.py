"""Alignment: an anchor is found where it is printed, whatever its typography, and nowhere else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quotes.model import Span
from quotes.text.alignment import Printed
from quotes.text.typography import _SPECIAL, Normalised, _special, normalise
from tests.strategies import articles

unhurried = settings(deadline=None)


def find(text: str, anchor: str, near: int = 0) -> str | None:
    span = Printed(text).find(anchor, Span(0, len(text)), near)
    return None if span is None else span.of(text)


@pytest.mark.parametrize(
    ("text", "anchor", "printed"),
    [
        ("He said we don’t go.", "we don't go", "we don’t go"),
        ("He said we don't go.", "we don’t go", "we don't go"),
        ("Mara\u00a0 Ruiz\r\nsaid", "Mara Ruiz said", "Mara\u00a0 Ruiz\r\nsaid"),
        ("at the cafe\u0301 today", "café", "cafe\u0301"),
        ("at the café today", "cafe\u0301", "café"),
        ("a plan — late", "a plan - late", "a plan — late"),
        ("well … no", "well ... no", "well … no"),
        ("well ... no", "well … no", "well ... no"),
        ("well . . . no", "well... no", None),
        ("co\u00adop\u200beration", "cooperation", "co\u00adop\u200beration"),
        ("said “we left” then", "said we left then", "said “we left” then"),
        ("said we left then", "said “we left” then", "said we left then"),
        ("« Non », dit-elle", "Non, dit-elle", None),
        ("the plan was “dead on arrival” now", "was ⟦3:dead on arrival⟧ now", "was “dead on arrival” now"),
        ("the ⟦plan⟧ stands", "the ⦗plan⦘ stands", "the ⟦plan⟧ stands"),
        ("The board lied", "the board", "The board"),
        ("the board lied", "The board", "the board"),
        ("Ruiz's plan", "Ruiz", "Ruiz"),
        ("l’homme est venu", "homme", "homme"),
        ("they're late", "they", "they"),
        ("a well-known case", "known", "known"),
        ("彼は無理だと言った", "無理だ", "無理だ"),
        ("שלום אמרה רותי", "אמרה", "אמרה"),
        ("so \u2764\ufe0f good", "so \u2764 good", "so \u2764\ufe0f good"),
        ("so \u2764\ufe0f", "so \u2764", "so \u2764\ufe0f"),
        ("👩\u200d🚒 came", "👩\u200d🚒 came", "👩\u200d🚒 came"),
        ("\ud55c\uad6d", unicodedata.normalize("NFD", "\ud55c\uad6d"), "\ud55c\uad6d"),
    ],
)
def test_typography_makes_no_difference(text: str, anchor: str, printed: str | None) -> None:
    assert find(text, anchor) == printed


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("We will not raise taxes.", "We will raise taxes"),
        ("We will not raise taxes.", "We will not raise taxes ever"),
        ("We will not raise taxes.", "We WILL not"),
        ("We don’t go.", "We don"),
        ("We don’t go.", "We do"),
        ("We can't go.", "We can"),
        ("We can't go.", "t go"),
        ("They’re late.", "re late"),
        ("at the café", "caf"),
        ("at the cafe\u0301", "cafe"),
        ("at the cafe\u0301", "the caf"),
        ("wait… no", ". no"),
        ("wait… no", "wait.."),
        ("a taxpayer", "tax"),
        ("a taxpayer", "payer"),
        ("rose 3.5 percent", "rose 3"),
        ("rose 3.5 percent", "5 percent"),
        ("co\u00adoperate", "operate"),
        ("👩\u200d👩\u200d👧", "👩"),
        ("👩\u200d👩\u200d👧", "👧"),
        ("👍🏽 yes", "👍"),
        ("the boys' club", "the boys club"),
        ("the boys club", "the boys' club"),
        ("anything", ""),
        ("anything", "”⟦3:⟧"),
        ("", "anything"),
    ],
)
def test_a_different_text_is_found_nowhere(text: str, anchor: str) -> None:
    assert find(text, anchor) is None


def test_of_several_places_the_nearest_is_meant() -> None:
    text = "he said that he knew he was late"
    printed = Printed(text)
    assert [printed.find("he", Span(0, len(text)), near) for near in (0, 12, 30)] == [(0, 2), (13, 15), (21, 23)]


def test_only_the_window_is_searched() -> None:
    text = "Ruiz left. Ruiz came back."
    printed = Printed(text)
    assert printed.find("Ruiz", Span(1, len(text)), 0) == (11, 15)
    assert printed.find("Ruiz left", Span(1, len(text)), 0) is None
    assert printed.find("came back", Span(0, 20), 0) is None


def test_marks_that_quote_count_for_nothing_and_apostrophes_count() -> None:
    text = "He told me 'run' and the boys' van left."
    marks = [Span(11, 12), Span(15, 16)]
    printed = Printed(text, marks)
    window = Span(0, len(text))
    assert printed.find("told me run and", window, 0) == (3, 20)
    assert printed.find("told me 'run' and", window, 0) == (3, 20)
    assert printed.find("told me ‘run’ and", window, 0) == (3, 20)
    assert printed.find("the boys' van", window, 0) == (21, 34)
    assert printed.find("the boys van", window, 0) is None
    assert printed.find("the 'boys' van", window, 0) is None


def test_the_printed_capital_is_preferred_to_the_other_case() -> None:
    text = "the board met. The board lied."
    assert Printed(text).find("The board", Span(0, len(text)), 0) == (15, 24)


@unhurried
@given(articles, st.data())
def test_what_is_found_is_what_was_asked_for(text: str, data: st.DataObject) -> None:
    assume(text)
    start = data.draw(st.integers(0, len(text) - 1))
    anchor = text[start : start + data.draw(st.integers(1, 40))]
    low = data.draw(st.integers(0, len(text)))
    within = Span(low, data.draw(st.integers(low, len(text))))
    found = Printed(text).find(anchor, within, data.draw(st.integers(0, len(text))))
    if found is not None:
        assert within.covers(found)
        wanted = normalise(anchor.replace("⟦1:", "").replace("⟦", "").replace("⟧", "")).strip()
        literal = normalise(anchor).strip()
        printed = normalise(found.of(text))
        assert printed[1:] in (wanted[1:], literal[1:]) or printed.lower() in (wanted.lower(), literal.lower())


@unhurried
@given(articles, st.data())
def test_whole_words_are_found_where_they_stand(text: str, data: st.DataObject) -> None:
    words = text.split(" ")
    first = data.draw(st.integers(0, len(words) - 1))
    anchor = " ".join(words[first : first + data.draw(st.integers(1, 5))])
    assume(normalise(anchor).strip() and "⟦" not in anchor and "⟧" not in anchor)
    start = len(" ".join(words[:first])) + bool(first)
    found = Printed(text).find(anchor, Span(0, len(text)), start)
    # A joiner or a combining mark at the border of the anchor binds it to what stands around it.
    around = text[max(0, start - 2) : start] + anchor[:1] + text[start + len(anchor) : start + len(anchor) + 2]
    assert found is not None or any(unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf", "Sk"} for char in around)


@unhurried
@given(articles, st.data())
def test_a_word_left_out_or_changed_is_never_found(text: str, data: st.DataObject) -> None:
    sentence = "Poole never told them otherwise"
    text = f"{text} {sentence}"
    words = sentence.split()
    place = data.draw(st.integers(1, len(words) - 2))
    changed = data.draw(st.sampled_from([[], ["x" + words[place]], [words[place][:-1]], [words[place], "not"]]))
    assert find(text, " ".join(words[:place] + changed + words[place + 1 :])) is None


@unhurried
@given(articles)
def test_composition_makes_no_difference_to_the_plain_text(text: str) -> None:
    assert normalise(unicodedata.normalize("NFC", text)) == normalise(unicodedata.normalize("NFD", text))


@unhurried
@given(st.text(max_size=60))
def test_every_offset_of_the_plain_text_leads_back_into_the_text(text: str) -> None:
    index = Normalised(text)
    starts = [index.raw_start(at) for at in range(len(index.plain))]
    known = [start for start in starts if start is not None]
    assert known == sorted(known)
    for at, start in enumerate(starts):
        end = index.raw_end(at + 1)
        if start is not None and end is not None:
            assert normalise(text[start:end]) == index.plain[at]


@pytest.mark.parametrize("offset", range(12))
def test_a_window_may_start_anywhere(offset: int) -> None:
    text = "a  … “b” …c"
    window = Span(offset, len(text))
    expected = (10, 11) if offset <= 10 else None
    assert Printed(text).find("c", window, 0) == expected


@given(st.text(alphabet=st.sampled_from(" \n\u00a0-—.…“”\"’'`⟦⟧\u2060\u200dab1"), max_size=30))
def test_special_characters_are_the_same_where_the_plain_ones_are_not_looked_at(text: str) -> None:
    assert list(_special(text)) == [(*found.span(), found.lastgroup) for found in _SPECIAL.finditer(text)]
