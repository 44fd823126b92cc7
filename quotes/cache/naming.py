"""Naming: how the file of an entry is called in a fixture folder, and what its name tells."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from quotes.cache.entry import Entry

_NAME = re.compile(r"(?P<start>.*-\d+)-(?P<key>[0-9a-f]{8,64})\.json")
_SLUG_LENGTH = 60


def slug(article: str) -> str:
    """*article* as a file-name part: lower-case ASCII letters, digits and single hyphens, at most 60, never empty."""
    plain = unicodedata.normalize("NFKD", article).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_LENGTH].strip("-") or "article"


def key_part(name: str) -> str:
    """The digits of the key in the file name *name*; the empty string where it is no name of an entry."""
    match = _NAME.fullmatch(name)
    return match["key"] if match else ""


def by_article_and_chunk(name: str) -> tuple[str, int, str]:
    """What the file names of entries are sorted by."""
    match = _NAME.fullmatch(name)
    assert match is not None  # only such names are remembered
    article, _, chunk = match["start"].rpartition("-")
    return article, int(chunk), match["key"]


def is_name_of(file: Path, entry: Entry) -> bool:
    """Whether *file* is named after the article, chunk and key of *entry*."""
    start = f"{slug(entry.request.article)}-{entry.request.chunk}-"
    part = key_part(file.name)
    return file.name.startswith(start) and part != "" and entry.key.startswith(part)
