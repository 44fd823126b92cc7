"""Count the cues of annotated articles and write the English cue lexicon.

    python scripts/count_cues.py GOLD.jsonl quotes/text/lexicon/en/cues.tsv

GOLD: one JSON article a line, ``{"text": ..., "quotes": [{"cue": [[s, e], ...], ...}, ...]}``. Kept are single words
and short cues (at most three words) that attribute in at least five articles: no names, no numbers, no sentences,
and no words in -ly, which stand beside a verb that attributes ("strongly denied") and do not attribute themselves.
Beside each stands, for every frame (see ``quotes.text.cues``), how many of a hundred occurrences outside quotation
marks were annotated as a cue; few occurrences are drawn towards the average of their frame.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from quotes.text.cues import FRAMES, LONGEST_CUE, Frame, Lexicon, frame_of, load_lexicon
from quotes.text.reading import read
from quotes.text.rules.units import Unit, split_units

FEWEST_ARTICLES = 5
PRIOR_WEIGHT = 2
LEAST_PRECISION = 10
ADVERB_ENDING = "ly"


def main(arguments: list[str]) -> int:
    """Count GOLD, write the table, say how many cues it holds."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines if line.strip()]
    rows = count(articles)
    Path(arguments[1]).write_text(table(rows), encoding="utf-8")
    print(f"{len(rows)} cues from {len(articles)} articles", file=sys.stderr)
    return 0


def count(articles: Iterable[dict[str, Any]]) -> list[tuple[str, int, dict[str, int]]]:
    """The rows of the table: cue, articles it attributes in, precision per frame in percent."""
    lexicon = load_lexicon("en")
    prepared = [(list(_units(article["text"])), article) for article in articles]
    seen: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, (units, article) in enumerate(prepared):
        for unit, marked in _marked(units, article):
            for cue in _candidates(unit, marked, lexicon):
                seen[cue].add(number)
    kept = {cue for cue, where in seen.items() if len(where) >= FEWEST_ARTICLES and not _has_adverb(cue)}
    total: Counter[tuple[tuple[str, ...], Frame]] = Counter()
    right: Counter[tuple[tuple[str, ...], Frame]] = Counter()
    for units, article in prepared:
        for unit, marked in _marked(units, article):
            _tally(unit, marked, kept, lexicon, total, right)
    average = {frame: _share(right, total, frame) for frame in FRAMES}
    rows = []
    for cue in sorted(kept, key=lambda cue: (-len(seen[cue]), cue)):
        rates = {
            frame: round(100 * (right[cue, frame] + PRIOR_WEIGHT * average[frame]) / (total[cue, frame] + PRIOR_WEIGHT))
            for frame in FRAMES
        }
        if sum(right[cue, frame] for frame in FRAMES) * 100 >= LEAST_PRECISION * sum(total[cue, f] for f in FRAMES):
            rows.append((" ".join(cue), len(seen[cue]), rates))
    return rows


def _has_adverb(cue: tuple[str, ...]) -> bool:
    return any(word.endswith(ADVERB_ENDING) for word in cue)


def _share(right: Counter[Any], total: Counter[Any], frame: Frame) -> float:
    whole = sum(n for (_, at), n in total.items() if at == frame)
    return sum(n for (_, at), n in right.items() if at == frame) / whole if whole else 0.0


def _units(text: str) -> Iterator[Unit]:
    reading = read(text, "en")
    return iter(split_units(reading))


def _marked(units: list[Unit], article: dict[str, Any]) -> Iterator[tuple[Unit, set[int]]]:
    """Each unit with the positions of its words that stand in an annotated cue."""
    cues = sorted((start, end) for quote in article["quotes"] for start, end in quote["cue"])
    for unit in units:
        starts, ends = unit.places
        near = [(s, e) for s, e in cues if s < unit.span.end and unit.span.start < e]
        yield (
            unit,
            {i for i in unit.outside() if any(s < ends[i] and starts[i] < e for s, e in near)},
        )


def _candidates(unit: Unit, marked: set[int], lexicon: Lexicon) -> Iterator[tuple[str, ...]]:
    for run in _runs(marked):
        for i in run:
            if _is_cue_word(unit, i, lexicon):
                yield (unit.lows[i],)
        while run and (lexicon.has("auxiliaries", unit.lows[run[0]]) or lexicon.has("adverbs", unit.lows[run[0]])):
            run = run[1:]
        words = tuple(unit.lows[i] for i in run)
        plain = all(word.isalpha() for word in words) and all(unit.words[i].islower() for i in run[1:])
        if plain and 2 <= len(run) <= LONGEST_CUE and _is_cue_word(unit, run[0], lexicon):
            yield words


def _is_cue_word(unit: Unit, i: int, lexicon: Lexicon) -> bool:
    word = unit.lows[i]
    classes = (
        "auxiliaries",
        "adverbs",
        "determiners",
        "prepositions",
        "conjunctions",
        "pronouns",
        "titles",
        "calendar",
    )
    if word == "according":
        return True
    return (
        word.isalpha() and len(word) > 2 and unit.words[i].islower() and not any(lexicon.has(c, word) for c in classes)
    )


def _runs(marked: set[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for i in sorted(marked):
        if run and i != run[-1] + 1:
            yield run
            run = []
        run.append(i)
    if run:
        yield run


def _tally(
    unit: Unit,
    marked: set[int],
    kept: set[tuple[str, ...]],
    lexicon: Lexicon,
    total: Counter[tuple[tuple[str, ...], Frame]],
    right: Counter[tuple[tuple[str, ...], Frame]],
) -> None:
    for i in unit.outside():
        for length in range(LONGEST_CUE, 0, -1):
            cue = unit.lows[i : i + length]
            if cue in kept:
                frame = frame_of(unit, i, i + len(cue), lexicon)
                total[cue, frame] += 1
                right[cue, frame] += marked.issuperset(range(i, i + len(cue)))
                break


def table(rows: Iterable[tuple[str, int, dict[str, int]]]) -> str:
    """The rows as the text of a lexicon file."""
    head = "# Cues counted on annotated news: articles it attributes in; of 100 occurrences, how many attribute.\n"
    lines = ["\t".join(["cue", "articles", *FRAMES])]
    lines += [
        "\t".join([cue, str(articles), *(str(rates[frame]) for frame in FRAMES)]) for cue, articles, rates in rows
    ]
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
