"""The language of a text, guessed from its function words: enough to choose abbreviations and cues by; and whether its
script is one that the rules read at all."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_LOOKED_AT = 20_000  # characters; an article tells by then
_FEWEST = 2  # different function words that make a language likely
_WORD = re.compile(r"[^\W\d_]+")

_FUNCTION_WORDS = {
    "en": (
        "the of and to in that is was for it with as his he be on by at have from or had not are but this"
        " they you she said i we were which their has will would who what there been"
    ),
    "de": (
        "der die und das den von zu mit sich des auf für ist im in dem nicht ein eine als auch es an"
        " werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war"
        " haben nur oder aber vor zur bis mehr durch sagte was"
    ),
    "fr": (
        "de la le et les des en un du une que qu l est pour qui dans a par plus pas au sur ne se ce il"
        " sont avec son aux elle cette mais ont ou être nous comme leur deux fait sans cela était ses dit"
        " c"
    ),
    "es": (
        "de la que el en y a los del se las por un para con no una su al lo como más pero sus le ya o"
        " este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos"
        " durante según dijo es"
    ),
}
_VOTES: dict[bytes, tuple[str, ...]] = {}
for _language, _listing in _FUNCTION_WORDS.items():
    for _word in _listing.encode("latin-1").split():
        _VOTES[_word] = (*_VOTES.get(_word, ()), _language)

# The words of Latin-1 are told apart by two passes in C: every letter in lower case, all else a space, cut at spaces.
_SPACED = "".join(chr(c).lower() if _WORD.match(chr(c)) else " " for c in range(256)).encode("latin-1")
_OTHER_LETTERS = re.compile(r"[^\W\d_\x00-\xff]")
_NOT_SURELY_LATIN = re.compile(r"[^\W\d_a-zA-Z\xc0-\u024f\u1e00-\u1eff]")  # all letters in these ranges are Latin
_STRANGER = "ª"  # a letter of Latin-1 that is in no function word
_TYPOGRAPHY = "“”’‘—–…„€"  # what a text otherwise in Latin-1 has of other characters


def guess_language(text: str) -> str:
    """``en``, ``de``, ``fr`` or ``es``, whichever's function words are most frequent at the start of *text*.

    ``en`` where none stands out, as in a text of another language.
    """
    counts = Counter(filter(_VOTES.__contains__, _words(text[:_LOOKED_AT])))
    votes = dict.fromkeys(_FUNCTION_WORDS, 0)
    different = dict.fromkeys(_FUNCTION_WORDS, 0)
    for word, count in counts.items():
        for language in _VOTES[word]:
            votes[language] += count
            different[language] += 1
    best = max(votes, key=lambda language: votes[language])  # the first of equals: English
    return best if different[best] >= _FEWEST else "en"


def _words(text: str) -> list[bytes]:
    """The words of *text* in lower case and Latin-1, in which all function words can be written."""
    for mark in _TYPOGRAPHY:
        text = text.replace(mark, " ")
    try:
        letters = text.encode("latin-1")
    except UnicodeEncodeError:
        letters = _OTHER_LETTERS.sub(_STRANGER, text).encode("latin-1", "replace")
    return letters.translate(_SPACED).split()


def is_of_other_script(text: str) -> bool:
    """Whether most letters at the start of *text* are of another script than the Latin one: none of the languages that
    the rules read is written so.

    >>> is_of_other_script("«Нет», — сказала Ида Крелль."), is_of_other_script("„Nein“, sagte Ida Krell.")
    (True, False)
    """
    start = text[:_LOOKED_AT]
    if _NOT_SURELY_LATIN.search(start) is None:
        return False
    letters = Counter(char for char in start if char.isalpha())
    others = sum(count for char, count in letters.items() if not _is_latin(char))
    return 2 * others > letters.total()


def _is_latin(letter: str) -> bool:
    return letter.isascii() or "LATIN" in unicodedata.name(letter, "")
