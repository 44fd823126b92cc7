"""Files of every kind of input, made for the tests, and what is read from them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from quotes.errors import InputError
from quotes.formats import Fields, read_articles
from quotes.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pier to close | Tidewater Courier</title>
<meta name="author" content="Ida Krell"><meta property="og:site_name" content="Tidewater Courier">
<meta property="article:published_time" content="2031-05-04T10:00:00Z">
<link rel="canonical" href="https://courier.example/pier"><script>var never = "</p>“Bought,” said the script.";</script>
</head><body><nav><ul><li><a href="/a">Home</a><li><a href="/b">Sport</a></ul></nav>
<article><h1>Pier to close</h1>
<p>The pier at Tidewater will close in June, the harbour board said on Monday after a long meeting.
<p>“We tried everything,” said <a href="/x">Mara Oduya</a>, who chairs the board,
<i>“and we failed.”</i></p>
<ul><li>The budget was cut in half by the council.</li><li>The storm took the rest of it away.</li></ul>
<table><tr><td>Year</td><td>Visitors</td></tr><tr><td>2030</td><td>4,000</td></tr></table>
<p>Dean Holt said the ferry will run twice&nbsp;a day &amp; at night &bogus; too.<br>It is free.</p></article>
<section id="comments" class="comments"><h3>Comments</h3><div class="comment"><p>“I never liked that pier,”
said a reader who has said so very many times before.</p></div></section>
<footer>© Tidewater Courier. All rights reserved.</footer></body></html>
"""
PAGE_TEXT = """\
Pier to close

The pier at Tidewater will close in June, the harbour board said on Monday after a long meeting.

“We tried everything,” said Mara Oduya, who chairs the board, “and we failed.”

The budget was cut in half by the council.

The storm took the rest of it away.

Year\tVisitors

2030\t4,000

Dean Holt said the ferry will run twice\u00a0a day & at night &bogus; too.
It is free."""


def found(*inputs: str | Path, stdin: bytes = b"", **fields: str) -> list[Article | InputError]:
    return list(read_articles(inputs, stdin=io.BytesIO(stdin), fields=Fields(**fields)))


def the_article(*inputs: str | Path, stdin: bytes = b"", **fields: str) -> Article:
    [article] = found(*inputs, stdin=stdin, **fields)
    assert isinstance(article, Article), article
    return article


def the_error(*inputs: str | Path, stdin: bytes = b"", **fields: str) -> str:
    [error] = found(*inputs, stdin=stdin, **fields)
    assert isinstance(error, InputError), error
    return str(error)


def told(items: Iterable[Article | InputError]) -> list[str]:
    """The id of each article, the words of each error."""
    return [item.id if isinstance(item, Article) else str(item) for item in items]


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def json_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    return write(path, "".join(json.dumps(row) + "\n" for row in rows))


def sheet(path: Path, heading: Sequence[str], *rows: Sequence[str], delimiter: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([heading, *rows])
    return write(path, text.getvalue())


def parquet(path: Path, columns: Mapping[str, Any], **options: Any) -> Path:
    pq.write_table(pa.table(dict(columns)), path, **options)
    return path


# ------------------------------------------------------------------ Word documents

_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OTHERS = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def docx(path: Path, body: str, properties: str = "", **more: bytes) -> Path:
    """A document of the XML *body*, with *properties* and *more* files in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        document = f'<?xml version="1.0"?><w:document xmlns:w="{_WORDS}" {_OTHERS}><w:body>{body}</w:body></w:document>'
        archive.writestr("word/document.xml", document)
        if properties:
            spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
            archive.writestr("docProps/core.xml", f"<coreProperties {spaces}>{properties}</coreProperties>")
        for name, data in more.items():
            archive.writestr(name, data)
    return path


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"
