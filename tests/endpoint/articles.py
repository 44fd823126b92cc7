"""Invented articles in any number, short and long, for which ``answers`` has something to say."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

_PEOPLE = ("Ida Krell", "Jonas Brandt", "Tomas Weil", "Mara Ruiz", "Odo Fenn", "Nora Quill")
_PLACES = ("pier", "harbour", "ferry", "quarry", "library", "old mill", "tram depot", "lighthouse")
_DEEDS = ("will stay open until June", "needs a new roof", "costs too much", "was never ours", "is worth the wait")
_CUES = ("said", "warned", "wrote")


def article(number: int, sentences: int, seed: int = 0) -> str:
    """The text of article *number* with about so many *sentences*; no two numbers give the same."""
    draw = random.Random(f"{seed} {number}")
    lines = [f"The council of ward {number} met on Monday."]
    lines += [_sentence(draw) for _ in range(sentences)]
    return " ".join(line + ("\n\n" if draw.random() < 0.2 else "") for line in lines).strip()


def _sentence(draw: random.Random) -> str:
    who, what, deed, cue = (draw.choice(of) for of in (_PEOPLE, _PLACES, _DEEDS, _CUES))
    day = draw.randrange(1, 400)
    return draw.choice(
        (
            f"“The {what} {deed} on day {day},” {who} {cue}.",
            f'"On day {day} the {what} {deed}," {who} {cue}.',
            f"{who} {cue} that the {what} of quay {day} {deed} this year.",
            f"The “{what} {day}” festival drew a crowd of {day}.",
            f"Some {day} people came to the {what}.",
        )
    )


def articles(count: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Ids and texts: most of them short, every tenth long enough for several chunks of 100 tokens."""
    for number in range(count):
        draw = random.Random(f"length {seed} {number}")
        yield (
            f"ward/{number:05}",
            article(number, draw.randrange(12, 30) if number % 10 == 9 else draw.randrange(1, 6), seed),
        )


def write_articles(path: Path, found: Iterable[tuple[str, str]]) -> Path:
    """*found* as JSON Lines in *path*."""
    lines = (json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n" for name, text in found)
    path.write_text("".join(lines), encoding="utf-8")
    return path
