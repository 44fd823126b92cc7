"""Readers and writers, chosen by suffix: articles and records in, records, tables and pages out."""

from quotes.formats.articles import SUFFIXES, read_articles
from quotes.formats.output import AtomicText, check_writable
from quotes.formats.records import StoredRecord, read_records

__all__ = ["SUFFIXES", "AtomicText", "StoredRecord", "check_writable", "read_articles", "read_records"]
