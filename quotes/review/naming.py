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


def with_name(choice: Choice, name: Span, text: str, roster: Sequence[Name]) -> Choice:
    """*choice* spoken by the one whose fullest form is printed at *name*.

    A mention that is a pronoun, or prints that name in whatever form, stays; instead of any other the nearest place
    that prints the name becomes it, so that the two agree.
    """
    entry = _entry_of(name, roster)
    mention = choice.mention
    if not _stands_for(mention, entry, name, text, roster):
        mention = _nearest(entry.mentions if entry else (name,), choice)
    return replace(choice, mention=mention, name_span=name, kind=_kind(entry, choice.kind))


def with_full_name(choice: Choice, name: Span, roster: Sequence[Name]) -> Choice:
    """*choice* with *name* for the fullest form of its speaker, who stays printed where they are.

    So words that only the reader knows them by ("the mayor") can be the mention. Where there is none, or it is
    another's name, the nearest place that prints the name becomes it.
    """
    entry = _entry_of(name, roster)
    mention = choice.mention
    if not mention or _is_another(mention, entry, roster):
        mention = _nearest(entry.mentions if entry else (name,), choice)
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


def _entry_of(name: Span, roster: Sequence[Name]) -> Name | None:
    return next((one for one in roster if one.full == name), None)


def _stands_for(mention: Spans, entry: Name | None, name: Span, text: str, roster: Sequence[Name]) -> bool:
    """Whether *mention* is nothing but pronouns, or prints the name of *entry*, else the words at *name*."""
    if mention and all(is_pronoun(piece.of(text)) for piece in mention):
        return True
    if entry is None:
        return any(piece.of(text) == name.of(text) for piece in mention)
    return any(found.index == entry.index for found in _named(mention, roster))


def _nearest(places: Spans, choice: Choice) -> Spans:
    """The one of *places* nearest to the cue of *choice*, else to its words; within these only if it must."""
    near = choice.cue or choice.content
    return (min(places, key=lambda place: (_is_said(place, choice), _distance(place, near), place)),)


def _is_another(mention: Spans, entry: Name | None, roster: Sequence[Name]) -> bool:
    """Whether *mention* prints a name, but not that of *entry*."""
    named = list(_named(mention, roster))
    return bool(named) and (entry is None or all(name.index != entry.index for name in named))


def _is_said(place: Span, choice: Choice) -> bool:
    """Whether *place* is among the quote's own words, where its speaker is hardly named."""
    return any(piece.overlaps(place) for piece in choice.content)


def _distance(place: Span, near: Spans) -> int:
    """Code points between *place* and the nearest span of *near*; 0 where they touch."""
    return min(max(place.start - span.end, span.start - place.end, 0) for span in near)


def _kind(entry: Name | None, before: SpeakerKind) -> SpeakerKind:
    """What the roster says, else what was said before where a name can be that, else a person."""
    if entry is not None and entry.kind != "unknown":
        return entry.kind
    return before if before in ("person", "organization", "document") else "person"
