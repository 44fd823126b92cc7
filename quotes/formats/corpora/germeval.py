"""GermEval 2023 (SpkAtt), both layouts of its JSON: sentences of tokens, annotations that name tokens as "3:12"."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quotes.errors import InputError
from quotes.formats.corpora.gold import GoldQuote
from quotes.formats.corpora.tokens import align, lay_out, usual_gaps
from quotes.record import shortened

_PARTS = {"content": ("Message",), "cue": ("Cue", "PTC"), "speaker": ("Source",)}
_FORM = '{"Sentences": [{"SentenceId": 0, "Tokens": […]}], "Annotations": […]} is the form'


@dataclass(frozen=True, slots=True)
class _Speech:
    """The tokens of a document, the number of each by its place ("3:12"), and its annotations."""

    tokens: list[str]
    numbers: Mapping[str, int]
    annotations: list[Any]


def read_speech(data: str, raw: str | None, where: str) -> tuple[str, tuple[GoldQuote, ...], int]:
    """Text and quotes of the document *data*, and how many of its annotations have no message.

    Source, Cue with its particle (PTC), and Message are the speaker, cue and content; Addr, Topic, Medium and
    Evidence are not in gold. With *raw* every token is looked up there, else the text is made of the tokens.

    Raises:
        InputError: not of either layout, an annotation names a token that is not there, or *raw* prints others.
    """
    speech = _speech(data, where)
    laid = lay_out(speech.tokens, usual_gaps(speech.tokens)) if raw is None else align(speech.tokens, raw, where)
    quotes = []
    for number, annotation in enumerate(speech.annotations, start=1):
        if not isinstance(annotation, dict):
            raise InputError(f"annotation {number} is no object", where=where, remedy=_FORM)
        spans = {part: laid.spans(_tokens(annotation, part, number, speech, where)) for part in _PARTS}
        if spans["content"]:
            quotes.append(GoldQuote(spans["content"], spans["cue"], spans["speaker"]))
    return laid.text, tuple(quotes), len(speech.annotations) - len(quotes)


def _speech(data: str, where: str) -> _Speech:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", where=where, remedy=_FORM) from None
    tokens: list[str] = []
    numbers: dict[str, int] = {}
    annotations: list[Any] = []
    for name, sentence in _sentences(value, where):
        found = sentence.get("Tokens")
        if not isinstance(found, list) or not all(isinstance(token, str) and token.strip() for token in found):
            raise InputError(f"sentence {name}: its tokens are no list of words", where=where, remedy=_FORM)
        numbers.update((f"{name}:{place}", len(tokens) + place) for place in range(len(found)))
        tokens += found
        annotations += _listed(sentence, f"sentence {name}", where)
    annotations += _listed(value, "the document", where) if isinstance(value.get("Sentences"), list) else []
    return _Speech(tokens, numbers, annotations)


def _sentences(value: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The sentences with their names: a list of their own, or (the alternative layout) the object's values."""
    if not isinstance(value, dict):
        raise InputError("no object", where=where, remedy=_FORM)
    listed = value.get("Sentences")
    pairs = (
        [(sentence.get("SentenceId") if isinstance(sentence, dict) else None, sentence) for sentence in listed]
        if isinstance(listed, list)
        else list(value.items())
    )
    for name, sentence in pairs:
        if name is None or not isinstance(sentence, dict):
            raise InputError("a sentence that is no object with a SentenceId", where=where, remedy=_FORM)
        yield str(name), sentence


def _listed(value: Mapping[str, Any], what: str, where: str) -> list[Any]:
    annotations = value.get("Annotations", [])
    if not isinstance(annotations, list):
        raise InputError(f"the annotations of {what} are no list", where=where, remedy=_FORM)
    return annotations


def _tokens(annotation: Mapping[str, Any], part: str, number: int, speech: _Speech, where: str) -> Iterator[int]:
    for role in _PARTS[part]:
        named = annotation.get(role, [])
        for place in named if isinstance(named, list) else [named]:
            if not isinstance(place, str) or place not in speech.numbers:
                what = f"annotation {number}: {role} names “{shortened(place)}”, and there is no such token"
                raise InputError(what, where=where, remedy="a token is SENTENCE:PLACE, as in 3:12")
            yield speech.numbers[place]
