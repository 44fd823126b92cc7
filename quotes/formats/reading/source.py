"""What a reader is given beside the bytes of its file: what the file is called, and which of its fields are meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias

from quotes.errors import InputError, UsageError
from quotes.model import Article

Found: TypeAlias = Article | InputError
"""An article, or why there is none in its place."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields (of a line of JSON) or columns (of a table) hold the text and the id; ``None``: the usual ones.

    A dot leads into a field: ``body.plain``, where no field is called that itself.

    Raises:
        UsageError: both are one field.
    """

    text: str | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        if self.text_name == self.id_name:
            what = f"the text and the id cannot both be in “{self.text_name}”"
            raise UsageError(what, where="--text-field", remedy="name another --text-field or --id-field")

    @property
    def text_name(self) -> str:
        """The field that holds the text."""
        return "text" if self.text is None else self.text

    @property
    def id_name(self) -> str:
        """The field that holds the id."""
        return "id" if self.id is None else self.id


USUAL: Final = Fields()


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: *name* becomes the id of its article, or what its articles' ids begin with; *where* it is."""

    name: str
    where: str
    fields: Fields = USUAL


Reader: TypeAlias = Callable[[BinaryIO, Source], Iterator[Found]]
"""Reads an open file from where it stands: its articles one by one, what is wrong with one as an error in its place.

Raises an InputError where the rest cannot be read, an OSError where the system cannot read it.
"""

LineReader: TypeAlias = Callable[[Iterable[bytes], Source], Iterator[Found]]
"""A `Reader` that takes its file line by line, so that the lines may come from anywhere."""
