"""The page of errors: every miss, spurious quote and wrong speaker in its context, as one HTML file without a script.

What articles, files and models say is data: it reaches the page escaped, and the page may load nothing.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from quotes.evaluation.annotation import Annotation
from quotes.evaluation.causes import HEADINGS, Fault, FaultKind, faults_of
from quotes.evaluation.comparison import System, judgements_of
from quotes.evaluation.files import GoldArticle
from quotes.formats.provenance import SIGNATURE
from quotes.formats.terminal import on_one_line, visible
from quotes.model import Span, Spans

_AROUND: Final = 160
"""Characters of context on either side."""

_LONGEST_WORD: Final = 40

_HEAD: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
{SIGNATURE}
"""
_STYLED: Final = """<title>quotes eval: errors</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 Georgia, serif; margin: 2rem auto; max-width: 52rem; padding: 0 1rem; }
h1, h2, h3, summary, .facts { font-family: system-ui, sans-serif; }
summary { cursor: pointer; padding: .2rem 0; }
summary b { display: inline-block; min-width: 3em; text-align: right; padding-right: .6em; }
article { border-left: 3px solid #8886; margin: 1rem 0 1rem 1rem; padding-left: 1rem; }
article p { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.facts { font-size: .85rem; opacity: .8; }
.gold { background: #2e9e4b55; }
.predicted { box-shadow: inset 0 -.55em 0 #e0a02066; }
.cue { font-style: italic; }
.speaker { outline: 1px solid #2e9e4b; }
.source { text-decoration: underline double #d08000; }
</style>
</head>
<body>
<h1>Errors</h1>
<p class="facts">Highlighted: <span class="gold">gold content</span>, <span class="predicted">predicted content</span>,
<span class="cue">gold cue</span>, <span class="speaker">gold speaker</span>,
<span class="source">predicted speaker</span>. A prediction finds a gold quote where they share half of their words.</p>
"""
_TAIL: Final = "</body>\n</html>\n"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A fault and the article it is in."""

    fault: Fault
    id: str
    text: str


def error_page(gold: Sequence[GoldArticle], systems: Iterable[System]) -> Iterator[str]:
    """The page of the errors that each of *systems* makes on *gold*, in parts to be written one after the other."""
    yield _HEAD + _STYLED
    for system in systems:
        yield from _section(system.name, _by_cause(gold, system))
    yield _TAIL


_Causes = Mapping[FaultKind, Mapping[str, Sequence[_Placed]]]


def _by_cause(gold: Sequence[GoldArticle], system: System) -> _Causes:
    causes: dict[FaultKind, dict[str, list[_Placed]]] = {kind: defaultdict(list) for kind in HEADINGS}
    for one, judgement in zip(gold, judgements_of(gold, system.predictions), strict=True):
        for fault in faults_of(judgement, one.article.text):
            causes[fault.kind][fault.cause].append(_Placed(fault, one.article.id, one.article.text))
    return causes


def _section(name: str, causes: _Causes) -> Iterator[str]:
    yield f"<section>\n<h2>{_escaped(name)}</h2>\n"
    for kind, groups in causes.items():
        yield f"<h3>{_escaped(HEADINGS[kind])} ({sum(map(len, groups.values())):,})</h3>\n"
        for cause, placed in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
            yield f"<details><summary><b>{len(placed):,}</b>{_escaped(cause)}</summary>\n"
            yield from map(_entry, placed)
            yield "</details>\n"
    yield "</section>\n"


def _entry(placed: _Placed) -> str:
    fault, text = placed.fault, placed.text
    facts = [f"<b>{_escaped(on_one_line(placed.id))}</b>"]
    for who, quote in (("gold", fault.gold), ("predicted", fault.predicted)):
        if quote is not None:
            facts.append(f"{who}: {quote.type}, {_escaped(_source(quote.annotation, text))}")
    if fault.overlap:
        facts.append(f"{fault.overlap:.0%} of the words in common")
    return f'<article>\n<p class="facts">{" · ".join(facts)}</p>\n{_context(placed)}</article>\n'


def _source(annotation: Annotation, text: str) -> str:
    """The speaker as the annotation has it: the mention, and the name where that is another."""
    mention = on_one_line(" … ".join(span.of(text) for span in annotation.speaker))
    name = on_one_line(annotation.name or "")
    if name and mention and name != mention:
        return f"{mention} → {name}"
    return name or mention or "no speaker"


def _context(placed: _Placed) -> str:
    """The text around both contents, everything that was marked in it highlighted."""
    fault = placed.fault
    marks: dict[str, Spans] = {}
    if fault.gold is not None:
        marks |= {"gold": fault.gold.annotation.content, "cue": fault.gold.annotation.cue}
        marks["speaker"] = fault.gold.annotation.speaker
    if fault.predicted is not None:
        marks |= {"predicted": fault.predicted.annotation.content, "source": fault.predicted.annotation.speaker}
    contents = (*marks.get("gold", ()), *marks.get("predicted", ()))
    window = _window(placed.text, contents)
    before, after = ("… " if window.start else ""), (" …" if window.end < len(placed.text) else "")
    return f"<p>{before}{_highlighted(placed.text, window, marks)}{after}</p>\n"


def _window(text: str, spans: Spans) -> Span:
    """*spans* with some context, cut between words where the words are not endless."""
    start = max(min(span.start for span in spans) - _AROUND, 0)
    end = min(max(span.end for span in spans) + _AROUND, len(text))
    least, most = max(start - _LONGEST_WORD, 0), min(end + _LONGEST_WORD, len(text))
    while start > least and not text[start - 1].isspace():
        start -= 1
    while end < most and not text[end].isspace():
        end += 1
    return Span(start, end)


def _highlighted(text: str, window: Span, marks: Mapping[str, Spans]) -> str:
    """The characters of *window*, each in a span of the classes that *marks* give it."""
    edges = {window.start, window.end}
    edges.update(edge for spans in marks.values() for span in spans for edge in span)
    parts = []
    for start, end in pairwise(sorted(edge for edge in edges if window.start <= edge <= window.end)):
        classes = [name for name, spans in marks.items() if any(span.start <= start < span.end for span in spans)]
        words = _escaped(text[start:end])
        parts.append(f'<span class="{" ".join(classes)}">{words}</span>' if classes else words)
    return "".join(parts)


def _escaped(text: str) -> str:
    return html.escape(visible(text))
