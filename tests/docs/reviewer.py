"""A reviewer for pages that show a review: ``python -m tests.docs.reviewer OUT`` decides on every quote of OUT.

It stands for a person at the page of ``quotes review``: the decisions are written where that writes them, and what is
right is what ``seeds/gold.jsonl`` says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_PARTS = ("content", "cue", "speaker", "speaker_name_span", "speaker_kind")


def decisions(record: Mapping[str, Any], gold: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a person who knows *gold* decides on *record*: each quote as it should be, the rest rejected or added."""
    about = {"article": record["sha256"], "id": record["id"]}
    wanted = list(gold["quotes"])
    for quote in record["quotes"]:
        right = next((one for one in wanted if _shared(one, quote) * 2 > _length(quote)), None)
        if right is None:
            yield about | {"do": "reject", "target": quote["content"]}
            continue
        wanted.remove(right)
        yield about | {"do": "edit", "target": quote["content"], "quote": _choice(right)}
    for missing in wanted:
        yield about | {"do": "add", "target": missing["content"], "quote": _choice(missing)}
    yield about | {"do": "done"}


def _choice(quote: Mapping[str, Any]) -> dict[str, Any]:
    return {part: quote[part] for part in _PARTS} | {"type": None}


def _characters(quote: Mapping[str, Any]) -> set[int]:
    return {at for start, end in quote["content"] for at in range(start, end)}


def _shared(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return len(_characters(one) & _characters(other))


def _length(quote: Mapping[str, Any]) -> int:
    return len(_characters(quote))


def main() -> None:
    """Write the decisions on all articles of the file named, beside it."""
    out = Path(sys.argv[1])
    gold = {line["id"]: line for line in map(json.loads, Path("seeds/gold.jsonl").read_text("utf-8").splitlines())}
    with out.with_name(f"{out.name}.review.jsonl").open("w", encoding="utf-8") as sidecar:
        sidecar.write(json.dumps({"schema": "quotes-review/1", "of": out.name}) + "\n")
        for record in map(json.loads, out.read_text(encoding="utf-8").splitlines()):
            for decision in decisions(record, gold[record["id"]]):
                sidecar.write(json.dumps(decision, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
