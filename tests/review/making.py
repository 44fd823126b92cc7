"""What the tests of the review share: a small article with a run over it, and reviews begun on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from quotes.model import NOBODY, Article, Extraction, Quote, Skipped, Span, Speaker, Unresolved
from quotes.record import dumps
from quotes.review.commands import decision_for
from quotes.review.decisions import Decision, Target
from quotes.review.desk import Desk
from quotes.review.folding import Reviewed, fold
from quotes.review.reviewing import Reviewing
from quotes.review.sidecar import Sidecar, read_sidecar
from quotes.text import read

TEXT = (
    "Mayor Mara Oduya opened the pier on Monday. “We tried,” she said, “and we failed.” "
    "Dean Holt said the “free” bus runs late.\n\nA sign reads “Mind the gap”."
)
READING = read(TEXT, "en")


def span(words: str, occurrence: int = 0) -> Span:
    start = -1
    for _ in range(occurrence + 1):
        start = TEXT.index(words, start + 1)
    return Span(start, start + len(words))


def pair(words: str) -> list[int]:
    return list(span(words))


ODUYA = Speaker((span("she"),), "Mara Oduya", span("Mara Oduya"), "person")
TRIED = Quote("direct", (span("We tried,"),), (span("said"),), ODUYA, "high", ("rules",))
FAILED = Quote("direct", (span("and we failed."),), (span("said"),), NOBODY, "low", ("rules",))
BUS = Quote("mixed", (span("the “free” bus runs late"),), (span("said", 1),), NOBODY, "medium", ("rules",))
RUN = Extraction(
    Article("pier", TEXT, {"title": "The pier"}),
    "complete",
    (TRIED, FAILED, BUS),
    (Skipped(span("“free”"), "scare"),),
    (Unresolved(span("“Mind the gap”"), "no speaker near"),),
)


def target(quote: Quote, nth: int = 0) -> dict[str, Any]:
    return {"target": [list(piece) for piece in quote.content], "nth": nth}


def reviewed_after(*commands: Mapping[str, Any], run: Extraction = RUN) -> Reviewed:
    """*run* after *commands*, each on the article as the ones before have left it."""
    decisions: list[Decision] = []
    for command in commands:
        decisions.append(decision_for(command, fold(run, decisions), READING))
    return fold(run, decisions)


def decisions_of(*commands: Mapping[str, Any], run: Extraction = RUN) -> list[Decision]:
    decisions: list[Decision] = []
    for command in commands:
        decisions.append(decision_for(command, fold(run, decisions), READING))
    return decisions


def item_at(reviewed: Reviewed, quote: Quote) -> Any:
    return next(item for item in reviewed.items if item.target == Target(quote.content))


def write_run(folder: Path, runs: Sequence[Extraction] = (RUN,), name: str = "quotes.jsonl", **how: Any) -> Path:
    out = folder / name
    out.write_text("".join(dumps(run, **how) + "\n" for run in runs), encoding="utf-8")
    return out


@contextmanager
def reviewing_of(
    out: Path, gold: Path | None = None, output: Path | None = None, inputs: Sequence[Path] = ()
) -> Iterator[Reviewing]:
    with Sidecar.open(out) as sidecar:
        desk = Desk.load(out, inputs, sidecar.decisions, on_problem=_refuse)
        try:
            yield Reviewing(desk, sidecar, gold, output)
        finally:
            desk.close()


def change(reviewing: Reviewing, number: int, command: Mapping[str, Any]) -> dict[str, Any]:
    """Do *command* on the article as it stands now."""
    shown = reviewing.show(number)
    assert shown is not None
    changed = reviewing.change(number, {**command, "revision": shown["revision"]})
    assert changed is not None
    return changed


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def kept(out: Path) -> list[Decision]:
    """The decisions on the first text that stand in the sidecar of *out*."""
    known = read_sidecar(out.with_name(out.name + ".review.jsonl")).by_text
    return next(iter(known.values()), [])


def _refuse(error: Exception) -> None:
    raise error
