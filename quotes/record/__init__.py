"""The record: the JSON form of one article's outcome, its schema, and the check of its promises against the text."""

from quotes.record.checking import check_extraction, check_record, content_faults
from quotes.record.form import VERSION, dumps, from_json, record_schema, shortened, to_json

__all__ = [
    "VERSION",
    "check_extraction",
    "check_record",
    "content_faults",
    "dumps",
    "from_json",
    "record_schema",
    "shortened",
    "to_json",
]
