"""What a server says, made fit for a message: one short line without keys or control characters."""

from __future__ import annotations

import re
import unicodedata

DETAIL_LENGTH = 300  # characters
_HIDDEN = "[hidden]"
_LONG_ENOUGH = 8  # characters below which a key may occur in ordinary text by chance
# Keys and account names as servers echo them, whole or masked in the middle ("sk-ab***yz").
_KEYS = re.compile(r"\b(?:sk|pk|gsk|xai|hf|org|proj)[-_][\w*.…-]{6,}|(?i:\bbearer\s+)[^\s\"',;]+|\bAIza[\w-]{20,}")


class Redactor:
    """Takes the secrets of one endpoint out of what it says. Its own representation shows none."""

    __slots__ = ("_secrets",)

    def __init__(self, *secrets: str | None) -> None:
        """*secrets* are the key and whatever else must not come back; ``None`` and empty ones are none."""
        self._secrets = tuple(sorted({text for text in secrets if text}, key=len, reverse=True))

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"

    def line(self, text: str) -> str:
        """*text* on one line of at most 300 characters, without secrets and control characters."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        text = _KEYS.sub(_HIDDEN, text)
        text = " ".join("".join(" " if unicodedata.category(c) in _UNSAFE else c for c in text[:_SCANNED]).split())
        return text if len(text) <= DETAIL_LENGTH else text[: DETAIL_LENGTH - 1] + "…"

    def answer(self, text: str) -> str:
        """An answer's *text* as it came, but for secrets too long to occur in it by chance."""
        for secret in self._secrets:
            if len(secret) >= _LONG_ENOUGH:
                text = text.replace(secret, _HIDDEN)
        return text


_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SCANNED = 4 * DETAIL_LENGTH
