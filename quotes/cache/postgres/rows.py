"""Rows of a PostgreSQL cache: what is stored of an entry, and the entry made of it again. No database here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quotes.cache.entry import (
    DamageError,
    Entry,
    checked,
    checked_reply,
    checksum,
    dumps,
    object_of,
    reply_from_json,
    reply_to_json,
    request_from_json,
)
from quotes.cache.folding import fold, is_name_of_part, parts_named_in, unfold
from quotes.cache.pending import small_of

if TYPE_CHECKING:
    from quotes.exchange import Reply, Request

Row = tuple[str, str, int, str, str, str]
"""The columns of one entry: key, article (for the index alone), chunk, request, reply, checksum."""


@dataclass(frozen=True, slots=True)
class Found:
    """A row as it was read, with those of its shared *parts* that are there and sound, by hash."""

    key: str
    request: str
    reply: str
    checksum: str
    parts: Mapping[str, Any] = field(default_factory=dict)

    def entry(self) -> Entry:
        """The entry it was made of. Raises DamageError where it is damaged."""
        try:
            fields = object_of(json.loads(self.request), "request")
            body = unfold(fields.get("body"), self._part)
            return checked(
                Entry(request_from_json(fields, body), reply_from_json(json.loads(self.reply))),
                self.key,
                self.checksum,
            )
        except (ValueError, TypeError, RecursionError) as error:
            raise DamageError(" ".join(str(error).split())) from error

    def reply_to(self, request: Request) -> Reply:
        """The reply of the entry, which is that of *request*: what is stored is compared with it, and rebuilt only
        where it is stored in other letters. Raises DamageError where it is damaged."""
        with suppress(ValueError, TypeError, RecursionError, DamageError):  # `entry` tells what is wrong
            folded, shared = fold(request.body)
            is_there = self.parts.keys() >= shared.keys()  # a part fits its hash
            if is_there and self.request == dumps({**small_of(request), "body": folded}):
                return checked_reply(request, reply_from_json(json.loads(self.reply)), self.checksum)
        return self.entry().reply

    def _part(self, name: str) -> Any:
        if name not in self.parts:
            raise DamageError(f"its shared part {name} is missing or does not fit its hash")
        return self.parts[name]


def row_of(entry: Entry) -> tuple[Row, dict[str, str]]:
    """What is stored of *entry*: its row, and its shared parts as JSON by hash."""
    request = entry.request
    folded, shared = fold(request.body)
    row = (
        entry.key,
        plain(request.article),
        request.chunk,
        dumps({**small_of(request), "body": folded}),
        dumps(reply_to_json(entry.reply)),
        checksum(entry),
    )
    return row, {name: dumps(value) for name, value in shared.items()}


def plain(text: str) -> str:
    """*text* as PostgreSQL takes it: without NUL and lone surrogates, which JSON writes as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def parts_of(texts: Iterable[str]) -> set[str]:
    """The hashes of the shared parts that the requests *texts* refer to."""
    return {name for text in texts for name in parts_named_in(text)}


def sound_part(name: str, text: str, keep: Callable[[str, Any], None]) -> None:
    """Give the part *name*, whose JSON is *text*, to *keep*, unless it is damaged."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if is_name_of_part(name, value):
        keep(name, value)
