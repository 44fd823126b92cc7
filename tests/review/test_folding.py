"""Folding: what becomes of a run's quotes and quotations by what a reviewer decides, and what a new run changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quotes.errors import UsageError
from quotes.model import Skipped, Span, Unresolved
from quotes.review.decisions import Choice, Decision
from quotes.review.folding import choice_of, fold
from quotes.review.naming import with_name
from quotes.text import read
from tests.review.making import (
    BUS,
    FAILED,
    READING,
    RUN,
    TEXT,
    TRIED,
    decisions_of,
    item_at,
    pair,
    reviewed_after,
    span,
    target,
)

REJECTED = {"do": "reject", **target(FAILED)}


def test_accept_and_reject_are_verdicts_and_change_nothing_else() -> None:
    reviewed = reviewed_after({"do": "accept", **target(TRIED)}, REJECTED)
    assert [item.verdict for item in reviewed.items] == ["accepted", "rejected", "open"]
    assert not any(item.changed for item in reviewed.items)
    assert [item.target.content for item in reviewed.standing] == [TRIED.content, BUS.content]


def test_a_reviewed_record_says_what_a_person_decided_and_leaves_the_rest_as_the_run_had_it() -> None:
    sign = {"do": "quote", "span": list(span("“Mind the gap”"))}
    reviewed = reviewed_after({"do": "accept", **target(FAILED)}, {"do": "reject", **target(TRIED)}, sign)
    first, second, third = reviewed.extraction(READING.quotations).quotes
    assert (first.content, first.confidence, first.by) == (FAILED.content, "high", ("rules", "person"))
    assert second == BUS
    assert (third.confidence, third.by, third.chunk) == ("high", ("person",), None)
    again = reviewed_after({"do": "accept", **target(FAILED)}, run=reviewed.extraction(READING.quotations))
    assert again.extraction(READING.quotations).quotes[0] == first
    assert reviewed.shown(READING.quotations).quotes[1].confidence == "low"


def test_the_quotation_of_a_rejected_quote_is_no_quote() -> None:
    assert Skipped(span("“and we failed.”"), "other") in reviewed_after(REJECTED).skipped


def test_an_unresolved_quotation_is_open_until_it_is_classed_or_quoted() -> None:
    sign = {"span": list(span("“Mind the gap”"))}
    assert reviewed_after().open == 4
    classed = reviewed_after({"do": "class", "as": "title", **sign})
    assert (classed.open, classed.unresolved) == (3, ())
    assert Skipped(span("“Mind the gap”"), "title") in classed.skipped
    quoted = reviewed_after({"do": "quote", **sign})
    assert (quoted.unresolved, quoted.items[-1].choice.content) == ((), (span("Mind the gap"),))
    assert quoted.items[-1].added


def test_a_skipped_quotation_can_be_quoted_and_classed_anew() -> None:
    free = {"span": list(span("“free”"))}
    assert Skipped(span("“free”"), "term") in reviewed_after({"do": "class", "as": "term", **free}).skipped
    assert reviewed_after({"do": "quote", **free}).skipped == ()


def test_a_name_stays_with_a_pronoun_and_takes_the_mention_from_all_other_words() -> None:
    oduya = {"span": pair("Mara Oduya")}
    sign = {"do": "mention", **target(BUS), "spans": [pair("A sign")]}
    moved = item_at(reviewed_after(sign, {"do": "name", **target(BUS), **oduya}), BUS).choice
    assert (moved.mention, moved.name_span) == ((span("Mayor Mara Oduya"),), span("Mara Oduya"))
    kept = item_at(reviewed_after(sign, {"do": "full", **target(BUS), **oduya}), BUS).choice
    assert (kept.mention, kept.name_span) == ((span("A sign"),), span("Mara Oduya"))


def test_the_mention_of_a_chosen_name_is_nearest_to_the_cue_and_outside_the_words() -> None:
    text = "Ida Krell came. “Krell is tired,” she said. Later Krell left, and the band played. The mayor agreed."
    reading, krell = read(text, "en"), Span(0, 9)
    assert reading.roster[0].full == krell

    def chosen(content: str, cue: str) -> tuple[Span, ...]:
        at, by = text.index(content), text.index(cue)
        choice = Choice((Span(at, at + len(content)),), (Span(by, by + len(cue)),))
        return with_name(choice, krell, text, reading.roster).mention

    later = text.index("Krell left")
    assert chosen("Krell is tired,", "said") == (Span(later, later + 5),)
    assert chosen("Krell left", "came") == (krell,)


def test_a_name_moves_the_mention_only_from_anothers_name() -> None:
    ruiz, holt = {"span": pair("Mara Oduya")}, {"span": pair("Dean Holt")}
    kept = item_at(reviewed_after({"do": "name", **target(TRIED), **holt}), TRIED).choice
    assert (kept.mention, kept.name_span, kept.kind) == ((span("she"),), span("Dean Holt"), "person")
    placed = item_at(reviewed_after({"do": "name", **target(BUS), **holt}), BUS).choice
    assert placed.mention == (span("Dean Holt"),)
    moved = item_at(reviewed_after({"do": "name", **target(BUS), **holt}, {"do": "name", **target(BUS), **ruiz}), BUS)
    assert moved.choice.mention == (span("Mayor Mara Oduya"),)
    assert moved.verdict == "accepted"


def test_marked_words_are_the_speaker_with_the_fullest_form_of_a_name_that_they_print() -> None:
    mayor = {"do": "mention", **target(BUS), "spans": [pair("Mayor Mara Oduya")]}
    assert item_at(reviewed_after(mayor), BUS).choice.name_span == span("Mara Oduya")
    pronoun = {"do": "mention", **target(BUS), "spans": [pair("she")]}
    assert item_at(reviewed_after(mayor, pronoun), BUS).choice.name_span == span("Mara Oduya")
    sign = {"do": "mention", **target(BUS), "spans": [pair("A sign")]}
    assert item_at(reviewed_after(sign), BUS).choice.name_span == span("A sign")


def test_nobody_is_a_speaker_too() -> None:
    nobody = item_at(reviewed_after({"do": "name", **target(TRIED), "span": None}), TRIED).choice
    assert (nobody.mention, nobody.name_span, nobody.kind) == ((), None, "unknown")


def test_words_are_exactly_those_marked_without_white_space_at_the_ends() -> None:
    start, end = span("we failed. ".strip())
    marked = {"do": "content", **target(FAILED), "spans": [[start - 1, end]]}
    assert item_at(reviewed_after(marked), FAILED).choice.content == (Span(start, end),)
    piece = {"do": "piece", **target(FAILED), "spans": [pair("We tried,")]}
    assert item_at(reviewed_after(piece), FAILED).choice.content == (span("We tried,"), *FAILED.content)


def test_a_type_is_the_marks_own_unless_somebody_says_otherwise() -> None:
    said = reviewed_after({"do": "type", **target(BUS), "type": "indirect"})
    assert said.shown(READING.quotations).quotes[2].type == "indirect"
    assert said.extraction(READING.quotations).quotes[2].type == "mixed"
    again = reviewed_after(
        {"do": "type", **target(BUS), "type": "indirect"}, {"do": "type", **target(BUS), "type": None}
    )
    assert again.shown(READING.quotations).quotes[2].type == "mixed"


def test_a_note_decides_nothing() -> None:
    noted = item_at(reviewed_after({"do": "note", **target(BUS), "note": "ask Holt"}), BUS)
    assert (noted.note, noted.verdict) == ("ask Holt", "open")


def test_an_article_is_reviewed_once_all_is_decided_or_it_is_called_done() -> None:
    all_of_it = [{"do": "accept", **target(quote)} for quote in RUN.quotes]
    sign = {"do": "class", "as": "other", "span": list(span("“Mind the gap”"))}
    assert not reviewed_after(*all_of_it).is_reviewed
    assert reviewed_after(*all_of_it, sign).is_reviewed
    assert reviewed_after({"do": "done"}).is_reviewed
    assert not reviewed_after({"do": "done"}, {"do": "undone"}).is_reviewed
    assert not reviewed_after({"do": "done"}, {"do": "undo"}).is_reviewed
    assert not fold(replace(RUN, quotes=(), skipped=(), unresolved=()), ()).is_reviewed


def test_done_covers_what_stood_there_and_nothing_that_a_later_run_finds() -> None:
    done = decisions_of(REJECTED, {"do": "done"})
    then = fold(RUN, done)
    assert [item.verdict for item in then.items] == ["passed", "rejected", "passed"]
    assert (then.done, then.is_reviewed, then.open, then.passed) == (True, True, 0, (span("“Mind the gap”"),))
    lost = fold(replace(RUN, quotes=(), unresolved=(), skipped=()), done)
    assert (lost.is_reviewed, [item.choice for item in lost.standing]) == (
        True,
        [item.choice for item in then.standing],
    )
    assert (lost.skipped, lost.passed) == (then.skipped, then.passed)
    sign = replace(TRIED, content=(span("Mind the gap"),))
    more = fold(replace(RUN, quotes=(TRIED, BUS, sign), unresolved=()), done)
    assert [item.verdict for item in more.items] == ["passed", "passed", "open"]
    assert (more.done, more.is_reviewed, more.open) == (False, False, 1)
    again = fold(more.found, [*done, more.done_now()])
    assert (again.done, len(again.standing)) == (True, 3)


def test_done_keeps_the_speaker_that_it_passed() -> None:
    done = decisions_of({"do": "done"})
    now = fold(replace(RUN, quotes=(replace(TRIED, speaker=BUS.speaker), FAILED, BUS)), done)
    assert (now.is_reviewed, now.items[0].choice) == (True, choice_of(TRIED))


def test_a_done_that_does_not_say_what_it_covers_covers_nothing() -> None:
    assert not fold(RUN, [Decision("done")]).is_reviewed


def test_what_is_decided_after_done_counts_more_than_done() -> None:
    done = {"do": "done"}
    assert reviewed_after(done, {"do": "reopen", **target(TRIED)}).open == 1
    assert item_at(reviewed_after(done, REJECTED), FAILED).verdict == "rejected"
    assert item_at(reviewed_after(done, {"do": "note", **target(BUS), "note": "?"}), BUS).verdict == "passed"
    assert reviewed_after(done, {"do": "undone"}).open == 4
    sign = {"do": "class", "as": "title", "span": list(span("“Mind the gap”"))}
    assert Skipped(span("“Mind the gap”"), "title") in reviewed_after(done, sign).skipped


def test_a_run_that_has_both_a_quote_and_what_it_was_corrected_to_has_one_quote_there() -> None:
    decisions = decisions_of({"do": "content", **target(BUS), "spans": [pair("bus runs late")]})
    late = replace(BUS, content=(span("bus runs late"),))
    now = fold(replace(RUN, quotes=(TRIED, FAILED, BUS, late)), decisions)
    assert [item.choice.content for item in now.items] == [TRIED.content, FAILED.content, late.content]
    rejected = decisions_of(
        {"do": "content", **target(BUS), "spans": [pair("bus runs late")]}, {"do": "reject", **target(BUS)}
    )
    assert len(fold(replace(RUN, quotes=(TRIED, FAILED, BUS, late)), rejected).standing) == 3


def test_quotes_corrected_to_equal_words_are_found_again_one_by_one() -> None:
    twice = replace(RUN, quotes=(TRIED, TRIED))
    shorter = {"do": "content", "spans": [pair("We tried")]}
    decisions = decisions_of({**shorter, **target(TRIED)}, {**shorter, **target(TRIED, 1)}, run=twice)
    short = replace(TRIED, content=(span("We tried"),))
    now = fold(replace(RUN, quotes=(short, short), unresolved=()), decisions)
    assert [item.verdict for item in now.items] == ["accepted", "accepted"]


def test_a_new_run_takes_over_what_was_decided_on_equal_words() -> None:
    decisions = decisions_of({"do": "accept", **target(TRIED)}, REJECTED)
    other_speaker = replace(TRIED, speaker=BUS.speaker, confidence="low")
    now = fold(replace(RUN, quotes=(other_speaker, FAILED, BUS)), decisions)
    assert [item.verdict for item in now.items] == ["accepted", "rejected", "open"]
    assert now.items[0].choice == choice_of(TRIED)


def test_what_was_accepted_stays_where_a_new_run_has_nothing_and_what_was_rejected_goes() -> None:
    decisions = decisions_of({"do": "accept", **target(TRIED)}, REJECTED)
    now = fold(replace(RUN, quotes=(BUS,), unresolved=(Unresolved(span("“We tried,”"), "cut off"),)), decisions)
    assert [(item.verdict, item.kept) for item in now.items] == [("accepted", True), ("open", False)]
    assert now.unresolved == ()


def test_a_run_that_finds_what_was_corrected_or_added_meets_that_decision() -> None:
    late = {"do": "content", **target(BUS), "spans": [pair("bus runs late")]}
    sign = {"do": "add", "spans": [pair("Mind the gap")]}
    decisions = decisions_of(late, sign)
    corrected = replace(BUS, content=(span("bus runs late"),))
    added = replace(TRIED, content=(span("Mind the gap"),))
    now = fold(replace(RUN, quotes=(TRIED, FAILED, corrected, added), unresolved=()), decisions)
    assert [item.verdict for item in now.items] == ["open", "open", "accepted", "accepted"]
    assert len(now.items) == 4


def test_quotes_of_equal_words_are_decided_apart() -> None:
    twice = replace(RUN, quotes=(TRIED, TRIED, BUS))
    now = reviewed_after({"do": "reject", **target(TRIED, 1)}, run=twice)
    assert [item.verdict for item in now.items] == ["open", "rejected", "open"]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ({"do": "dance", **target(TRIED)}, "is no command"),
        ({"do": "accept", "target": [[0, 3]]}, "no such quote"),
        ({"do": "accept"}, "target: is missing"),
        ({"do": "undo"}, "nothing to undo"),
        ({"do": "redo"}, "nothing to redo"),
        ({"do": "add", "spans": [[0, len(TEXT) + 1]]}, "not within the text"),
        ({"do": "add", "spans": [[5, 6]]}, "nothing but white space"),
        ({"do": "add", "spans": [[5, 5]]}, "no pair"),
        ({"do": "add", "spans": [[True, 6]]}, "no pair"),
        ({"do": "add", "spans": {}}, "a list"),
        ({"do": "kind", "kind": "cat", **target(TRIED)}, "not one of person"),
        ({"do": "type", "type": "loud", **target(TRIED)}, "not one of direct"),
        ({"do": "class", "as": "title", "span": [0, 5]}, "no such quotation"),
        ({"do": "class", "as": "cat", "span": [0, 5]}, "as: cat"),
        ({"do": "note", "note": "x" * 4001, **target(TRIED)}, "at most 4,000 characters"),
        ({}, "do: the name of a command is needed"),
        ({"do": ["x"]}, "do: the name of a command is needed"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(command: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        reviewed_after(command)


def test_undo_and_redo_are_decisions_too() -> None:
    now = reviewed_after(REJECTED, {"do": "undo"}, {"do": "redo"}, {"do": "undo"})
    assert (now.items[1].verdict, now.decided.revision, now.decided.redoable) == ("open", 4, 1)
    assert now.decided.next == Decision("reject", now.items[1].target)
