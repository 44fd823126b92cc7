"""Commands: what a reviewer asks for on the page, worked out to the decision that is kept.

A command says as little as a hand does ("this one is hers", "these words are the cue"); a decision is whole, so that it
can be read and folded without the article beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, cast, get_args

from quotes.errors import RecordError, UsageError
from quotes.model import QuoteType, Span, Spans, SpeakerKind
from quotes.record import shortened
from quotes.review.decisions import Choice, Decision, Target, faults, tidy
from quotes.review.folding import Item, Reviewed
from quotes.review.form import decision_from_json, target_from_json
from quotes.review.naming import with_full_name, with_mention, with_name, without_speaker
from quotes.text import Reading

_PLAIN: Final = frozenset({"undone", "class"})
"""Commands that are decisions as they stand."""


def decision_for(command: Mapping[str, Any], reviewed: Reviewed, reading: Reading) -> Decision:
    """The decision that *command* means for the article as it stands.

    ``accept``, ``reject``, ``reopen`` and ``note`` name a quote by ``target`` and ``nth``, and so do those that correct
    one: ``content``, ``piece`` (one more), ``cue`` and ``mention`` with ``spans``, ``name`` with a ``span`` or null for
    nobody, ``full`` (name) with a ``span`` and the mention left as it is, ``kind``, ``type`` (null: as the marks say).
    ``add`` makes a quote of ``spans``, ``quote`` one of the quotation at ``span``; ``class`` says with ``as`` what that
    is instead. ``done`` and ``undone`` are about the article, ``undo`` and ``redo`` about the last decision on it.

    Raises:
        UsageError: it is none of these, or does not fit the article as it stands.
    """
    try:
        decision = _decision(command, reviewed, reading)
    except RecordError as error:
        raise UsageError(error.what) from None
    for fault in faults(decision, reading.text):
        raise UsageError(fault)
    return decision


def _decision(command: Mapping[str, Any], reviewed: Reviewed, reading: Reading) -> Decision:
    do = command.get("do")
    if not isinstance(do, str):
        raise UsageError("do: the name of a command is needed")
    if do in ("undo", "redo"):
        return _back_or_forth("undo" if do == "undo" else "redo", reviewed)
    if do == "done":
        return reviewed.done_now()
    if do in _PLAIN:
        decision = decision_from_json(command, "")
        if decision.span is not None:
            _quotation(decision.span, reading)
        return decision
    if do in ("add", "quote"):
        content = _marked(command, reading) if do == "add" else _inner(command, reading)
        return _added(content, reviewed)
    target = target_from_json(command, "")
    item = next((one for one in reviewed.items if one.target == target), None)
    if item is None:
        raise UsageError("there is no such quote any more")
    return _about(do, command, item, reading)


def _back_or_forth(do: Literal["undo", "redo"], reviewed: Reviewed) -> Decision:
    if not (reviewed.decided.undoable if do == "undo" else reviewed.decided.redoable):
        raise UsageError(f"there is nothing to {do}")
    return Decision(do)


def _about(do: str, command: Mapping[str, Any], item: Item, reading: Reading) -> Decision:
    if do == "accept":
        return Decision("accept", item.target, item.choice)
    if do in ("reject", "reopen", "note"):
        return decision_from_json(command, "")
    correct = _CORRECTIONS.get(do)
    if correct is None:
        raise UsageError(f"“{shortened(do)}” is no command")
    return Decision("edit", item.target, correct(item.choice, command, reading))


def _content(choice: Choice, command: Mapping[str, Any], reading: Reading) -> Choice:
    return replace(choice, content=_marked(command, reading))


def _piece(choice: Choice, command: Mapping[str, Any], reading: Reading) -> Choice:
    return replace(choice, content=tidy([*choice.content, *_marked(command, reading)], reading.text))


def _cue(choice: Choice, command: Mapping[str, Any], reading: Reading) -> Choice:
    return replace(choice, cue=_spans(command, reading))


def _mention(choice: Choice, command: Mapping[str, Any], reading: Reading) -> Choice:
    spans = _spans(command, reading)
    return with_mention(choice, spans, reading.text, reading.roster) if spans else without_speaker(choice)


def _name(choice: Choice, command: Mapping[str, Any], reading: Reading) -> Choice:
    if command.get("span") is None:
        return without_speaker(choice)
    return with_name(choice, _name_at(command, reading), reading.text, reading.roster)


def _full(choice: Choice, command: Mapping[str, Any], reading: Reading) -> Choice:
    return with_full_name(choice, _name_at(command, reading), reading.roster)


def _name_at(command: Mapping[str, Any], reading: Reading) -> Span:
    marked = tidy([_span(command.get("span"))], reading.text)
    if not marked:
        raise UsageError("nothing but white space is marked")
    return marked[0]


def _kind(choice: Choice, command: Mapping[str, Any], _reading: Reading) -> Choice:
    return replace(choice, kind=cast("SpeakerKind", _one_of(get_args(SpeakerKind), command.get("kind"))))


def _type(choice: Choice, command: Mapping[str, Any], _reading: Reading) -> Choice:
    wanted = command.get("type")
    return replace(choice, type=None if wanted is None else cast("QuoteType", _one_of(get_args(QuoteType), wanted)))


_CORRECTIONS: Final[Mapping[str, Callable[[Choice, Mapping[str, Any], Reading], Choice]]] = {
    "content": _content,
    "piece": _piece,
    "cue": _cue,
    "mention": _mention,
    "name": _name,
    "full": _full,
    "kind": _kind,
    "type": _type,
}


def _added(content: Spans, reviewed: Reviewed) -> Decision:
    taken = {item.target for item in reviewed.items} | set(reviewed.decided.standings)
    nth = next(number for number in range(len(taken) + 1) if Target(content, number) not in taken)
    return Decision("add", Target(content, nth), Choice(content))


def _inner(command: Mapping[str, Any], reading: Reading) -> Spans:
    """What stands within the marks of the quotation that *command* names by its outer span."""
    quotation = _quotation(_span(command.get("span")), reading)
    return tidy([quotation], reading.text)


def _quotation(outer: Span, reading: Reading) -> Span:
    inner = next((one.inner for one in reading.quotations if one.outer == outer), None)
    if inner is None:
        raise UsageError("there is no such quotation in the text")
    return inner


def _marked(command: Mapping[str, Any], reading: Reading) -> Spans:
    spans = _spans(command, reading)
    if not spans:
        raise UsageError("nothing but white space is marked")
    return spans


def _spans(command: Mapping[str, Any], reading: Reading) -> Spans:
    """The spans that *command* brings, trimmed and in order."""
    given = command.get("spans")
    if not isinstance(given, list):
        raise UsageError("spans: a list of [start, end] is needed")
    spans = [_span(pair) for pair in given]
    if any(span.end > len(reading.text) for span in spans):
        raise UsageError("spans: not within the text")
    return tidy(spans, reading.text)


def _span(pair: object) -> Span:
    if isinstance(pair, list) and len(pair) == 2 and all(type(offset) is int for offset in pair):
        span = Span(*cast("Sequence[int]", pair))
        if 0 <= span.start < span.end:
            return span
    raise UsageError(f"{shortened(pair)} is no pair [start, end]")


def _one_of(choices: tuple[str, ...], value: object) -> str:
    if not isinstance(value, str) or value not in choices:
        raise UsageError(f"{shortened(value)} is not one of {', '.join(choices)}")
    return value
