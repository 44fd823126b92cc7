"""Batches as a service tells of them: ids, statuses, counts, files, and why one failed. Pure; nothing is sent here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from quotes.llm.redaction import Redactor

MARK: Final = "quotes_part"
"""The name under which a batch carries, in its metadata, which requests it was made of."""

ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})
"""The statuses after which nothing more comes. Before: validating, in_progress, finalizing, cancelling."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")
_STATUS = re.compile(r"[a-z][a-z_]{0,39}")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a batch was not begun: *what*, and the *line* of the input file it is about, from 1, where it is one's."""

    what: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class BatchJob:
    """A batch at a service. *done* and *failed* of *total* requests; *created* is Unix time, 0 where it is not told.

    *output_file* holds the answers, *error_file* the requests that got none; *mark* is what it was created with.
    """

    id: str
    status: str
    input_file: str | None = None
    output_file: str | None = None
    error_file: str | None = None
    created: int = 0
    done: int = 0
    failed: int = 0
    total: int = 0
    faults: tuple[Fault, ...] = ()
    mark: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in ENDED


def batch_in(body: Mapping[str, Any], redactor: Redactor) -> BatchJob | None:
    """The batch that *body* tells of; ``None`` where it tells of none."""
    identity, status = is_id(body.get("id")), body.get("status")
    if identity is None or not isinstance(status, str) or not _STATUS.fullmatch(status):
        return None
    counts = _fields(body.get("request_counts"))
    mark = _fields(body.get("metadata")).get(MARK)
    return BatchJob(
        id=identity,
        status=status,
        input_file=is_id(body.get("input_file_id")),
        output_file=is_id(body.get("output_file_id")),
        error_file=is_id(body.get("error_file_id")),
        created=_count(body.get("created_at")),
        done=_count(counts.get("completed")),
        failed=_count(counts.get("failed")),
        total=_count(counts.get("total")),
        faults=_faults(body.get("errors"), redactor),
        mark=mark if isinstance(mark, str) else None,
    )


def is_id(value: Any) -> str | None:
    """*value* where it can be an id, which becomes part of an address; ``None`` where it is none."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def listed(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The objects on a *page* of a list."""
    data = page.get("data")
    return [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []


def _faults(errors: Any, redactor: Redactor) -> tuple[Fault, ...]:
    found = []
    for entry in listed(_fields(errors)):
        words = [str(entry[name]) for name in ("code", "message") if entry.get(name)]
        line = _count(entry.get("line")) or None
        found.append(Fault(redactor.line(": ".join(words) or "no reason is given"), line))
    return tuple(found)


def _fields(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
