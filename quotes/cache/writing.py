"""Writing what is for its owner alone: files of mode 0600 and folders of mode 0700, whatever the umask."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700


def open_private(path: Path, flags: int = 0) -> int:
    """A descriptor of the file at *path*, for reading and writing; made for its owner alone where it is missing."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), FILE_MODE)
    with suppress(OSError):  # it was there before, and is somebody else's
        if os.fstat(descriptor).st_size == 0:
            os.chmod(path, FILE_MODE)
    return descriptor


def make_folder(path: Path) -> None:
    """Make the folder at *path* for its owner alone, and those above it as usual. One that is there stays as it is."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(FOLDER_MODE)


def write_whole(file: Path, text: str) -> None:
    """Put *text* into *file* whole or not at all: a reader never sees half of it.

    Raises:
        OSError: it cannot be written; *file* is as it was.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(open_private(draft, os.O_TRUNC), "wb") as output:
            output.write(text.encode("utf-8"))
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
