"""Typical articles in any number: about 600 words with about 8 quotes each, put together of the paragraphs of seeds/.

A third of the longer words are exchanged for invented ones, so that no two articles are alike and nothing that
remembers words has an easier life than with news.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

WORDS = 600
QUOTES = 8
_SEEDS = Path(__file__).parent.parent / "seeds"
_GERMAN = "stadttheater"
_HEADLINE = 8  # words; a paragraph as short as this is none
_RARER = re.compile(r"\b[a-z]{6,}\b")
_ONSETS = (
    "b",
    "br",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "w",
)
_CORES = ("a", "e", "i", "o", "u", "ai", "ea", "oo")
_CODAS = ("ck", "ld", "ll", "m", "n", "nd", "r", "rn", "ss", "st", "t", "th")


def typical(number: int, seed: int = 0, words: int = WORDS) -> str:
    """The text of article *number*, of about so many *words*; the same arguments give the same text."""
    draw = random.Random(f"{seed} {number}")
    plain, quoted = _paragraphs()
    chosen: list[str] = []
    length, quotes = 0, 0
    while length < words:
        if quotes < QUOTES * length / words:
            paragraph, more = draw.choice(quoted)
            quotes += more
        else:
            paragraph = draw.choice(plain)
        chosen.append(_varied(paragraph, draw))
        length += len(paragraph.split())
    return "\n\n".join(chosen) + "\n"


def typical_articles(count: int, seed: int = 0, words: int = WORDS) -> Iterator[tuple[str, str]]:
    """Ids and texts of *count* articles."""
    return ((f"typical/{number:06}", typical(number, seed, words)) for number in range(count))


def write_articles(path: Path, count: int, seed: int = 0, words: int = WORDS) -> Path:
    """Write *count* articles as JSON Lines to *path*."""
    with path.open("w", encoding="utf-8") as file:
        for name, text in typical_articles(count, seed, words):
            file.write(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n")
    return path


def _varied(paragraph: str, draw: random.Random) -> str:
    """*paragraph* with a third of its longer words in small letters replaced by words that nobody has seen before."""
    return _RARER.sub(lambda word: _invented(draw) if draw.random() < 1 / 3 else word[0], paragraph)


def _invented(draw: random.Random) -> str:
    return "".join(draw.choice(_ONSETS) + draw.choice(_CORES) + draw.choice(_CODAS) for _ in range(2))


@cache
def _paragraphs() -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
    """The paragraphs of the English seeds: those without a quote, and the others with the number of their quotes."""
    plain, quoted = [], []
    for line in (_SEEDS / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        if article["id"] == _GERMAN:
            continue
        starts = [quote["content"][0][0] for quote in article["quotes"]]
        for paragraph in re.finditer(r"\S.*(?:\n(?!\s*\n).*)*", article["text"]):
            text = " ".join(paragraph[0].split())
            if len(text.split()) > _HEADLINE:
                quotes = sum(paragraph.start() <= start < paragraph.end() for start in starts)
                if quotes:
                    quoted.append((text, quotes))
                else:
                    plain.append(text)
    return tuple(plain), tuple(quoted)
