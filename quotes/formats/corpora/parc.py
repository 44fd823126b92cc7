"""PARC 3 as it is distributed: the trees of the Penn Treebank in XML, the attributions below each WORD."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from quotes.errors import InputError
from quotes.formats.corpora.gold import GoldQuote
from quotes.formats.corpora.tokens import PARAGRAPH, LaidOut, align, lay_out, usual_gaps

_PARTS = {"content": "content", "cue": "cue", "source": "speaker"}
_TRACES = frozenset({"-none-", "none"})


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a document: their texts, the offsets given in bytes, the first ones of sentences, their elements."""

    texts: list[str]
    offsets: list[tuple[int, int] | None]
    firsts: frozenset[int]
    elements: list[Element]


def read_parc(data: bytes, raw: str | None, where: str) -> tuple[str, tuple[GoldQuote, ...], int]:
    """Text and quotes of the document *data*, and how many of its attributions have no content.

    With *raw*, the article as the treebank prints it, every word is looked up there. Without, the text is
    made of the words, with white space where ``ByteCount`` leaves room for some; brackets and quotation
    marks that the treebank writes as words become marks. Nested attributions are quotes of their own.

    Raises:
        InputError: no XML of this kind, a role that is unknown, or *raw* prints other words.
    """
    words = _words(_root(data, where), where)
    laid = lay_out(words.texts, _gaps(words)) if raw is None else align(words.texts, raw, where)
    tokens: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, element in enumerate(words.elements):
        for name, part in _roles(element, where):
            tokens[name][part].append(number)
    quotes = [_quote(laid, parts) for parts in tokens.values() if parts["content"]]
    return laid.text, tuple(quotes), len(tokens) - len(quotes)


def _root(data: bytes, where: str) -> Element:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise InputError("declares entities, which PARC has not", where=where, remedy="name a file of PARC 3")
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        line, column = error.position
        what = f"no XML: {str(error).split(':')[0]} at character {column + 1}"
        raise InputError(what, where=f"{where} line {line}", remedy="name a file of PARC 3") from None


def _words(root: Element, where: str) -> _Words:
    words = _Words([], [], frozenset(), [])
    firsts = set()
    for sentence in _below(root, "sentence"):
        firsts.add(len(words.texts))
        for word in _below(sentence, "word"):
            text = word.get("text")
            if text is None:
                raise InputError(
                    f"word {len(words.texts) + 1} has no text", where=where, remedy="name a file of PARC 3"
                )
            if text and (word.get("pos") or "").lower() not in _TRACES:
                words.texts.append(text)
                words.offsets.append(_offsets(word.get("ByteCount") or ""))
                words.elements.append(word)
    if not words.texts:
        raise InputError("holds no WORD in a SENTENCE", where=where, remedy="name a file of PARC 3")
    return _Words(words.texts, words.offsets, frozenset(firsts), words.elements)


def _below(element: Element, tag: str) -> Iterator[Element]:
    return (below for below in element.iter() if below.tag.lower() == tag)


def _offsets(value: str) -> tuple[int, int] | None:
    first, _, last = value.partition(",")
    return (int(first), int(last)) if first.isdecimal() and last.isdecimal() else None


def _gaps(words: _Words) -> list[str]:
    """White space where the offsets leave room for some; a sentence two bytes or more away begins a paragraph."""
    usual = usual_gaps(words.texts)
    gaps = usual[:1]
    for number in range(1, len(words.texts)):
        before, here = words.offsets[number - 1], words.offsets[number]
        room = here[0] - before[1] if before and here else None
        if room is None or room < 0:
            gaps.append(usual[number])
        elif room > 1 and number in words.firsts:
            gaps.append(PARAGRAPH)
        else:
            gaps.append(" " if room else "")
    return gaps


def _roles(word: Element, where: str) -> Iterator[tuple[str, str]]:
    """The attributions that *word* belongs to, by their ids, and as what."""
    for attribution in _below(word, "attribution"):
        name = attribution.get("id")
        for role in _below(attribution, "attributionrole"):
            value = role.get("roleValue")
            if not name or value not in _PARTS:
                what = f"attribution {name}: its role is “{value}”"
                raise InputError(what, where=where, remedy=f"roles are {', '.join(_PARTS)}")
            yield name, _PARTS[value]


def _quote(laid: LaidOut, parts: dict[str, list[int]]) -> GoldQuote:
    return GoldQuote(laid.spans(parts["content"]), laid.spans(parts["cue"]), laid.spans(parts["speaker"]))
