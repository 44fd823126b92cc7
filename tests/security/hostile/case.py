"""What one hostile article is."""

from __future__ import annotations

from typing import NamedTuple


class Hostile(NamedTuple):
    """An article whose author means harm. *recorded* tells that a real model was asked about it."""

    id: str
    text: str
    recorded: bool = True
