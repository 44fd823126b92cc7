"""Promise 1 at its hardest: what a model changes by one word is no evidence, wherever in its answer it stands."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.model import Span
from tests.extraction.conducting import answer, attribution, extract, model_engine
from tests.strategies import articles

_SAID = "the harbour board will not raise berth fees before next spring and never lets small boats wait"
_SENTENCE = f"Councillor Wilma Tersk flatly announced that {_SAID}."
_OTHER_WORDS = ["gladly", "always", "no", "seldom"]


@dataclass(frozen=True)
class Altered:
    """Words as printed, and as a model would have them."""

    printed: str
    claimed: str


@st.composite
def alterations(draw: st.DrawFn, printed: str) -> Altered:
    """*printed*, or a stretch of it, with a word left out, added, changed, moved or cut short."""
    words = printed.split()
    start = draw(st.integers(0, len(words) - 2))
    stretch = words[start : draw(st.integers(start + 2, len(words)))]
    at = draw(st.integers(0, len(stretch) - 1))
    word = stretch[at]
    added, cut = [draw(st.sampled_from(_OTHER_WORDS))], word[: max(1, len(word) // 2)]
    changed = [[*stretch[:at], *added, *stretch[at + 1 :]], [*stretch[: at + 1], *added, *stretch[at + 1 :]]]
    if 0 < at < len(stretch) - 1:
        changed.append(stretch[:at] + stretch[at + 1 :])
    if len(word) > 1:
        changed.append([*stretch[:at], cut, *stretch[at + 1 :]])
    if stretch != stretch[::-1]:
        changed.append(stretch[::-1])
    return Altered(" ".join(stretch), " ".join(draw(st.sampled_from(changed))))


@given(articles, st.data())
@settings(max_examples=60)
def test_a_clause_with_a_word_altered_gives_no_content(around: str, data: st.DataObject) -> None:
    altered = data.draw(alterations(_SAID))
    text = f"{_SENTENCE}\n\n{around}"
    assert _contents(text, altered.printed) != []
    assert _contents(text, altered.claimed) == []


@given(articles, st.data())
@settings(max_examples=60)
def test_a_clause_whose_first_or_last_words_are_altered_gives_no_content(around: str, data: st.DataObject) -> None:
    head, tail = _SAID[:40].rsplit(" ", 1)[0], _SAID[-40:].split(" ", 1)[1]
    altered = data.draw(alterations(data.draw(st.sampled_from([head, tail]))))
    clause = f"{altered.claimed} … {tail}" if altered.printed in head else f"{head} … {altered.claimed}"
    assert _contents(f"{_SENTENCE}\n\n{around}", clause) == []


@given(articles, st.data())
@settings(max_examples=60)
def test_an_altered_cue_or_speaker_is_not_put_into_the_record(around: str, data: st.DataObject) -> None:
    cue, speaker = "flatly announced", "Councillor Wilma Tersk"
    wrong_cue, wrong_speaker = (data.draw(alterations(words)).claimed for words in (cue, speaker))
    text = f"{_SENTENCE}\n\n{around}"
    said = attribution(1, cue=wrong_cue, speaker=wrong_speaker, said=[_SAID])
    for quote in extract(text, lambda _request: answer(said), model_engine()).quotes:
        if quote.by == ("rules",):
            continue
        printed = [piece.of(text) for piece in (*quote.cue, *quote.speaker.mention)]
        assert wrong_cue not in printed
        assert wrong_speaker not in printed


def _contents(text: str, clause: str) -> list[Span]:
    """The content that a model's attribution of *clause* leads to, at the place of the sentence it is about."""
    said = attribution(1, cue="announced", speaker="Wilma Tersk", said=[clause])
    found = extract(text, lambda _request: answer(said), model_engine())
    return [piece for quote in found.quotes if "model" in quote.by for piece in quote.content]
