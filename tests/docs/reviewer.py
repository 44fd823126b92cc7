"""A reader who reviews: ``python -m tests.docs.reviewer OUT`` decides on OUT what the tutorial says to decide.

It gives the commands that the page of ``quotes review`` gives, and what is decided is kept where that keeps it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.review.making import change, reviewing_of

CORRECTED = (
    (1, "content", "A magnitude 5.9 earthquake", "40,000 homes"),
    (3, "mention", "the Pellora Seismic Office", "the Pellora Seismic Office"),
)
"""The number of a quote, which part of it is marked anew, and the first and last words of what is marked."""


def decide(out: Path) -> None:
    """Correct what is wrong in the only article of *out*, and call it done."""
    record = json.loads(out.read_text(encoding="utf-8"))
    with reviewing_of(out) as reviewing:
        for number, part, first, last in CORRECTED:
            marked = _span(record["text"], first, last)
            target: dict[str, Any] = {"target": record["quotes"][number - 1]["content"]}
            change(reviewing, 1, target | {"do": part, "spans": [marked]})
        change(reviewing, 1, {"do": "done"})


def _span(text: str, first: str, last: str) -> list[int]:
    """From the first words to the last ones in *text*, each of which it prints once."""
    assert text.count(first) == text.count(last) == 1, (first, last)
    return [text.index(first), text.index(last) + len(last)]


if __name__ == "__main__":
    decide(Path(sys.argv[1]))
