"""Writing records in every format: what is read back is what was written, to the byte."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from quotes.errors import OutputError, RecordError, UsageError
from quotes.formats import (
    RECORD_SUFFIXES,
    StoredRecord,
    check_kind,
    count_records,
    kind_of,
    read_records,
    read_values,
    write_records,
)
from quotes.formats.parts import StoredValue, canonical_line
from quotes.model import Article
from quotes.record import check_record, dumps
from tests.formats import made
from tests.formats.samples import sample
from tests.formats.test_output import files_of_at_most

if TYPE_CHECKING:
    from collections.abc import Sequence

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
every_suffix = pytest.mark.parametrize("suffix", RECORD_SUFFIXES)
each_format = pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".tsv", ".parquet", ".db"])


def back(path: Path) -> list[str]:
    found = list(read_values(path))
    assert all(isinstance(one, StoredValue) for one in found), found
    return [canonical_line(one.value) for one in found if isinstance(one, StoredValue)]


@each_format
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=made.lines)
def test_records_come_back_from_every_format_as_the_same_bytes(tmp_path: Path, suffix: str, lines: list[str]) -> None:
    path = tmp_path / f"out{suffix}"
    write_records(path, lines)
    assert back(path) == lines
    assert count_records(path) == len(lines)


@each_format
@pytest.mark.parametrize("half", [0xD83D, 0xDC80, 0xDFFF])
def test_half_a_character_leaves_every_span_in_its_place(tmp_path: Path, suffix: str, half: int) -> None:
    from quotes import extract

    text = f"“We {chr(half)} tried,” said Mara Ruiz."
    path = tmp_path / f"out{suffix}"
    write_records(path, [dumps(extract(Article("a", text)))])
    [found] = read_records(path)
    assert isinstance(found, StoredRecord)
    assert found.extraction.article.text == text
    assert not check_record(found.value, text)


@each_format
def test_the_records_of_a_run_come_back_with_every_span(tmp_path: Path, suffix: str, run_on_seeds: list[str]) -> None:
    path = tmp_path / f"out{suffix}"
    write_records(path, run_on_seeds)
    assert back(path) == run_on_seeds
    assert not [found for found in read_records(path) if isinstance(found, RecordError)]


@pytest.fixture(scope="module")
def run_on_seeds() -> list[str]:
    """The records of the seeds by the rules."""
    from quotes import extract

    articles = sorted(SEEDS.glob("*.txt"))[:6]
    return [dumps(extract(path.read_text(encoding="utf-8"), id=path.stem)) for path in articles]


@each_format
def test_a_record_that_is_wanted_alone_is_found(tmp_path: Path, suffix: str) -> None:
    write_records(tmp_path / f"out{suffix}", [dumps(sample(name)) for name in ("a", "b", "a")])
    found = [one.where for one in read_records(tmp_path / f"out{suffix}", only="b") if not isinstance(one, RecordError)]
    assert len(found) == 1
    assert found[0].startswith(str(tmp_path / f"out{suffix}"))


@each_format
def test_equal_records_make_equal_files(tmp_path: Path, suffix: str) -> None:
    for name in "ab":
        write_records(tmp_path / f"{name}{suffix}", [dumps(sample())])
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@each_format
def test_what_cannot_be_finished_leaves_what_was_there_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    def broken() -> Sequence[str]:
        yield dumps(sample())  # type: ignore[misc]
        raise RecordError("damaged")

    path = tmp_path / f"out{suffix}"
    path.write_text("before")
    with pytest.raises(RecordError, match="damaged"):
        write_records(path, broken())
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == [path.name]


@each_format
def test_a_full_disk_is_one_line_and_leaves_what_was_there(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_text("before")
    lines = [dumps(sample(os.urandom(40).hex())) for _ in range(400)]
    check_kind(kind_of(path) or "jsonl", tmp_path / "elsewhere")  # so that a library is loaded while there is room
    with pytest.raises(OutputError, match=r"cannot be written: .*free some space"), files_of_at_most(5000):
        write_records(path, lines)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", [".parquet", ".db"])
def test_a_kill_in_the_middle_leaves_what_was_there(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_text("before")
    program = (
        "import os, signal, sys; from quotes.formats import write_records\n"
        "def lines():\n"
        "    yield sys.argv[2]\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_records(sys.argv[1], lines())\n"
    )
    outcome = subprocess.run([sys.executable, "-c", program, str(path), dumps(sample())], check=False)
    assert outcome.returncode == -signal.SIGKILL
    assert path.read_text() == "before"


@pytest.mark.parametrize("suffix", [".parquet", ".db"])
def test_a_number_that_no_column_holds_is_told(tmp_path: Path, suffix: str) -> None:
    value = json.loads(dumps(sample()))
    value["usage"]["requests"] = 10**30
    with pytest.raises(RecordError, match=r"out.* cannot stand in a column: .*\(write \.jsonl instead\)"):
        write_records(tmp_path / f"out{suffix}", [canonical_line(value)])
    assert os.listdir(tmp_path) == []


@every_suffix
def test_the_suffix_names_the_format_whatever_its_case(suffix: str) -> None:
    assert kind_of(f"x{suffix}") == kind_of(f"x{suffix.upper()}") is not None
    assert kind_of("x.xlsx") is kind_of("x") is None


@pytest.mark.parametrize("kind", ["parquet", "db"])
@pytest.mark.parametrize("place", ["-", "/dev/null"])
def test_what_is_no_text_goes_to_files_only(kind: str, place: str) -> None:
    with pytest.raises(UsageError, match=r"is written to a file, not to a stream \(name a file\)"):
        check_kind(kind, place)  # type: ignore[arg-type]


def test_a_key_order_of_ones_own_becomes_that_of_the_record() -> None:
    value = json.loads(dumps(sample()))
    shuffled = {key: value[key] for key in sorted(value)}
    shuffled["quotes"] = [{key: quote[key] for key in sorted(quote)} for quote in value["quotes"]]
    assert canonical_line(shuffled) == dumps(sample())
