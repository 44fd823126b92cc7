"""Which files the inputs mean: what lies in a folder, and what a pattern such as ``news/**/*.html`` matches."""

from __future__ import annotations

import os
import re
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING

from quotes.errors import InputError
from quotes.formats.provenance import is_report_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MAGIC = re.compile(r"[*?[]")
_DEEPER = "**"
_ADDRESS = re.compile(r"(?:https?|ftp):/", re.I)


def is_pattern(given: str) -> bool:
    """Whether *given* is a pattern to look for, and no file or folder that is called so."""
    return bool(_MAGIC.search(given)) and not os.path.lexists(given)


def is_address(given: str) -> bool:
    """Whether *given* is an address on the network; one that went through a path has lost a slash."""
    return bool(_ADDRESS.match(given))


def files_in(folder: Path) -> Iterator[Path | InputError]:
    """All that is in *folder* and the folders below, by name, without what is hidden; links to folders are left.

    A folder below with the pages of a report is one of these things: nobody looks for articles in it.
    """
    below: list[Iterator[Path | InputError]] = [_shown(folder)]
    while below:
        found = next(below[-1], None)
        if found is None:
            below.pop()
        elif isinstance(found, Path) and _is_own_folder(found) and not is_report_folder(found):
            below.append(_shown(found))
        else:
            yield found


def fixed_part(pattern: str) -> Path:
    """The folder that *pattern* names before its first part that can match several."""
    parts = Path(pattern).parts
    magic = next((number for number, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
    return Path(*parts[:magic])


def files_matching(pattern: str) -> Iterator[Path | InputError]:
    """All files that *pattern* matches, by name, and without ``**`` in it those in folders that it matches.

    ``*``, ``?`` and ``[…]`` match within a name, ``**`` any number of folders. As in a shell what is hidden is matched
    only by a part that begins with a dot; links to folders are followed only where a part names them.
    """
    base = fixed_part(pattern)
    if not os.path.lexists(base):
        return
    parts = Path(pattern).parts[len(base.parts) :]
    found: dict[Path, None] = {}
    problems: list[InputError] = []
    _match(base, parts, found, set(), problems)
    yield from problems
    for path in sorted(found):
        if not path.is_dir():
            yield path
        elif _DEEPER not in parts:
            yield from [path] if is_report_folder(path) else files_in(path)


def _match(
    folder: Path,
    parts: Sequence[str],
    found: dict[Path, None],
    seen: set[tuple[Path, int]],
    problems: list[InputError],
) -> None:
    """Add to *found* what *parts* match in *folder*. Each folder is looked at once for each number of parts."""
    if (folder, len(parts)) in seen:
        return
    seen.add((folder, len(parts)))
    part, rest = parts[0], parts[1:]
    if part == _DEEPER and rest:
        _match(folder, rest, found, seen, problems)
    matches = re.compile(translate(os.path.normcase("*" if part == _DEEPER else part))).match
    for path in _shown(folder, hidden=part.startswith(".")):
        if isinstance(path, InputError):
            problems.append(path)
        elif part == _DEEPER and _is_own_folder(path) and not is_report_folder(path):
            _match(path, parts, found, seen, problems)
        elif matches(os.path.normcase(path.name)) and not rest:
            found[path] = None
        elif part != _DEEPER and rest and matches(os.path.normcase(path.name)) and path.is_dir():
            _match(path, rest, found, seen, problems)


def _is_own_folder(path: Path) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _shown(folder: Path, *, hidden: bool = False) -> Iterator[Path | InputError]:
    """What is in *folder* by name, *hidden* or not. Of a hundred thousand files only the names are held."""
    try:
        names = sorted(name for name in os.listdir(folder) if hidden or not name.startswith("."))
    except OSError as error:
        yield unreadable(error, str(folder))
        return
    for name in names:
        yield folder / name


def unreadable(error: OSError, where: str) -> InputError:
    """That the system cannot read *where*, as an error of the input."""
    return InputError(f"cannot be read: {error.strerror or error}", where=where, remedy="check its permissions")
