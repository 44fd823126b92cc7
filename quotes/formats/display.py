"""One article in the terminal: its text with quotes, speakers and cues highlighted, and the list of its quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from quotes.formats.fitting import Fitted
from quotes.formats.table import ROOM, headline, quote_table, remarks, speaker_of
from quotes.formats.terminal import console, is_coloured, on_one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.text import Text

# The later of two kinds shows where both cover a character.
_STYLES = {
    "skipped": "dim",
    "unresolved": "red",
    "quote": "green",
    "nested": "green underline",
    "cue": "magenta",
    "speaker": "bold cyan",
}
_KINDS = tuple(_STYLES)


class _Part(NamedTuple):
    """A stretch of the text that is one thing: *kind* is a key of ``_STYLES``, *number* that of its quote."""

    start: int
    end: int
    kind: str
    number: int


def print_article(record: Mapping[str, Any], text: str | None, stream: TextIO, *, width: int | None = None) -> None:
    """Print *record* (the JSON form), with the *text* of its article unless it is ``None``, to *stream*.

    On a terminal with colours quotes, speakers and cues are coloured, and the number of a quote follows it. Elsewhere
    quotes stand in brackets (``[1: We tried,]``). In a pipe each quote of the list is one line and no line is broken.
    """
    to = console(stream, width)
    plain, coloured = not to.is_terminal, is_coloured(to)
    to.print(headline(record), soft_wrap=plain)
    if text is None:
        to.print("The record is without the article's text (give the original with --input).", soft_wrap=plain)
    else:
        to.print()
        for line in _highlighted(text, record, bracketed=not coloured):
            to.print(line, soft_wrap=plain)
    to.print()
    if plain:
        for entry in _list(record):
            to.print(entry, soft_wrap=True)
    elif record["quotes"]:
        to.print(Fitted(quote_table(record), head=2, room=ROOM))
        if text is not None and coloured:
            to.print(_legend())
    for remark in remarks(record):
        to.print(remark, style="yellow", soft_wrap=plain)


def print_list(records: Iterable[Mapping[str, Any]], stream: TextIO) -> None:
    """Print one line for each of *records* (the JSON form): id, status, counts, and who is quoted.

    A terminal's lines are cut where it ends, those of a pipe are whole.
    """
    to = console(stream)
    for record in records:
        line = headline(record)
        speakers = dict.fromkeys(
            on_one_line(quote["speaker_name"] or quote["speaker_text"]) for quote in record["quotes"]
        )
        line.append(f"  {', '.join(speaker for speaker in speakers if speaker)}".rstrip(), style="not bold cyan")
        if to.is_terminal:
            to.print(line, no_wrap=True, overflow="ellipsis")
        else:
            to.print(line, soft_wrap=True)


def _list(record: Mapping[str, Any]) -> Iterator[str]:
    for number, quote in enumerate(record["quotes"], start=1):
        kinds = f"{quote['speaker_kind']}, {quote['type']}, {quote['confidence']}"
        yield f"{number}. {speaker_of(quote)} ({kinds}): {on_one_line(quote['text'])}"


def _legend() -> Text:
    from rich.text import Text

    legend = Text("\n")
    for kind in ("quote", "speaker", "cue", "skipped", "unresolved"):
        legend.append(kind, style=_STYLES[kind]).append("  ")
    return legend


def _highlighted(text: str, record: Mapping[str, Any], *, bracketed: bool) -> Iterator[Text]:
    """The lines of *text*, styled; quotes numbered as in the list, and *bracketed* where no colour shows them."""
    from rich.text import Text

    line = Text()
    for words, style in _runs(text, _parts(record, len(text)), bracketed=bracketed):
        first, *others = visible(words).split("\n")
        line.append(first, style)
        for other in others:
            yield line
            line = Text(other, style)
    yield line


def _parts(record: Mapping[str, Any], length: int) -> list[_Part]:
    """What is to be shown of *record* in a text of *length* characters, whatever nonsense its spans may say."""
    found = [(span, "skipped", 0) for span in (item["span"] for item in record["skipped"])]
    found += [(span, "unresolved", 0) for span in (item["span"] for item in record["unresolved"])]
    for number, quote in enumerate(record["quotes"], start=1):
        for kind, name in (("quote", "content"), ("cue", "cue"), ("speaker", "speaker")):
            found += [(span, kind, number) for span in quote[name]]
    return [_Part(start, end, kind, number) for (start, end), kind, number in found if start < end <= length]


def _runs(text: str, parts: list[_Part], *, bracketed: bool) -> Iterator[tuple[str, str]]:
    """Stretches of *text* with their style, and the numbers of quotes between them."""
    # At one place what ends comes before what begins; of those that begin the longest is outermost.
    events = [(part.start, True, -part.end, part) for part in parts]
    events += [(part.end, False, -part.start, part) for part in parts]
    position, active = 0, list[_Part]()
    for place, begins, _, part in sorted(events):
        if place > position:
            yield text[position:place], _style(active)
            position = place
        if begins:
            active.append(part)
        else:
            active.remove(part)
        if part.kind == "quote" and begins == bracketed:
            yield f"[{part.number}: " if bracketed else f"[{part.number}]", "dim"
        elif part.kind == "quote" and bracketed:
            yield "]", ""
    yield text[position:], ""


def _style(active: list[_Part]) -> str:
    kinds = [part.kind for part in active]
    if kinds.count("quote") > 1:
        kinds.append("nested")
    return _STYLES[max(kinds, key=_KINDS.index)] if kinds else ""
