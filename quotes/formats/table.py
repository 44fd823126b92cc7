"""The quotes of one article as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quotes.formats.fitting import Fitted
from quotes.formats.terminal import on_one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

NOBODY = "–"
ROOM = 12
"""Columns a table of quotes needs beyond the longest words in it."""

_CONFIDENCE_STYLES = {"high": "green", "medium": "yellow", "low": "red"}


def article_table(record: Mapping[str, Any]) -> Group:
    """*record* (the JSON form) to be printed by a rich console: a headline, a row a quote, and what remained open."""
    from rich.console import Group
    from rich.text import Text

    quotes = [Fitted(quote_table(record), head=2, room=ROOM)] if record["quotes"] else []
    return Group(headline(record), *quotes, *(Text(remark, style="yellow") for remark in remarks(record)), Text())


def headline(record: Mapping[str, Any]) -> Text:
    """Id, status and counts of *record* on one line."""
    from rich.text import Text

    counts = [counted(len(record["quotes"]), "quote")]
    counts += [f"{len(record[name])} {name}" for name in ("skipped", "unresolved") if record[name]]
    line = Text(on_one_line(record["id"]), style="bold")
    if record["status"] != "complete":
        line.append(f"  {record['status']}", style="red")
    return line.append(f"  {', '.join(counts)}", style="not bold dim")


def quote_table(record: Mapping[str, Any]) -> Table:
    """The quotes of *record*, numbered from 1: who said it, what kind of speaker and quote, how sure, the words."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    table.add_column("speaker", style="cyan", max_width=32, overflow="fold")
    for name in ("kind", "type", "confidence"):
        table.add_column(name, no_wrap=True)
    table.add_column("words", ratio=1, overflow="fold")
    for number, quote in enumerate(record["quotes"], start=1):
        table.add_row(
            str(number),
            Text(speaker_of(quote)),
            Text(quote["speaker_kind"], style="dim"),
            Text(quote["type"]),
            Text(quote["confidence"], style=_CONFIDENCE_STYLES[quote["confidence"]]),
            Text(on_one_line(quote["text"])),
        )
    return table


def speaker_of(quote: Mapping[str, Any]) -> str:
    """The speaker's name, with the mention before it where the article prints less (``she → Mara Ruiz``)."""
    mention, name = on_one_line(quote["speaker_text"]), on_one_line(quote["speaker_name"] or "")
    if not name or not mention or name == mention:
        return name or mention or NOBODY
    return f"{mention} → {name}"


def remarks(record: Mapping[str, Any]) -> list[str]:
    """What a reader must know beyond the quotes: failed chunks, quotations without an answer, rejected items."""
    lines = [on_one_line(f"chunk {error['chunk']}: {error['kind']}: {error['message']}") for error in record["errors"]]
    reasons = [unresolved["reason"] for unresolved in record["unresolved"]]
    lines += [
        on_one_line(f"{counted(reasons.count(reason), 'quotation')} unresolved: {reason}")
        for reason in dict.fromkeys(reasons)
    ]
    if record["rejected"]:
        lines.append(f"{counted(len(record['rejected']), 'item')} of the model's answer rejected")
    return lines


def counted(number: int, noun: str) -> str:
    """*number* with *noun* in the singular or plural: ``1 quote``, ``1,204 quotes``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
