"""The answer a model owes: its schema, loose for hosted endpoints or tight for local ones, and how it is read."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from quotes.model import SkipReason, SpeakerKind

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Attributed:
    """One attribution as answered: numbers and anchors that still have to be found in the text.

    *at* is the line of the cue; *who* a roster number (0: none) or the speaker's fullest printed form; *marks*
    the marks that are wholly content; *clauses* anchors of the form ``first words … last words``.
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
    """A validator for *schema*: build it once, it costs ten times a validation.

    Raises:
        jsonschema.SchemaError: *schema* is no JSON Schema.
    """
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def read_answer(content: str, validator: Validator) -> Answer:
    """Parse and validate the text of a reply.

    Raises:
        BrokenAnswer: it is not JSON, or not of the schema.
    """
    fenced = _FENCE.match(content)
    try:
        value = json.loads(fenced.group(1) if fenced else content)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswer(f"the reply is not JSON: {str(error)[:120]}") from None
    problem = next(iter(validator.iter_errors(value)), None)
    if problem is not None:
        raise BrokenAnswer(f"{problem.json_path}: {problem.message[:200]}")
    return Answer(
        tuple(_attributed(item) for item in value["attributions"]),
        tuple(NotAQuote(int(i["mark"]), cast(SkipReason, i["as"]), i) for i in value["not_quotes"]),
    )


def tighten(schema: Mapping[str, Any], *, lines: int, marks: int, roster: int, most: int) -> dict[str, Any]:
    """*schema* with the numbers that exist in one chunk as enums and its lists bounded.

    *lines*, *marks* and *roster* are how many of each the chunk shows, *most* how many attributions may come.
    A local engine then cannot point nowhere, nor go on listing until it runs out of tokens.
    """
    tight = copy.deepcopy(dict(schema))
    attributions, not_quotes = tight["properties"]["attributions"], tight["properties"]["not_quotes"]
    fields = attributions["items"]["properties"]
    fields["at"] = _one_of(1, lines)
    fields["who"] = {"anyOf": [_one_of(0, roster), {"type": "string", "maxLength": 80}]}
    attributions["maxItems"] = most
    for holder in (fields["marks"], not_quotes):
        holder["maxItems"] = marks
    if marks:
        fields["marks"]["items"] = _one_of(1, marks)
        not_quotes["items"]["properties"]["mark"] = _one_of(1, marks)
    fields["clauses"]["maxItems"] = 6
    return tight


def _one_of(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "enum": list(range(low, high + 1))}


def _attributed(item: Mapping[str, Any]) -> Attributed:
    who = item["who"]
    return Attributed(
        at=int(item["at"]),
        cue=item["cue"],
        speaker=item["speaker"],
        who=who if isinstance(who, str) else int(who),
        kind=cast(SpeakerKind, item["kind"]),
        marks=tuple(int(mark) for mark in item["marks"]),
        clauses=tuple(item["clauses"]),
        item=item,
    )
