"""The peer: LangExtract in this Python or in one of its own, driven over a pipe (see ``langextract_peer``)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

_PROGRAM = Path(__file__).parent / "langextract_peer.py"
_NONE = MappingProxyType[str, Any]({})


class MissingPeer(Exception):
    """What a part is compared with is not there. The message says what to do."""


class LangExtract:
    """A process with LangExtract. *version* is its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.version: str = self._answer()["langextract"]

    def extract(
        self,
        documents: Sequence[tuple[str, str]],
        base_url: str,
        model: str,
        *,
        schema: bool = True,
        settings: Any = _NONE,
        params: Any = _NONE,
    ) -> dict[str, Any]:
        """What ``langextract.extract`` makes of *documents* (ids and texts): documents, seconds, tokens, error.

        *settings* are its own, *params* those of its model; *schema* constrains the answers.
        """
        job = {"base_url": base_url, "model": model, "schema": schema, "settings": {**settings}, "params": {**params}}
        job["documents"] = [{"id": name, "text": text} for name, text in documents]
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise MissingPeer(f"LangExtract's Python ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def langextract(python: str | None, core: int | None = None) -> Iterator[LangExtract]:
    """LangExtract in *python*, or in this one where it is installed; on *core* alone where one is given.

    Raises:
        MissingPeer: it is in neither.
    """
    if python is None:
        if importlib.util.find_spec("langextract") is None:
            raise MissingPeer("LangExtract is not installed: pip install 'quotes[bench]', or name --langextract-python")
        python = sys.executable
    command = [python, str(_PROGRAM), *([] if core is None else [str(core)])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield LangExtract(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
