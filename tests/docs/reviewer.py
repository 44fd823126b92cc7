"""A reader who reviews: ``python -m tests.docs.reviewer OUT`` decides on OUT what the tutorial says to decide.

It gives the commands that the page of ``quotes review`` gives, and what is decided is kept where that keeps it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.review.making import change, reviewing_of

WORDS = (1, "A magnitude 5.9 earthquake", "40,000 homes")
"""The number of a quote, and the first and last words of what was really said."""

SPEAKER = (3, "Pellora Seismic Office")
"""The number of a quote, and the name that is chosen for its speaker."""


def decide(out: Path) -> None:
    """Correct what is wrong in the only article of *out*, and call it done."""
    record = json.loads(out.read_text(encoding="utf-8"))

    def about(number: int) -> dict[str, Any]:
        return {"target": record["quotes"][number - 1]["content"]}

    (said, first, last), (named, name) = WORDS, SPEAKER
    with reviewing_of(out) as reviewing:
        change(reviewing, 1, about(named) | {"do": "name", "span": _span(record["text"], name, name)})
        change(reviewing, 1, about(said) | {"do": "content", "spans": [_span(record["text"], first, last)]})
        change(reviewing, 1, {"do": "done"})


def _span(text: str, first: str, last: str) -> list[int]:
    """From the first words to the last ones in *text*, each of which it prints once."""
    assert text.count(first) == text.count(last) == 1, (first, last)
    return [text.index(first), text.index(last) + len(last)]


if __name__ == "__main__":
    decide(Path(sys.argv[1]))
