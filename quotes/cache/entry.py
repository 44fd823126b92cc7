"""What is stored of one call, as JSON, and the checksum that finds damage; the stores only decide where it lies.

Nothing that differs from call to call (ids, clocks, headers) has a field here, so it cannot be stored by accident.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from quotes.exchange import Logprobs, Outcome, Reply, Request, Usage, Written

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAST_LOGPROB = -1e5
_FIELDS = tuple(field.name for field in dataclasses.fields(Reply) if field.name != "logprobs")
_COUNTS = tuple(field.name for field in dataclasses.fields(Usage))
OUTCOMES: frozenset[str] = frozenset(get_args(Outcome))

_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_sorted = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode

# Lone surrogates have no UTF-8 form; line separators and bidirectional controls would mislead the reader of a diff.
_ESCAPED = re.compile("[\ud800-\udfff\u0085\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


class DamageError(Exception):
    """Stored JSON that is no entry: a field is missing, of the wrong type, or does not fit key or checksum.

    The store that knows the file turns it into a CacheError.
    """


@dataclass(frozen=True, slots=True)
class Entry:
    """One request with the reply it got."""

    request: Request
    reply: Reply

    @property
    def key(self) -> str:
        """The request's key: SHA-256 in hex over all that was sent."""
        return self.request.key


def dumps(value: Any, *, indent: int | None = None) -> str:
    """*value* as JSON that is valid UTF-8 whatever text it holds; compact unless *indent* is given. Order is kept."""
    if indent is None and isinstance(value, Written):
        text = value.plain
    else:
        text = (
            _compact(value) if indent is None else json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
        )
    if text.isprintable():  # as most is, and what is escaped is not
        return text
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def digest(value: Any) -> str:
    """SHA-256 in hex over *value* as sorted JSON in ASCII: defined for text with lone surrogates too."""
    text = _sorted(value)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def checksum(entry: Entry) -> str:
    """SHA-256 in hex over everything stored of *entry*; the request's body is in it through the key."""
    return _checksum(entry.request, entry.reply)


def _checksum(request: Request, reply: Reply) -> str:
    return digest([request.key, request.article, request.chunk, reply_to_json(reply)])


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """*reply* as a JSON object, every field of it in the order of the class.

    Log-probabilities are an object for each token, which a diff shows line by line; where there are none the field
    is left out, so that what was stored before there were any keeps its checksum.
    """
    stored: dict[str, Any] = {name: getattr(reply, name) for name in _FIELDS}
    stored["usage"] = {name: getattr(reply.usage, name) for name in _COUNTS}
    if reply.logprobs:
        stored["logprobs"] = [dict(token) for token in reply.logprobs]
    return stored


def reply_from_json(value: Any) -> Reply:
    """The reply that ``reply_to_json`` made *value* of.

    Raises:
        DamageError: a field is missing or of the wrong type.
    """
    fields = object_of(value, "reply")
    outcome = _text(fields, "outcome")
    if outcome not in OUTCOMES:
        raise DamageError(f"the outcome {outcome!r} is not known")
    usage = object_of(fields.get("usage"), "usage")
    return Reply(
        content=_text(fields, "content"),
        outcome=outcome,  # type: ignore[arg-type]
        finish_reason=_text_or_none(fields, "finish_reason"),
        model=_text_or_none(fields, "model"),
        fingerprint=_text_or_none(fields, "fingerprint"),
        usage=Usage(**{name: _count(usage, name) for name in _COUNTS}),
        detail=_text_or_none(fields, "detail"),
        logprobs=_logprobs(fields.get("logprobs", [])),
    )


def request_from_json(value: Any, body: Any) -> Request:
    """The request whose small fields are *value* and whose body, already unfolded, is *body*.

    Raises:
        DamageError: a field is missing or of the wrong type.
    """
    fields = object_of(value, "request")
    return Request(
        body=object_of(body, "body"),
        label=_text(fields, "label"),
        trial=_count(fields, "trial"),
        article=_text(fields, "article"),
        chunk=_count(fields, "chunk"),
    )


def checked(entry: Entry, key: Any, stored_checksum: Any) -> Entry:
    """*entry* itself, where it gives *key* and *stored_checksum*.

    Raises:
        DamageError: it does not, so it is not what was stored under that key.
    """
    try:
        actual = entry.key
    except (ValueError, TypeError) as error:
        raise DamageError(f"the request has no key ({error})") from error
    if actual != key:
        raise DamageError("the request does not give the key it is stored under")
    checked_reply(entry.request, entry.reply, stored_checksum)
    return entry


def checked_reply(request: Request, reply: Reply, stored_checksum: Any) -> Reply:
    """*reply* itself, where with *request* it gives *stored_checksum*. Raises DamageError where it does not."""
    if _checksum(request, reply) != stored_checksum:
        raise DamageError("the reply does not fit its checksum")
    return reply


def object_of(value: Any, name: str) -> Mapping[str, Any]:
    """*value* as the JSON object it should be. Raises DamageError where it is none."""
    if not isinstance(value, dict):
        raise DamageError(f"{name} is no JSON object")
    return value


def _logprobs(value: Any) -> Logprobs:
    if not isinstance(value, list):
        raise DamageError("logprobs is no list")
    return tuple(
        tuple((text, _logprob(weight)) for text, weight in object_of(token, "a token's logprobs").items())
        for token in value
    )


def _logprob(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not _LEAST_LOGPROB <= value <= 0:
        raise DamageError("logprobs holds something else than log-probabilities")
    return float(value)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise DamageError(f"{name} is no text")
    return value


def _text_or_none(fields: Mapping[str, Any], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _count(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise DamageError(f"{name} is no count")
    return value
