"""Forms of a name: when two printed forms are the same, and the word by which an article can be asked for one."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_PART = re.compile(r"\w+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def on_one_line(name: str) -> str:
    """*name* with every stretch of white space as one blank: an article may break a line within it."""
    return " ".join(name.split())


def folded(name: str) -> str:
    """Equal for forms that differ only in case, white space, the shape of an apostrophe or Unicode composition."""
    return unicodedata.normalize("NFC", on_one_line(name)).replace("’", "'").casefold()


def last_word(name: str) -> str:
    """The last word of *name*, folded: the surname of most people, without "Jr." or a possessive "'s"."""
    parts: list[str] = _PART.findall(folded(name).replace("'s ", " ").removesuffix("'s"))
    while len(parts) > 1 and parts[-1] in _SUFFIXES:
        parts.pop()
    return parts[-1] if parts else ""


def words_in(text: str) -> frozenset[str]:
    """All words of *text*, folded, as :func:`last_word` gives them."""
    return frozenset(_PART.findall(folded(text)))


def count_words(text: str) -> int:
    """Words of *text*: letters and digits, with the hyphens and apostrophes between them."""
    return sum(1 for _ in _WORD.finditer(text))
