"""Notebooks: how an extraction and a quote show themselves there, as one piece of HTML or as plain lines.

Every style stands in its element and every colour is half transparent over the page's own, so that nothing of the
notebook changes, light and dark themes both do, and a viewer that drops style sheets and scripts loses nothing.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from quotes.formats.terminal import on_one_line, visible
from quotes.model import Extraction, Quote, Span
from quotes.stretches import stretches

MOST_CHARACTERS: Final = 20_000
"""Of an article's text: what is beyond stays out of a notebook, which is saved with all it shows."""
MOST_QUOTES: Final = 200
_MOST_WORDS: Final = 300  # characters, of one quote in the table
_NOBODY: Final = "–"

_GREY: Final = "128,128,128"
_HUES: Final = (
    "0,114,178",
    "213,94,0",
    "0,158,115",
    "204,121,167",
    "186,140,0",
    "70,160,215",
    "142,108,207",
    "128,140,40",
)
"""Colours that people who confuse red and green can tell apart, in the order in which speakers get them."""

_BOX: Final = "font-family:inherit;color:inherit;max-width:60em;line-height:1.6;text-align:left"
_TEXT: Final = (
    f"white-space:pre-wrap;overflow-wrap:anywhere;max-height:32em;overflow:auto;padding:.5em .8em;margin:.4em 0;"
    f"border:1px solid rgba({_GREY},.4);border-radius:4px"
)
_CELL: Final = "text-align:left;vertical-align:top;padding:.2em .8em .2em 0;white-space:normal;background:transparent"
_FAINT: Final = "opacity:.75"


class _Mark(NamedTuple):
    """What a span of the text is, of which quote."""

    role: str
    quote: int


def quote_line(quote: Quote) -> str:
    """*quote* on one line: its words and who said them."""
    return f"“{on_one_line(quote.text)}” {_NOBODY} {_speaker(quote)}"


def extraction_lines(extraction: Extraction) -> str:
    """*extraction* in plain lines: a headline, then a line a quote."""
    lines = [": ".join(_heading(extraction))]
    for number, quote in enumerate(extraction.quotes, start=1):
        facts = f"{quote.type}, {quote.confidence}"
        lines.append(f"{number:>3}. {_speaker(quote)}: “{on_one_line(quote.text)}” ({facts})")
    return "\n".join(lines)


def quote_html(quote: Quote) -> str:
    """*quote* as a piece of HTML: its words, its speaker and how sure they are."""
    hue = _HUES[0] if _key(quote) else _GREY
    return (
        f'<div class="quotes-quote" style="{_BOX};border-left:3px solid rgb({hue});padding:.1em 0 .1em .8em">'
        f'<div dir="auto">“{_line(quote.text)}”</div>'
        f'<div style="{_FAINT}">{_escaped(_speaker(quote))} · {_escaped(_facts(quote))}</div></div>'
    )


def extraction_html(extraction: Extraction) -> str:
    """*extraction* as a piece of HTML: the text with its quotes coloured by speaker, and the table of its quotes.

    What the article says is shown as text whatever it is; only the first 20,000 characters and 200 quotes are shown.
    """
    name, facts = map(_escaped, _heading(extraction))
    hues = _hues_of(extraction.quotes)
    troubles = [f"chunk {error.chunk}: {error.kind}: {error.message}" for error in extraction.errors]
    parts = [
        f'<div class="quotes-extraction" style="{_BOX}">',
        f'<div><strong>{name}</strong> <span style="{_FAINT}">{facts}</span></div>',
        *(f"<div>⚠ {_line(trouble)}</div>" for trouble in troubles),
        *_text(extraction, hues),
        *_table(extraction.quotes, hues),
        "</div>",
    ]
    return "".join(parts)


def _text(extraction: Extraction, hues: Sequence[str]) -> Iterator[str]:
    text = extraction.article.text
    if not text:
        if extraction.quotes:
            yield _note("The record is without the article's text.")
        return
    shown = min(len(text), MOST_CHARACTERS)
    ends: Mapping[int, list[int]] = _ends(extraction.quotes)
    yield f'<div role="region" aria-label="text" tabindex="0" dir="auto" style="{_TEXT}">'
    for stretch in stretches(shown, _marks(extraction.quotes, len(text), shown)):
        words = _escaped(text[stretch.start : stretch.end])
        yield _marked(words, stretch.labels, extraction.quotes, hues) if stretch.labels else words
        for quote in ends.get(stretch.end, ()):
            yield f'<sup style="user-select:none;font-size:.7em">{quote + 1}</sup>'
    yield "</div>"
    if shown < len(text):
        yield _note(f"The first {shown:,} of {len(text):,} characters.")


def _marks(quotes: Sequence[Quote], length: int, shown: int) -> Iterator[tuple[int, int, _Mark]]:
    """All spans to be marked in the first *shown* of *length* characters; those of another text are left out."""
    for number, quote in enumerate(quotes):
        roles = {"content": quote.content, "cue": quote.cue, "speaker": quote.speaker.mention}
        for role, spans in roles.items():
            for start, end in spans:
                if end <= length:
                    yield start, min(end, shown), _Mark(role, number)


def _ends(quotes: Sequence[Quote]) -> Mapping[int, list[int]]:
    """Where the content of which quotes ends."""
    ends: defaultdict[int, list[int]] = defaultdict(list)
    for number, quote in enumerate(quotes):
        last: Span = quote.content[-1]
        ends[last.end].append(number)
    return ends


def _marked(words: str, labels: Sequence[_Mark], quotes: Sequence[Quote], hues: Sequence[str]) -> str:
    """*words* in the colours of what they are; of nested quotes the innermost colours them."""
    roles = {label.role: label.quote for label in labels}
    styles = []
    if "speaker" in roles:
        styles.append(f"font-weight:600;color:inherit;box-shadow:inset 0 -2px rgb({hues[roles['speaker']]})")
    if "cue" in roles:
        styles.append(f"border-bottom:1px dotted rgb({_GREY})")
    if "content" not in roles:
        return f'<span style="{";".join(styles)}">{words}</span>'
    number = roles["content"]
    hue, quote = hues[number], quotes[number]
    styles.insert(0, f"background:rgba({hue},.22);color:inherit;border-bottom:2px solid rgb({hue})")
    title = _line(f"{number + 1}: {_speaker(quote)}, {_facts(quote)}")
    return f'<mark title="{title}" style="{";".join(styles)}">{words}</mark>'


def _table(quotes: Sequence[Quote], hues: Sequence[str]) -> Iterator[str]:
    if not quotes:
        return
    heads = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in ("", "speaker", "words", "facts"))
    yield f'<table style="border-collapse:collapse;width:100%;margin:0;font-size:.95em"><thead><tr>{heads}</tr></thead>'
    yield "<tbody>"
    for number, (quote, hue) in enumerate(zip(quotes[:MOST_QUOTES], hues, strict=False), start=1):
        words = on_one_line(quote.text)
        cut = words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]} …"
        cells = (
            f'<td style="{_CELL};border-left:3px solid rgb({hue});padding-left:.6em">{number}</td>',
            f'<td dir="auto" style="{_CELL}">{_escaped(_speaker(quote))}</td>',
            f'<td dir="auto" style="{_CELL};width:60%">{_escaped(cut)}</td>',
            f'<td style="{_CELL};{_FAINT};white-space:nowrap">{_escaped(_facts(quote))}</td>',
        )
        yield f'<tr style="background:transparent">{"".join(cells)}</tr>'
    yield "</tbody></table>"
    if len(quotes) > MOST_QUOTES:
        yield _note(f"The first {MOST_QUOTES:,} of {len(quotes):,} quotes.")


def _heading(extraction: Extraction) -> tuple[str, str]:
    """The name of the article, and what it came to in a few words."""
    counts = {name: len(getattr(extraction, name)) for name in ("skipped", "unresolved", "rejected")}
    facts: list[str] = [] if extraction.status == "complete" else [extraction.status]
    facts.append(f"{len(extraction.quotes):,} quote{'' if len(extraction.quotes) == 1 else 's'}")
    facts += [f"{count:,} {name}" for name, count in counts.items() if count]
    return on_one_line(extraction.article.id) or "article", ", ".join(facts)


def _speaker(quote: Quote) -> str:
    """Who said it: the name, after the mention where the article prints less there."""
    mention, name = on_one_line(quote.speaker_text), on_one_line(quote.speaker.name or "")
    if not name or name in mention:
        return mention or _NOBODY
    return f"{mention} → {name}" if mention else name


def _facts(quote: Quote) -> str:
    return f"{quote.type}, {quote.confidence}"


def _key(quote: Quote) -> str:
    """What speakers are told apart by; empty for nobody."""
    return on_one_line(quote.speaker.name or quote.speaker_text).casefold()


def _hues_of(quotes: Sequence[Quote]) -> list[str]:
    """The colour of each quote: that of its speaker."""
    hues = {"": _GREY}
    for quote in quotes:
        hues.setdefault(_key(quote), _HUES[(len(hues) - 1) % len(_HUES)])
    return [hues[_key(quote)] for quote in quotes]


def _note(words: str) -> str:
    return f'<div style="{_FAINT}"><em>{_escaped(words)}</em></div>'


def _escaped(text: str) -> str:
    return html.escape(visible(text))


def _line(text: str) -> str:
    return html.escape(on_one_line(text))
