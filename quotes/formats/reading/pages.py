"""HTML pages: the article in them, without menus, comments and advertising, through trafilatura (an extra)."""

from __future__ import annotations

import logging
import re
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from quotes import extras
from quotes.errors import InputError, UsageError
from quotes.formats.decoding import decode_markup
from quotes.formats.provenance import is_signed
from quotes.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quotes.formats.reading.source import Source

MOST_BYTES: Final = 10_000_000
MOST_LEVELS: Final = 255
"""Bounds of the parser: what lies beyond them it would drop without a word."""
MOST_ELEMENTS: Final = 100_000
MOST_PAIRS: Final = 100_000_000
"""Bounds on the time a page takes, some seconds: its elements, and the pairs of elements under one parent, which some
steps of the search for the article look at. Pages of news are far below, at 20,000 and a million.
"""

_METADATA: Final = ("title", "author", "date", "url", "sitename", "description", "language")
_DATES: Final = {"original_date": True, "extensive_search": False, "max_date": "2999-12-31"}
"""How a date is looked for: the one that the page names, by no clock of this machine."""

_INLINE: Final = frozenset({"hi", "ref", "del", "graphic", "span"})
_MARKS: Final = {"lb": "\n", "cell": "\t"}
_SPACE: Final = re.compile(r"[ \t\n\r\f\v]+")
_PARSER = ("trafilatura", "htmldate", "courlan", "justext", "charset_normalizer")


def read_page(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """The one article of the page in *stream*: its paragraphs with blank lines between, what is said of it as metadata.

    Raises:
        InputError: the extra is not installed, the page is too large, or no article is found in it.
    """
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _too_large(f"more than {MOST_BYTES:,} bytes", source.where)
    text, note = decode_markup(data, source.where)
    if len(text.encode()) > MOST_BYTES:
        raise _too_large(f"more than {MOST_BYTES:,} bytes in UTF-8", source.where)
    if is_signed(text):
        what = "the page is one that quotes has written, and no article"
        raise InputError(what, where=source.where, remedy="keep reports out of the folder of articles")
    yield _article(text, source, (note,) if note else ())


def _article(page: str, source: Source, notes: tuple[str, ...]) -> Article:
    library = _library(source.where)
    try:
        tree = library.load_html(page)
        if tree is not None:
            _refuse_too_large(tree, source.where)
            found = library.bare_extraction(
                tree, include_comments=False, with_metadata=True, date_extraction_params=dict(_DATES)
            )
    except InputError:
        raise
    except Exception as error:
        # Whatever a strange page does to the library: it is one page's fault, and no other's.
        what = f"the page cannot be read: {type(error).__name__}: {error}"
        raise InputError(what, where=source.where, remedy="save its text as .txt") from None
    text = "" if tree is None or found is None or found.body is None else "\n\n".join(_paragraphs(found.body))
    if not text:
        what = "no article text found in the page"
        raise InputError(what, where=source.where, remedy="is it the article's own page? else save its text as .txt")
    metadata = {name: value for name in _METADATA if (value := getattr(found, name))}
    return Article(source.name, text, metadata, source.where, notes)


def _library(where: str) -> ModuleType:
    try:
        library = extras.load("trafilatura", "html", "HTML")
    except UsageError as error:
        raise InputError(error.what, where=where, remedy=error.remedy) from None
    except ImportError as error:
        what = f"HTML needs trafilatura, which is installed but broken: {error}"
        raise InputError(what, where=where, remedy="pip install --upgrade trafilatura") from None
    for name in _PARSER:
        # What it remarks upon would come out on standard error, unless somebody listens.
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    return library


def _refuse_too_large(tree: Any, where: str) -> None:
    pairs = elements = level = 0
    for event, element in _lxml().iterwalk(tree, events=("start", "end")):
        if event == "end":
            level -= 1
            continue
        elements, level, pairs = elements + 1, level + 1, pairs + len(element) ** 2
        if level > MOST_LEVELS:
            raise _too_large(f"nested deeper than {MOST_LEVELS} levels", where)
        if elements > MOST_ELEMENTS:
            raise _too_large(f"more than {MOST_ELEMENTS:,} elements", where)
        if pairs > MOST_PAIRS:
            raise _too_large("too many elements side by side", where)


def _lxml() -> ModuleType:
    """The parser, which is loaded already: trafilatura makes its trees with it."""
    return extras.load("lxml.etree", "html", "HTML")


def _too_large(what: str, where: str) -> InputError:
    remedy = "split it, or save its text as .txt"
    return InputError(f"the page is too large for one article: {what}", where=where, remedy=remedy)


def _paragraphs(body: Any) -> Iterator[str]:
    """The paragraphs of the tree *body*, white space as HTML shows it; a line of a table is one, tabs between cells."""
    parts: list[str] = []
    for piece in _pieces(body):
        if piece is not None:
            parts.append(piece)
            continue
        paragraph = _laid_out("".join(parts))
        parts.clear()
        if paragraph:
            yield paragraph


def _pieces(body: Any) -> Iterator[str | None]:
    """The text of *body* in order; ``None`` where a paragraph ends."""
    for event, element in _lxml().iterwalk(body, events=("start", "end")):
        if event == "start":
            yield "" if element.tag in _INLINE else _MARKS.get(element.tag)
            yield _SPACE.sub(" ", element.text or "")
        else:
            yield "" if element.tag in _INLINE or element.tag in _MARKS else None
            yield _SPACE.sub(" ", (element.tail or "") if element is not body else "")
    yield None


def _laid_out(text: str) -> str:
    lines = (re.sub(" ?\t ?", "\t", line).strip(" \t") for line in text.split("\n"))
    return "\n".join(lines).strip("\n")
