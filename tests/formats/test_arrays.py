"""Records as one JSON array: read however it is laid out, a fault told with the number of its record."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import RecordError
from quotes.formats.arrays import array_pieces, read_array
from quotes.formats.parts import StoredValue

LONG = {"id": "long", "text": '“We tried,” Ida Krell said. [{\\"' * 40_000}


def read(text: str) -> list[object]:
    found = list(read_array(io.StringIO(text, newline=""), "x.json"))
    return [dict(one.value) if isinstance(one, StoredValue) else str(one) for one in found]


def test_a_record_stands_on_a_line_within_the_brackets() -> None:
    assert "".join(array_pieces(['{"id": "a"}', '{"id": "b"}'])) == '[\n{"id": "a"},\n{"id": "b"}\n]\n'
    assert json.loads("".join(array_pieces([]))) == []


@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.none()), max_size=3), max_size=4),
    st.sampled_from([None, 0, 2, "\t"]),
)
def test_an_array_is_read_however_it_is_laid_out(records: list[dict[str, object]], indent: int | str | None) -> None:
    for ascii_only in (True, False):
        assert read(json.dumps(records, indent=indent, ensure_ascii=ascii_only)) == records


def test_records_longer_than_what_is_read_at_a_time_are_whole() -> None:
    records = [LONG, {"id": "a"}, LONG, LONG]
    assert read(json.dumps(records, indent=1)) == records


def test_objects_one_after_the_other_are_read_as_in_json_lines() -> None:
    assert read('{"id": "a"}\n{"id": "b"}\n') == [{"id": "a"}, {"id": "b"}]
    assert read("") == read(" \n") == read(" [ ] ") == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[{"id": "a"}, {"id": "b', "record 2: cut off in the middle: the file ends within this record"),
        ('[{"id": "a"}, ', "record 2: cut off in the middle"),
        ('[{"id": "a"}', "record 2: the file ends before the end of the array"),
        ('[{"id": "a"} {"id": "b"}]', "record 2: no comma before it"),
        ('[{"id": "a"}, {"id" "b"}, ' + " " * 100 + "{}]", "record 2: not JSON: Expecting ':' delimiter"),
        ('[{"id": "a"}, nonsense' + " " * 100 + "]", "record 2: not JSON: Expecting value"),
        ('[{"id": "a"}, ' + "[" * 100_000, "record 2: not JSON: it nests too deep"),
        ('[{"id": "a"}]]', "x.json: goes on after the end of the array"),
    ],
)
def test_what_is_no_json_is_told_and_ends_it(text: str, complaint: str) -> None:
    first, error = read(text)
    assert first == {"id": "a"}
    assert complaint in str(error)


@pytest.mark.parametrize(
    "odd", ["12", '"b"', "[]", "null", '{"x": NaN}', '{"x": 1e999}', '{"x": ' + "[" * 300 + "]" * 300 + "}"]
)
def test_an_element_that_is_no_record_is_one_error_and_the_others_are_read(odd: str) -> None:
    first, error, last = read(f'[{{"id": "a"}}, {odd}, {{"id": "c"}}]')
    assert (first, last) == ({"id": "a"}, {"id": "c"})
    assert str(error).startswith("x.json record 2: ")


def test_damage_is_told_without_reading_to_the_end() -> None:
    class Endless(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            assert self.tell() < 10_000_000, "read on and on"
            return super().read(size)

    found = list(read_array(Endless('[{"id" 1}' + ", {}" * 10_000_000), "x.json"))
    assert [type(one) for one in found] == [RecordError]
