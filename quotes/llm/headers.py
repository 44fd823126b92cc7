"""What the headers of an answer say of limits: how long to stay away, and how much is left. Pure: the clock is handed
in."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WAIT = 60.0  # seconds; whoever asks for more is asked again after this
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:[,;].*)?", re.DOTALL)  # "100, 100;w=60" begins with what counts
_EPOCH = 1e9  # a reset beyond this is a time, not a duration: in seconds, or from a thousand times this in milliseconds

Counted = Literal["requests", "tokens"]
COUNTED: Final[tuple[Counted, ...]] = ("requests", "tokens")
_NAMES: Final[tuple[tuple[str, bool], ...]] = (
    ("x-ratelimit-{part}-{counted}", True),  # OpenAI and those after it
    ("anthropic-ratelimit-{counted}-{part}", True),
)
_NAMES_OF_REQUESTS: Final = (("ratelimit-{part}", False), ("x-ratelimit-{part}", False))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an endpoint said of one limit: *limit* in all, *left* of it, and the seconds until *reset*.

    *steady*: what was used comes back bit by bit until then, not at once. What was not said is ``None``.
    """

    limit: float | None
    left: float | None
    reset: float | None
    steady: bool


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, at most ``LONGEST_WAIT``, or ``None`` where *headers* (lower-case names) say nothing usable.

    ``retry-after-ms`` goes before ``retry-after`` (seconds or a date), that before the resets of rate limits, of
    which only exhausted ones count. *now* is Unix time in seconds.
    """
    for found in (
        _scaled(headers.get("retry-after-ms"), 0.001),
        _seconds_or_date(headers.get("retry-after"), now),
        _reset(headers, now),
    ):
        if found is not None:
            return min(max(found, 0.0), LONGEST_WAIT)
    return None


def allowance(headers: Mapping[str, str], counted: Counted, now: float) -> Allowance | None:
    """What *headers* (lower-case names) say of the limit on requests or tokens; ``None`` where nothing.

    Read are ``x-ratelimit-limit-requests`` and its kin, ``anthropic-ratelimit-requests-limit`` and its kin, and, for
    requests, ``ratelimit-limit`` and ``x-ratelimit-limit``. *now* is Unix time in seconds.
    """
    for name, steady in (*_NAMES, *(_NAMES_OF_REQUESTS if counted == "requests" else ())):
        limit, left, reset = (
            headers.get(name.format(part=part, counted=counted)) for part in ("limit", "remaining", "reset")
        )
        found = Allowance(_leading(limit), _leading(left), _until(reset, now), steady)
        if found.left is not None or found.reset is not None:
            return found
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


def _reset(headers: Mapping[str, str], now: float) -> float | None:
    said = (allowance(headers, counted, now) for counted in COUNTED)
    waits = [one.reset for one in said if one and one.reset is not None and (one.left is None or one.left <= 0)]
    return max(waits, default=None)


def _until(text: str | None, now: float) -> float | None:
    """Seconds until a reset, written as a duration, as a Unix time in seconds or milliseconds, or after RFC 3339."""
    seconds = duration(text)
    if seconds is not None and seconds >= _EPOCH:
        return max(0.0, (seconds if seconds < _EPOCH * 1000 else seconds / 1000) - now)
    if seconds is not None or not text:
        return seconds
    try:
        moment = datetime.fromisoformat(text.strip())
        return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _leading(text: str | None) -> float | None:
    number = _NUMBER.fullmatch(text or "")
    return _scaled(number[1], 1.0) if number else None


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
