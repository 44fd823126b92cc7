"""The record: the JSON form of one article's outcome, its schema, and the check of its promises against the text."""

from quotes.record.checking import check_extraction, check_record, content_faults
from quotes.record.form import VERSION, dumps, from_json, record_schema, shortened, to_json
from quotes.record.halves import halves_escaped, halves_replaced, holds_halves, may_hold_halves

__all__ = [
    "VERSION",
    "check_extraction",
    "check_record",
    "content_faults",
    "dumps",
    "from_json",
    "halves_escaped",
    "halves_replaced",
    "holds_halves",
    "may_hold_halves",
    "record_schema",
    "shortened",
    "to_json",
]
