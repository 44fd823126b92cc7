"""Converting: the articles of a corpus one after the other, whatever its layout, written as gold or CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from quotes.errors import InputError, RecordError
from quotes.formats.corpora import brat, columns, germeval, parc, table, tokens
from quotes.formats.corpora.gold import GoldArticle, GoldQuote, gold_from_json, gold_line
from quotes.formats.corpora.layouts import Format, files_of
from quotes.formats.decoding import decode
from quotes.formats.jsonlines import parse_object, read_lines, refuse_half_characters
from quotes.formats.output import AtomicText
from quotes.formats.records import read_records
from quotes.formats.table import counted
from quotes.formats.writing import Kind
from quotes.model import Spans
from quotes.record import VERSION, from_json

_TEXT_FOLDERS = ("text", "texts", "txt", "raw")
_ANNOTATION_FOLDERS = frozenset({"attributions", "annotations", "ann", "brat"})

Found = GoldArticle | InputError
_OWN: Final[tuple[Format, ...]] = ("csv", "jsonl", "records")
"""Layouts that say themselves what data set an article is of."""

_Counts = Counter[tuple[str, str]]
"""How often something was met that people should know: a noun, and what happened to it."""


def _unheard(_line: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion is told.

    *format* is the layout of what is read, ``None`` to tell it from the names of the files. *dataset* is
    written to every article that names none. *texts* is where the articles are, a file or folder, for
    corpora that come without them; *token_column* counts from 1. With *keep_going* articles that do not fit
    are left out. *note* hears lines for people. *kind* is the format of records, ``None`` to tell it from the name.
    """

    format: Format | None = None
    dataset: str | None = None
    texts: Path | None = None
    token_column: int | None = None
    keep_going: bool = False
    note: Callable[[str], None] = _unheard
    kind: Kind | None = None


@dataclass(slots=True)
class Outcome:
    """How much has been converted, and how many articles were left out since they did not fit."""

    articles: int = 0
    quotes: int = 0
    left_out: int = 0


def convert(path: Path, out: str, to: Literal["gold", "csv"], told: Conversion) -> Outcome:
    """Write the articles of *path*, a file or a folder of one layout, to the file *out* (``-``: standard output).

    The file is there whole or not at all.

    Raises:
        UsageError: there is no such path, or its layout cannot be told.
        InputError: an article does not fit, and *told* is not to keep going.
        OutputError: *out* cannot be written.
    """
    outcome = Outcome()
    with AtomicText(out) as stream:
        if to == "csv":
            stream.write(table.header())
        for found in read_corpus(path, told):
            if isinstance(found, InputError):
                if not told.keep_going:
                    raise found
                outcome.left_out += 1
                told.note(str(found))
                continue
            outcome.articles += 1
            outcome.quotes += len(found.quotes)
            stream.write(table.rows_of(found) if to == "csv" else gold_line(found))
    return outcome


def read_corpus(path: Path, told: Conversion) -> Iterator[Found]:
    """The articles of *path*, a file or a folder of one layout, those that do not fit as errors in their place.

    An id is the one the corpus gives, else the path in the folder without suffix. Every span is checked
    against the words the corpus gives with it, or made of words that were looked up in the text.

    Raises:
        UsageError: there is no such path, or its layout cannot be told.
    """
    format_, files = files_of(path, told.format, told.note)
    counts: _Counts = Counter()
    seen: dict[str, str] = {}
    root = path if path.is_dir() and files != [path] else path.parent
    for found in _articles(format_, files, root, told, counts):
        if isinstance(found, GoldArticle) and found.id in seen:
            what = f"the id “{found.id}” is already that of {seen[found.id]}"
            yield InputError(what, where=found.source, remedy="give each article an id of its own")
            continue
        if isinstance(found, GoldArticle):
            seen[found.id] = found.source
        yield found
    for (noun, what), number in counts.items():
        told.note(f"{path}: {counted(number, noun)} {what}")


def _articles(format_: Format, files: Sequence[Path], root: Path, told: Conversion, counts: _Counts) -> Iterator[Found]:
    readers: dict[Format, Callable[[Path, str], Iterator[Found]]] = {
        "brat": lambda file, name: _brat(file, name, told, counts),
        "parc": lambda file, name: _parc(file, name, told, counts),
        "columns": lambda file, name: _columns(file, name, told, counts),
        "germeval": lambda file, name: _germeval(file, name, told, counts),
        "csv": lambda file, _name: table.read_table(_text(file), str(file)),
        "jsonl": lambda file, _name: _own(file, told),
        "records": lambda file, _name: _records(file, told),
    }
    names = [file.relative_to(root).with_suffix("").as_posix() for file in files]
    if format_ == "brat":
        names = _article_names(files, root, told)
    for file, name in zip(files, names, strict=True):
        try:
            for found in readers[format_](file, name):
                yield _with_dataset(found, told.dataset or ("" if format_ in _OWN else format_))
        except InputError as error:
            yield error
        except OSError as error:
            yield InputError(f"cannot be read: {error.strerror or error}", where=str(file))


def _with_dataset(found: Found, dataset: str) -> Found:
    if isinstance(found, InputError) or found.dataset:
        return found
    return replace(found, dataset=dataset)


def _text(file: Path) -> str:
    return decode(file.read_bytes(), str(file)).text


def _given_text(name: str, told: Conversion) -> str | None:
    """The article *name* among the texts that were given, ``None`` where none were.

    Raises:
        InputError: texts were given and it is not among them.
    """
    if told.texts is None:
        return None
    if told.texts.is_file():
        return _text(told.texts)
    plain = [told.texts / form for form in (f"{name}.txt", f"{Path(name).name}.txt", name, Path(name).name)]
    found = next((file for file in plain if file.is_file()), None)
    if found is None:
        raise InputError(f"no text of {name}", where=str(told.texts), remedy=f"it would be {plain[0]}")
    return _text(found)


# ------------------------------------------------------------------ layouts


def _brat(file: Path, name: str, told: Conversion, counts: _Counts) -> Iterator[Found]:
    source = _text_beside(file, told)
    if source is None:
        where = file.parent if file.parent.name not in _ANNOTATION_FOLDERS else file.parent.parent / "text"
        raise InputError(
            "its .txt is not there", where=str(file), remedy=f"put it into {where}, or name it with --text"
        )
    text = _text(source)
    found = brat.read_standoff(_text(file), text, str(file))
    _count_empty(counts, found.empty)
    yield GoldArticle(name, "", text, found.quotes, str(file))


def _article_names(files: Sequence[Path], root: Path, told: Conversion) -> list[str]:
    """The ids of brat files: the path of the text, with the annotator where one text has several."""
    texts = [_text_beside(file, told) for file in files]
    several = Counter(texts)
    names = []
    for file, text in zip(files, texts, strict=True):
        stem = text.stem if text and file.stem.startswith(text.stem) else file.stem
        folder = [part for part in file.relative_to(root).parent.parts if part.lower() not in _ANNOTATION_FOLDERS]
        annotator = file.stem.removeprefix(stem).strip("_") if several[text] > 1 else ""
        names.append("/".join([*folder, stem]) + (f"@{annotator}" if annotator else ""))
    return names


def _text_beside(file: Path, told: Conversion) -> Path | None:
    """The article of *file*: its own name with or without ``_ANNOTATOR``, beside it or in the folder of texts."""
    folders = [file.parent, *(file.parent.parent / name for name in _TEXT_FOLDERS)]
    if told.texts is not None:
        if told.texts.is_file():
            return told.texts
        folders = [told.texts]
    stems = dict.fromkeys((file.stem, file.stem.rpartition("_")[0] or file.stem))
    places = (folder / f"{stem}{suffix}" for folder in folders for stem in stems for suffix in (".txt", ""))
    return next((place for place in places if place.is_file()), None)


def _parc(file: Path, name: str, told: Conversion, counts: _Counts) -> Iterator[Found]:
    text, quotes, empty = parc.read_parc(file.read_bytes(), _given_text(name, told), str(file))
    _count_empty(counts, empty)
    yield GoldArticle(name, "", text, quotes, str(file))


def _germeval(file: Path, name: str, told: Conversion, counts: _Counts) -> Iterator[Found]:
    text, quotes, empty = germeval.read_speech(_text(file), _given_text(name, told), str(file))
    _count_empty(counts, empty)
    yield GoldArticle(name, "", text, quotes, str(file))


def _columns(file: Path, name: str, told: Conversion, counts: _Counts) -> Iterator[Found]:
    for number, found in enumerate(columns.read_columns(_text(file), told.token_column, str(file)), start=1):
        if isinstance(found, InputError):
            yield found
            continue
        own = found.name or (name if number == 1 else f"{name}:{number}")
        raw = _given_text(own, told)
        laid = (
            tokens.lay_out(found.tokens, tokens.usual_gaps(found.tokens, found.paragraphs))
            if raw is None
            else tokens.align(found.tokens, raw, f"{file}: {own}")
        )
        tied, guessed = columns.tie(found)
        quotes = [
            GoldQuote(_covered(laid, one.content), _covered(laid, one.cue), _covered(laid, one.speaker))
            for one in tied
            if one.content
        ]
        _count_empty(counts, len(tied) - len(quotes))
        if guessed:
            counts[("document", "without ids in the tags: content, cue and speaker tied by nearness")] += 1
        yield GoldArticle(own, "", laid.text, tuple(quotes), str(file))


def _covered(laid: tokens.LaidOut, chunks: Iterable[columns.Chunk]) -> Spans:
    return laid.spans(token for chunk in chunks for token in range(chunk.first, chunk.last + 1))


def _own(file: Path, told: Conversion) -> Iterator[Found]:
    """Our own lines: gold, and records, whose text may stand in a file of its own."""
    with file.open("rb") as stream:
        for line in read_lines(stream, str(file)):
            if isinstance(line, InputError):
                yield line
                continue
            try:
                value = parse_object(line.text, line.where)
                refuse_half_characters(value, line.text, line.where)
                if value.get("schema") == VERSION:
                    from_json(value, where=line.where)
                yield _gold(value, line.where, told)
            except InputError as error:
                yield error


def _records(file: Path, told: Conversion) -> Iterator[Found]:
    """Records in any of their formats."""
    for found in read_records(file, kind=told.kind):
        if isinstance(found, RecordError):
            yield InputError(found.what, where=found.where, remedy=found.remedy)
            continue
        try:
            yield _gold(dict(found.value), found.where, told)
        except InputError as error:
            yield error


def _gold(value: dict[str, Any], where: str, told: Conversion) -> GoldArticle:
    if "text" not in value and isinstance(value.get("id"), str) and told.texts is not None:
        value["text"] = _given_text(value["id"], told)
    return gold_from_json(value, where)


def _count_empty(counts: _Counts, number: int) -> None:
    if number:
        counts[("attribution", "without content left out")] += number
