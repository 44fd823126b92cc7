"""From a row, of JSON Lines or of a table, to an article: which of its fields is the text, which the id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quotes.errors import InputError
from quotes.formats.jsonlines import kind_of, parse_object, refuse_half_characters
from quotes.formats.reading.source import USUAL
from quotes.model import Article
from quotes.record import VERSION, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from quotes.formats.reading.source import Fields, Source

_FORM = 'a line is {"id": "…", "text": "…"}'
_MOST_NAMED = 12


def article_of(row: dict[str, Any], number: int, where: str, source: Source, notes: Sequence[str] = ()) -> Article:
    """The article that *row* holds, JSON values by the names of their fields; what else it holds is metadata.

    Of a record of an earlier run only the article's own metadata is taken; where a table holds it whole, as JSON, it is
    read from there. *row* is used up. *number* is that of the row in its *source*, from 1.

    Raises:
        InputError: the field of the text or the id is not there or holds something else.
    """
    names = [*row]
    fields = source.fields
    if fields == USUAL and row.get("schema") == VERSION and isinstance(whole := row.get("json"), str) and whole:
        row = parse_object(whole, where)
        refuse_half_characters(row, whole, where)
    text, given_id = _taken(row, fields.text_name), _taken(row, fields.id_name)
    if text is None and fields.text_name in names and row.get("schema") != VERSION:
        what = f'no "{fields.text_name}": it is empty in this row'
        raise InputError(what, where=where, remedy="fill it, or leave the row out")
    if not isinstance(text, str):
        raise _no_string(fields.text_name, text, where, _remedy(fields, names, row))
    if given_id in (None, "") and fields.id is not None:
        raise _no_string(fields.id, None, where, f"fill it, or name another field than --id-field {fields.id}")
    if given_id is not None and (isinstance(given_id, bool) or not isinstance(given_id, str | int)):
        raise _no_string(fields.id_name, given_id, where, _FORM if fields.id is None else "name another --id-field")
    if "\0" in text:
        what = f'"{fields.text_name}" holds a NUL character at {text.index(chr(0))}'
        raise InputError(what, where=where, remedy="remove it")
    article_id = f"{source.name}:{number}" if given_id in (None, "") else str(given_id)
    return Article(article_id, text, _metadata(row, where), where, tuple(notes))


def named(names: Iterable[str]) -> str:
    """*names* in a list to be shown, the first dozen of them."""
    shown = [shortened(name) or "“”" for name in names]
    more = f" and {len(shown) - _MOST_NAMED} more" if len(shown) > _MOST_NAMED else ""
    return ", ".join(shown[:_MOST_NAMED]) + more


def _taken(row: dict[str, Any], name: str) -> Any:
    """The value of the field *name* of *row*, which then lacks it; ``None`` where it has none."""
    if name in row:
        return row.pop(name)
    outer, dot, inner = name.partition(".")
    if not dot or not isinstance(row.get(outer), dict):
        return None
    row[outer] = dict(row[outer])
    return _taken(row[outer], inner)


def _no_string(name: str, value: object, where: str, remedy: str) -> InputError:
    what = f'no "{name}"' if value is None else f'"{name}" is a JSON {kind_of(value)}, no string'
    return InputError(what, where=where, remedy=remedy)


def _remedy(fields: Fields, names: Sequence[str], row: dict[str, Any]) -> str:
    """What to do about a row of the fields *names* without a text."""
    if row.get("schema") == VERSION and fields.text is None:
        return "this is a record made with --no-text: give the article itself"
    others = [name for name in names if name not in (fields.text_name, fields.id_name)]
    return f"name the field with --text-field: there are {named(others)}" if others else _FORM


def _metadata(rest: dict[str, Any], where: str) -> dict[str, Any]:
    """What else a row says about its article. In a table a record's own metadata is JSON in a string."""
    if rest.get("schema") != VERSION:
        return rest
    metadata = rest.get("metadata")
    if isinstance(metadata, str):
        try:
            metadata = json.loads(metadata)
        except (ValueError, RecursionError):
            raise InputError('"metadata" is not JSON', where=where, remedy="name a file that quotes wrote") from None
    return metadata if isinstance(metadata, dict) else {}
