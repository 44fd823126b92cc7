"""One proposed attribution shown to be judged, its request, and how far the reply says yes.

One at a time: a small model that tells right from wrong when it is asked about one attribution does hardly better than
chance when several stand in one request.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from quotes.exchange import Reply, Request, Written
from quotes.model import Attribution, Span
from quotes.prompting.dialect import Dialect, Message
from quotes.prompting.packs import PromptPack
from quotes.prompting.requests import PromptSettings, chat_body
from quotes.prompting.response import parse_answer
from quotes.text import Reading

PLAIN_ODDS = 2.0
"""Log-odds that a bare yes counts for where the endpoint gives no log-probabilities; a bare no counts for as much
less than even."""

_ALTERNATIVES = 5
"""Alternatives to each token that are asked for."""

_FLOOR = 1e-6
"""Probability that yes and no are given beside their own, so that the odds are finite."""

_LONGEST = 700
"""Code points of a sentence that are shown."""

_LOOKED_AT = 20 * _LONGEST
"""Code points of the text that are read for them: white space folds, but a page of it hides nothing worth showing."""

_NO_BRACKETS = str.maketrans("[]", "()")
_AROUND_WORDS = " \t\r\n\"'{}:,."


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as the model sees it: *sentence* with the content in brackets, and the *source*, which may be empty.

    Both are one line, and the only brackets are those around the content.
    """

    sentence: str
    source: str


def show_proposal(reading: Reading, attribution: Attribution) -> Shown:
    """*attribution* within the sentences of *reading* that its content and cue stand in."""
    text = reading.text
    parts = sorted((*attribution.content, *attribution.cue))
    place = _sentences_around(reading, Span(parts[0].start, max(part.end for part in parts)))
    sentence = _folded("".join(_bracketed(text, place, attribution.content)))
    if len(sentence) > _LONGEST:
        sentence = sentence[:_LONGEST] + " …"
    source = " … ".join(mention.of(text).translate(_NO_BRACKETS) for mention in attribution.speaker.mention)
    return Shown(sentence, _folded(source))


def judge_request(settings: PromptSettings, shown: Shown, *, article: str, chunk: int) -> Request:
    """The request that asks whether *shown* is right. *chunk* is the number of its sentence in *article*."""
    question = {"role": "user", "content": _rendered(settings.pack, shown)}
    body = chat_body(settings, (*_preamble(settings.pack, settings.dialect), question), settings.pack.written_schema)
    weighed = {"logprobs": True, "top_logprobs": _ALTERNATIVES}
    return Request(body | weighed, settings.label, article=article, chunk=chunk)


def read_odds(reply: Reply, pack: PromptPack) -> float:
    """The log-odds (natural logarithm) of yes in *reply*: above 0 the model says yes.

    They are those of the token that decides, else what a bare answer counts for.

    Raises:
        BrokenAnswer: the reply is no answer to a request of *pack*.
    """
    said = parse_answer(reply.content, pack.form)["said"]
    for token in reply.logprobs:
        if token and _word(token[0][0]) in ("yes", "no"):
            return _odds(token)
    return PLAIN_ODDS if said == "yes" else -PLAIN_ODDS


def _odds(token: tuple[tuple[str, float], ...]) -> float:
    weights = {"yes": _FLOOR, "no": _FLOOR}
    for text, logprob in token:
        if (word := _word(text)) in weights:
            weights[word] += math.exp(logprob)
    return round(math.log(weights["yes"] / weights["no"]), 4)


def _word(token: str) -> str:
    """The word of *token*, which may bring some of the JSON around it."""
    return token.strip(_AROUND_WORDS).lower()


def _sentences_around(reading: Reading, span: Span) -> Span:
    """*span*, widened to the whole of each sentence it shares a character with."""
    sentences = reading.sentences
    at = bisect_right(sentences, span.start, key=lambda sentence: sentence.end)
    start, end = span
    while at < len(sentences) and sentences[at].start < span.end:
        start, end = min(start, sentences[at].start), max(end, sentences[at].end)
        at += 1
    return Span(start, min(end, start + _LOOKED_AT))


def _bracketed(text: str, place: Span, content: tuple[Span, ...]) -> Iterator[str]:
    """The parts of *text* in *place*, each piece of *content* in brackets and none of the text's own."""
    position = place.start
    for piece in content:
        start, end = min(piece.start, place.end), min(piece.end, place.end)
        yield text[position:start].translate(_NO_BRACKETS)
        if start < end:
            yield f"[{text[start:end].translate(_NO_BRACKETS)}]"
        position = end
    yield text[position : place.end].translate(_NO_BRACKETS)


@lru_cache(maxsize=8)
def _preamble(pack: PromptPack, dialect: Dialect) -> tuple[Message, ...]:
    messages = [{"role": "system", "content": pack.system}]
    for example in pack.judged:
        messages += [
            {"role": "user", "content": _rendered(pack, Shown(example.sentence, example.source))},
            {"role": "assistant", "content": json.dumps(example.answer, ensure_ascii=False)},
        ]
    return tuple(map(Written, dialect.preamble(messages, pack.schema)))


def _rendered(pack: PromptPack, shown: Shown) -> str:
    return pack.user_template.render(sentence=shown.sentence, source=shown.source).strip()


def _folded(text: str) -> str:
    return " ".join(text.split())
