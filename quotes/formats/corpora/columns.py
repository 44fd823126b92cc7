"""CoNLL-style columns: a token a line, BIO tags of speaker, cue and content beside it, in one layer or several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from quotes.errors import InputError

_TAG = re.compile(r"([BIESUL])-([A-Za-z]+)(?:[-_:.](\w[\w-]*))?")
_OUTSIDE = frozenset({"O", "_", "0", "-"})
_PARTS = {
    "content": "content",
    "quote": "content",
    "message": "content",
    "cue": "cue",
    "speaker": "speaker",
    "source": "speaker",
}
_TOKEN_HEADINGS = frozenset({"token", "tokens", "word", "words", "form"})
_COMMENT = re.compile(r"#\s*(newdoc|newpar|id|sent_id|text)\b\s*(?:id)?\s*=?\s*(.*)")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tokens *first* to *last* (numbers from 0, both included) with one *part*: content, cue or speaker.

    *tie* is the id that the tag gives; *layer* the column it stands in, and of several tags in one cell which.
    """

    first: int
    last: int
    part: str
    tie: str | None
    layer: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Table:
    """One document: its tokens, the sentence of each, the tokens that begin a paragraph, and its chunks."""

    name: str
    tokens: tuple[str, ...]
    sentences: tuple[int, ...]
    paragraphs: frozenset[int]
    chunks: tuple[Chunk, ...]


@dataclass(slots=True)
class _Lines:
    """The token lines of a document as they are gathered: their cells, line numbers and sentences."""

    name: str = ""
    cells: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    sentences: list[int] = field(default_factory=list)
    paragraphs: set[int] = field(default_factory=set)
    sentence: int = 0
    fault: InputError | None = None


def read_columns(text: str, token_column: int | None, where: str) -> Iterator[Table | InputError]:
    """The documents of *text*, a file of columns between tabs, or blanks where its first line has no tab.

    Empty lines end sentences, ``# newpar`` begins a paragraph, ``# newdoc id = …`` or ``-DOCSTART-`` a document.
    The token is in *token_column* (from 1), else under a heading that says so, else in the first column that
    is not all numbers. Every other column of tags (``B-SPEAKER``, ``I-CUE``, ``B-CONTENT-3``) is a layer, and of
    several tags in one cell each. B, I, E, S, U and L are known, and what follows the role is an id. A
    document with another number of columns in a line, no column of tags, or a tag that continues nothing is
    an error in its place.
    """
    for lines in _documents(text, where):
        try:
            yield lines.fault or _table(lines, token_column, where)
        except InputError as error:
            yield error


# ------------------------------------------------------------------ lines


def _documents(text: str, where: str) -> Iterator[_Lines]:
    tabs = "\t" in next((line for line in text.split("\n") if line.strip() and not line.startswith("#")), "")
    lines = _Lines()
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.rstrip("\r")
        begins = _begins_document(line)
        if begins is not None:
            if lines.cells:
                yield lines
            lines = _Lines(begins)
        elif not line.strip():
            lines.sentence += 1
        elif line.startswith("#") and len(line.split("\t")) == 1 and _COMMENT.match(line):
            if line.lstrip("# ").startswith("newpar"):
                lines.paragraphs.add(len(lines.cells))
        else:
            cells = line.split("\t") if tabs else line.split()
            if lines.cells and len(cells) != len(lines.cells[0]) and lines.fault is None:
                what = f"{len(cells)} columns, not {len(lines.cells[0])} as before"
                lines.fault = InputError(what, where=_at(where, number), remedy="every token has the same columns")
            lines.cells.append(cells)
            lines.numbers.append(number)
            lines.sentences.append(lines.sentence)
    if lines.cells:
        yield lines


def _table(lines: _Lines, token_column: int | None, where: str) -> Table:
    heading = _heading(lines)
    token_at = token_column - 1 if token_column else heading if heading is not None else _first_of_words(lines)
    rows = lines.cells
    if token_at >= len(rows[0]):
        raise InputError(f"there is no column {token_at + 1}", where=_at(where, lines.numbers[0]))
    layers = [at for at in range(len(rows[0])) if at != token_at and _is_tags(rows, at)]
    if not layers:
        remedy = "tags are O, B-SPEAKER, I-CUE, B-CONTENT and so on"
        raise InputError("no column of tags", where=_at(where, lines.numbers[0]), remedy=remedy)
    return Table(
        lines.name,
        tuple(row[token_at] for row in rows),
        tuple(lines.sentences),
        frozenset(lines.paragraphs),
        tuple(chunk for at in layers for chunk in _chunks(lines, at, where)),
    )


def _begins_document(line: str) -> str | None:
    """The id of the document that *line* begins, empty where it gives none; ``None`` where it begins none."""
    if line.startswith("-DOCSTART-"):
        return ""
    comment = _COMMENT.match(line) if line.startswith("#") else None
    return comment.group(2).strip() if comment and comment.group(1) == "newdoc" else None


def _heading(lines: _Lines) -> int | None:
    """The column under a heading for tokens, its line taken away; ``None`` where the first line is no heading."""
    first = [cell.strip().lower() for cell in lines.cells[0]]
    found = next((at for at, cell in enumerate(first) if cell in _TOKEN_HEADINGS), None)
    if found is None or len(lines.cells) == 1 or any(_TAG.fullmatch(cell) for cell in lines.cells[0]):
        return None
    if all(cell in _OUTSIDE for at, cell in enumerate(lines.cells[0]) if at != found):
        return None
    del lines.cells[0], lines.numbers[0], lines.sentences[0]
    return found


def _first_of_words(lines: _Lines) -> int:
    width = len(lines.cells[0])
    return next((at for at in range(width) if not all(row[at].isdecimal() for row in lines.cells)), 0)


def _is_tags(rows: Sequence[Sequence[str]], at: int) -> bool:
    return all(
        tag in _OUTSIDE or ((found := _TAG.fullmatch(tag)) is not None and found.group(2).lower() in _PARTS)
        for row in rows
        for tag in row[at].split() or ["O"]
    ) and any(not tag.isdecimal() for row in rows for tag in row[at].split())


def _at(where: str, line: int) -> str:
    return f"{where} line {line}"


# ------------------------------------------------------------------ chunks


def _chunks(lines: _Lines, column: int, where: str) -> Iterator[Chunk]:
    depth = max(len(row[column].split()) for row in lines.cells)
    for place in range(depth):
        started: set[tuple[str, str]] = set()
        open_: Chunk | None = None
        for number, row in enumerate(lines.cells):
            tags = row[column].split()
            tag = tags[place] if place < len(tags) else "O"
            found = _TAG.fullmatch(tag)
            goes_on = found is not None and open_ is not None and _goes_on(found, open_)
            if open_ is not None and not goes_on:
                yield open_
                open_ = None
            if found is None:
                continue
            part, tie = _PARTS[found.group(2).lower()], found.group(3)
            if not goes_on and found.group(1) in "IEL" and (tie is None or (part, tie) not in started):
                what = f"{tag} continues nothing"
                raise InputError(what, where=_at(where, lines.numbers[number]), remedy=f"begin it with B-{tag[2:]}")
            started.add((part, tie or ""))
            first = open_.first if goes_on and open_ is not None else number
            open_ = Chunk(first, number, part, tie, (column, place))
        if open_ is not None:
            yield open_


def _goes_on(tag: re.Match[str], open_: Chunk) -> bool:
    same = _PARTS[tag.group(2).lower()] == open_.part and tag.group(3) == open_.tie
    return same and tag.group(1) in "IEL"


# ------------------------------------------------------------------ ties


@dataclass(slots=True)
class Tied:
    """The chunks of one attribution."""

    content: list[Chunk] = field(default_factory=list)
    cue: list[Chunk] = field(default_factory=list)
    speaker: list[Chunk] = field(default_factory=list)


def tie(table: Table) -> tuple[list[Tied], bool]:
    """The attributions of *table*, and whether any had to be tied by nearness.

    Chunks with one id are one attribution, in whichever layers. Without ids, in each layer: a content belongs
    to the nearest cue of its sentence, else of a neighbouring one; contents of one cue are one quote; a cue has
    the nearest speaker, found in the same way; and a content without a cue has the nearest speaker of its sentence.
    """
    tied: dict[str, Tied] = {}
    layers: dict[tuple[int, int], list[Chunk]] = {}
    for chunk in table.chunks:
        if chunk.tie is None:
            layers.setdefault(chunk.layer, []).append(chunk)
        else:
            getattr(tied.setdefault(chunk.tie, Tied()), chunk.part).append(chunk)
    nearest = [one for chunks in layers.values() for one in _by_nearness(chunks, table)]
    return [*tied.values(), *nearest], bool(nearest)


def _by_nearness(chunks: Sequence[Chunk], table: Table) -> Iterator[Tied]:
    cues = [chunk for chunk in chunks if chunk.part == "cue"]
    speakers = [chunk for chunk in chunks if chunk.part == "speaker"]
    by_cue: dict[Chunk, Tied] = {}
    for content in chunks:
        if content.part != "content":
            continue
        cue = _nearest(content, cues, table, 1)
        if cue is None:
            speaker = _nearest(content, speakers, table, 0)
            yield Tied([content], [], [speaker] if speaker else [])
        elif cue in by_cue:
            by_cue[cue].content.append(content)
        else:
            speaker = _nearest(cue, speakers, table, 1)
            by_cue[cue] = Tied([content], [cue], [speaker] if speaker else [])
    yield from by_cue.values()


def _nearest(chunk: Chunk, others: Sequence[Chunk], table: Table, sentences_away: int) -> Chunk | None:
    """Of *others* the nearest, those of the same sentence first; of equally near ones the one before."""

    def distance(other: Chunk) -> tuple[int, int, int]:
        between = max(other.first - chunk.last, chunk.first - other.last, 0)
        return _sentences_between(chunk, other, table), between, other.first

    near = [other for other in others if _sentences_between(chunk, other, table) <= sentences_away]
    return min(near, key=distance, default=None)


def _sentences_between(one: Chunk, other: Chunk, table: Table) -> int:
    numbers = table.sentences
    return max(numbers[other.first] - numbers[one.last], numbers[one.first] - numbers[other.last], 0)
