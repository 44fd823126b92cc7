"""What a server says, made fit for a message: one short line without keys or control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from quotes.llm.address import is_secret

DETAIL_LENGTH = 300  # characters
_HIDDEN = "[hidden]"
_MOST_ESCAPES = 8  # backslashes before one character: JSON in JSON in JSON takes seven
_LONG_ENOUGH = 8  # characters below which a key may occur in ordinary text by chance
# Headers whose values tell who asks, and may well occur in a text.
_PUBLIC = frozenset({"accept", "accept-language", "http-referer", "referer", "user-agent", "x-title"})
# Keys and account names as servers echo them, whole or masked in the middle ("sk-ab***yz").
_KEYS = re.compile(r"\b(?:sk|pk|gsk|xai|hf|org|proj)[-_][\w*.…-]{6,}|(?i:\bbearer\s+)[^\s\"',;]+|\bAIza[\w-]{20,}")


class Redactor:
    """Takes the secrets of one endpoint out of what it says, also where JSON writes their characters as escapes.

    Its own representation shows none.
    """

    __slots__ = ("_escaped", "_long", "_secrets")

    def __init__(self, *secrets: str | None) -> None:
        """*secrets* are the key and whatever else must not come back; ``None`` and empty ones are none."""
        self._secrets = tuple(sorted({text for text in secrets if text}, key=len, reverse=True))
        self._long = tuple(text for text in self._secrets if len(text) >= _LONG_ENOUGH)
        self._escaped = tuple(re.compile("".join(map(_spellings, text))) for text in self._long)

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"

    def line(self, text: str) -> str:
        """*text* on one line of at most 300 characters, without secrets and control characters."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        text = _KEYS.sub(_HIDDEN, self.answer(text))
        text = " ".join("".join(" " if unicodedata.category(c) in _UNSAFE else c for c in text[:_SCANNED]).split())
        return text if len(text) <= DETAIL_LENGTH else text[: DETAIL_LENGTH - 1] + "…"

    def answer(self, text: str) -> str:
        """An answer's *text* as it came, but for secrets too long to occur in it by chance."""
        for secret in self._long:
            text = text.replace(secret, _HIDDEN)
        if "\\" in text:
            for escaped in self._escaped:
                text = escaped.sub(_HIDDEN, text)
        return text

    def finds(self, text: str) -> bool:
        """Whether *text* holds a secret too long to occur in it by chance."""
        return self.answer(text) != text


def secrets_in(headers: Mapping[str, str]) -> list[str]:
    """What of the values of *headers* (lower-case names) is to be kept secret: all but those meant to be shown.

    The part behind a scheme, as in ``Bearer …``, is one of its own. Short values are secrets only by their name.
    """
    found = []
    for name, value in headers.items():
        if name not in _PUBLIC and (len(value) >= _LONG_ENOUGH or is_secret(name)):
            found += [value, *value.split()[1:]]
    return found


def _spellings(character: str) -> str:
    """A pattern for *character* as it is or as an escape, in JSON, or in JSON that stands in a string of JSON."""
    escape = rf"\\{{1,{_MOST_ESCAPES}}}"
    shorts = f"{escape}{re.escape(character)}|" if character in '"\\/' else ""
    return f"(?:{shorts}{re.escape(character)}|{escape}u00(?i:{ord(character):02x}))"


_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SCANNED = 4 * DETAIL_LENGTH
