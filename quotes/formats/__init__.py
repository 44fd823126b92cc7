"""Readers and writers, chosen by suffix: articles and records in, records, tables and pages out."""

from quotes.formats.articles import read_articles
from quotes.formats.output import AtomicText, check_writable
from quotes.formats.reading import SUFFIXES, Fields
from quotes.formats.records import StoredRecord, count_records, read_each_once, read_records, read_values
from quotes.formats.writing import RECORD_SUFFIXES, check_kind, kind_of, write_records

__all__ = [
    "RECORD_SUFFIXES",
    "SUFFIXES",
    "AtomicText",
    "Fields",
    "StoredRecord",
    "check_kind",
    "check_writable",
    "count_records",
    "kind_of",
    "read_articles",
    "read_each_once",
    "read_records",
    "read_values",
    "write_records",
]
