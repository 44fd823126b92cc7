"""Extras: libraries that a plain install leaves out, loaded when something needs them."""

from __future__ import annotations

import importlib
from types import ModuleType

from quotes.errors import UsageError


def load(module: str, extra: str, what: str) -> ModuleType:
    """The library *module*, which comes with the *extra* of this package; *what* needs it, in a word (“Parquet”).

    Raises:
        UsageError: it is not installed; the message says how to.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise
        raise UsageError(
            f"{what} needs {module.partition('.')[0]}, which is not installed", remedy=f'pip install "quotes[{extra}]"'
        ) from None
