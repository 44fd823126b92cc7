"""The answer a model owes: its schema, loose for hosted endpoints or tight for local ones, and how it is read."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from quotes.model import SkipReason, SpeakerKind

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

    from quotes.prompting.rendering import Offer

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


def build_validator(schema: Mapping[str, Any]) -> Validator:
    """A validator for *schema*: build it once, it costs ten times a validation. It never fetches what is referred to.

    Raises:
        jsonschema.SchemaError: *schema* is no JSON Schema.
    """
    from jsonschema import Draft202012Validator
    from referencing import Registry

    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, registry=Registry())


def unfenced(text: str) -> str:
    """What stands in the Markdown fence that *text* is; *text* itself where it is none."""
    inner = text.strip()
    if len(inner) < 2 * len(_FENCE) or not (inner.startswith(_FENCE) and inner.endswith(_FENCE)):
        return text
    return inner[len(_FENCE) : -len(_FENCE)].removeprefix("json").strip()


def parse_answer(content: str, validator: Validator) -> Any:
    """The JSON in the text of a reply, validated. A fence around it, or words before and after it, are passed over.

    Raises:
        BrokenAnswer: it is not JSON, not just one object, says one thing twice, or is not of the schema.
    """
    try:
        value = _load(unfenced(content))
    except (ValueError, RecursionError) as error:
        value = _wrapped(content)
        if value is None:
            raise BrokenAnswer(f"the reply is not JSON: {str(error)[:120]}") from None
    try:
        problem = next(iter(validator.iter_errors(value)), None)
    except RecursionError:
        raise BrokenAnswer("the reply is nested too deeply") from None
    if problem is not None:
        raise BrokenAnswer(f"{problem.json_path}: {problem.message[:200]}")
    return value


def _load(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once_each)


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


def read_answer(content: str, validator: Validator) -> Answer:
    """The attributions, and the marks that are none, in the text of a reply.

    Raises:
        BrokenAnswer: it is not JSON, or not of the schema.
    """
    value = parse_answer(content, validator)
    return Answer(
        tuple(_attributed(item) for item in value["attributions"] if item["cue"] or item["said"]),
        tuple(NotAQuote(int(i["mark"]), cast(SkipReason, i["as"]), i) for i in value["not_quotes"]),
    )


def tighten(
    schema: Mapping[str, Any], offers: Sequence[Offer], *, short_marks: Sequence[bool], roster: int, most: int | None
) -> dict[str, Any]:
    """*schema* narrowed to what one chunk shows, so that a weak model cannot point at what is not there.

    The answer has one attribution for each line that offers something, in their order, with a cue, a mention
    and clauses which this very line prints and marks near it, or nothing at all: the model decides line by
    line, and can neither skip lines nor go round in circles. *short_marks* tells of each mark shown whether it
    is short enough for a title or a term: a long one can only be attributed. *roster* is how many names are
    shown. *most* is given where only some of the lines are asked about: then that many attributions may come,
    in any order.
    """
    tight = copy.deepcopy(dict(schema))
    attributions, not_quotes = tight["properties"]["attributions"], tight["properties"]["not_quotes"]
    item = attributions["items"]
    tight["$defs"] = {**tight.get("$defs", {}), "who": _someone(item["properties"]["who"], roster)}
    item["properties"]["who"] = {"$ref": "#/$defs/who"}
    short = [number for number, is_short in enumerate(short_marks, 1) if is_short]
    lines = [shapes for n, offer in enumerate(offers, 1) if (shapes := list(_for_line(item, n, offer, short)))]
    if most is None:
        del attributions["items"]
        attributions |= {"prefixItems": [{"anyOf": shapes} for shapes in lines]} if lines else {"maxItems": 0}
    else:
        shapes = [shape for shapes in lines for shape in shapes]
        attributions |= {"items": {"anyOf": shapes} if shapes else item, "maxItems": most if shapes else 0}
    not_quotes["items"] = _narrowed(not_quotes["items"], mark=_one_of(short or [1]))
    not_quotes["maxItems"] = len(short)
    return tight


def _for_line(item: Mapping[str, Any], number: int, offer: Offer, short: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The forms an attribution in a line can take: of marks, of the clauses of a cue, or of nothing."""
    if offer.marks:
        yield _narrowed(
            item,
            at=_one_of([number]),
            cue=_either(*offer.cues, ""),
            speaker=_either(*offer.mentions, ""),
            said={"type": "array", "items": _one_of(offer.marks), "minItems": 1, "maxItems": len(offer.marks)},
        )
    for choice in offer.choices:
        count = len(choice.clauses)
        yield _narrowed(
            item,
            at=_one_of([number]),
            cue=_either(choice.cue),
            speaker=_either(*choice.mentions, ""),
            said={"type": "array", "items": _either(*choice.clauses), "minItems": count, "maxItems": count},
        )
    if (offer.cues and offer.marks) or offer.choices or set(offer.marks) & set(short):
        yield _narrowed(
            item,
            at=_one_of([number]),
            cue=_either(""),
            speaker=_either(""),
            who=_keyed("unknown", _one_of([0])),
            said={"type": "array", "items": {"type": "integer"}, "maxItems": 0},
        )


def _someone(who: Mapping[str, Any], roster: int) -> dict[str, Any]:
    """*who* with the numbers of the roster for its values. It stands in the schema once: it is the longest part."""
    kinds = [kind for variant in who["anyOf"] for kind in variant["required"]]
    return {"anyOf": [_keyed(kind, _one_of(range(roster + 1))) for kind in kinds]}


def _keyed(kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {kind: value}, "required": [kind], "additionalProperties": False}


def _either(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(dict.fromkeys(words))}


def _narrowed(item: Mapping[str, Any], **fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "properties": {**item["properties"], **fields}}


def _one_of(numbers: Iterable[int]) -> dict[str, Any]:
    return {"type": "integer", "enum": list(numbers)}


def _attributed(item: Mapping[str, Any]) -> Attributed:
    ((kind, who),) = item["who"].items()
    return Attributed(
        at=int(item["at"]),
        cue=item["cue"],
        speaker=item["speaker"],
        who=who if isinstance(who, str) else int(who),
        kind=cast(SpeakerKind, kind),
        marks=tuple(int(piece) for piece in item["said"] if not isinstance(piece, str)),
        clauses=tuple(piece for piece in item["said"] if isinstance(piece, str)),
        item=item,
    )
