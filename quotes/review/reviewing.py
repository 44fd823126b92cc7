"""Reviewing: the desk, the sidecar and the gold together; every change is on the disk before it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quotes.errors import QuotesError, UsageError
from quotes.review.commands import decision_for
from quotes.review.desk import Desk
from quotes.review.folding import Reviewed
from quotes.review.form import target_to_json
from quotes.review.gold import gold_line_of
from quotes.review.goldfile import GoldFile
from quotes.review.payload import article_payload, changes_payload
from quotes.review.reviewed import ReviewedFile
from quotes.review.sidecar import Sidecar


class Conflict(UsageError):
    """The article was changed elsewhere, in another tab, since the page was given it."""


class Reviewing:
    """One review under way. *gold* is the file that always holds what is reviewed, *output* one for all records.

    Raises:
        UsageError: the gold would replace something else.
        RecordError: it cannot be read.
        OutputError: it cannot be written.
    """

    def __init__(self, desk: Desk, sidecar: Sidecar, gold: Path | None, output: Path | None = None) -> None:
        self.desk = desk
        self._sidecar = sidecar
        self.output = None if output is None else ReviewedFile(output, desk)
        if self.output is not None and self.output.is_live:
            self.output.write()
        self.gold = None if gold is None else GoldFile(gold, sidecar.decisions.origin, desk)
        if self.gold is not None:
            self.gold.write()

    def show(self, number: int) -> dict[str, Any] | None:
        """What the page is sent of the article *number*; ``None`` where there is none."""
        opened = self.desk.open(number)
        return None if opened is None else article_payload(opened, self.desk.record(number), self.desk)

    def change(self, number: int, command: Mapping[str, Any]) -> dict[str, Any] | None:
        """Do what *command* asks on the article *number*; what the page is sent then, or ``None`` as in :meth:`show`.

        That is the whole article where it looks different now, else only what has changed. In it ``about`` names the
        quote that the decision is about, if it is about one, and ``problem`` is a line on what could not be written
        beside the decision, which itself is kept.

        Raises:
            Conflict: the “revision” of *command* is not the article's.
            UsageError: it is no command, or does not fit the article.
            OutputError: it could not be kept; nothing is changed.
        """
        opened = self.desk.open(number)
        if opened is None:
            return None
        if command.get("revision") != opened.reviewed.decided.revision:
            raise Conflict("this article was changed in another tab", remedy="look again, and decide then")
        decision = decision_for(command, opened.reviewed, opened.reading)
        self._sidecar.append(opened.reviewed.article, decision)
        changed = self.desk.refresh(number)
        problem = self._bring_up_to(changed)
        now = opened.reviewed.decided
        about = {"undo": now.last, "redo": now.next}.get(decision.do, decision)
        target = None if about is None or about.target is None else target_to_json(about.target)
        return self._answer(number, opened.reviewed, changed[number]) | {"about": target, "problem": problem}

    def _answer(self, number: int, before: Reviewed, after: Reviewed) -> dict[str, Any]:
        opened = self.desk.open(number) if after.looks_like(before) else None
        return (self.show(number) or {}) if opened is None else changes_payload(before, opened, self.desk)

    def _bring_up_to(self, changed: Mapping[int, Reviewed]) -> str | None:
        """Write what is made of the decisions, now that *changed* are; what stood in the way, if something did."""
        problems = []
        for bring in (self._bring_gold_up_to, self._bring_output_up_to):
            try:
                bring(changed)
            except QuotesError as error:
                problems.append(str(error))
        return "; ".join(problems) or None

    def _bring_gold_up_to(self, changed: Mapping[int, Reviewed]) -> None:
        if self.gold is None:
            return
        for number, reviewed in changed.items():
            self.gold.lines.pop(number, None)
            if reviewed.is_reviewed:
                self.gold.lines[number] = gold_line_of(reviewed, self.gold.origin)
        self.gold.write()

    def _bring_output_up_to(self, changed: Mapping[int, Reviewed]) -> None:
        if self.output is not None and self.output.is_live:
            self.output.take(changed)
            self.output.write()
