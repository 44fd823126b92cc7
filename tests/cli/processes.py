"""The command line as a process, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]


class Shell:
    """Runs ``quotes`` in a folder with nothing of this machine's environment but the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "XDG_CACHE_HOME": str(folder / "home" / "cache"),
            "PYTHONPATH": str(_ROOT),
            "PYTHONWARNINGS": "error",
            "PYTHONUTF8": "1",
        }

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "quotes", *map(str, arguments)]
        settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, **(settings | options))

    def run(self, *arguments: object, stdin: bytes | None = None, **options: Any) -> Done:
        if stdin is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(*arguments, **options)
        out, err = process.communicate(stdin, timeout=120)
        return Done(process.returncode, out or b"", (err or b"").decode())

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
