"""The trust file of a prompt pack, written: one entry a model, those of other models left as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from quotes.errors import InputError
from quotes.extraction.trust import Trust, trust_to_json
from quotes.formats import AtomicText


def write_trust(path: str, model: str, trust: Trust) -> None:
    """Set the entry of *model* in the file at *path*, which is made where it is not there.

    Raises:
        InputError: the file is there and is no table of models.
        OutputError: it cannot be written.
    """
    table = _read(Path(path))
    table[model] = trust_to_json(trust)
    with AtomicText(path) as out:
        out.write(json.dumps(dict(sorted(table.items())), indent=1, ensure_ascii=False) + "\n")


def check_trust(path: str) -> None:
    """Make sure that `write_trust` can set an entry in the file at *path*, before any work is spent.

    Raises:
        InputError: the file is there and is no table of models.
    """
    _read(Path(path))


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror or error}") from None
    except json.JSONDecodeError as error:
        raise _unusable(path, f"is no JSON: {error}") from None
    except UnicodeDecodeError:
        raise _unusable(path, "is no UTF-8") from None
    except (ValueError, RecursionError):
        raise _unusable(path, "is nested too deeply, or has a number of thousands of digits") from None
    if not isinstance(table, dict) or not all(isinstance(entry, dict) for entry in table.values()):
        raise _unusable(path, "is no table of models")
    return table


def _unusable(path: Path, what: str) -> InputError:
    return InputError(what, where=str(path), remedy="name another file with --calibrate")
