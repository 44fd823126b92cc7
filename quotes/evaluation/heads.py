"""Head words: the one word by which two names are taken for the same speaker."""

from __future__ import annotations

import re
from typing import Final

_TAIL: Final = re.compile(r"[,;(]|\b(?:at|da|de|do|for|from|in|of|on|von|which|who|with)\b")
_WORD: Final = re.compile(r"[-\w.'’]+")

_TITLES: Final = """
a an the ex former then mr mrs ms miss dr prof professor sir lady lord sen senator rep representative gov governor
president chairman chairwoman chairperson secretary mayor judge justice gen general lt col sgt rev
"""
_SUFFIXES: Final = "jr sr ii iii iv"
_PRONOUNS: Final = """
i me my we us our you your he him his she her hers it its they them their who whom that which this these those one
er sie es ihm ihr ihn wir ele ela eles elas
"""
_NO_HEADS: Final = frozenset((_TITLES + _SUFFIXES).split())
_PRONOUN_WORDS: Final = frozenset(_PRONOUNS.split())


def head_word(name: str) -> str | None:
    """The last word of *name* before a comma, bracket or preposition, in lower case; titles do not count.

    ``None`` for a pronoun and for a name without words.

        >>> head_word("Mayor Mara Ruiz"), head_word("a spokesman for the port"), head_word("She")
        ('ruiz', 'spokesman', None)
    """
    words = [_plain(word) for word in _WORD.findall(_TAIL.split(name, maxsplit=1)[0])]
    words = [word for word in words if word and word not in _NO_HEADS]
    if not words or (len(words) == 1 and words[0] in _PRONOUN_WORDS):
        return None
    return words[-1]


def _plain(word: str) -> str:
    """*word* without a genitive ending, full stops and hyphens around it, in lower case."""
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    elif word.endswith(("'", "’")):
        word = word[:-1]
    return word.lower().strip(".-")
