"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.loopback import Loopback, serving
from tests.cli.processes import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def endpoint() -> Iterator[Loopback]:
    with serving(Loopback()) as loopback:
        yield loopback
