"""The tight schema is made as text: it says, key by key, what one put together of objects says, in both orders."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.exchange import canonical_json
from quotes.prompting import load_pack
from quotes.prompting.rendering import Choice, Offer
from quotes.prompting.tightening import Tightening

WORDS = st.one_of(st.sampled_from(["said", "", '"', "\\", "a … b", "%(at)s", "%", "{}"]), st.text(max_size=5))
TUPLES = st.lists(WORDS, max_size=3).map(tuple)
CHOICES = st.builds(Choice, WORDS, st.lists(WORDS, min_size=1, max_size=2).map(tuple), TUPLES)
MARKS = st.lists(st.integers(1, 9), max_size=3, unique=True).map(tuple)
OFFERS = st.builds(Offer, TUPLES, TUPLES, st.lists(CHOICES, max_size=3).map(tuple), MARKS)


@pytest.fixture(scope="module", params=["news", "own"])
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The shipped schema, and one of somebody's own: another order of its keys, fields and definitions of its own."""
    shipped: dict[str, Any] = copy.deepcopy(dict(load_pack().schema))
    if request.param == "news":
        return shipped
    item = shipped["properties"]["attributions"]["items"]
    item["properties"] = {"why": {"type": "string", "description": '100 % "sure"'}, **item["properties"]}
    item["required"].append("why")
    shipped["properties"] = dict(reversed(shipped["properties"].items()))
    shipped["properties"]["attributions"]["maxItems"] = 50
    return {"title": "Zuschreibungen …", "$defs": {"own": {"type": "null"}}, **shipped}


@given(
    offers=st.lists(OFFERS, max_size=4),
    short=st.lists(st.booleans(), max_size=9),
    roster=st.integers(0, 3),
    most=st.one_of(st.none(), st.integers(0, 12)),
)
def test_a_tight_schema_is_the_packs_own_narrowed(
    schema: dict[str, Any], offers: list[Offer], short: list[bool], roster: int, most: int | None
) -> None:
    made = Tightening(schema).schema(offers, short_marks=short, roster=roster, most=most)
    expected = _narrowed_by_hand(schema, offers, short_marks=short, roster=roster, most=most)
    assert json.dumps(made) == json.dumps(expected)
    assert made.plain == json.dumps(expected, separators=(",", ":"), ensure_ascii=False)
    assert made.canonical.encode("utf-8", "surrogatepass") == _canonical(expected)


def _canonical(value: Any) -> bytes:
    try:
        return canonical_json(value)
    except UnicodeEncodeError:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8", "surrogatepass")


def _narrowed_by_hand(
    schema: Mapping[str, Any], offers: Sequence[Offer], *, short_marks: Sequence[bool], roster: int, most: int | None
) -> dict[str, Any]:
    """The same as plain objects, put together one by one."""
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
