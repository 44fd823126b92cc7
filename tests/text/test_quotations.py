"""Quotations: every way marks are set in print, and what must hold whatever the marks."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.model import Span
from quotes.text.doubles import _in_turns, _Pairing
from quotes.text.marks import Family, find_marks
from quotes.text.paragraphs import find_paragraphs
from quotes.text.quotations import find_quotations
from tests.strategies import articles

unhurried = settings(deadline=None)

marks_and_words = st.lists(
    st.sampled_from(
        [
            *"\"'“”„‟«»‹›‘’‚「」『』＂＇`",
            "''",
            "``",
            "a",
            "B",
            "s",
            "5",
            "無",
            " ",
            "  ",
            ".",
            ",",
            "-",
            "(",
            "\n",
            "\r\n",
        ]
    ),
    max_size=60,
).map("".join)
"""Texts that are nearly all marks."""

anything = st.one_of(marks_and_words, articles)


def inner(text: str) -> list[str]:
    return [quotation.inner.of(text) for quotation in find_quotations(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('The "free" bus costs £4.', ["free"]),
        ('"We tried," Oduya said, "and we failed."', ["We tried,", "and we failed."]),
        ('Tan said the plan was "dead on arrival" in June.', ["dead on arrival"]),
        ('Ames called it "reckless"; Bell, "overdue".', ["reckless", "overdue"]),
        ('"They [the board] … lied," Roy said.', ["They [the board] … lied,"]),
        ('"so proud 🎉," @annlee posted.', ["so proud 🎉,"]),
        ('Nobody says ("let\'s pay more tax").', ["let's pay more tax"]),
        ("“We tried,” Oduya said.", ["We tried,"]),
        ("« Non », dit-elle.", [" Non "]),
        ("«Non», dit-elle.", ["Non"]),
        ("»Nein«, sagte er. ›Ja‹", ["Nein", "Ja"]),
        ("„Nein“, sagte er. „Ja”, sagte sie.", ["Nein", "Ja"]),
        ("”Nej”, sa hon. ”Ja”, sa han.", ["Nej", "Ja"]),
        ("»Nej», sa hon. »Ja», sa han.", ["Nej", "Ja"]),
        ("「無理だ」と彼は言った。", ["無理だ"]),
        ("他说：“走吧。”然后‘你好’", ["走吧。", "你好"]),
        ("＂Fine,＂ she said.", ["Fine,"]),
        ("''We won,'' Ms. Tan said. ``We lost,'' said Roy.", ["We won,", "We lost,"]),
        ('"Hello.""Next one." about"joint ops" too', ["Hello.", "Next one.", "joint ops"]),
        ('—"dash"— *"bold"* _"lean"_ ["bracket"]', ["dash", "bold", "lean", "bracket"]),
        ('" Spaced out " he said.', [" Spaced out "]),
        ('\u200f"שלום" אמרה', ["שלום"]),
    ],
)
def test_each_way_of_setting_marks_is_understood(text: str, expected: list[str]) -> None:
    assert inner(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'The workers' van didn't start,' said Poole.", ["The workers' van didn't start,"]),
        ("‘The workers’ van didn’t start,’ said Poole.", ["The workers’ van didn’t start,"]),
        ("Mayor: 'I won't resign'", ["I won't resign"]),
        ("She chose 'Salt Harbour' and the boys' club.", ["Salt Harbour"]),
        ("The 'Reds' won and the workers' union lost.", ["Reds"]),
        ("He said 'we're lyin' low,' and left.", ["we're lyin' low,"]),
        ("„Ich sagte ‚nein‘ und ging“, sagte er.", ["Ich sagte ‚nein‘ und ging", "nein"]),
        ("She said,'No, thanks,' and left.", ["No, thanks,"]),
        ("He told her ’fine’. It stayed so.", []),
    ],
)
def test_single_marks_count_where_they_quote(text: str, expected: list[str]) -> None:
    assert inner(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "'Tis the season of rock 'n' roll.",
        "Back in the '90s and the summer of '87 we had 'em all.",
        "Rock ‘n’ roll, ’90s style, ’tis said.",
        "The boys' and the girls' clubs, James' too.",
        "Don't, won’t, l'homme, O’Mara, ma'am.",
        'He is 5\' 10" tall, the pan 6" wide, 5\'10" even.',
        'The 12" disc costs £4.',
        "It lies at 51°30'26\"N.",
        "<a href=\"pier.html\" title='x y'>the pier</a>",
        'אמר דובר צה"ל',
        "Call ``open()`` or `close()` first.",
        "```python",
        "He left. ” She stayed.",
        'Nobody came" he wrote.',
        '""  «» \'\' " " “ ”',
        "",
    ],
)
def test_what_quotes_nothing_is_no_quotation(text: str) -> None:
    assert inner(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('“Mixed close," he said.', ["Mixed close,"]),
        ('"Mixed close,” he said.', ["Mixed close,"]),
        ('"He is 6\'2" and uses a 10" pan," she said.', ['He is 6\'2" and uses a 10" pan,']),
        ('"It was 2010" and he left. "Then it rained."', ["It was 2010", "Then it rained."]),
        ('"We left. "she said. "We came back," he said.', ["We left. ", "We came back,"]),
        ('"This stays, " Roy said. "That goes."', ["This stays, ", "That goes."]),
        ("“They see that. “ she said.", ["They see that. "]),
        ('“A 10" pipe burst,” he said.', ['A 10" pipe burst,']),
    ],
)
def test_wrong_marks_pair_in_the_obvious_way(text: str, expected: list[str]) -> None:
    assert inner(text) == expected


def test_a_missing_close_ends_with_its_paragraph() -> None:
    text = "“We left, she said. \nNobody came."
    (quotation,) = find_quotations(text)
    assert quotation.outer.of(text) == "“We left, she said."
    assert quotation.inner == Span(1, quotation.outer.end)


def test_a_missing_close_ends_before_the_mark_that_opens_the_next_one() -> None:
    assert inner("“We left, she said. “Then we came,” she said.") == ["We left, she said.", "Then we came,"]
    assert inner('"We left, she said. "Then we came," she said.') == ["We left, she said.", "Then we came,"]


@pytest.mark.parametrize(("opening", "closing"), ['""', "“”", "«»", "‘’", "「」"])
def test_one_left_open_is_carried_on_by_a_paragraph_that_opens_with_a_mark(opening: str, closing: str) -> None:
    text = (
        f"Lim said: {opening}It flooded.\r\n\r\n{opening}Then it froze.{closing}\r\n\r\n{opening}No,{closing} he said."
    )
    first, second, third = find_quotations(text)
    assert first.inner.of(text) == "It flooded."
    assert first.outer.end == first.inner.end
    assert (second.inner.of(text), second.continues) == ("Then it froze.", first.index)
    assert third.continues is None


def test_one_left_open_is_not_carried_on_by_other_words() -> None:
    first, second = find_quotations('Lim said: "It flooded.\nThen "it" froze.')
    assert (first.continues, second.continues) == (None, None)


def test_nested_ones_are_carried_on_each_by_its_own() -> None:
    text = "“He said: ‘It flooded.\n“‘Then it froze,’ he said.”"
    outer, nested, outer_again, nested_again = find_quotations(text)
    assert (outer_again.continues, nested_again.continues) == (outer.index, nested.index)
    assert nested_again.parent == outer_again.index


@pytest.mark.parametrize(
    ("text", "nested", "around"),
    [
        ("\"He told me 'run' and I ran,\" Vega said.", "run", "He told me 'run' and I ran,"),
        ("“He told me ‘run’ and I ran,” Vega said.", "run", "He told me ‘run’ and I ran,"),
        ("‘He told me “run” and I ran,’ Vega said.", "run", "He told me “run” and I ran,"),
        ("“He told me “run” and I ran,” Vega said.", "run", "He told me “run” and I ran,"),
        ('"He told me "run" and I ran," Vega said.', "run", 'He told me "run" and I ran,'),
        ("''They say, 'Salt is special,''' she said.", "Salt is special,", "They say, 'Salt is special,'"),
        ("« Il a dit “non” hier », dit-elle.", "non", " Il a dit “non” hier "),
        ("「彼は『無理』と言った」", "無理", "彼は『無理』と言った"),
    ],
)
def test_nested_ones_are_quotations_of_their_own(text: str, nested: str, around: str) -> None:
    outer, within = find_quotations(text)
    assert (outer.inner.of(text), outer.parent) == (around, None)
    assert (within.inner.of(text), within.parent) == (nested, outer.index)


def test_several_nested_ones_share_their_parent() -> None:
    text = '"In "Salt Harbour" and "Dune" we see \'it\'," Poole said.'
    outer, *others = find_quotations(text)
    assert outer.inner.of(text) == text[1 : text.rindex('"')]
    assert [(one.inner.of(text), one.parent) for one in others] == [("Salt Harbour", 0), ("Dune", 0), ("it", 0)]


def test_carriage_returns_end_paragraphs_too() -> None:
    text = '"One," she said.\r"Two," he said.\r\n\r\n"Three.'
    assert inner(text) == ["One,", "Two,", "Three."]


def test_speakers_of_a_transcript_are_not_quoted() -> None:
    assert inner("Q: Why now? A: Because we can.") == []


def test_a_pull_quote_is_one_like_any_other() -> None:
    assert inner("“We won.”\n\nRoy spoke. “We won,” he said.") == ["We won.", "We won,"]


@unhurried
@given(anything)
def test_quotations_lie_within_one_paragraph_in_the_order_they_open(text: str) -> None:
    paragraphs = find_paragraphs(text)
    found = find_quotations(text)
    assert [quotation.index for quotation in found] == list(range(len(found)))
    assert [quotation.outer.start for quotation in found] == sorted({quotation.outer.start for quotation in found})
    for quotation in found:
        assert any(paragraph.covers(quotation.outer) for paragraph in paragraphs)
        assert quotation.outer.start < quotation.inner.start < quotation.inner.end <= quotation.outer.end
        assert quotation.inner.of(text).strip()


@unhurried
@given(anything)
def test_quotations_are_nested_or_apart(text: str) -> None:
    found = find_quotations(text)
    for quotation in found:
        around = [
            other
            for other in found[: quotation.index]
            if other.outer.overlaps(quotation.outer) and other.outer.start < quotation.outer.start
        ]
        assert all(other.inner.covers(quotation.outer) for other in around)
        assert quotation.parent == (around[-1].index if around else None)


@unhurried
@given(anything)
def test_what_is_carried_on_ends_the_paragraph_before(text: str) -> None:
    paragraphs = find_paragraphs(text)
    found = find_quotations(text)
    for quotation in found:
        if quotation.continues is None:
            continue
        start = found[quotation.continues]
        number = next(i for i, paragraph in enumerate(paragraphs) if paragraph.covers(quotation.outer))
        assert start.outer.end == start.inner.end == paragraphs[number - 1].end


@unhurried
@given(
    st.lists(st.sampled_from(["we left", "5 of us", "Zoë said so"]), min_size=1, max_size=4),
    st.sampled_from(["“”", '""', "„“", "«»", "「」"]),
)
def test_sound_marks_are_found_one_for_one(contents: list[str], pair: str) -> None:
    text = " und ".join(f"{pair[0]}{content}{pair[1]}" for content in contents)
    assert inner(text) == contents


def seconds(text: str) -> float:
    """Processor time of the fastest of three readings, without the collector, which goes over what other tests left."""
    times = []
    gc.disable()
    try:
        for _ in range(3):
            start = time.process_time()
            find_quotations(text)
            times.append(time.process_time() - start)
    finally:
        gc.enable()
    return min(times)


@pytest.mark.parametrize(
    "unit", ['"', '" ', '"a" ', "“a ", "“ ‘a ", "a' ", "'a ", "as' 'a ", "«“", "“‘'\"«", "a\" 'b «c ", "「"]
)
def test_time_grows_with_the_number_of_marks_and_not_with_its_square(unit: str) -> None:
    few, many = unit * 3_000, unit * 24_000
    assert seconds(many) < 8 * 2.2 * seconds(few) + 0.1


@pytest.mark.parametrize("unit", ['"a" ', "“‘'\"«"])
def test_two_hundred_thousand_marks_in_one_paragraph_are_read(unit: str) -> None:
    text = unit * (200_000 // sum(not char.isalnum() and char != " " for char in unit))
    assert all(quotation.outer.end <= len(text) for quotation in find_quotations(text))


@given(marks_and_words)
def test_marks_that_open_and_close_in_turns_pair_as_any_others_do(text: str) -> None:
    for paragraph in find_paragraphs(text):
        marks = [mark for mark in find_marks(text, *paragraph) if mark.family is not Family.SINGLE]
        pairs = _in_turns(text, marks)
        assert pairs is None or pairs == _Pairing(text, paragraph, marks).run()
