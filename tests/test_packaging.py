"""The package as a whole: one version, every module described and of a size to read, every public name documented."""

from __future__ import annotations

import doctest
import importlib
import inspect
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import quotes

ROOT = Path(__file__).parents[1]
PACKAGE = Path(quotes.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
FACES = [
    "quotes",
    *(f"quotes.{path.parent.name}" for path in sorted(PACKAGE.glob("*/__init__.py"))),
    *(f"quotes.{path.stem}" for path in sorted(PACKAGE.glob("[a-z]*.py"))),
]
LONGEST = 350


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_command_tells_the_version_of_the_package() -> None:
    done = subprocess.run([sys.executable, "-m", "quotes", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout.split()[-1], done.returncode) == (quotes.__version__, 0)


def test_the_version_stands_in_one_place_and_in_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["version"]["path"] == "quotes/_version.py"
    assert "version" not in project["project"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert quotes.__version__ in changes or "Unreleased" in changes


def test_every_folder_with_modules_is_a_package() -> None:
    assert [name_of(path) for path in FILES if not (path.parent / "__init__.py").is_file()] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_says_in_its_first_line_what_it_holds_and_is_short_enough_to_read(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.startswith('"""') or path.name == "__main__.py"
    assert source.count("\n") <= LONGEST


@pytest.mark.parametrize("name", FACES)
def test_everything_public_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    missing = [place for place, value in public(module) if not inspect.getdoc(value)]
    assert missing == []


@pytest.mark.parametrize("name", FACES)
def test_a_face_lists_what_it_offers_and_offers_what_it_lists(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", [])
    assert len(listed) == len(set(listed))
    assert all(hasattr(module, each) for each in listed)


@pytest.mark.parametrize("path", [path for path in FILES if ">>> " in path.read_text(encoding="utf-8")], ids=name_of)
def test_the_examples_in_the_documentation_run(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def public(module: ModuleType) -> list[tuple[str, object]]:
    """Classes and functions that *module* offers, with the methods and properties of the classes."""
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    found = []
    for name in names:
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)) or not value.__module__.startswith("quotes"):
            continue
        found.append((f"{module.__name__}.{name}", value))
        if inspect.isclass(value):
            own = (each for each in vars(value) if not each.startswith("_"))
            found += [(f"{name}.{each}", vars(value)[each]) for each in own if _is_method(vars(value)[each])]
    return found


def _is_method(value: object) -> bool:
    return inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod)
