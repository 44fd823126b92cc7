"""What the documentation repeats from the code and the project's own files: it says the same."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from typing import Any

import pytest

import quotes
from tests.docs.pages import DOCS, ROOT, read

_MADE = re.compile(r"<!-- \[\[\[cog\n(.*?)\]\]\] -->\n(.*?)<!-- \[\[\[end\]\]\] -->", re.S)
_CALL = re.compile(r"^cog\.outl\(reference\.(\w+)\((?:\"([\w.-]+)\")?\)\)$", re.M)
_REMEDY = "write it afresh: make reference"


def _load_reference() -> Any:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MADE = [
    pytest.param(code, text, id=f"{path.stem} {number}")
    for path in sorted((DOCS / "reference").glob("*.md"))
    for number, (code, text) in enumerate(_MADE.findall(path.read_text(encoding="utf-8")), 1)
]


@pytest.mark.parametrize(("code", "text"), MADE)
def test_the_reference_says_what_the_code_says(code: str, text: str) -> None:
    calls = _CALL.findall(code)
    assert calls, "a block of cog calls scripts/reference.py, and nothing else"
    reference = _load_reference()
    expected = "".join(f"{getattr(reference, name)(*([given] if given else []))}\n" for name, given in calls)
    assert text == expected, _REMEDY


def test_every_command_and_public_name_is_in_the_reference() -> None:
    import typer

    from quotes.cli.app import app

    commands = read(DOCS / "reference" / "cli.md").text
    missing = [name for name in typer.main.get_command(app).commands if f"## quotes {name}\n" not in commands]
    python = read(DOCS / "reference" / "python.md").text
    names = [name for name in quotes.__all__ if not name.startswith("_")]
    assert missing + [name for name in names if f".{name}\n" not in python] == []


def _cited() -> dict[str, str]:
    """The fields of one line in CITATION.cff."""
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+): (.+)$", text, re.M))


def test_the_citation_is_of_this_version_and_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = _cited()
    assert (cited["title"], cited["version"]) == (project["name"], quotes.__version__)
    assert cited["license"] == project["license"]
    assert cited["cff-version"] == "1.2.0"


def test_the_oldest_python_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    for name in ("README.md", "CONTRIBUTING.md", "docs/index.md"):
        assert f"{oldest} or later" in " ".join((ROOT / name).read_text(encoding="utf-8").split()), name
