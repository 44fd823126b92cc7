"""Extras: what is not installed is told with the command that installs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from quotes.errors import UsageError
from quotes.extras import load


def test_a_library_that_is_there_is_loaded() -> None:
    assert load("json", "none", "JSON").dumps([]) == "[]"


def test_one_that_is_missing_is_told_with_its_remedy() -> None:
    with pytest.raises(UsageError, match=r'Parquet needs no_such_thing, .* \(pip install "quotes\[parquet\]"\)'):
        load("no_such_thing.parts", "parquet", "Parquet")


def test_a_library_that_lacks_one_of_its_own_is_no_missing_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_installed.py").write_text("import no_such_thing\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_thing"):
        load("half_installed", "parquet", "Parquet")
    sys.modules.pop("half_installed", None)
