"""Resolution: from the words next to a cue to the speaker, with the fullest name the article prints for it."""

from __future__ import annotations

from quotes.model import Span, Speaker, SpeakerKind
from quotes.text.cues import Lexicon
from quotes.text.names import Name
from quotes.text.rules.cast import Cast
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.phrases import Subject, is_couple
from quotes.text.rules.units import Unit
from quotes.text.rules.wordclasses import OFFICES, PREPOSITIONS


def speaker_of(text: str, unit: Unit, subject: Subject, cast: Cast, lexicon: Lexicon) -> Speaker:
    """The speaker a subject stands for.

    A pronoun goes to the nearest fitting name before it, else it stays without a name; "the mayor" goes to whom the
    article calls mayor; a mention that is no name ("residents") is its own name.
    """
    mention = unit.cover(subject.first, subject.last)
    if subject.how == "pronoun":
        return _pronoun(unit, subject, mention, cast, lexicon)
    grammar = Grammar(unit, lexicon)
    head = _head(grammar, subject)
    if is_couple(grammar, subject.first):
        return Speaker((mention,), mention.of(text), mention, "group")
    if unit.names[head] >= 0 and not unit.lows[head].endswith(("'s", "s'")):
        entry = cast.roster[unit.names[head]]
        return _named(unit.cover(subject.first, head + 1), entry)
    if unit.low(subject.first) in lexicon.words.get("definite", frozenset()):
        bearer = cast.titled(mention.start, unit.lows[head], plain=head == subject.first + 1)
        if bearer is not None and head == subject.last - 1:
            return _named(mention, bearer)
    return Speaker((mention,), mention.of(text), mention, _kind(unit, subject, head, lexicon))


def _named(mention: Span, entry: Name) -> Speaker:
    return Speaker((mention,), entry.name, entry.full, entry.kind)


def _head(grammar: Grammar, subject: Subject) -> int:
    """The head of a noun phrase: the last word before its first preposition or comma."""
    for i in range(subject.first + 1, subject.last):
        office = grammar.is_in(i + 1, OFFICES) and grammar.is_name(i + 2)  # chief of staff Ida Krell
        ends = (grammar.is_in(i, PREPOSITIONS) and not office) or grammar.unit.lows[i] in {",", "(", "["}
        if ends and grammar.unit.names[i] < 0:
            return i - 1
    return subject.last - 1


def _pronoun(unit: Unit, subject: Subject, mention: Span, cast: Cast, lexicon: Lexicon) -> Speaker:
    word = unit.lows[subject.first]
    if any(lexicon.has(relative, word) for relative in ("who", "which", "that")):
        before = next((i for i in range(subject.first - 1, max(-1, subject.first - 4), -1) if unit.names[i] >= 0), None)
        return Speaker((mention,)) if before is None else _named(mention, cast.roster[unit.names[before]])
    if lexicon.has("plural", word):
        return Speaker((mention,), kind="group")
    gender = next((gender for gender in ("male", "female") if lexicon.has(gender, word)), None)
    if gender is None:
        return Speaker((mention,))
    entry = cast.antecedent(mention.start, gender)
    return (
        Speaker((mention,), kind="person") if entry is None else Speaker((mention,), entry.name, entry.full, "person")
    )


def _kind(unit: Unit, subject: Subject, head: int, lexicon: Lexicon) -> SpeakerKind:
    word, first = unit.lows[head], unit.lows[subject.first]
    if unit.quotes[head] >= 0 or lexicon.has("documents", word):
        return "document"
    if lexicon.has("organizations", word) or lexicon.has("org_words", word):
        return "organization"
    if lexicon.has("groups", word) or (word.endswith("s") and not word.endswith(("ss", "us", "'s"))):
        return "group"
    if lexicon.has("anonymous", word) or lexicon.has("articles", first):
        return "anonymous"
    return "person" if lexicon.has("titles", word) else "unknown"
