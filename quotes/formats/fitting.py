"""Tables on narrow terminals: what does not fit side by side stands one below the other, and nothing is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table
    from rich.text import Text


class Fitted:
    """*table* for a rich console; where its columns do not fit, a paragraph a row.

    The first *head* cells of a row head its paragraph, the others follow with the names of their columns.
    """

    def __init__(self, table: Table, head: int = 1, *, room: int = 0) -> None:
        """*room* are columns that the cells have to have beyond their longest word, so that they are read and not
        spelled."""
        self._table = table
        self._head = head
        self._room = room

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, or its rows as paragraphs."""
        from rich.measure import Measurement

        wide = options.update(max_width=10_000)
        if Measurement.get(console, wide, self._table).minimum + self._room <= options.max_width:
            yield self._table
        else:
            yield from self._paragraphs()

    def _paragraphs(self) -> RenderResult:
        from rich.padding import Padding
        from rich.text import Text

        columns = self._table.columns
        for cells in zip(*(column.cells for column in columns), strict=True):
            shown = [_text(cell, column.style) for cell, column in zip(cells, columns, strict=True)]
            yield Text("  ").join(cell for cell in shown[: self._head] if cell.plain)
            named = [
                Text.assemble((f"{name} ", "dim"), cell) if name else cell
                for column, cell in zip(columns[self._head :], shown[self._head :], strict=True)
                if cell.plain
                for name in [str(column.header)]
            ]
            if named:
                yield Padding(Text(", ").join(named), (0, 0, 0, 2), expand=False)


def fitted(part: Any, head: int = 1) -> Any:
    """*part*, to be printed by a rich console; where it is a table, so that it fits."""
    from rich.table import Table

    return Fitted(part, head) if isinstance(part, Table) else part


def _text(cell: Any, style: Any) -> Text:
    from rich.text import Text

    text = cell.copy() if isinstance(cell, Text) else Text(str(cell))
    text.stylize_before(style or "")
    return text
