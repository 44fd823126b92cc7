"""The index of a report of many articles: totals, plots, speakers, and a list of all articles that can be searched.

It is a page of its own beside the folder of the others. The list is also there as plain pages, for those without
scripts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from quotes.formats.table import counted
from quotes.report.assets import EARLY, asset
from quotes.report.counting import Counts, SpeakerCount
from quotes.report.entries import STATUSES, Entry
from quotes.report.escaping import attributes, escaped_line, fragment
from quotes.report.page import page
from quotes.report.plots import MOST_BARS, Bar, confidence_plot, speakers_plot

MOST_SPEAKERS: Final = 500
"""Speakers in the table: the most quoted ones."""

ROWS: Final = 100
"""Articles shown at once."""

_STYLES: Final = ("page.css", "head.css", "plots.css", "index.css")
_SHOWN_SPEAKERS: Final = 6
_SHOWN_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Contents:
    """What an index is made of.

    *folder* is the relative address of the other pages, percent-encoded and ended with a slash. *firsts* are for each
    kind of file the numbers of the articles they begin with, *lists* those of the plain pages. *entries* are the
    first articles. *most_bytes* is what a part of the page may take that grows with its data.
    """

    title: str
    folder: str
    counts: Counts
    firsts: Mapping[str, Sequence[int]]
    lists: Sequence[int]
    entries: Sequence[Entry]
    most_bytes: int


def index_page(contents: Contents) -> str:
    """The index as one HTML page."""
    totals = contents.counts.totals
    data = {"articles": totals.articles, "folder": contents.folder, "firsts": contents.firsts, "rows": ROWS}
    body = (
        '<a class="skip" href="#articles">Skip to the articles</a>\n'
        f"{_masthead(contents.title, _totals(contents.counts))}"
        '<main class="index columns-two">\n'
        f"{_overview(contents.counts)}{_articles(contents)}{_speakers(contents)}</main>\n"
    )
    return page(
        contents.title,
        body,
        styles=[asset(name) for name in _STYLES],
        scripts=[asset("index.js")],
        early=[asset(name) for name in EARLY],
        loads=True,
        data={"index": data},
    )


def list_page(title: str, entries: Sequence[Entry], index: str, previous: str | None, following: str | None) -> str:
    """A plain page that lists *entries*; *index* and its neighbours are relative addresses, percent-encoded."""
    heading = f"Articles {entries[0].number:,}–{entries[-1].number:,}"
    around = {"Previous": previous, "Index": index, "Next": following}
    links = " ".join(f"<a{attributes({'href': where})}>{word}</a>" for word, where in around.items() if where)
    rows = "".join(row_html(entry, "") for entry in entries)
    body = (
        f"{_masthead(title)}"
        '<main class="index">\n'
        f'<section id="articles">\n<h2>{heading}</h2>\n<nav class="back" aria-label="Lists">{links}</nav>\n'
        f'<ol class="rows" start="{entries[0].number}">\n{rows}</ol>\n</section>\n</main>\n'
    )
    styles = [asset(name) for name in _STYLES]
    return page(f"{title}: {heading}", body, styles=styles, early=[asset(name) for name in EARLY])


def row_html(entry: Entry, folder: str) -> str:
    """*entry* as an item of a list, with a link to its page in *folder* (``index.js`` makes the same)."""
    where = f"{folder}{page_name(entry.page)}#a-{entry.number}"
    facts = [counted(entry.quotes, "quote")]
    facts += [f"{entry.unresolved:,} unresolved"] if entry.unresolved else []
    status = "" if entry.status == "complete" else f'<strong class="status {entry.status}">{entry.status}</strong> '
    named = f'<span class="id"><bdi>{escaped_line(entry.id)}</bdi></span>' if entry.title != entry.id else ""
    shown = [f"<bdi>{escaped_line(name[:_SHOWN_NAME])}</bdi>" for name in entry.speakers[:_SHOWN_SPEAKERS]]
    more = len(entry.speakers) - len(shown)
    shown += [f"{more} more"] if more else []
    said = f'<span class="said">{", ".join(shown)}</span>' if shown else ""
    title = f"<a{attributes({'href': where})}><bdi>{escaped_line(entry.title)}</bdi></a>"
    return f'<li>{title}{named}<span class="counts">{status}{" · ".join(facts)}</span>{said}</li>\n'


def page_name(number: int) -> str:
    """The file of the page *number*."""
    return f"p{number:04}.html"


def list_name(number: int) -> str:
    """The file of the plain list *number*."""
    return f"l{number:04}.html"


def _masthead(title: str, figures: str = "") -> str:
    button = '<button type="button" id="theme" aria-label="Colours: as the system">◐</button>'
    return f'<header class="masthead">\n<h1 dir="auto">{escaped_line(title)}</h1>\n{button}{figures}</header>\n'


def _totals(counts: Counts) -> str:
    totals = counts.totals
    figures = [counted(totals.articles, "article"), counted(totals.quotes, "quote"), counted(totals.words, "word")]
    figures.append(counted(totals.speakers, "speaker"))
    others = [(totals.nameless, "quote", "without a name"), (totals.unresolved, "quotation", "unresolved")]
    others += [(totals.statuses[status], "article", status) for status in STATUSES[1:]]
    figures += [f"{counted(number, noun)} {what}" for number, noun, what in others if number]
    items = "".join("<li><b>{}</b> {}</li>".format(*figure.split(" ", 1)) for figure in figures)
    return f'<ul class="figures">{items}</ul>\n'


def _overview(counts: Counts) -> str:
    totals = counts.totals
    bars = [Bar(one.name, one.words, one.types) for one in counts.speakers(MOST_BARS)]
    rest = totals.quotes - totals.nameless - sum(bar.quotes for bar in bars)
    plots = speakers_plot(bars, totals.speakers - len(bars), rest) + confidence_plot(counts.confidence)
    if not plots:
        return ""
    return (
        '<details class="overview" id="overview" open>\n<summary>Overview</summary>\n'
        f'<div class="plots">\n{plots}</div>\n</details>\n'
    )


def _articles(contents: Contents) -> str:
    statuses = contents.counts.totals.statuses
    options = "".join(
        f'<option value="{number}">{one} ({statuses[one]:,})</option>' for number, one in enumerate(STATUSES)
    )
    rows = _within(contents.most_bytes, (row_html(entry, contents.folder) for entry in contents.entries))
    everything = counted(contents.counts.totals.articles, "article")
    return (
        '<section id="articles" aria-labelledby="articles-heading">\n<h2 id="articles-heading">Articles</h2>\n'
        '<form id="finder" role="search" hidden>\n'
        '<label class="wide">Search <input type="search" id="query" autocomplete="off" spellcheck="false" '
        'placeholder="title, id or speaker"></label>\n'
        f'<label>Status <select id="status"><option value="">all</option>{options}</select></label>\n'
        '<label class="tick"><input type="checkbox" id="words"> in the quotes, too</label>\n'
        '<button type="reset" hidden>Clear</button>\n</form>\n'
        '<p id="chosen" hidden>Quoting <bdi></bdi> <button type="button">any speaker</button></p>\n'
        f'<p id="found" role="status">{everything}</p>\n'
        f'<ol class="rows" id="rows">\n{rows}</ol>\n'
        '<nav class="pager" id="pager" aria-label="Pages of the list" hidden>'
        '<button type="button" id="previous">Previous</button> '
        '<label>Page <input type="number" id="turn" min="1" value="1"></label> of <span id="pages">1</span> '
        '<button type="button" id="following">Next</button></nav>\n'
        f"<noscript>\n{_lists(contents)}</noscript>\n</section>\n"
    )


def _lists(contents: Contents) -> str:
    """Links to the plain lists, of very many to some, from which the others are reached."""
    step = -(-len(contents.lists) // 200) or 1
    links = [
        f"<li><a{attributes({'href': contents.folder + list_name(at + 1)})}>{contents.lists[at]:,}</a></li>"
        for at in range(0, len(contents.lists), step)
    ]
    listed = f'<ul class="lists">{"".join(links)}</ul>'
    return f'<nav aria-label="All articles"><p>All articles, from number</p>{listed}</nav>\n'


def _speakers(contents: Contents) -> str:
    counts = contents.counts
    rows = _within(contents.most_bytes, map(_speaker_row, counts.speakers(MOST_SPEAKERS)))
    totals = counts.totals
    note = f"The {MOST_SPEAKERS} most quoted of {totals.speakers:,}." if totals.speakers > MOST_SPEAKERS else ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Speaker", "Quotes", "Words", "Articles"))
    return (
        '<section id="speakers" aria-labelledby="speakers-heading">\n<h2 id="speakers-heading">Speakers</h2>\n'
        '<label class="wide" id="who-label" hidden>Find <input type="search" id="who" autocomplete="off" '
        f'spellcheck="false"></label>\n<p class="note">{note}</p>\n'
        f'<table class="speakers"><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n'
        '<button type="button" id="all" hidden>Show all</button>\n</section>\n'
    )


def _speaker_row(speaker: SpeakerCount) -> str:
    name = escaped_line(speaker.name)
    link = f"<a{attributes({'href': fragment('speaker', speaker.name)})}><bdi>{name}</bdi></a>"
    kind = "" if speaker.kind in ("person", "unknown") else f' <span class="kind">{escaped_line(speaker.kind)}</span>'
    numbers = "".join(f"<td>{number:,}</td>" for number in (speaker.quotes, speaker.words, speaker.articles))
    return f'<tr><th scope="row">{link}{kind}</th>{numbers}</tr>\n'


def _within(most_bytes: int, parts: Iterable[str]) -> str:
    """The first of *parts*, as many as fit into *most_bytes*."""
    kept: list[str] = []
    together = 0
    for part in parts:
        together += len(part.encode("utf-8", "backslashreplace"))
        if together > most_bytes:
            break
        kept.append(part)
    return "".join(kept)
