"""Parts: the output of a run on many machines, a folder of files that are each there whole or not at all.

A small file beside them, the mark, says whose they are: parts of a run are replaced by a later one, other files never.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quotes.errors import OutputError, UsageError
from quotes.formats.folders import MARK
from quotes.formats.writing import Kind, check_kind
from quotes.run.cluster.places import local_path, make_folder, names_in, read_text, remove, write_part, write_text
from quotes.run.options import flat
from quotes.run.output import refuse_foreign

_VERSION: Final = "quotes-parts/1"
_KINDS: Final[Mapping[str, Kind]] = {".jsonl": "jsonl", ".parquet": "parquet"}
_PART: Final = re.compile(r"part-(\d{5,})\.(jsonl|parquet)")
_LEFT: Final = re.compile(r"\.part-\d{5,}\.(?:jsonl|parquet)\.\d+\.tmp")
_KNOWN: Final = "give a folder such as out/, or 'out/*.parquet' for Parquet"
_OTHERWISE: Final = "choose another -o, or --overwrite to replace it"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an output: in *folder*, a path or a URI, each a file of the format *kind*."""

    folder: str
    kind: Kind = "jsonl"

    @classmethod
    def of(cls, output: str) -> Parts:
        """The parts that ``-o`` *output* means: ``out/`` or ``out/*.jsonl``, ``out/*.parquet``.

        Raises:
            UsageError: it means a file or a stream, or the library for the format is not installed.
        """
        if output in ("", "-"):
            raise UsageError("many machines write parts into a folder", where="--engine ray", remedy=_KNOWN)
        head, _, last = output.rpartition("/")
        suffix = Path(last).suffix.lower()
        if "*" in last:
            if Path(last).stem not in ("*", "part-*") or suffix not in _KINDS:
                raise UsageError("this names no parts", where=output, remedy=_KNOWN)
            check_kind(_KINDS[suffix], "part" + suffix)
            return cls(head or ("/" if output.startswith("/") else "."), _KINDS[suffix])
        path = local_path(output)
        if suffix or (path is not None and path.exists() and not path.is_dir()):
            raise UsageError("is a file, and many machines write a folder of parts", where=output, remedy=_KNOWN)
        return cls(output.rstrip("/") or "/")

    def write(self, number: int, lines: Sequence[str]) -> None:
        """Write the part of that *number*: the records *lines*. Raises OutputError where that fails."""
        write_part(self._place(self._name(number)), lines, self.kind)

    def begin(
        self, count: int, articles: int, fingerprint: str, options: Mapping[str, Any], *, overwrite: bool
    ) -> None:
        """Mark the folder as that of a run of so many *articles* in *count* parts, not complete yet.

        Raises:
            UsageError: what lies there is to stay.
            OutputError: the folder cannot be written, or holds more articles than there are now.
        """
        make_folder(self.folder)
        before = self._marked()
        if not overwrite:
            self._refuse_other(before, options)
            if before and before.get("complete") and int(before.get("articles", 0)) > articles:
                what = f"holds {before['articles']:,} records and is left as it is: this run makes {articles:,}"
                raise OutputError(what, where=self.folder, remedy=_OTHERWISE)
        mark = {"schema": _VERSION, "complete": False, "format": self.kind, "parts": count, "articles": articles}
        self._mark({**mark, "fingerprint": fingerprint, "options": flat(options)})

    def finish(self, figures: Mapping[str, Any]) -> None:
        """All parts are there: remove those of earlier runs, what killed workers have left, and mark it complete."""
        mark = self._marked() or {}
        for name in names_in(self.folder):
            found = _PART.fullmatch(name)
            stale = found and (found[2] != self.kind or int(found[1]) >= mark.get("parts", 0))
            if stale or _LEFT.fullmatch(name):
                remove(self._place(name))
        self._mark({**mark, "complete": True, "figures": dict(figures)})

    def _refuse_other(self, before: Mapping[str, Any] | None, options: Mapping[str, Any]) -> None:
        if before is None:
            self._refuse_unmarked()
            return
        then, now = before.get("options", {}).get("model"), options.get("model")
        if then != now:
            what = f"holds records by {then or 'the rules'} and would be replaced by records by {now or 'the rules'}"
            raise UsageError(what, where=self.folder, remedy=_OTHERWISE)

    def _refuse_unmarked(self) -> None:
        """Refuse to replace what is called like a part and was not made by a run like this."""
        named = [name for name in names_in(self.folder) if _PART.fullmatch(name)]
        if named and local_path(self.folder) is None:
            what = f"holds {named[0]}, and nothing says that it is a part of records"
            raise UsageError(what, where=self.folder, remedy=_OTHERWISE)
        for name in named:
            refuse_foreign(str(local_path(self._place(name))))

    def _marked(self) -> Mapping[str, Any] | None:
        """What the mark says; ``None`` where there is none. Raises UsageError where it is none of ours."""
        text = read_text(self._place(MARK))
        if text is None:
            return None
        try:
            mark = json.loads(text)
        except ValueError:
            mark = None
        if not isinstance(mark, dict) or mark.get("schema") != _VERSION:
            raise UsageError("is not what quotes has written", where=self._place(MARK), remedy="choose another -o")
        return mark

    def _mark(self, mark: Mapping[str, Any]) -> None:
        write_text(self._place(MARK), json.dumps(mark, ensure_ascii=False, indent=1) + "\n")

    def _name(self, number: int) -> str:
        return f"part-{number:05}.{self.kind}"

    def _place(self, name: str) -> str:
        return f"{self.folder.rstrip('/')}/{name}"
