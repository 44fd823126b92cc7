"""Tokens: corpora that come as words, brought back to running text with the place of each word in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from quotes.errors import InputError
from quotes.model import Span, Spans
from quotes.record import shortened

# The Penn Treebank writes brackets and quotation marks as words of its own.
_WRITTEN = {
    "``": "“",
    "''": "”",
    "-LRB-": "(",
    "-RRB-": ")",
    "-LSB-": "[",
    "-RSB-": "]",
    "-LCB-": "{",
    "-RCB-": "}",
}
_AS_PRINTED = {"“": ('"', "``", "“"), "”": ('"', "''", "”"), '"': ('"', "“", "”", "``", "''")}
_CLOSING = frozenset(",.:;!?)]}%…”’›")
_OPENING = frozenset("([{„“‚‘‹$£€")
_EITHER_WAY = frozenset("\"'«»")
_RAW_HEAD = ".START"
"""What a raw file of the Wall Street Journal corpus begins with."""

PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Running *text* and the place of each token in it."""

    text: str
    places: tuple[Span, ...]

    def spans(self, tokens: Iterable[int]) -> Spans:
        """The spans that *tokens*, numbers from 0, cover; neighbours are one span with what stands between them."""
        pieces: list[tuple[int, int]] = []
        for token in sorted(set(tokens)):
            if pieces and pieces[-1][1] == token - 1:
                pieces[-1] = (pieces[-1][0], token)
            else:
                pieces.append((token, token))
        return tuple(Span(self.places[first].start, self.places[last].end) for first, last in pieces)


def written(token: str) -> str:
    r"""*token* as running text prints it: the treebank's ``-LRB-`` as ``(``, ``\/`` as ``/``."""
    return _WRITTEN.get(token, token.replace("\\/", "/").replace("\\*", "*"))


def lay_out(tokens: Sequence[str], gaps: Sequence[str]) -> LaidOut:
    """*tokens* one after the other, each with its white space before it."""
    text, places, at = [], [], 0
    for token, gap in zip(tokens, gaps, strict=True):
        shown = written(token)
        text += [gap, shown]
        places.append(Span(at + len(gap), at + len(gap) + len(shown)))
        at = places[-1].end
    return LaidOut("".join(text), tuple(places))


def usual_gaps(tokens: Sequence[str], paragraphs: Collection[int] = ()) -> list[str]:
    """The white space before each of *tokens* as print has it; *paragraphs* are the tokens that begin one.

    None before closing punctuation and after opening punctuation; marks that look alike open and close in turn,
    anew in each paragraph.
    """
    gaps: list[str] = []
    opened: set[str] = set()
    glued = True
    for number, token in enumerate(map(written, tokens)):
        if number in paragraphs:
            opened.clear()
        closes, opens = _closes(token, opened), _opens(token, opened)
        gap = "" if glued or closes else " "
        gaps.append((PARAGRAPH if number else "") if number in paragraphs else gap)
        _note(token, opens, opened)
        glued = opens
    return gaps


def align(tokens: Sequence[str], text: str, where: str) -> LaidOut:
    """*tokens* at their places in *text*, which prints them in order with nothing but white space between.

    Raises:
        InputError: *text* prints something else; the message shows what, and the token.
    """
    places: list[Span] = []
    at = len(_RAW_HEAD) if text.startswith(_RAW_HEAD) else 0
    for number, token in enumerate(tokens, start=1):
        while at < len(text) and text[at].isspace():
            at += 1
        found = next((form for form in _printed(token) if text.startswith(form, at)), None)
        if found is None and token == "." and text[:at].rstrip().endswith("."):
            end = len(text[:at].rstrip())  # one full stop that ends an abbreviation and the sentence
            places.append(Span(end - 1, end))
            continue
        if found is None:
            what = f"token {number}, “{shortened(token)}”, is not what the text goes on with: “{text[at : at + 30]}”"
            raise InputError(what, where=where, remedy="give the text that these tokens were made of")
        places.append(Span(at, at + len(found)))
        at += len(found)
    return LaidOut(text, tuple(places))


def _printed(token: str) -> tuple[str, ...]:
    shown = written(token)
    return (token, shown, *_AS_PRINTED.get(shown, ()))


def _closes(token: str, opened: set[str]) -> bool:
    if token in _EITHER_WAY or token == "“":
        return _partner(token) in opened
    return token[:1] in _CLOSING or token in {"n't", "n’t"} or (token[:1] in "'’" and 1 < len(token) <= 3)


def _opens(token: str, opened: set[str]) -> bool:
    if token in _EITHER_WAY or token == "“":
        return _partner(token) not in opened
    return token in _OPENING


def _note(token: str, opens: bool, opened: set[str]) -> None:
    if token in _EITHER_WAY:
        (opened.add if opens else opened.discard)(_partner(token))
    elif token == "„":
        opened.add("„")
    elif token == "“" and not opens:
        opened.discard("„")


def _partner(token: str) -> str:
    """What stands in *opened* while the quotation is open that *token* may close: German “ closes „."""
    return {"“": "„", "»": "«"}.get(token, token)
