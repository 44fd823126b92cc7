"""Run a notebook from its first cell to its last and compare what it shows with what is committed in it.

    python scripts/run_notebook.py docs/notebook.ipynb          # exit code 1 where a cell fails or shows another thing
    python scripts/run_notebook.py docs/notebook.ipynb --write  # keep what it shows now

The kernel is that of this interpreter, whatever kernels are registered; the home folder is left alone.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
SECONDS = 120  # a cell
_RUNTIME = "JUPYTER_RUNTIME_DIR"
_COLOURS = re.compile("\x1b\\[[0-9;]*m")


class _ThisInterpreter(KernelSpecManager):
    """Knows one kernel: that of the interpreter this script runs in."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name=kernel_name, language="python")


class _Kernel(AsyncKernelManager):
    """That kernel, spoken to through files in the folder of its connection where the system can: no port is opened."""

    def __init__(self, **said: Any) -> None:
        places = {} if os.name == "nt" else {"transport": "ipc", "ip": os.path.join(os.environ[_RUNTIME], "kernel")}
        super().__init__(**{**said, **places, "kernel_spec_manager": _ThisInterpreter()})


def main() -> int:
    """Run it; 1 where it does not show what is committed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--write", action="store_true", help="keep what it shows now")
    options = parser.parse_args()
    path: Path = options.notebook
    committed = nbformat.read(path, as_version=4)
    nbformat.validate(committed)
    try:
        shown = _run(committed, path.resolve().parent)
    except CellExecutionError as error:
        print(f"{path}: a cell fails", _COLOURS.sub("", str(error)), sep="\n", file=sys.stderr)
        return 1
    if options.write:
        path.write_text(nbformat.writes(shown) + "\n", encoding="utf-8")
        return 0
    lines = list(difflib.unified_diff(_lines(committed), _lines(shown), "committed", "shown now", lineterm=""))
    if lines:
        print(f"{path}: shows something else (--write keeps it)", *lines[:60], sep="\n", file=sys.stderr)
    return 1 if lines else 0


def _run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """*notebook* as it is after a run in *folder*, with nothing in it that differs from run to run."""
    copy = nbformat.from_dict(notebook)
    with tempfile.TemporaryDirectory() as home:
        _move_in(home)
        client = NotebookClient(copy, kernel_manager_class=_Kernel, timeout=SECONDS, record_timing=False)
        client.execute(cwd=str(folder))
    copy.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return copy


def _move_in(home: str) -> None:
    """Let everything that the kernel reads and writes beside the notebook be in *home*."""
    for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", _RUNTIME, "IPYTHONDIR", "XDG_CACHE_HOME"):
        os.environ[variable] = tempfile.mkdtemp(dir=home)
    for variable in [name for name in os.environ if name.startswith(("QUOTES_", "OPENAI_"))]:
        del os.environ[variable]
    known = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *([known] if known else [])])


def _lines(notebook: NotebookNode) -> list[str]:
    """What the cells of *notebook* show, line by line."""
    return [line for number, cell in enumerate(notebook.cells, start=1) for line in _shown(number, cell)]


def _shown(number: int, cell: NotebookNode) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        parts = output.get("data") or {output.get("name", "error"): output.get("text", output.get("evalue", ""))}
        for kind, text in sorted(parts.items()):
            yield f"cell {number}, {kind}:"
            yield from str(text).splitlines()


if __name__ == "__main__":
    sys.exit(main())
