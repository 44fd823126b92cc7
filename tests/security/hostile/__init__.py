"""Articles whose authors mean harm, one case each: invented, short, and in the public domain (CC0)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.security.hostile.case import Hostile
from tests.security.hostile.characters import CHARACTERS
from tests.security.hostile.forgeries import FORGERIES
from tests.security.hostile.outputs import OUTPUTS
from tests.security.hostile.persuasion import PERSUASION

HOSTILE: tuple[Hostile, ...] = (*PERSUASION, *FORGERIES, *CHARACTERS, *OUTPUTS)
RECORDED: tuple[Hostile, ...] = tuple(case for case in HOSTILE if case.recorded)
"""Those that a small model was really asked about: the others are too long for one."""


def write_articles(path: Path, cases: Iterable[Hostile]) -> Path:
    """*cases* as JSON Lines, in escapes throughout, so that the file shows what it holds."""
    lines = (json.dumps({"id": case.id, "text": case.text}) for case in cases)
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


__all__ = ["HOSTILE", "RECORDED", "Hostile", "write_articles"]
