"""The answer a model owes: how the text of a reply is read, and held to its form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from quotes.model import SkipReason, SpeakerKind

if TYPE_CHECKING:
    from quotes.prompting.form import Form

_FENCE = "```"
_THOUGHT = "<think>"
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_BRACKETS = frozenset("{}[]")


@dataclass(frozen=True, slots=True)
class Attributed:
    """One attribution as answered: numbers and anchors that still have to be found in the text.

    *at* is the line of the cue; *who* a roster number (0: none) or the speaker's fullest printed form, which the
    answer keys by its *kind*. Of what was said, *marks* are the marks that are wholly content and *clauses* the
    anchors of the form ``first words … last words``; the answer lists both as one.
    """

    at: int
    cue: str
    speaker: str
    who: int | str
    kind: SpeakerKind
    marks: tuple[int, ...]
    clauses: tuple[str, ...]
    item: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotAQuote:
    """A mark answered to be no quote, and what it is."""

    mark: int
    reason: SkipReason
    item: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that fits the schema."""

    attributions: tuple[Attributed, ...] = ()
    not_quotes: tuple[NotAQuote, ...] = ()


class BrokenAnswer(ValueError):
    """A reply that is not JSON or does not fit the schema; the message says where, for the repair request."""


def unfenced(text: str) -> str:
    """What stands in the Markdown fence that *text* is; *text* itself where it is none."""
    inner = text.strip()
    if len(inner) < 2 * len(_FENCE) or not (inner.startswith(_FENCE) and inner.endswith(_FENCE)):
        return text
    return inner[len(_FENCE) : -len(_FENCE)].removeprefix("json").strip()


def parse_answer(content: str, form: Form) -> Any:
    """The JSON in the text of a reply, found to be of *form*. A fence around it, or words beside it, are passed over.

    Raises:
        BrokenAnswer: it is not JSON, not just one object, says one thing twice, or is not of *form*.
    """
    try:
        value = _load(unfenced(content))
    except (ValueError, RecursionError) as error:
        value = _wrapped(content)
        if value is None:
            raise BrokenAnswer(f"the reply is not JSON: {str(error)[:120]}") from None
    try:
        problem = form.problem(value)
    except RecursionError:
        raise BrokenAnswer("the reply is nested too deeply") from None
    if problem is not None:
        raise BrokenAnswer(f"{problem.json_path}: {problem.message[:200]}")
    return value


def _wrapped(content: str) -> dict[str, Any] | None:
    """The one JSON object in *content*, which has words around it, or ``None``.

    Thoughts are passed over, and nothing is guessed: with a bracket anywhere before or after it there may be more than
    one, or only a part, and what stands in a thought without an end is no answer.
    """
    thoughts = _THOUGHTS.match(content)
    text = content[thoughts.end() :] if thoughts else content
    start = text.find("{")
    if start < 0 or not _BRACKETS.isdisjoint(text[:start]) or _THOUGHT in text[:start]:
        return None
    try:
        value, end = json.JSONDecoder(object_pairs_hook=_once_each).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _BRACKETS.isdisjoint(text[end:]) else None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """*pairs* as an object. Raises ValueError where a key comes twice: nobody knows which of the two was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice in one object")
    return found


_decoded = json.JSONDecoder(object_pairs_hook=_once_each).decode


def _load(text: str) -> Any:
    if text.startswith("\ufeff"):
        raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
    return _decoded(text)


def read_answer(content: str, form: Form) -> Answer:
    """The attributions, and the marks that are none, in the text of a reply.

    Raises:
        BrokenAnswer: it is not JSON, or not of *form*.
    """
    value = parse_answer(content, form)
    return Answer(
        tuple([_attributed(item) for item in value["attributions"] if item["cue"] or item["said"]]),
        tuple([NotAQuote(int(i["mark"]), cast(SkipReason, i["as"]), i) for i in value["not_quotes"]]),
    )


def _attributed(item: Mapping[str, Any]) -> Attributed:
    ((kind, who),) = item["who"].items()
    return Attributed(
        at=int(item["at"]),
        cue=item["cue"],
        speaker=item["speaker"],
        who=who if isinstance(who, str) else int(who),
        kind=cast(SpeakerKind, kind),
        marks=tuple([int(piece) for piece in item["said"] if not isinstance(piece, str)]),
        clauses=tuple([piece for piece in item["said"] if isinstance(piece, str)]),
        item=item,
    )
