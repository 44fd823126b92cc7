"""CSV for spreadsheets: no cell runs, and every cell can be had back."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from quotes.formats.sheets import as_written, csv_text, harmless

cells = st.text(st.sampled_from("'=+-@\t\r\n\",aé ＝＋－＠")) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)


@given(cells)
def test_a_cell_never_starts_a_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert not harmless(cell).startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert as_written(harmless(cell)) == cell


@given(st.lists(st.lists(cells, min_size=2, max_size=2)))
def test_the_csv_of_words_reads_back(rows: list[list[str]]) -> None:
    read = csv.reader(io.StringIO(csv_text(rows), newline=""))
    assert [[as_written(cell) for cell in row] for row in read] == rows


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    assert csv_text([["=1+1", -3, 0.5, None]]) == "'=1+1,-3,0.5,\n"
