"""Naming: the speaker a reviewer means by choosing a name of the roster, or by marking words of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quotes.model import Span, Spans, SpeakerKind
from quotes.review.decisions import Choice
from quotes.text import Mentions, Name, is_pronoun


def without_speaker(choice: Choice) -> Choice:
    """*choice* with no speaker printed."""
    return replace(choice, mention=(), name_span=None, kind="unknown")


def with_name(choice: Choice, name: Span, roster: Sequence[Name]) -> Choice:
    """*choice* spoken by the one whose fullest form is printed at *name*.

    Words that may well stand for them ("she", "the mayor") stay the mention; where there is none, or it is another's
    name, their mention nearest to the quote becomes it.
    """
    entry = next((one for one in roster if one.full == name), None)
    mention = choice.mention
    if not mention or _is_another(mention, entry, roster):
        places = entry.mentions if entry else (name,)
        mention = (min(places, key=lambda place: (_is_said(place, choice), _distance(place, choice), place)),)
    return replace(choice, mention=mention, name_span=name, kind=_kind(entry, choice.kind))


def with_mention(choice: Choice, mention: Spans, text: str, roster: Sequence[Name]) -> Choice:
    """*choice* with its speaker printed at *mention*.

    A name of the roster that stands there gives the fullest form; a pronoun leaves the name as it was; other words are
    their own name.
    """
    entry = next(_named(mention, roster), None)
    if entry is not None:
        return replace(choice, mention=mention, name_span=entry.full, kind=_kind(entry, choice.kind))
    if any(is_pronoun(piece.of(text)) for piece in mention):
        return replace(choice, mention=mention)
    return replace(choice, mention=mention, name_span=mention[0])


def _named(mention: Spans, roster: Sequence[Name]) -> Iterator[Name]:
    mentions = Mentions(roster)
    for piece in mention:
        for name, _place in mentions.overlapping(piece):
            yield name


def _is_another(mention: Spans, entry: Name | None, roster: Sequence[Name]) -> bool:
    """Whether *mention* prints a name, but not that of *entry*."""
    named = list(_named(mention, roster))
    return bool(named) and (entry is None or all(name.index != entry.index for name in named))


def _is_said(place: Span, choice: Choice) -> bool:
    """Whether *place* is among the quote's own words, where its speaker is hardly named."""
    return any(piece.overlaps(place) for piece in choice.content)


def _distance(place: Span, choice: Choice) -> int:
    """Code points between *place* and the quote, its cue included; 0 where they touch."""
    return min(max(place.start - span.end, span.start - place.end, 0) for span in (*choice.content, *choice.cue))


def _kind(entry: Name | None, before: SpeakerKind) -> SpeakerKind:
    """What the roster says, else what was said before where a name can be that, else a person."""
    if entry is not None and entry.kind != "unknown":
        return entry.kind
    return before if before in ("person", "organization", "document") else "person"
