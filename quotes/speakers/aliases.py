"""Aliases: the names that a person has declared to be one speaker, read from a TOML file they can edit."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from quotes.errors import UsageError
from quotes.model import SpeakerKind
from quotes.text.forms import folded, last_word, on_one_line

_KEYS = frozenset({"name", "aliases", "kind"})
_EXAMPLE = 'an entry is [[speaker]], then name = "…" and aliases = ["…"]'
_PLACE = re.compile(r" ?\(at line (\d+), column \d+\)| ?\(at end of document\)")


@dataclass(frozen=True, slots=True)
class Alias:
    """One speaker: the *name* it is counted under, the other printed *forms* of it, and its *kind* where given."""

    name: str
    forms: tuple[str, ...]
    kind: SpeakerKind | None = None


class Aliases:
    """The speakers of an alias file, looked up by any of their forms."""

    def __init__(self, entries: Iterable[Alias]) -> None:
        self._by_form: dict[str, Alias] = {}
        by_word: dict[str, set[Alias]] = defaultdict(set)
        for entry in entries:
            for form in (entry.name, *entry.forms):
                self._by_form[folded(form)] = entry
                by_word[last_word(form)].add(entry)
        self._by_word: Mapping[str, set[Alias]] = by_word

    def of(self, name: str) -> Alias | None:
        """Whose form *name* is, typography and case apart."""
        return self._by_form.get(folded(name))

    def among(self, words: frozenset[str]) -> set[Alias]:
        """Every speaker of whose forms one ends in one of *words*."""
        return {entry for word in words & self._by_word.keys() for entry in self._by_word[word]}


NO_ALIASES = Aliases(())


def parse_aliases(text: str, where: str) -> Aliases:
    """The aliases that *text*, the TOML of the file *where*, declares.

    Raises:
        UsageError: it is no TOML, an entry is not of the form, or one form stands under two names. The
            message names the line.
    """
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad_toml(str(error), text, where) from None
    if set(declared) - {"speaker"} or not isinstance(declared.get("speaker", []), list):
        stranger = next((key for key in declared if key != "speaker"), "speaker")
        raise UsageError(
            f"“{stranger}” is no list of speakers", where=_at(where, _find(text, stranger)), remedy=_EXAMPLE
        )
    entries: list[Alias] = []
    owners: dict[str, str] = {}
    headers = [number for number, line in _lines(text) if line.replace(" ", "").startswith("[[speaker]]")]
    for index, item in enumerate(declared.get("speaker", [])):
        line = headers[index] if index < len(headers) else 1
        entry = _entry(item, _at(where, line))
        for form in dict.fromkeys((folded(entry.name), *map(folded, entry.forms))):
            if form in owners:
                printed = next(one for one in (entry.name, *entry.forms) if folded(one) == form)
                what = f"“{on_one_line(printed)}” stands under “{owners[form]}” already"
                place = _at(where, _find(text, printed, line))
                raise UsageError(what, where=place, remedy="a form belongs to one speaker; leave it out of one of them")
            owners[form] = entry.name
        entries.append(entry)
    return Aliases(entries)


def _entry(item: Any, where: str) -> Alias:
    if not isinstance(item, dict):
        raise UsageError("a speaker that is no table", where=where, remedy=_EXAMPLE)
    if strangers := sorted(set(item) - _KEYS):
        raise UsageError(f"“{strangers[0]}” is unknown here", where=where, remedy="known are name, aliases and kind")
    name, forms, kind = item.get("name"), item.get("aliases", []), item.get("kind")
    if not isinstance(name, str) or not name.strip():
        raise UsageError("a speaker without a name", where=where, remedy=_EXAMPLE)
    if not isinstance(forms, list) or not all(isinstance(form, str) and form.strip() for form in forms):
        raise UsageError(f"the aliases of “{name}” are no list of names", where=where, remedy=_EXAMPLE)
    if kind is not None and kind not in get_args(SpeakerKind):
        known = ", ".join(get_args(SpeakerKind))
        raise UsageError(f"the kind of “{name}” is none of ours", where=where, remedy=f"kinds are {known}")
    return Alias(on_one_line(name), tuple(forms), cast("SpeakerKind | None", kind))


def _bad_toml(message: str, text: str, where: str) -> UsageError:
    place = _PLACE.search(message)
    line = int(place.group(1)) if place and place.group(1) else text.count("\n") + 1
    what = f"no TOML: {_PLACE.sub('', message)}"
    return UsageError(what, where=_at(where, line), remedy="names stand in quotation marks, lists in brackets")


def _at(where: str, line: int) -> str:
    return f"{where} line {line}"


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return enumerate(text.splitlines(), start=1)


def _find(text: str, words: str, first: int = 1) -> int:
    """The line from *first* on that prints *words*; *first* itself where none does (they may be escaped there)."""
    return next((number for number, line in _lines(text) if number >= first and words in line), first)
