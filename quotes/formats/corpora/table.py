"""Gold as CSV, a quote a row: for spreadsheets and other programs, and the way back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast, get_args

from quotes.errors import InputError
from quotes.formats.corpora.gold import GoldArticle, GoldQuote, gold_to_json
from quotes.formats.sheets import as_written, csv_text
from quotes.model import Span, Spans, SpeakerKind
from quotes.record import shortened
from quotes.record.form import words_of

COLUMNS: Final = (
    *("id", "dataset", "text", "type"),
    *("content", "content_start", "content_end"),
    *("cue", "cue_start", "cue_end"),
    *("speaker", "speaker_start", "speaker_end"),
    *("speaker_name", "speaker_name_start", "speaker_name_end", "speaker_kind"),
)
_ALSO_CALLED = {"quote": "content", "quote_start": "content_start", "quote_end": "content_end"}
_MOST = 1 << 30
"""Characters of a cell: an article is one."""
_JOINT = " … "


def header() -> str:
    """The line with the names of the columns."""
    return csv_text([COLUMNS])


def rows_of(article: GoldArticle) -> str:
    """The lines of *article*, its text in the first of them; one line without content where it has no quote.

    Several pieces of a span have their offsets between semicolons and their words joined by `` … ``. No cell
    can run as a formula. What a column has no place for (``skipped``) is left out.
    """
    types = [quote["type"] for quote in gold_to_json(article)["quotes"]]
    ordered = sorted(article.quotes, key=lambda quote: (quote.content, quote.cue, quote.speaker))
    rows = [_row(quote, type_, article.text) for quote, type_ in zip(ordered, types, strict=True)]
    blank: list[list[str]] = [[""] * (len(COLUMNS) - 3)]
    return csv_text(
        [article.id, article.dataset if first else "", article.text if first else "", *row]
        for first, row in zip([True] + [False] * len(rows), rows or blank, strict=False)
    )


def _row(quote: GoldQuote, type_: str, text: str) -> list[str]:
    named = (quote.name_span,) if quote.name_span else ()
    name = ["" if quote.name is None else quote.name, *_offsets(named)]
    parts = [
        cell
        for spans in (quote.content, quote.cue, quote.speaker)
        for cell in (words_of(spans, text), *_offsets(spans))
    ]
    return [type_, *parts, *name, quote.kind or ""]


def _offsets(spans: Spans) -> tuple[str, str]:
    return ";".join(str(span.start) for span in spans), ";".join(str(span.end) for span in spans)


# ------------------------------------------------------------------ reading


@dataclass(slots=True)
class _Gathered:
    id: str
    dataset: str
    text: str
    where: str
    quotes: list[GoldQuote] = field(default_factory=list)
    fault: InputError | None = None


def read_table(text: str, where: str) -> Iterator[GoldArticle | InputError]:
    """The articles of *text*, a CSV with a heading: at least ``id``, ``text``, and ``content`` or ``quote``.

    The rows of an article follow each other; its text stands in the first of them at least. Where offsets are
    given the words, if given, must stand there. Without offsets the words of the content must be printed
    exactly once, and a cue or speaker is its place nearest to the content. A row that does not fit makes its
    article an error.

    Raises:
        InputError: a column is missing.
    """
    gathered: _Gathered | None = None
    for row, place in _rows(text, where):
        if isinstance(row, InputError):
            if gathered is None:
                yield row
            else:
                gathered.fault = gathered.fault or row
            continue
        if gathered is None or (row["id"] and row["id"] != gathered.id):
            if gathered:
                yield _finished(gathered)
            gathered = _Gathered(row["id"], row["dataset"], row["text"], place)
            if not row["id"] or not row["text"]:
                missing = "id" if not row["id"] else "text"
                gathered.fault = InputError(f"the first row of an article has no {missing}", where=place)
        try:
            quote = _quote(row, gathered, place)
        except InputError as error:
            gathered.fault = gathered.fault or error
        else:
            gathered.quotes += [quote] if quote else []
    if gathered:
        yield _finished(gathered)


def _finished(gathered: _Gathered) -> GoldArticle | InputError:
    if gathered.fault:
        return gathered.fault
    return GoldArticle(gathered.id, gathered.dataset, gathered.text, tuple(gathered.quotes), gathered.where)


def _rows(text: str, where: str) -> Iterator[tuple[Mapping[str, str] | InputError, str]]:
    """Each row by the names of its columns, all that are known present, or as an error; and its place."""
    csv.field_size_limit(_MOST)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        heading = [_ALSO_CALLED.get(name, name) for name in (cell.strip().lower() for cell in next(reader, []))]
        for needed in ("id", "text", "content"):
            if needed not in heading and not (needed == "content" and "content_start" in heading):
                remedy = "the first line names the columns; known are " + ", ".join(COLUMNS)
                raise InputError(f"no column “{needed}”", where=f"{where} line 1", remedy=remedy)
        line = reader.line_num
        for cells in reader:
            place, line = f"{where} line {line + 1}", reader.line_num
            if not any(cells):
                continue
            if len(cells) != len(heading):
                yield InputError(f"{len(cells)} cells under {len(heading)} headings", where=place), place
                continue
            yield dict.fromkeys(COLUMNS, "") | dict(zip(heading, map(as_written, cells), strict=True)), place
    except csv.Error as error:
        place = f"{where} line {reader.line_num}"
        yield InputError(f"no CSV: {error}", where=place, remedy="save it as CSV again"), place


def _quote(row: Mapping[str, str], gathered: _Gathered, where: str) -> GoldQuote | None:
    text, place = gathered.text, f"article {gathered.id}"
    if row["text"] not in ("", text):
        raise InputError(f"{place} has another text here", where=where, remedy="give each article an id of its own")
    content = _part(row, "content", text, None, place, where)
    if not content:
        return None
    cue = _part(row, "cue", text, content[0], place, where)
    speaker = _part(row, "speaker", text, (cue or content)[0], place, where)
    name = row["speaker_name"] or None
    name_span = _part(row, "speaker_name", text, None, place, where) if row["speaker_name_start"] else ()
    kind = row["speaker_kind"] or None
    if kind is not None and kind not in get_args(SpeakerKind):
        remedy = f"kinds are {', '.join(get_args(SpeakerKind))}"
        raise InputError(f"{place}: “{shortened(kind)}” is no kind of speaker", where=where, remedy=remedy)
    return GoldQuote(content, cue, speaker, name, name_span[0] if name_span else None, cast("SpeakerKind | None", kind))


def _part(row: Mapping[str, str], part: str, text: str, near: Span | None, place: str, where: str) -> Spans:
    words, starts, ends = row[part], row[f"{part}_start"], row[f"{part}_end"]
    if not starts and not ends:
        return _printed(words, part, text, near, place, where) if words else ()
    try:
        spans = tuple(Span(int(start), int(end)) for start, end in zip(starts.split(";"), ends.split(";"), strict=True))
    except ValueError:
        what = f"{place}: {part} at “{starts}” to “{ends}” is no pair of offsets"
        raise InputError(what, where=where, remedy="whole numbers, of several pieces between semicolons") from None
    if not all(0 <= start < end <= len(text) for start, end in spans):
        what = f"{place}: {part} at {starts} to {ends} is not within the text of {len(text):,} characters"
        raise InputError(what, where=where, remedy="offsets are code points, from 0, the end not included")
    if words and words_of(spans, text) != words:
        what = f"{place}: the text prints “{shortened(words_of(spans, text))}” as {part}, not “{shortened(words)}”"
        raise InputError(what, where=where, remedy="correct the offsets, or leave them out")
    return tuple(sorted(spans))


def _printed(words: str, part: str, text: str, near: Span | None, place: str, where: str) -> Spans:
    """Where *words*, of several pieces joined by `` … ``, are printed; for content without a doubt."""
    pieces = [words] if words in text else words.split(_JOINT)
    spans = []
    for piece in pieces:
        found = [Span(at, at + len(piece)) for at in _places(piece, text)]
        if not found or (near is None and len(found) > 1):
            what = f"{place}: its text prints the {part} “{shortened(piece)}” {len(found)} times"
            remedy = f"give {part}_start and {part}_end" if found else "words must stand in the text as they are"
            raise InputError(what, where=where, remedy=remedy)
        spans.append(min(found, key=lambda span: _distance(span, near)))
    return tuple(sorted(spans))


def _places(words: str, text: str) -> Iterable[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _distance(span: Span, near: Span | None) -> int:
    return 0 if near is None else max(near.start - span.end, span.start - near.end, 0)
