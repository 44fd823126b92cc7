"""Garbage: how often a run lets Python look for reference cycles, of which an article leaves hardly any.

By default that is after every 700 new objects, and each time those of all articles under way are walked: 8 to 14% of a
replay's time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_THRESHOLDS: Final = (50_000, 20, 50)
"""New objects between two looks at the youngest; looks between two at older ones, and at the oldest."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Meanwhile cycles are looked for seldom, and never among what was there before: modules, lexicons, packs."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
