"""Layouts: how annotated corpora are distributed, and which of them the files of a folder have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, get_args

from quotes.errors import UsageError

Format = Literal["brat", "parc", "columns", "germeval", "csv", "jsonl", "records"]
FORMATS: tuple[Format, ...] = get_args(Format)
CORPORA: tuple[Format, ...] = FORMATS[:-1]
"""The layouts that files are annotated in: all but our own records."""

_SUFFIXES: dict[Format, tuple[str, ...]] = {
    "brat": (".ann",),
    "parc": (".xml",),
    "columns": (".conll", ".conllu", ".bio", ".iob", ".iob2", ".tsv"),
    "germeval": (".json",),
    "csv": (".csv",),
    "jsonl": (".jsonl", ".ndjson"),
    "records": (),
}
"""Under which names files have a layout. Records are recognized by what is in them."""


def files_of(path: Path, wanted: Format | None, note: Callable[[str], None]) -> tuple[Format, list[Path]]:
    """The layout of *path*, a file or folder, which *wanted* may name, and its files of that layout by name.

    In a folder of several layouts it is the first in the order of :data:`FORMATS`, since corpora come with other
    annotations beside their own; *note* hears how many files are left out. What is hidden is left out too.

    Raises:
        UsageError: there is no such path, or nothing of that or any layout in it.
    """
    if wanted == "records":
        return wanted, [path]
    if not path.exists():
        raise UsageError("no such file or folder", where=str(path), remedy="check the path")
    if not path.is_dir():
        return wanted or _format_of(path), [path]
    every = sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    by_format: dict[Format, list[Path]] = defaultdict(list)
    for file in every:
        for format_, suffixes in _SUFFIXES.items():
            if file.suffix.lower() in suffixes:
                by_format[format_].append(file)
    chosen: Format | None = wanted or next((one for one in FORMATS if one in by_format), None)
    if chosen is None or chosen not in by_format:
        kinds = ", ".join(suffix for suffixes in _SUFFIXES.values() for suffix in suffixes)
        missing = f"files of {chosen} ({', '.join(_SUFFIXES[chosen])})" if chosen else f"files of any kind ({kinds})"
        raise UsageError(f"the folder holds no {missing}", where=str(path), remedy="name another with --from")
    left = sum(len(files) for other, files in by_format.items() if other != chosen)
    if left:
        note(f"{path}: read as {chosen}; left out are {left:,} of other layouts")
    return chosen, by_format[chosen]


def inputs_of(path: Path, wanted: Format | None, texts: Path | None) -> Iterator[Path]:
    """All files that reading *path* may touch: those of its layout, and the articles beside them or in *texts*.

    Files of other layouts in the same folder are none of them: an earlier result may well lie there.

    Raises:
        UsageError: as `files_of`.
    """
    yield from files_of(path, wanted, lambda _line: None)[1]
    layouts = {suffix for suffixes in _SUFFIXES.values() for suffix in suffixes}
    for place in (path, texts):
        if place is not None and place.is_dir():
            yield from (file for file in place.rglob("*") if file.suffix.lower() not in layouts and file.is_file())
    if texts is not None and not texts.is_dir():
        yield texts


def _format_of(path: Path) -> Format:
    suffix = path.suffix.lower()
    for format_, suffixes in _SUFFIXES.items():
        if suffix in suffixes:
            return format_
    remedy = f"say with --from which it is: {', '.join(CORPORA)}"
    kind = f"a {suffix} file" if suffix else "a file without a suffix"
    raise UsageError(f"{kind} has no layout that is known", where=str(path), remedy=remedy)
