"""The command line as a process, in a home of its own."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from tests.docs.warm import warming

_ROOT = Path(__file__).resolve().parents[2]
_WARM = _ROOT / "tests" / "docs" / "warm.py"
_OWN = ("QUOTES_", "OPENAI_", "HOME", "XDG_CACHE_HOME")
"""How variables begin that no library looks at while it is imported."""


class Shell:
    """Runs ``quotes`` in a folder with nothing of this machine's environment but the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = _environment(folder)

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        """The command in an interpreter of its own."""
        return self._start([sys.executable, "-m", "quotes"], arguments, options)

    def run(self, *arguments: object, stdin: bytes | None = None, **options: Any) -> Done:
        """The command, ended. Where nothing is said of its process it is forked from one that has imported all."""
        program = [sys.executable, "-m", "quotes"]
        if not options and self._is_usual():
            program = [sys.executable, "-I", "-S", str(_WARM), _warm_python(), "-m", "quotes"]
        if stdin is not None:
            options["stdin"] = subprocess.PIPE
        process = self._start(program, arguments, options)
        out, err = process.communicate(stdin, timeout=120)
        return Done(process.returncode, out or b"", (err or b"").decode())

    def _start(
        self, program: list[str], arguments: tuple[object, ...], options: dict[str, Any]
    ) -> subprocess.Popen[bytes]:
        settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [*program, *map(str, arguments)]
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, **(settings | options))

    def _is_usual(self) -> bool:
        usual = _environment(self.folder)
        differing = {name for name, _ in self.environment.items() ^ usual.items()}
        return all(name.startswith(_OWN) for name in differing)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def articles(self, count: int, name: str = "in.jsonl") -> Path:
        """*count* articles of one quotation each, as JSON Lines."""
        lines = (
            json.dumps({"id": f"a{n}", "text": f'The tide of day {n} was "high" again, Ida Krell said.', "page": n})
            for n in range(count)
        )
        return self.write(name, "\n".join(lines) + "\n")


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "XDG_CACHE_HOME": str(folder / "home" / "cache"),
        "PYTHONPATH": str(_ROOT),
        "PYTHONWARNINGS": "error",
        "PYTHONUTF8": "1",
    }


@cache
def _warm_python() -> str:
    """The socket of a Python that has imported all, one for all tests of this process."""
    until_the_end = ExitStack()
    atexit.register(until_the_end.close)
    return until_the_end.enter_context(warming(_environment(_ROOT / "nowhere")))


class Done:
    """A finished command."""

    def __init__(self, code: int, out: bytes, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        assert "Traceback" not in err, err

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def lines(self) -> list[str]:
        """What was said on standard error."""
        return self.err.splitlines()
