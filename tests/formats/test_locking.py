"""Locks: one process at a time, and none left behind."""

from __future__ import annotations

import os
from pathlib import Path

from quotes.formats.locking import lock


def test_of_two_that_want_a_file_one_has_it_until_it_closes_it(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path / "x", os.O_RDWR | os.O_CREAT) for _ in range(2))
    assert [lock(first), lock(second)] == [True, False]
    os.close(first)
    assert lock(second)
    os.close(second)
