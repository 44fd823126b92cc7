"""Narration: the events of a run as lines for people, for ``--verbose``. As in the log, never a text, never a key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from quotes.exchange import Tell
from quotes.formats.table import counted

_ASKED_WITH: Final = ("backend", "model", "endpoint", "prompt", "schema", "structured")


def narrated(say: Callable[[str], None], tell: Tell) -> Tell:
    """*tell*, and beside it lines to *say*: what the run works with, each article once it is done, each retry."""
    narrator = _Narrator(say)

    def both(event: str, fields: Mapping[str, Any]) -> None:
        tell(event, fields)
        narrator.hear(event, fields)

    return both


class _Narrator:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._asked: Counter[str] = Counter()
        self._tries: Counter[str] = Counter()

    def hear(self, event: str, fields: Mapping[str, Any]) -> None:
        """Say what is worth saying of *event*."""
        line: Callable[[Mapping[str, Any]], str | None] | None = getattr(self, f"_of_{event}", None)
        if line is not None and (said := line(fields)):
            self._say(said)

    def _of_run(self, fields: Mapping[str, Any]) -> str:
        options = fields["options"]
        parts = [f"{name} {options[name]}" for name in _ASKED_WITH if options.get(name) is not None]
        if options.get("model") is not None:
            parts += [] if options.get("structured") else ["structured strict"]
            parts.append(f"{fields['concurrency']} requests at a time")
        return f"run of quotes {fields['version']}: {', '.join(parts)}"

    def _of_try(self, fields: Mapping[str, Any]) -> str | None:
        article = str(fields["article"])
        self._tries[article] += 1
        self._asked[article] += fields["attempt"] == 1
        if fields.get("status") == 200:
            return None
        how = fields.get("error") or f"status {fields.get('status')}"
        return f"{article}: chunk {fields['chunk']}: try {fields['attempt']}: {how}, after {fields['seconds']:.1f} s"

    def _of_retry(self, fields: Mapping[str, Any]) -> str:
        return f"{fields['reason']}: again in {fields['wait']:.1f} s"

    def _of_window(self, fields: Mapping[str, Any]) -> str:
        return f"now {counted(fields['size'], 'request')} at a time"

    def _of_cooldown(self, fields: Mapping[str, Any]) -> str:
        return f"resting for {fields['seconds']:.1f} s"

    def _of_article(self, fields: Mapping[str, Any]) -> str:
        name = str(fields["id"])
        asked, tries = self._asked.pop(name, 0), self._tries.pop(name, 0)
        parts = [str(fields["status"]), counted(fields["quotes"], "quote")]
        parts += [f"{fields['chunks_failed']:,} chunks failed"] if fields["chunks_failed"] else []
        parts += [counted(asked, "request")] if asked else []
        parts += [f"{tries - asked:,} more tries"] if tries > asked else []
        cached = max(0, fields["replies"] - asked)
        parts += [f"{cached:,} from the cache"] if cached else []
        return f"{name}: {', '.join(parts)}, {fields['seconds']:.2f} s"
