"""What the tests of the documentation share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docs.walkthrough import warm_python


@pytest.fixture(scope="session")
def python() -> Iterator[str]:
    """The socket of a Python that has everything imported."""
    with warm_python() as socket:
        yield socket
