"""Print how precise quotes are by how sure the system is of them: the curve of precision against coverage.

    python scripts/curve.py GOLD.jsonl                                  # the rules
    python scripts/curve.py GOLD.jsonl --backend model --cache FILE     # a model, from the replies in a cache

Quotes are taken from the surest down. For each tenth of them stand the least precision that was promised, the share of
them that has the right words, and the right words and speaker (`joint`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from quotes.evaluation import GoldArticle, annotation_of, pairs, read_gold
from quotes.extraction.weighing import Weighed
from quotes.model import Article, Extraction, Spans
from quotes.run import Settings, assemble
from quotes.run.assembly import Assembly
from quotes.run.driving import drive

STEPS = 10
Row = tuple[float, bool, bool]


def main(arguments: Sequence[str]) -> int:
    """Do the articles of GOLD and print the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold")
    parser.add_argument("--backend", default="rules")
    parser.add_argument("--cache")
    parser.add_argument("--prompt")
    wanted = parser.parse_args(arguments)
    settings = Settings(backend=wanted.backend, prompt=wanted.prompt)
    if wanted.cache is not None:
        settings = replace(settings, cache=wanted.cache, cache_mode="replay")
    rows = asyncio.run(_rows(settings, read_gold(wanted.gold)))
    for line in lines_of(rows):
        print(line)
    return 0


def lines_of(rows: Sequence[Row]) -> Iterator[str]:
    """The table of *rows*, each the promised precision of a quote, whether its words and its speaker too are right."""
    ranked = sorted(rows, key=lambda row: -row[0])
    yield "| coverage | promised, at least | content | joint |"
    yield "|---|---|---|---|"
    for step in range(1, STEPS + 1):
        taken = ranked[: max(1, round(len(ranked) * step / STEPS))]
        content, joint = (sum(row[i] for row in taken) / len(taken) for i in (1, 2))
        yield f"| {step / STEPS:.1f} | {taken[-1][0]:.2f} | {content:.3f} | {joint:.3f} |"


async def _rows(settings: Settings, gold: Sequence[GoldArticle]) -> list[Row]:
    promised: dict[tuple[str, int, Spans], float] = {}

    def observe(article: Article, weighed: tuple[Weighed, ...]) -> None:
        for item in weighed:
            at = (article.id, item.found.attribution.content[0].start, item.found.attribution.cue)
            promised[at] = max(item.precision, promised.get(at, 0.0))

    assembly = assemble(settings, os.environ)
    assembly.engine = replace(assembly.engine, observe=observe)
    rows: list[Row] = []
    for one in gold:
        record = await _record(assembly, one.article)
        found = pairs(one.article.text, one.quotes, [annotation_of(quote) for quote in record.quotes])
        for quote, pair in zip(record.quotes, found, strict=True):
            sure = promised.get((one.article.id, quote.content[0].start, quote.cue), 0.0)
            rows.append((sure, pair.content_right, pair.joint_right))
    await assembly.backend.aclose()
    return rows


async def _record(assembly: Assembly, article: Article) -> Extraction:
    work = assembly.engine.open(article)
    return work.finish([await drive(exchange, assembly.backend) for exchange in work.exchanges])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
