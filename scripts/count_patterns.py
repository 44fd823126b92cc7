"""Count how often each pattern of the rules is right on annotated articles, and write the table of their precision.

    python scripts/count_patterns.py GOLD.jsonl… quotes/text/lexicon/patterns.tsv

GOLD: one JSON article a line, ``{"text": ..., "quotes": [{"content": ..., "speaker": ...}, ...]}``. For each pattern,
type of quote and band (``-``: found by the rules; else: proposed, by the precision of the cue in percent) stand how
many were seen, how many have the right words (half of them in common with an annotated quote) and how many the right
speaker too. A proposal is right only where the rules have not found that quote already.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from quotes.evaluation import Annotation, pairs
from quotes.model import Attribution
from quotes.text import attribute_by_rules, classify, find_proposals, read
from quotes.text.rules.precision import band

Row = tuple[str, str, str]


def main(arguments: list[str]) -> int:
    """Count all GOLD files, write the table, say how many rows it has."""
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    articles = []
    for name in arguments[:-1]:
        with open(name, encoding="utf-8") as lines:
            articles += [json.loads(line) for line in lines if line.strip()]
    rows = count(articles)
    Path(arguments[-1]).write_text(table(rows), encoding="utf-8")
    print(f"{len(rows)} rows from {len(articles)} articles", file=sys.stderr)
    return 0


def count(articles: Iterable[dict[str, Any]]) -> dict[Row, tuple[int, int, int]]:
    """For each pattern, type and band: seen, right words, right words and speaker."""
    seen: Counter[Row] = Counter()
    content: Counter[Row] = Counter()
    right: Counter[Row] = Counter()
    for article in articles:
        for row, has_content, has_speaker in _judged(article):
            seen[row] += 1
            content[row] += has_content
            right[row] += has_speaker
    return {row: (seen[row], content[row], right[row]) for row in sorted(seen)}


def table(rows: dict[Row, tuple[int, int, int]]) -> str:
    """*rows* as the text of the file."""
    lines = [
        "# Patterns counted on annotated news: how many were seen, had the right words, and the right speaker too."
    ]
    lines.append("\t".join(["pattern", "type", "band", "seen", "content", "right"]))
    lines += ["\t".join([*row, *map(str, numbers)]) for row, numbers in rows.items()]
    return "\n".join(lines) + "\n"


def _judged(article: dict[str, Any]) -> list[tuple[Row, bool, bool]]:
    text = article["text"]
    reading = read(text)
    findings = attribute_by_rules(reading)
    gold = [_annotation(quote) for quote in article["quotes"]]
    found = pairs(text, gold, [_as_annotation(one) for one in findings.attributions])
    result = [
        ((pattern, classify(text, one.content, reading.quotations), band(None)), pair.content_right, pair.joint_right)
        for one, pattern, pair in zip(findings.attributions, findings.patterns, found, strict=True)
    ]
    taken = {pair.gold for pair in found if pair.gold is not None}
    rest = [quote for index, quote in enumerate(gold) if index not in taken]
    proposals = find_proposals(reading, findings)
    proposed = pairs(text, rest, [_as_annotation(one.attribution) for one in proposals])
    for one, pair in zip(proposals, proposed, strict=True):
        kind = classify(text, one.attribution.content, reading.quotations)
        result.append(((one.pattern, kind, band(one.rate)), pair.content_right, pair.joint_right))
    return result


def _as_annotation(one: Attribution) -> Annotation:
    return Annotation(one.content, one.speaker.mention, one.speaker.name)


def _annotation(quote: dict[str, Any]) -> Annotation:
    return Annotation(quote["content"], quote.get("speaker", ()), quote.get("speaker_name"))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
