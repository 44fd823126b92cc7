"""The ledger of a test run: which fixtures its tests asked for, and so which of the recorded ones nobody needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MANIFEST = "manifest.json"


@dataclass(slots=True)
class Ledger:
    """What is known of a run, or of one process's part of it.

    *tests* are the ids of all tests that ask for fixtures, with the name of these; *passed* those that passed; *used*
    the keys of replies by name; *gaps* say why the run may not have been all of the tests.
    """

    tests: dict[str, str] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    used: dict[str, set[str]] = field(default_factory=dict)
    gaps: set[str] = field(default_factory=set)

    def use(self, name: str, key: str) -> None:
        """Note that the reply of *key* was used from the fixtures *name*."""
        self.used.setdefault(name, set()).add(key)

    def add(self, part: Mapping[str, Any]) -> None:
        """Take in what another process noted, as its `to_json` says."""
        self.tests.update(part["tests"])
        self.passed.update(part["passed"])
        self.gaps.update(part["gaps"])
        for name, keys in part["used"].items():
            self.used.setdefault(name, set()).update(keys)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values, which travel between processes."""
        return {
            "tests": self.tests,
            "passed": sorted(self.passed),
            "used": {name: sorted(keys) for name, keys in self.used.items()},
            "gaps": sorted(self.gaps),
        }


def unused(root: Path, ledger: Ledger) -> list[Path]:
    """The fixtures under *root* that no test used: files, and whole folders that no test names, sorted.

    Of a run that may not have been all of the tests nothing is said, nor of fixtures of which a test did not pass: what
    it would have asked for is not known.

    Raises:
        QuotesError: a folder cannot be read.
    """
    if ledger.gaps or not ledger.tests or not root.is_dir():
        return []
    known = set(ledger.tests.values())
    open_ones = {name for test, name in ledger.tests.items() if test not in ledger.passed}
    found: list[Path] = []
    for folder in sorted(path for path in root.iterdir() if (path / _MANIFEST).is_file()):
        if folder.name not in known:
            found.append(folder)
        elif folder.name not in open_ones:
            found += _unused_in(folder, ledger.used.get(folder.name, set()))
    return found


def _unused_in(folder: Path, keys: set[str]) -> Iterator[Path]:
    """The files in *folder* whose key is not among *keys*, and the shared parts that only such files need."""
    from quotes.cache import Entry, open_store
    from quotes.cache.folding import parts_named_in

    needed: set[str] = set()
    for stored in open_store(folder, create=False).scan():
        file = folder / str(stored.place)
        if isinstance(stored.found, Entry) and stored.found.key in keys:
            needed |= parts_named_in(file.read_text(encoding="utf-8"))
        else:
            yield file
    yield from (file for file in sorted((folder / "shared").glob("*.json")) if file.stem not in needed)
