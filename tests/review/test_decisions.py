"""Decisions: what is in force after them, over generated sequences of what a hand may do."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quotes import extract
from quotes.errors import UsageError
from quotes.model import NOBODY, Extraction, Quote, Skipped, Span, Unresolved
from quotes.record import check_record, to_json
from quotes.review.commands import decision_for
from quotes.review.decisions import Decision, decided, faults, tidy
from quotes.review.folding import Reviewed, fold
from quotes.review.form import Origin, decision_from_json, decision_to_json
from quotes.review.gold import gold_line_of
from quotes.text import Reading, is_pronoun, read
from tests.strategies import articles

MARKS = st.tuples(st.floats(0, 1), st.floats(0, 1))
DEEDS = [
    "accept",
    "reject",
    "reopen",
    "note",
    "content",
    "piece",
    "cue",
    "mention",
    "name",
    "full",
    "kind",
    "type",
    "add",
    "quote",
    "class",
    "done",
    "undone",
    "undo",
    "redo",
]
COMMANDS = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 20), MARKS), max_size=12)

some = settings(max_examples=40)

Wish = tuple[str, int, tuple[float, float]]


def command_of(wish: Wish, reviewed: Reviewed, reading: Reading) -> dict[str, Any]:
    """What a page might send: mostly sound, sometimes about nothing."""
    do, number, (first, second) = wish
    length = len(reading.text)
    start, end = sorted((round(first * length), round(second * length)))
    command: dict[str, Any] = {"do": do, "spans": [[start, end]], "span": [start, end], "kind": "group", "note": "see"}
    command["type"] = ("direct", "indirect", None)[number % 3]
    if reviewed.items:
        chosen = reviewed.items[number % len(reviewed.items)].target
        command |= {"target": [list(piece) for piece in chosen.content], "nth": chosen.nth}
    if do in ("quote", "class") and reading.quotations:
        command |= {"span": list(reading.quotations[number % len(reading.quotations)].outer), "as": "title"}
    if do in ("name", "full") and reading.roster:
        command["span"] = list(reading.roster[number % len(reading.roster)].full)
    return command


def done_by(run: Extraction, reading: Reading, wishes: list[Wish]) -> list[Decision]:
    decisions: list[Decision] = []
    for wish in wishes:
        now = fold(run, decisions, reading.quotations)
        try:
            decisions.append(decision_for(command_of(wish, now, reading), now, reading))
        except UsageError:
            continue
    return decisions


@some
@given(text=articles, wishes=COMMANDS)
def test_whatever_is_decided_the_reviewed_record_keeps_the_promises_of_a_record(text: str, wishes: list[Wish]) -> None:
    run, reading = extract(text), read(text)
    reviewed = fold(run, done_by(run, reading, wishes), reading.quotations)
    assert faults_of_record(reviewed, reading) == ()


@some
@given(text=articles, wishes=COMMANDS, number=st.integers(0, 20))
def test_a_name_that_is_chosen_agrees_with_the_mention_unless_that_is_a_pronoun(
    text: str, wishes: list[Wish], number: int
) -> None:
    run, reading = extract(text), read(text)
    decisions = done_by(run, reading, wishes)
    now = fold(run, decisions, reading.quotations)
    if not (now.items and reading.roster):
        return
    decision = decision_for(command_of(("name", number, (0.0, 0.0)), now, reading), now, reading)
    name = reading.roster[number % len(reading.roster)]
    assert decision.choice
    assert decision.choice.name_span == name.full
    mention = decision.choice.mention
    agrees = any(place.overlaps(piece) for piece in mention for place in name.mentions)
    assert mention
    assert agrees or all(is_pronoun(piece.of(text)) for piece in mention)


@some
@given(text=articles, wishes=COMMANDS)
def test_what_is_sent_of_a_change_and_the_whole_article_say_the_same(text: str, wishes: list[Wish]) -> None:
    run, reading = extract(text), read(text)
    decisions = list[Decision]()
    before = fold(run, decisions, reading.quotations)
    for decision in done_by(run, reading, wishes):
        decisions.append(decision)
        after = fold(run, decisions, reading.quotations)
        if after.looks_like(before):
            assert after.shown(reading.quotations) == before.shown(reading.quotations)
            assert len(after.items) == len(before.items)
        before = after


@some
@given(text=articles, wishes=COMMANDS)
def test_undoing_all_gives_what_the_run_had_and_redoing_all_what_was_decided(text: str, wishes: list[Wish]) -> None:
    run, reading = extract(text), read(text)
    decisions = done_by(run, reading, wishes)
    before = fold(run, decisions, reading.quotations)
    back = [*decisions, *[Decision("undo")] * before.decided.undoable]
    undone = fold(run, back, reading.quotations)
    again = fold(run, [*back, *[Decision("redo")] * before.decided.undoable], reading.quotations)
    assert substance(undone) == substance(fold(run, (), reading.quotations))
    assert substance(again) == substance(before)


@some
@given(text=articles, wishes=COMMANDS)
def test_a_decision_is_the_same_after_it_was_written_and_read(text: str, wishes: list[Wish]) -> None:
    run, reading = extract(text), read(text)
    decisions = done_by(run, reading, wishes)
    assert [decision_from_json(decision_to_json(one, text), "") for one in decisions] == decisions
    assert [fault for one in decisions for fault in faults(one, text)] == []
    assert fold(run, decisions) == fold(run, list(decisions))


@some
@given(text=articles, wishes=COMMANDS)
def test_what_a_person_said_stands_over_a_run_that_found_nothing_and_comes_back_with_the_first(
    text: str, wishes: list[Wish]
) -> None:
    run, reading = extract(text), read(text)
    decisions = done_by(run, reading, wishes)
    then = fold(run, decisions, reading.quotations)
    empty = replace(run, quotes=(), skipped=(), unresolved=())
    now = fold(empty, decisions, reading.quotations)
    accepted = {item.choice for item in then.items if item.verdict == "accepted"}
    assert {item.choice for item in now.items if item.verdict == "accepted"} == accepted
    assert faults_of_record(now, reading) == ()


@st.composite
def other_runs(draw: st.DrawFn, run: Extraction) -> Extraction:
    """What another run over the text of *run* may have: quotes lost, of other speakers and new, other classes."""
    text, quotes = run.article.text, list[Quote]()
    for quote in run.quotes:
        kept = draw(st.sampled_from(["kept", "lost", "nobody"]))
        if kept in ("kept", "nobody"):
            quotes.append(quote if kept == "kept" else replace(quote, speaker=NOBODY))
    for first, second in draw(st.lists(MARKS, max_size=4)):
        content = tidy([Span(*sorted((round(first * len(text)), round(second * len(text)))))], text)
        if content:
            quotes.append(Quote("indirect", content, (), NOBODY, "low", ("rules",)))
    left = [one.span for one in (*run.skipped, *run.unresolved)]
    classed = [span for span in left if draw(st.booleans())]
    return replace(
        run,
        quotes=tuple(sorted(quotes, key=lambda quote: quote.content)),
        skipped=tuple(Skipped(span, "term") for span in classed),
        unresolved=tuple(Unresolved(span, "new") for span in left if span not in classed),
    )


def gold_of(reviewed: Reviewed) -> Any:
    line = json.loads(gold_line_of(reviewed, Origin("quotes.jsonl", "")).text)
    return line["quotes"], line["skipped"]


@some
@given(data=st.data(), text=articles, wishes=COMMANDS)
def test_done_holds_over_another_run_and_for_nothing_that_it_did_not_cover(
    data: st.DataObject, text: str, wishes: list[Wish]
) -> None:
    run, reading = extract(text), read(text)
    decisions = done_by(run, reading, [*wishes, ("done", 0, (0, 0))])
    then = fold(run, decisions, reading.quotations)
    assert then.is_reviewed
    other = data.draw(other_runs(run))
    now = fold(other, decisions, reading.quotations)
    kept = {item.choice for item in now.items if item.verdict in ("accepted", "passed")}
    assert kept == {item.choice for item in then.standing}
    assert now.is_reviewed == (not any(item.verdict == "open" for item in now.items) and now.open == 0)
    if now.is_reviewed:
        assert gold_of(now)[0] == gold_of(then)[0]
    for item in now.items:
        if item.verdict == "open":
            decisions.append(Decision("reject", item.target))
    after = fold(other, decisions, reading.quotations)
    assert gold_of(after)[0] == gold_of(then)[0]
    empty = replace(run, quotes=(), skipped=(), unresolved=())
    assert gold_of(fold(empty, decisions, reading.quotations)) == gold_of(then)


@some
@given(data=st.data(), text=articles, wishes=COMMANDS, more=COMMANDS)
def test_no_words_of_one_speaker_are_in_gold_twice(
    data: st.DataObject, text: str, wishes: list[Wish], more: list[Wish]
) -> None:
    run, reading = extract(text), read(text)
    other = data.draw(other_runs(run))
    decisions = done_by(run, reading, wishes)
    for wish in [*more, ("done", 0, (0.0, 0.0))]:
        now = fold(other, decisions, reading.quotations)
        with suppress(UsageError):
            decisions.append(decision_for(command_of(wish, now, reading), now, reading))
    quotes, _ = gold_of(fold(other, decisions, reading.quotations))
    said = [(str(quote["content"]), quote["speaker_name"] or str(quote["speaker"])) for quote in quotes]
    assert len(said) == len(set(said))


@some
@given(text=articles)
def test_without_decisions_a_review_is_the_run(text: str) -> None:
    run, reading = extract(text), read(text)
    reviewed = fold(run, (), reading.quotations)
    assert reviewed.extraction(reading.quotations) == run


@some
@given(text=articles, spans=st.lists(MARKS, max_size=6))
def test_marked_words_are_trimmed_in_order_and_apart(text: str, spans: list[tuple[float, float]]) -> None:
    marked = [Span(*sorted((round(a * len(text)), round(b * len(text))))) for a, b in spans]
    tidied = tidy(marked, text)
    assert all(one.of(text).strip() == one.of(text) != "" for one in tidied)
    assert all(before.end < after.start for before, after in pairwise(tidied))
    covered = {place for one in marked for place in range(*one) if not text[place].isspace()}
    assert {place for one in tidied for place in range(*one) if not text[place].isspace()} == covered


def test_a_new_decision_forgets_what_was_undone() -> None:
    done, undo, redo = Decision("done"), Decision("undo"), Decision("redo")
    now = decided([done, undo, Decision("undone"), redo])
    assert (now.done, now.undoable, now.redoable, now.revision) == (False, 1, 0, 4)


def faults_of_record(reviewed: Reviewed, reading: Reading) -> tuple[str, ...]:
    return check_record(to_json(reviewed.extraction(reading.quotations)), reading.text)


def substance(reviewed: Reviewed) -> object:
    return reviewed.items, reviewed.skipped, reviewed.unresolved, reviewed.decided.done
