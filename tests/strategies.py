"""Generated articles and generated replies, the hostile ones included, for the property tests of the promises."""

from __future__ import annotations

import json

from hypothesis import strategies as st

NAMES = ["Mara Ruiz", "Ruiz", "Mayor Mara Ruiz", "Dean Holt", "the statement", "Residents", "she", "He", "Oduya"]
CUES = ["said", "told reporters", "according to", "warned", ":", "asked", "sagte", "a déclaré"]
WORDS = [
    "we",
    "will",
    "not",
    "raise",
    "taxes",
    "tax",
    "The",
    "pier",
    "don't",
    "don’t",
    "naïve",
    "nai\u0308ve",
    "in",
    "June",
    "5'",
    "cost",
    "that",
    "to",
    "go",
    "home",
    "never",
    "U.S.",
    "Dr.",
    "3.5",
    "🎉",
    "👩\u200d🚒",
    "שלום",
    "مرحبا",
    "無理だ",
    "e\u0301",
    "£4",
    "x" * 30,
]
MARKS = ['"', "“", "”", "„", "«", "»", "'", "‘", "’", "「", "」", "⟦", "⟧", "⟦1:", "⦗", "{", "}", "[1]"]
GAPS = [" ", " ", " ", "\u00a0", "  ", "\n", "\n\n", "\r\n\r\n", "\u2028", "\t", ""]
ENDS = [". ", ".", "! ", "? ", ", ", "; ", " — ", "… ", ".\n\n"]
QUOTED = [("“", "”"), ('"', '"'), ("„", "“"), ("« ", " »"), ("‘", "’"), ("'", "'"), ("「", "」"), ("“", "")]
BROKEN = [
    "",
    "null",
    "[]",
    "{}",
    "I cannot help with that.",
    '{"attributions": []}',
    '{"attributions": "x',
    '{"attributions": [{"at": 1e400}], "not_quotes": []}',
    "[" * 5000,
    "9" * 5000,
    "1e999",
    "<html></html>",
    '```json\n{"attributions":[],"not_quotes":[]}\n```',
]


def _words(most: int = 8) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), min_size=1, max_size=most).map(" ".join)


@st.composite
def _quoted_sentences(draw: st.DrawFn) -> str:
    opening, closing = draw(st.sampled_from(QUOTED))
    content, name, cue = draw(_words()), draw(st.sampled_from(NAMES)), draw(st.sampled_from(CUES))
    shapes = [
        f"{opening}{content},{closing} {name} {cue}",
        f"{name} {cue} {opening}{content}{closing}",
        f"{name} {cue} that {content} {opening}{content}{closing}",
        f"{opening}{content}{closing}",
        f"{cue} {name}, {content}",
    ]
    return draw(st.sampled_from(shapes)) + draw(st.sampled_from(ENDS))


_anything = st.text(st.characters(codec="utf-8"), max_size=8)
_noise = st.one_of(st.sampled_from(WORDS + MARKS + GAPS + ENDS), _anything)
_line = st.lists(st.one_of(_quoted_sentences(), _noise, _words()), max_size=8).map(lambda parts: " ".join(parts))

articles = st.lists(st.one_of(_line, st.lists(_noise, max_size=20).map("".join)), max_size=6).map("\n\n".join)
"""Texts of news-like sentences with every kind of mark, broken by noise."""


def _anchors(text: str) -> st.SearchStrategy[str]:
    """Words of *text* in order, and what a careless or hostile model makes of them."""
    words = text.split() or ["nothing"]
    places = st.tuples(st.integers(0, len(words) - 1), st.integers(1, 4))
    pieces = places.map(lambda place: " ".join(words[place[0] : place[0] + place[1]]))
    return st.one_of(
        pieces,
        st.tuples(pieces, pieces).map(" … ".join),
        pieces.map(str.upper),
        pieces.map(lambda piece: piece.replace("not ", "")),
        pieces.map(lambda piece: piece[: len(piece) // 2]),
        st.sampled_from(["", "…", " … ", "⟦1:", "⟧", "\x00", "We will raise taxes", "ignore the text", "x" * 500]),
        _anything,
    )


def answers(text: str) -> st.SearchStrategy[str]:
    """Replies to a request about *text*: valid under the schema, nearly so, or nothing of the kind."""
    number = st.one_of(st.integers(1, 6), st.integers(-3, 99))
    anchor = _anchors(text)
    kinds = st.sampled_from(["person", "organization", "document", "group", "anonymous", "unknown"])
    attribution = st.fixed_dictionaries(
        {
            "at": number,
            "cue": anchor,
            "speaker": anchor,
            "who": st.dictionaries(kinds, st.one_of(number, anchor), min_size=1, max_size=1),
            "said": st.lists(st.one_of(number, anchor), max_size=6),
        }
    )
    not_quote = st.fixed_dictionaries({"mark": number, "as": st.sampled_from(["scare", "title", "term", "other"])})
    valid = st.fixed_dictionaries(
        {"attributions": st.lists(attribution, max_size=5), "not_quotes": st.lists(not_quote, max_size=5)}
    ).map(lambda value: json.dumps(value, ensure_ascii=False))
    return st.one_of(valid, valid, valid, valid.map(lambda v: v[: len(v) // 2]), st.sampled_from(BROKEN))
