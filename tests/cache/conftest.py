from pathlib import Path

import pytest


@pytest.fixture(params=["replies.sqlite", "recorded"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where a store may be made: once a SQLite file, once a folder of fixtures."""
    return tmp_path / request.param
