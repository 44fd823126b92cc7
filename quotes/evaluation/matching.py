"""Matching: which predicted quote stands for which gold quote, one to one, so that the shared words weigh most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import inf

Weights = Mapping[tuple[int, int], float]
"""What each pair of a row and a column is worth, above 0; pairs that may not be matched are not in it."""


def best_matching(weights: Weights) -> dict[int, int]:
    """The one-to-one matching of rows and columns with the greatest total weight, as ``{row: column}``.

    The Hungarian method in the form of successive shortest augmenting paths with potentials (Kuhn 1955; Jonker and
    Volgenant 1987), on each connected group of pairs by itself. Of several best matchings it is the one that rows and
    columns in ascending order lead to: the same for the same *weights*, however these are ordered.
    """
    result: dict[int, int] = {}
    for rows, columns in _connected(weights):
        if len(rows) == len(columns) == 1:
            result[rows[0]] = columns[0]
        else:
            result.update(_Assignment(rows, columns, weights).solve())
    return result


def _connected(weights: Weights) -> Iterator[tuple[list[int], list[int]]]:
    """The rows and columns, both ascending, of each group of pairs that share one with another pair."""
    columns_of, rows_of = defaultdict(list), defaultdict(list)
    for row, column in weights:
        columns_of[row].append(column)
        rows_of[column].append(row)
    seen: set[int] = set()
    for first in sorted(columns_of):
        if first in seen:
            continue
        waiting, columns = [first], set()
        group = {first}
        while waiting:
            for column in columns_of[waiting.pop()]:
                if column in columns:
                    continue
                columns.add(column)
                new = set(rows_of[column]) - group
                group |= new
                waiting.extend(new)
        seen |= group
        yield sorted(group), sorted(columns)


class _Assignment:
    """The square assignment problem of one group: missing rows, columns and pairs cost nothing.

    Positions count from 1; position 0 is the root of each search. *_row_at* tells which row holds a column.
    """

    def __init__(self, rows: list[int], columns: list[int], weights: Weights) -> None:
        self._rows, self._columns, self._weights = rows, columns, weights
        self._size = max(len(rows), len(columns))
        self._cost = [
            [-self._worth(row, column) for column in range(1, self._size + 1)] for row in range(1, self._size + 1)
        ]
        self._row_price = [0.0] * (self._size + 1)
        self._column_price = [0.0] * (self._size + 1)
        self._row_at = [0] * (self._size + 1)

    def solve(self) -> dict[int, int]:
        for row in range(1, self._size + 1):
            self._place(row)
        return {
            self._rows[row - 1]: self._columns[column - 1]
            for column, row in enumerate(self._row_at)
            if column and self._worth(row, column) > 0
        }

    def _worth(self, row: int, column: int) -> float:
        if row > len(self._rows) or column > len(self._columns):
            return 0.0
        return self._weights.get((self._rows[row - 1], self._columns[column - 1]), 0.0)

    def _place(self, row: int) -> None:
        """Give *row* a column, moving rows placed before along the cheapest path to a free one."""
        self._row_at[0] = row
        distance, came_from = [inf] * (self._size + 1), [0] * (self._size + 1)
        reached, open_columns, at = [0], list(range(1, self._size + 1)), 0
        while True:
            nearest, step = self._nearest(at, open_columns, distance, came_from)
            for column in reached:
                self._row_price[self._row_at[column]] += step
                self._column_price[column] -= step
            for column in open_columns:
                distance[column] -= step
            at = nearest
            if self._row_at[at] == 0:
                break
            reached.append(at)
            open_columns.remove(at)
        while at:
            self._row_at[at] = self._row_at[came_from[at]]
            at = came_from[at]

    def _nearest(
        self, at: int, open_columns: list[int], distance: list[float], came_from: list[int]
    ) -> tuple[int, float]:
        """The open column that is nearest once the row at column *at* is counted in, the first of equal ones."""
        row = self._row_at[at]
        costs, price = self._cost[row - 1], self._row_price[row]
        nearest, least = 0, inf
        for column in open_columns:
            length = costs[column - 1] - price - self._column_price[column]
            if length < distance[column]:
                distance[column], came_from[column] = length, at
            if distance[column] < least:
                nearest, least = column, distance[column]
        return nearest, least
