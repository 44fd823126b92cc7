"""Folders of records: the parts that a run on many machines writes, read as if they were one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from quotes.errors import RecordError

MARK: Final = "_quotes.json"
"""The name of the file that says what a folder of parts holds, and whether it is complete."""


def is_folder_of_parts(path: str | Path) -> bool:
    """Whether a run on many machines has written, or is writing, the folder *path*."""
    return (Path(path) / MARK).is_file()


def parts_in(path: str | Path) -> list[Path] | None:
    """The files with the records of the folder *path*, in order; ``None`` where it is no folder of parts.

    Raises:
        RecordError: the run that writes them has not finished, or its mark is damaged.
        OSError: it cannot be read.
    """
    folder = Path(path)
    if not is_folder_of_parts(folder):
        return None
    try:
        said = json.loads((folder / MARK).read_text(encoding="utf-8"))
        complete, suffix = said["complete"], said["format"]
    except (ValueError, KeyError, TypeError):
        remedy = "run quotes extract again, or name the parts one by one"
        raise RecordError(f"{MARK} is damaged", where=str(path), remedy=remedy) from None
    if complete is not True:
        remedy = "run it again, or name the parts one by one"
        raise RecordError("the run that writes these parts has not finished", where=str(path), remedy=remedy)
    return sorted(folder.glob(f"part-*.{suffix}"), key=lambda part: (len(part.name), part.name))
