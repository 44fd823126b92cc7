"""The head of a report: what it is about in figures, the two plots, its speakers, and the list of its articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final, get_args

from quotes.formats.table import counted
from quotes.formats.terminal import visible
from quotes.model import Status
from quotes.report.article import title_of
from quotes.report.cards import UNNAMED
from quotes.report.counting import Counts, SpeakerCount
from quotes.report.escaping import attributes, escaped_line, fragment
from quotes.report.people import NOBODY
from quotes.report.plots import Bar, confidence_plot, speakers_plot

_MOST: Final = 1_000_000
_BARS: Final = 6
"""Speakers in the plot: few enough that the first article begins on the first screen; the list has them all."""

_LEGEND: Final = (
    '<p class="legend"><span class="legend-title">In the text</span> '
    '<span class="s content sp-1">quoted words</span> <span class="s cue by-1">cue</span> '
    '<span class="s mention by-1">speaker</span> '
    '<span class="marks"><span class="s skipped">skipped</span> <span class="s unresolved">unresolved</span></span></p>'
    "\n"
)


def head_html(values: Sequence[Mapping[str, Any]], title: str, first: int, ways: Mapping[str, str]) -> str:
    """The masthead of the articles *values* (records in the JSON form), which are numbered from *first* on.

    *ways* are words with the addresses they lead to, the index or the next page.
    """
    with closing(Counts()) as counts:
        for value in values:
            counts.add(value)
        speakers, totals = counts.speakers(_MOST), counts.totals
        confidence = Counter(counts.confidence)
    figures = [(totals.articles, "article"), (totals.quotes, "quote"), (totals.speakers, "speaker")]
    figures += [(totals.unresolved, "unresolved")] if totals.unresolved else []
    shown = "".join(f"<li>{_figure(number, noun)}</li>" for number, noun in figures)
    return (
        f'<header class="masthead">\n{ways_html(ways, "Pages")}<h1 dir="auto">{escaped_line(title)}</h1>\n'
        f'<ul class="figures">{shown}</ul>\n{_made(values)}{_overview(speakers, confidence)}'
        f"{_speakers(speakers, totals.nameless)}{_contents(values, first)}{_LEGEND}</header>\n"
    )


def ways_html(ways: Mapping[str, str], label: str) -> str:
    """The navigation to other pages, where there are any."""
    if not ways:
        return ""
    links = " ".join(f"<a{attributes({'href': address})}>{escaped_line(word)}</a>" for word, address in ways.items())
    return f'<nav class="back" aria-label="{label}">{links}</nav>\n'


def _figure(number: int, noun: str) -> str:
    words = counted(number, noun).split(" ", 1)[1] if noun != "unresolved" else noun
    return f"<b>{number:,}</b> {words}"


def _made(values: Sequence[Mapping[str, Any]]) -> str:
    """How the articles ended, and by what they were read."""
    statuses = Counter(value["status"] for value in values)
    told = [f"{statuses[status]:,} {status}" for status in get_args(Status) if statuses[status]]
    models = dict.fromkeys(value["model"] or "the built-in rules" for value in values)
    prompts = dict.fromkeys(value["prompt"] for value in values if value["prompt"])
    rows = [("Status", ", ".join(told)), ("Read by", ", ".join(models)), ("Prompt pack", ", ".join(prompts))]
    entries = "".join(
        f"<div><dt>{name}</dt> <dd><bdi>{escaped_line(words)}</bdi></dd></div>" for name, words in rows if words
    )
    return f'<dl class="made">{entries}</dl>\n'


def _overview(speakers: Sequence[SpeakerCount], confidence: Mapping[tuple[str, str], int]) -> str:
    shown, others = speakers[:_BARS], speakers[_BARS:]
    bars = [Bar(one.name, one.words, one.types) for one in shown]
    plots = speakers_plot(bars, len(others), sum(one.quotes for one in others)) + confidence_plot(confidence)
    if not plots:
        return ""
    return (
        '<details class="overview" open>\n<summary>Overview</summary>\n'
        f'<div class="plots">\n{plots}</div>\n</details>\n'
    )


def _speakers(speakers: Sequence[SpeakerCount], nameless: int) -> str:
    if not speakers:
        return ""
    rows = [
        f'<tr><th scope="row"><a class="speaker"{_to_speaker(one.key)}><bdi>{escaped_line(one.name)}</bdi></a></th>'
        f"<td>{escaped_line(one.kind)}</td><td>{one.quotes:,}</td><td>{one.words:,}</td><td>{one.articles:,}</td></tr>"
        for one in speakers
    ]
    if nameless:
        name = f'<a class="speaker"{_to_speaker(NOBODY)}>{UNNAMED}</a>'
        rows.append(f'<tr><th scope="row">{name}</th><td></td><td>{nameless:,}</td><td></td><td></td></tr>')
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Speaker", "Kind", "Quotes", "Words", "Articles"))
    table = f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{chr(10).join(rows)}\n</tbody>"
    return (
        f'<details class="people">\n<summary>{counted(len(speakers), "speaker")}</summary>\n'
        f'<div class="scroll" tabindex="0" role="group" aria-label="Speakers">\n<table>\n{table}\n</table>\n'
        "</div>\n</details>\n"
    )


def _to_speaker(key: str) -> str:
    return attributes({"href": fragment("speaker", key), "data-speaker": visible(key)})


def _contents(values: Sequence[Mapping[str, Any]], first: int) -> str:
    """The list of the articles, where there are several."""
    if len(values) < 2:
        return ""
    items = "".join(
        f'<li data-n="{number}"><a href="#a-{number}"><bdi>{escaped_line(title_of(value))}</bdi></a> '
        f'<span class="count">{counted(len(value["quotes"]), "quote")}</span></li>\n'
        for number, value in enumerate(values, start=first)
    )
    return (
        '<nav aria-label="Articles">\n<details class="contents">\n'
        f"<summary>{counted(len(values), 'article')}</summary>\n<ol>\n{items}</ol>\n</details>\n</nav>\n"
    )
