"""Markdown as the tests read it: blocks of code with the directions above them, headings, and links.

Directions to the tests are comments, which no reader sees. They stand above the block they are about:

<!-- not run: it installs packages -->      the block is not run, and why
<!-- exit: 1 -->                            the code its last command ends with, where that is not 0
<!-- file: quotes.toml -->                  the block is the content of this file
<!-- first: cp seeds/gold.jsonl . -->       run before it, so that it finds what a reader would have
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
AROUND = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages outside of docs/, as seen from the root of the checkout."""

_FENCE = re.compile(r"^( *)(`{3,})\s*([\w-]*).*$")
_DIRECTION = re.compile(r"<!-- ([a-z ]+): (.*?) -->")
_COMMAND = re.compile(r"(?:\$ )?(?:quotes|make|pip|export|python) ")
_HEADING = re.compile(r"^(#{1,6}) +(.*?) *#*$", re.M)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^()\s<>]+)>?(?: +\"[^\"]*\")?\)")
_CODE = re.compile(r"`+[^`]*`+")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: the number of its first line, its language (``sh``, ``console``, …) and the directions."""

    line: int
    language: str
    text: str
    directions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """Its path as seen from the root of the checkout."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def prose(self) -> str:
        """The text without blocks of code."""
        lines = self.text.splitlines()
        for block in self.blocks:
            lines[block.line - 1 : block.line - 1 + block.text.count("\n")] = [""] * block.text.count("\n")
        return "\n".join(line for line in lines if not _FENCE.match(line))

    @property
    def blocks(self) -> list[Block]:
        """All fenced blocks, and those indented ones that hold commands, in the order of the page."""
        return list(_blocks(self.text.splitlines()))

    @property
    def links(self) -> list[str]:
        """The targets of links and images, as they are written."""
        return _LINK.findall(_CODE.sub("``", self.prose))

    def anchors(self) -> frozenset[str]:
        """What a link into this page may name: the headings whose anchor is the same on GitHub and in the site."""
        headings = [heading for _, heading in _HEADING.findall(self.prose)]
        return _numbered(map(on_github, headings)) & _numbered(map(in_site, headings))


def read(path: Path) -> Page:
    return Page(path, path.read_text(encoding="utf-8"))


def pages() -> list[Page]:
    """Every page of the documentation."""
    return [read(path) for path in [*(ROOT / name for name in AROUND), *sorted(DOCS.rglob("*.md"))]]


def on_github(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    words = re.sub(r"[^\w\- ]", "", _plain(heading).lower())
    return words.replace(" ", "-")


def in_site(heading: str) -> str:
    """The anchor that the table of contents of Python-Markdown gives a heading."""
    ascii_only = unicodedata.normalize("NFKD", _plain(heading)).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())


def _plain(heading: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")


def _numbered(anchors: Iterator[str]) -> frozenset[str]:
    """*anchors* that are named once; where a heading repeats, the two places number it differently."""
    found = list(anchors)
    return frozenset(anchor for anchor in found if found.count(anchor) == 1)


def _blocks(lines: list[str]) -> Iterator[Block]:
    directions: dict[str, str] = {}
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if fence:
            end = next(n for n in range(at + 1, len(lines)) if lines[n].strip() == fence[2])
            body = [line.removeprefix(fence[1]) for line in lines[at + 1 : end]]
            yield Block(at + 2, fence[3], "".join(f"{line}\n" for line in body), directions)
            directions, at = {}, end + 1
        elif _begins_indented(lines, at):
            end = next((n for n in range(at, len(lines)) if lines[n] and not lines[n].startswith("    ")), len(lines))
            body = [line[4:] for line in lines[at:end]]
            while not body[-1]:
                body.pop()
            language = "console" if body[0].startswith("$ ") else "sh"
            yield Block(at + 1, language, "".join(f"{line}\n" for line in body), directions)
            directions, at = {}, end
        else:
            found = dict(_DIRECTION.findall(lines[at]))
            directions = directions | found if found or not lines[at].strip() else {}
            at += 1


def _begins_indented(lines: list[str], at: int) -> bool:
    """Whether an indented block that holds commands begins here: after an empty line or a heading."""
    line, before = lines[at], lines[at - 1] if at else ""
    return line.startswith("    ") and bool(_COMMAND.match(line[4:])) and (not before or before.startswith("#"))
