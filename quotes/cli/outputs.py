"""What ``-o`` can name: the formats of records, and the report, which is made of records and never read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from quotes.formats import RECORD_SUFFIXES, write_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from quotes.formats import StoredRecord
    from quotes.run.sinks import Writer

REPORT_SUFFIX: Final = ".html"
OUTPUT_SUFFIXES: Final = (*RECORD_SUFFIXES, REPORT_SUFFIX)
"""The endings of file names that records can be written under."""


def is_report(output: str | Path) -> bool:
    """Whether the name of *output* means a report."""
    return Path(output).suffix.lower() == REPORT_SUFFIX


def writer_for(output: str | Path) -> Writer:
    """Who writes records to a file of the name *output*."""
    return _write_report if is_report(output) else write_records


def _write_report(path: Path, lines: Iterable[str]) -> None:
    from quotes.report.site import write_report

    write_report(_with_texts(lines, str(path)), path)


def _with_texts(lines: Iterable[str], where: str) -> Iterator[tuple[StoredRecord, str | None]]:
    from quotes.formats.records import stored_record

    for number, line in enumerate(lines, start=1):
        record = stored_record(json.loads(line), f"{where} record {number}")
        yield record, record.extraction.article.text if record.has_text else None
