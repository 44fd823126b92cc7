"""The templates that ship with the package, written out as functions: the same text sooner, and no Jinja to import.

A template is known by its hash, so one that was edited is rendered by Jinja again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from quotes.prompting.rendering import Line

_MOST_NAMED: Final = 20  # names that the cascade shows


def written_out(source: str) -> Callable[..., str] | None:
    """What renders the template *source* where it is one of ours; ``None`` for any other."""
    return _BY_HASH.get(hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest())


def _news(
    roster: Sequence[str], before: Sequence[str], after: Sequence[str], lines: Sequence[Line], only: Sequence[int]
) -> str:
    parts: list[str] = []
    if roster:
        parts += ["Names:\n", *[f"{number} {name}\n" for number, name in enumerate(roster, 1)], "\n"]
    if before:
        parts += ["Before (context only):\n", *[f"· {line}\n" for line in before], "\n"]
    parts.append("Text:\n")
    parts += _numbered(lines, "\n")
    if after:
        parts += ["\nAfter (context only):\n", *[f"· {line}\n" for line in after]]
    if only:
        parts.append(_asked(only))
    return "".join(parts)


def _cascade(roster: Sequence[str], lines: Sequence[Line], only: Sequence[int], **_context: Any) -> str:
    parts: list[str] = []
    if roster:
        named = "; ".join([f"{number} {name}" for number, name in enumerate(roster[:_MOST_NAMED], 1)])
        parts.append(f"Names: {named}\n\n")
    parts += _numbered(lines, "…\n")
    if only:
        parts.append(_asked(only))
    return "".join(parts)


def _judge(sentence: str, source: str) -> str:
    return f"{sentence}\nSource: {source or 'nobody'}"


def _repair(problems: Iterable[Mapping[str, str]]) -> str:
    parts = ["These parts of your answer could not be used:\n"]
    for problem in problems:
        item = problem["item"]
        parts.append(f"- {problem['reason']}: {item}\n" if item else f"- {problem['reason']}\n")
    parts.append(
        "Answer again in the same form with these items only, corrected. Copy the cue, the speaker and the first and"
        " last words of a clause exactly as the text prints them. Leave out an item that the text does not support."
    )
    return "".join(parts)


def _numbered(lines: Sequence[Line], gap: str) -> list[str]:
    """*lines* as they are shown, with *gap* before each that opens a paragraph, but for the first."""
    shown = [f"{gap}[{number}] {text}\n" if opens else f"[{number}] {text}\n" for number, text, opens in lines]
    if lines and lines[0].opens:
        shown[0] = shown[0].removeprefix(gap)
    return shown


def _asked(only: Sequence[int]) -> str:
    marks = ", ".join([f"⟦{mark}⟧" for mark in only])
    return f"\nAnswer only about {marks}. Each is either content of an attribution or listed in not_quotes.\n"


_BY_HASH: Final[Mapping[str, Callable[..., str]]] = {
    "ba964a647481f2948cbcf653911fcc9dcad892353b847eee10a45592a42f4b52": _news,
    "3afb5601a92d5efb34a7dd3b097c60ff6810946c7e1a98885488eb557e1f1cb8": _cascade,
    "0ba8a4437490735ea52419a10982dc318845d38257b04140f11d89dee75d2b0d": _judge,
    "ea40b7ecde1c2b2df530cc8e1261a592cdfdca51af1a4dd0573c479c664b7f78": _repair,
}
"""SHA-256 of the templates of `prompts/`. After a change to one of them change its function too, and the hash here."""
