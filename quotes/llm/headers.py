"""How long an endpoint asks to be left alone, read from the headers of its answer. Pure: the clock is handed in."""

from __future__ import annotations

import math
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WAIT = 60.0  # seconds; whoever asks for more is asked again after this
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_RESETS = ("requests", "tokens")


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, at most ``LONGEST_WAIT``, or ``None`` where *headers* (lower-case names) say nothing usable.

    ``retry-after-ms`` goes before ``retry-after`` (seconds or a date), that before ``x-ratelimit-reset-*``, of
    which only exhausted limits count. *now* is Unix time in seconds.
    """
    for found in (
        _scaled(headers.get("retry-after-ms"), 0.001),
        _seconds_or_date(headers.get("retry-after"), now),
        _reset(headers),
    ):
        if found is not None:
            return min(max(found, 0.0), LONGEST_WAIT)
    return None


def duration(text: str | None) -> float | None:
    """Seconds in a duration as rate-limit headers write it (``20ms``, ``7.66s``, ``6m0s``, ``1h2m``, ``12``)."""
    text = (text or "").strip().lower()
    number = _scaled(text, 1.0)
    if number is not None:
        return number
    parts = _PART.findall(text)
    if not parts or "".join(amount + unit for amount, unit in parts) != text:
        return None
    return sum(float(amount) * _UNITS[unit] for amount, unit in parts)


def _reset(headers: Mapping[str, str]) -> float | None:
    waits = []
    for name in _RESETS:
        wait = duration(headers.get(f"x-ratelimit-reset-{name}"))
        left = _scaled(headers.get(f"x-ratelimit-remaining-{name}"), 1.0)
        if wait is not None and (left is None or left <= 0):
            waits.append(wait)
    return max(waits, default=None)


def _scaled(text: str | None, factor: float) -> float | None:
    try:
        value = float(text or "") * factor
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _seconds_or_date(text: str | None, now: float) -> float | None:
    seconds = _scaled(text, 1.0)
    if seconds is not None or not text:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
