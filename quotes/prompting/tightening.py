"""The tight schema: a pack's own narrowed to what a chunk shows, so that no weak model points at what is not there.

Every chunk has another one, a hundred forms of an attribution long, and its text is what is needed of it: for the key,
and to be sent. So it is made as text, of templates that are taken from the pack once, and read back as JSON.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, Final, Literal, TypeAlias

from quotes.exchange import Written
from quotes.prompting.rendering import Offer

_Frame: TypeAlias = Literal["by line", "none by line", "any", "none of any"]
"""What a schema says of the attributions: one for each line, in their order, or some in any order; each may be none."""

_SLOT: Final = "\ue000%s\ue001"
_EMPTY: Final = '[""]'


@dataclass(frozen=True, slots=True)
class _Text:
    """A part of a schema in the two orders its keys are written in: as the pack has them, and sorted."""

    plain: str
    canonical: str


class _Template:
    """The text of a part of a schema with slots in it, each of which takes JSON."""

    def __init__(self, part: Any, *slots: str) -> None:
        self._plain = _with_slots(json.dumps(part, separators=(",", ":"), ensure_ascii=False), slots)
        canonical = json.dumps(part, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
        self._canonical = _with_slots(canonical, slots)

    def filled(self, **texts: str | int) -> _Text:
        """The text with *texts* in the slots of those names."""
        return _Text(self._plain % texts, self._canonical % texts)

    def around(self, held: Sequence[_Text], **texts: str | int) -> _Text:
        """As `filled`, with *held* in the slot ``held``, one after the other."""
        return _Text(
            self._plain % {**texts, "held": ",".join([one.plain for one in held])},
            self._canonical % {**texts, "held": ",".join([one.canonical for one in held])},
        )


def _with_slots(text: str, slots: Iterable[str]) -> str:
    text = text.replace("%", "%%")
    for slot in slots:
        text = text.replace(f'"{_SLOT % slot}"', f"%({slot})s")
    return text


class Tightening:
    """Tight schemas of one pack."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """*schema* is the pack's own."""
        self._schema = schema
        self._frames: dict[_Frame, _Template] = {}
        item = copy.deepcopy(schema["properties"]["attributions"]["items"])
        self._kinds = [kind for variant in item["properties"]["who"]["anyOf"] for kind in variant["required"]]
        item["properties"]["who"] = {"$ref": "#/$defs/who"}
        self._item = item
        at, cue, speaker = _numbers("at"), _words("cue"), _words("speaker")
        few, many = _slot("few"), _slot("many")
        marks = {"type": "array", "items": _numbers("said"), "minItems": 1, "maxItems": many}
        clauses = {"type": "array", "items": _words("said"), "minItems": few, "maxItems": many}
        slots = ("at", "cue", "speaker", "said", "few", "many")
        self._of_marks = _Template(_narrowed(item, at=at, cue=cue, speaker=speaker, said=marks), *slots)
        self._of_clauses = _Template(_narrowed(item, at=at, cue=cue, speaker=speaker, said=clauses), *slots)
        nothing = {"type": "array", "items": {"type": "integer"}, "maxItems": 0}
        nobody = _keyed("unknown", {"type": "integer", "enum": [0]})
        self._of_nothing = _Template(_narrowed(item, at=at, cue=cue, speaker=speaker, who=nobody, said=nothing), *slots)
        self._line = _Template({"anyOf": [_slot("held")]}, "held")

    def schema(self, offers: Sequence[Offer], *, short_marks: Sequence[bool], roster: int, most: int | None) -> Written:
        """The schema of an answer about a chunk.

        The answer has one attribution for each line that offers something, in their order, with a cue, a mention
        and clauses which this very line prints and marks near it, or nothing at all: the model decides line by
        line, and can neither skip lines nor go round in circles. *short_marks* tells of each mark shown whether it
        is short enough for a title or a term: a long one can only be attributed. *roster* is how many names are
        shown. *most* is given where only some of the lines are asked about: then that many attributions may come,
        in any order.
        """
        short = [number for number, is_short in enumerate(short_marks, 1) if is_short]
        lines = [shapes for n, offer in enumerate(offers, 1) if (shapes := list(self._shapes(n, offer, short)))]
        frame: _Frame
        if most is None:
            frame = "by line" if lines else "none by line"
            held = [self._line.around(shapes) for shapes in lines]
        else:
            frame = "any" if lines else "none of any"
            held = [shape for shapes in lines for shape in shapes]
        text = self._frame(frame).around(
            held,
            most=most or 0,
            who=_list(map(str, range(roster + 1))),
            short=_list(map(str, short or [1])),
            many=len(short),
        )
        return Written(json.loads(text.plain), plain=text.plain, canonical=text.canonical)

    def _shapes(self, number: int, offer: Offer, short: Sequence[int]) -> Iterator[_Text]:
        """The forms an attribution in a line can take: of marks, of the clauses of a cue, or of nothing."""
        at = f"[{number}]"
        if offer.marks:
            yield self._of_marks.filled(
                at=at,
                cue=_either(*offer.cues, ""),
                speaker=_either(*offer.mentions, ""),
                said=_list(map(str, offer.marks)),
                many=len(offer.marks),
            )
        for choice in offer.choices:
            count = len(choice.clauses)
            yield self._of_clauses.filled(
                at=at,
                cue=_either(choice.cue),
                speaker=_either(*choice.mentions, ""),
                said=_either(*choice.clauses),
                few=count,
                many=count,
            )
        if (offer.cues and offer.marks) or offer.choices or not set(short).isdisjoint(offer.marks):
            yield self._of_nothing.filled(at=at, cue=_EMPTY, speaker=_EMPTY)

    def _frame(self, frame: _Frame) -> _Template:
        """The schema around the forms of attributions."""
        if frame not in self._frames:
            tight = copy.deepcopy(dict(self._schema))
            attributions, not_quotes = tight["properties"]["attributions"], tight["properties"]["not_quotes"]
            someone = {"anyOf": [_keyed(kind, _numbers("who")) for kind in self._kinds]}
            tight["$defs"] = {**tight.get("$defs", {}), "who": someone}
            attributions["items"] = self._item
            _ATTRIBUTIONS[frame](attributions)
            not_quotes["items"] = _narrowed(not_quotes["items"], mark=_numbers("short"))
            not_quotes["maxItems"] = _slot("many")
            self._frames[frame] = _Template(tight, "held", "most", "who", "short", "many")
        return self._frames[frame]


def _by_line(attributions: dict[str, Any]) -> None:
    del attributions["items"]
    attributions["prefixItems"] = [_slot("held")]


def _none_by_line(attributions: dict[str, Any]) -> None:
    del attributions["items"]
    attributions["maxItems"] = 0


def _any(attributions: dict[str, Any]) -> None:
    attributions |= {"items": {"anyOf": [_slot("held")]}, "maxItems": _slot("most")}


def _none_of_any(attributions: dict[str, Any]) -> None:
    attributions["maxItems"] = 0


_ATTRIBUTIONS: Final[Mapping[_Frame, Callable[[dict[str, Any]], None]]] = {
    "by line": _by_line,
    "none by line": _none_by_line,
    "any": _any,
    "none of any": _none_of_any,
}


def _slot(name: str) -> str:
    return _SLOT % name


def _numbers(slot: str) -> dict[str, Any]:
    return {"type": "integer", "enum": _slot(slot)}


def _words(slot: str) -> dict[str, Any]:
    return {"type": "string", "enum": _slot(slot)}


def _keyed(kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {kind: value}, "required": [kind], "additionalProperties": False}


def _narrowed(item: Mapping[str, Any], **fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "properties": {**item["properties"], **fields}}


def _either(*words: str) -> str:
    return _list(map(encode_basestring, dict.fromkeys(words)))


def _list(texts: Iterable[str]) -> str:
    return f"[{','.join(texts)}]"
