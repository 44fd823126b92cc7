"""A reader who types every command of a page, in order, in a folder with the sample articles.

What a page shows of the network is there: an OpenAI-compatible endpoint and a batch service on loopback, which the
addresses of the pages lead to. No command can reach anything else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.loopback import Answer, Loopback
from tests.cli.loopback import serving as serving_answers
from tests.cli.processes import Shell
from tests.docs.pages import ROOT, Block, Page
from tests.docs.warm import warming
from tests.endpoint import answers
from tests.llm.batch_server import serving as serving_batches

NEWS = ("clinic-chatbot", "parish-weekly", "pellora-quake")
"""The articles in ``news/``, the folder that stands for a reader's own."""

_SHOWN = re.compile(r"https://(?:models\.example|desk\.openai\.azure\.com|openrouter\.ai)|http://127\.0\.0\.1:8080")
_SHOWN_HOST = "127.0.0.1:8080"
_KEYS = ("QUOTES_API_KEY", "DESK_KEY", "AZURE_KEY", "ROUTER_KEY")
_SHELLS = ("sh", "bash", "console")
_MARK = re.compile(r"⟦(\d+):")
_TOOK = re.compile(r"(?:, | in )(?:\d+ min )?[\d.]+ ?s\b")
_ELIDED = "…"


@dataclass(frozen=True, slots=True)
class Command:
    """What is typed, and what is shown of its output; ``None`` where nothing is shown."""

    text: str
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, and all that it printed."""

    code: int
    out: str


def commands(block: Block) -> list[Command]:
    """The commands of a block: of a console those behind ``$``, with what they print; else the whole of it."""
    if block.language != "console":
        return [Command(block.text)]
    found: list[Command] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], ""))
        elif found and found[-1].text.endswith("\\"):
            found[-1] = Command(f"{found[-1].text}\n{line}", "")
        else:
            found[-1] = Command(found[-1].text, f"{found[-1].shown}{line}\n")
    return found


class Walk:
    """One session: a folder that all commands of a page share."""

    def __init__(self, folder: Path, python: str, endpoint: str, batches: str) -> None:
        self.folder = folder
        self._endpoint = endpoint.removesuffix("/v1")
        self._environment = _environment(folder) | dict.fromkeys(_KEYS, "sk-0") | {"QUOTES_BASE_URL": endpoint}
        self._environment["PATH"] = f"{folder / '.bin'}{os.pathsep}{os.environ['PATH']}"
        _furnish(folder, python, batches)

    def take(self, block: Block) -> Iterator[tuple[Command, Outcome]]:
        """Do what *block* says, one command after the other."""
        if "first" in block.directions:
            self._run(["sh", "-e", "-c", block.directions["first"]])
        if "file" in block.directions:
            path = self.folder / block.directions["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._led(block.text), encoding="utf-8")
        elif block.language == "python":
            yield Command(block.text), self._run([str(self.folder / ".bin" / "python"), "-c", self._led(block.text)])
        elif block.language in _SHELLS:
            for command in commands(block):
                yield command, self._run(["sh", "-e", "-c", self._led(command.text)])

    def _led(self, text: str) -> str:
        """*text* with the addresses it shows leading to the endpoint that stands in for them."""
        return _SHOWN.sub(self._endpoint, text)

    def _run(self, command: list[str]) -> Outcome:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout.replace(self._endpoint.removeprefix("http://"), _SHOWN_HOST))


@contextmanager
def warm_python() -> Iterator[str]:
    """The socket of a Python that runs the commands of any number of sessions."""
    with tempfile.TemporaryDirectory() as folder, warming(_environment(Path(folder))) as socket:
        yield socket


@contextmanager
def walking(folder: Path, python: str) -> Iterator[Walk]:
    """A session in *folder* with the services it may reach; *python* is the socket of a warm one."""
    with serving_answers(Loopback(_replied)) as endpoint, serving_batches(_completed) as batches:
        yield Walk(folder, python, endpoint.url, batches.url)


def _environment(folder: Path) -> dict[str, str]:
    return Shell(folder).environment | {"COLUMNS": "100", "NO_COLOR": "1"}


def to_take(page: Page) -> list[Block]:
    """The blocks of *page* that are to be taken, in order."""
    kinds = (*_SHELLS, "python")
    return [
        block
        for block in page.blocks
        if "file" in block.directions or (block.language in kinds and "not run" not in block.directions)
    ]


def as_shown(shown: str, out: str) -> bool:
    """Whether *out* is what is *shown*, where a line ``…`` stands for any number of lines."""
    pieces = [re.escape(piece) for piece in re.split(rf"^{_ELIDED}\n", _trimmed(shown), flags=re.M)]
    return re.fullmatch("(?:.*\n)*".join(pieces), _trimmed(out)) is not None


def _trimmed(text: str) -> str:
    """*text* without white space at the ends of lines, and without the time that a command took."""
    return "".join(f"{_TOOK.sub('', line.rstrip())}\n" for line in text.strip("\n").splitlines())


def _completed(body: Mapping[str, Any]) -> tuple[int, Any]:
    """A sound completion: the answer of a model that reads its prompt, with no mark left out."""
    answer = json.loads(answers.answer(body))
    if "not_quotes" in answer:
        said = [piece for item in answer["attributions"] for piece in item["said"]]
        told = {item["mark"] for item in answer["not_quotes"]}.union(piece for piece in said if isinstance(piece, int))
        shown = {int(number) for number in _MARK.findall(str(body["messages"][-1]["content"]))}
        answer["not_quotes"] += [{"mark": mark, "as": "term"} for mark in sorted(shown - told)]
    return 200, answers.completion(body, json.dumps(answer, ensure_ascii=False))


def _replied(body: dict[str, Any]) -> Answer:
    status, reply = _completed(body)
    return status, "application/json", json.dumps(reply)


def _furnish(folder: Path, python: str, batches: str) -> None:
    """What a checkout has, as far as the pages use it, and ``quotes`` on the path."""
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copytree(ROOT / "tests" / "fixtures" / "seeds", folder / "tests" / "fixtures" / "seeds")
    shutil.copytree(ROOT / "prompts", folder / "prompts")
    (folder / "news").mkdir()
    for name in NEWS:
        shutil.copy(ROOT / "seeds" / f"{name}.txt", folder / "news")
    service = f"""case "$1 $2" in
    "batch collect") export QUOTES_BASE_URL={batches}; set -- "$@" --interval 0.1 ;;
    batch*) export QUOTES_BASE_URL={batches} ;;
esac
set -- -m quotes "$@"
"""
    cold = f'exec "{sys.executable}"'
    warm = f'{cold} -I -S "{ROOT / "tests" / "docs" / "warm.py"}" "{python}" "$@"\n'
    programs = {
        "quotes": service + warm,
        "python": f'case "$1" in -c) {warm.strip()} ;; esac\n{cold} "$@"\n',
        "pytest": f'{cold} -m pytest -p no:cacheprovider -p quotes.testing.plugin "$@"\n',
    }
    for name, script in programs.items():
        program = folder / ".bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
        program.chmod(0o755)
