"""A finding: one thing that is wrong with a prompt pack, with the file and the place in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["unusable", "fault", "warning"]
"""How bad it is: no run can use the pack, a run would suffer from it, or it may be meant."""


@dataclass(frozen=True, slots=True)
class Finding:
    """*what* is wrong at *place* (an example, a part of the schema, a line) of *file*, and the *remedy*."""

    level: Level
    file: str
    place: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        where = "".join(f"{part}: " for part in (self.file, self.place) if part)
        warning = "warning: " if self.level == "warning" else ""
        return f"{where}{warning}{self.what}" + (f" ({self.remedy})" if self.remedy else "")
