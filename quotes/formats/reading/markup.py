"""Fragments of HTML, as feeds hold them, to text: tags dropped, entities resolved, paragraphs kept apart.

In one pass from left to right, so that no fragment, however broken, takes longer than its length calls for.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG: Final = re.compile(r"</?([a-zA-Z][\w:.-]*)")
_ANY_MARKUP: Final = re.compile(r"</?[a-zA-Z][\w:.-]*[\s/>]|<!--|&(?:#\d|#[xX]|[a-zA-Z])[\w]*;")
_QUOTE_OR_END: Final = re.compile(r"=\s{0,9}([\"'])|>")
_SPACE: Final = re.compile(r"[ \t\n\r\f\v]+")
_UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "head"})
_INLINE: Final = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn"),
        *("em", "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp"),
        *("small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    }
)


def text_of_markup(fragment: str) -> str:
    r"""The text of *fragment*, white space as a browser shows it, paragraphs with a blank line between.

    Text without a tag or an entity is left as it is but for white space around it.

    >>> text_of_markup("<p>“No,” she\n said.</p><p>Yes &amp; no<br>perhaps<script>1 < 2</script>")
    '“No,” she said.\n\nYes & no\nperhaps'
    """
    if not _ANY_MARKUP.search(fragment):
        return fragment.strip()
    paragraphs: list[str] = []
    parts: list[str] = []
    for piece in (*_pieces(fragment), None):
        if piece is not None:
            parts.append(piece)
        else:
            lines = (line.strip(" ") for line in "".join(parts).split("\n"))
            paragraphs.append("\n".join(lines).strip("\n"))
            parts.clear()
    return "\n\n".join(filter(None, paragraphs))


def _pieces(fragment: str) -> Iterator[str | None]:
    """Stretches of text in order, ``\\n`` for a line break, ``None`` where a paragraph ends."""
    at = 0
    while (found := fragment.find("<", at)) >= 0:
        tag = _TAG.match(fragment, found)
        if tag is None and not fragment.startswith(("<!", "<?"), found):
            yield _shown(fragment[at : found + 1])
            at = found + 1
            continue
        yield _shown(fragment[at:found])
        if tag is None:
            at = _after(fragment, "-->" if fragment.startswith("<!--", found) else ">", found)
            continue
        name, opens = tag[1].lower().rpartition(":")[2], fragment[found + 1] != "/"
        at = _end_of_tag(fragment, tag.end())
        if opens and name in _UNSEEN and fragment[at - 2 : at] != "/>":
            at = _end_of_unseen(fragment, name, at)
        elif name == "br":
            yield "\n"
        elif name not in _INLINE:
            yield None
    yield _shown(fragment[at:])


def _shown(text: str) -> str:
    return _SPACE.sub(" ", html.unescape(text))


def _after(fragment: str, mark: str, start: int) -> int:
    end = fragment.find(mark, start)
    return len(fragment) if end < 0 else end + len(mark)


def _end_of_tag(fragment: str, start: int) -> int:
    """Behind the ``>`` that ends the tag: one in a quoted value does not."""
    at = start
    while found := _QUOTE_OR_END.search(fragment, at):
        if found[0] == ">":
            return found.end()
        at = _after(fragment, found[1], found.end())
    return len(fragment)


def _end_of_unseen(fragment: str, name: str, start: int) -> int:
    """Behind the element *name*, whose content begins at *start*: to its end tag, else to the end of all."""
    found = re.compile(f"</(?:\\w+:)?{name}\\b", re.IGNORECASE).search(fragment, start)
    return _end_of_tag(fragment, found.end()) if found else len(fragment)
