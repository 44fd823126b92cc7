"""The form of decisions on the disk: one JSON object a line, ``quotes-review/1``, for programs and for people.

The file begins with a line that says what it is::

    {"schema": "quotes-review/1", "of": "quotes.jsonl", "key": "…"}

*key* tells this review from all others, in the gold that is made of them. Each line after it is one decision on one
article, in the order they were made::

    {"article": SHA-256 of the text, "id": …, "do": "accept", "target": [[s, e], …], "quote": {…}}
    {"article": …, "id": …, "do": "edit", "target": [[s, e], …], "quote": {…}}      what it is instead
    {"article": …, "id": …, "do": "add", "target": [[s, e], …], "quote": {…}}       a quote the run has not
    {"article": …, "id": …, "do": "reject", "target": [[s, e], …], "words": …}
    {"article": …, "id": …, "do": "reopen", "target": [[s, e], …]}                  undecided again, as the run has it
    {"article": …, "id": …, "do": "note", "target": [[s, e], …], "note": …}
    {"article": …, "id": …, "do": "class", "span": [s, e], "as": "scare" | "title" | "term" | "other"}
    {"article": …, "id": …, "do": "done", "passed": [{"target": …, "quote": {…}}, …], "left": [{"span": …, "as": …}, …]}
    {"article": …, "id": …, "do": "undone"}      and "undo", "redo"

A quote is ``{"content": [[s, e], …], "cue": …, "speaker": …, "speaker_name_span": [s, e] | null, "speaker_kind": …,
"type": "direct" | "indirect" | "mixed" | null}``; ``type`` is null where the quotation marks decide it. ``target`` is
the content the quote had when it was found, ``"nth": n`` beside it tells quotes of equal content apart. ``words`` and
``name`` repeat the text for the reader and are not read. All offsets are code points into the text with that hash,
half-open. “done” says what it covers beside the decisions before it: the quotes that were open as they stood, and the
quotations outside all quotes with their class, ``null`` for those without one. What a later run has beside is open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast, get_args

from quotes.errors import RecordError
from quotes.model import QuoteType, SkipReason, Span, Spans, SpeakerKind
from quotes.record import shortened
from quotes.record.form import words_of
from quotes.review.decisions import ABOUT_QUOTES, WITH_CHOICE, Choice, Decision, Deed, Left, Passed, Target

SCHEMA: Final = "quotes-review/1"

LONGEST_NOTE: Final = 4000
"""Characters of a note."""


class Origin(NamedTuple):
    """A review among others: what its *records* are called, and its *key*, empty where it has none."""

    records: str
    key: str


def header(of: str, key: str) -> dict[str, Any]:
    """The first line of the file that belongs to the records called *of*; *key* is this review's alone."""
    return {"schema": SCHEMA, "of": of, "key": key}


def decision_to_json(decision: Decision, text: str) -> dict[str, Any]:
    """*decision* on an article with *text*, without the article's own fields, its words repeated for people."""
    value: dict[str, Any] = {"do": decision.do}
    if decision.target is not None:
        value["target"] = _pairs(decision.target.content)
        if decision.target.nth:
            value["nth"] = decision.target.nth
    if decision.span is not None:
        value |= {"span": list(decision.span), "as": decision.reason}
    if decision.do == "note":
        value["note"] = decision.note
    if decision.choice is not None:
        value["quote"] = choice_to_json(decision.choice)
        value["words"] = shortened(words_of(decision.choice.content, text))
        if decision.choice.name_span is not None:
            value["name"] = shortened(decision.choice.name_span.of(text))
    elif decision.target is not None:
        value["words"] = shortened(words_of(decision.target.content, text))
    if decision.do == "done":
        value["passed"] = [_passed_to_json(one, text) for one in decision.passed]
        value["left"] = [{"span": list(one.span), "as": one.reason} for one in decision.left]
    return value


def _passed_to_json(passed: Passed, text: str) -> dict[str, Any]:
    value = decision_to_json(Decision("accept", passed.target, passed.choice), text)
    del value["do"]
    return value


def target_to_json(target: Target) -> dict[str, Any]:
    """How the page and the API name the quote *target*."""
    return {"target": _pairs(target.content), "nth": target.nth}


def choice_to_json(choice: Choice) -> dict[str, Any]:
    """*choice* as the “quote” of a line."""
    return {
        "content": _pairs(choice.content),
        "cue": _pairs(choice.cue),
        "speaker": _pairs(choice.mention),
        "speaker_name_span": None if choice.name_span is None else list(choice.name_span),
        "speaker_kind": choice.kind,
        "type": choice.type,
    }


def decision_from_json(value: Mapping[str, Any], where: str) -> Decision:
    """The decision in *value*; *where* names its line in messages.

    Raises:
        RecordError: it is none, or a part of it is of the wrong form.
    """
    do = _one_of(get_args(Deed), value.get("do"), "do", where)
    target = choice = span = reason = None
    if do in ABOUT_QUOTES:
        target = target_from_json(value, where)
    if do in WITH_CHOICE:
        choice = choice_from_json(value.get("quote"), where)
    if do == "class":
        span = _span(value.get("span"), "span", where)
        reason = _one_of(get_args(SkipReason), value.get("as"), "as", where)
    return Decision(
        cast("Deed", do),
        target,
        choice,
        _note(value.get("note"), where) if do == "note" else "",
        span,
        cast("SkipReason | None", reason),
        tuple(_passed(one, where) for one in _objects(value, "passed", where)) if do == "done" else (),
        tuple(_left(one, where) for one in _objects(value, "left", where)) if do == "done" else (),
    )


def _passed(value: Mapping[str, Any], where: str) -> Passed:
    return Passed(target_from_json(value, where), choice_from_json(value.get("quote"), where))


def _left(value: Mapping[str, Any], where: str) -> Left:
    reason = value.get("as")
    known = None if reason is None else cast("SkipReason", _one_of(get_args(SkipReason), reason, "as", where))
    return Left(_span(value.get("span"), "span", where), known)


def _objects(value: Mapping[str, Any], part: str, where: str) -> list[Mapping[str, Any]]:
    """The list of objects at *part*; none where it is missing, as in lines that say nothing of it."""
    given = value.get(part, [])
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise _fault(part, given, "a list of objects", where)
    return given


def target_from_json(value: Mapping[str, Any], where: str) -> Target:
    """The quote that *value* names by its “target” and, where it is not the first of that content, “nth”.

    Raises:
        RecordError: it names none.
    """
    nth = value.get("nth", 0)
    if type(nth) is not int or nth < 0:
        raise _fault("nth", nth, "a number from 0", where)
    return Target(_spans(value.get("target"), "target", where), nth)


def choice_from_json(value: object, where: str) -> Choice:
    """What a quote is, from the “quote” of a line.

    Raises:
        RecordError: a part of it is of the wrong form.
    """
    if not isinstance(value, Mapping):
        raise _fault("quote", value, "an object", where)
    name_span, kind, type_ = value.get("speaker_name_span"), value.get("speaker_kind", "unknown"), value.get("type")
    return Choice(
        content=_spans(value.get("content"), "quote.content", where),
        cue=_spans(value.get("cue", []), "quote.cue", where),
        mention=_spans(value.get("speaker", []), "quote.speaker", where),
        name_span=None if name_span is None else _span(name_span, "quote.speaker_name_span", where),
        kind=cast("SpeakerKind", _one_of(get_args(SpeakerKind), kind, "quote.speaker_kind", where)),
        type=cast(
            "QuoteType | None",
            None if type_ is None else _one_of(get_args(QuoteType), type_, "quote.type", where),
        ),
    )


def line_of(value: Mapping[str, Any]) -> bytes:
    """*value* as one line of the file, its line end included; half a surrogate pair stays an escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _pairs(spans: Spans) -> list[list[int]]:
    return [[start, end] for start, end in spans]


def _spans(value: object, part: str, where: str) -> Spans:
    if not isinstance(value, list):
        raise _fault(part, value, "a list of [start, end]", where)
    return tuple(_span(pair, part, where) for pair in value)


def _span(value: object, part: str, where: str) -> Span:
    pair: Any = value
    if not (isinstance(pair, list) and len(pair) == 2 and all(type(offset) is int for offset in pair)):
        raise _fault(part, value, "a pair [start, end] of whole numbers", where)
    if not 0 <= pair[0] < pair[1]:
        raise _fault(part, value, "a pair [start, end] with start before end", where)
    return Span(*pair)


def _one_of(choices: tuple[str, ...], value: object, part: str, where: str) -> str:
    if not isinstance(value, str) or value not in choices:
        raise _fault(part, value, f"one of {', '.join(choices)}", where)
    return value


def _note(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_NOTE:
        raise _fault("note", value, f"a text of at most {LONGEST_NOTE:,} characters", where)
    return value


def _fault(part: str, value: object, wanted: str, where: str) -> RecordError:
    what = f"{part}: is missing" if value is None else f"{part}: {shortened(value)} is not {wanted}"
    return RecordError(what, where=where, remedy=f"{wanted} is needed")
