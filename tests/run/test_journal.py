"""The journal: nothing done is lost, nothing is written twice, no half line survives."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import OutputError, UsageError
from quotes.formats.spilling import MOST_ENTRIES
from quotes.model import Article, ChunkError, Extraction
from quotes.record import dumps
from quotes.run import Journal


def article(number: int) -> Article:
    return Article(f"a{number}", f"text {number}", {"page": number})


def line(number: int, status: str = "complete", kinds: tuple[str, ...] = ()) -> str:
    errors = tuple(ChunkError(0, kind, "…") for kind in kinds)
    return dumps(Extraction(article(number), status, errors=errors))  # type: ignore[arg-type]


def resumed(part: Path, count: int, run: str = "run") -> list[bool]:
    journal = Journal.open(part, run)
    held = [journal.resume(n, article(n)) is not None for n in range(count)]
    journal.close()
    return held


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl.part"


def test_records_come_back_in_input_order_whatever_the_order_of_finishing(part: Path) -> None:
    journal = Journal.open(part, "run")
    for number in (2, 0, 3, 1):
        journal.append(number, line(number))
    assert list(journal.lines()) == [line(n) for n in range(4)]
    journal.close()


def test_a_later_run_goes_on_where_the_earlier_one_stood(part: Path) -> None:
    journal = Journal.open(part, "run")
    for number in (3, 1):
        journal.append(number, line(number))
    journal.close()
    journal = Journal.open(part, "run")
    assert [journal.resume(n, article(n)) for n in range(4)] == [None, "complete", None, "complete"]
    journal.append(0, line(0))
    journal.append(2, line(2))
    assert list(journal.lines()) == [line(n) for n in range(4)]
    journal.close()


@given(cut=st.integers(min_value=0))
def test_cut_off_anywhere_it_holds_the_whole_lines_before(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    part = tmp_path_factory.mktemp("journal") / "out.part"
    journal = Journal.open(part, "run")
    for number in range(4):
        journal.append(number, line(number))
    journal.close()
    whole = part.read_bytes()
    kept = whole[: cut % (len(whole) + 1)]
    part.write_bytes(kept)
    expected = [n < kept.count(b"\n") - 1 for n in range(4)]
    assert resumed(part, 4) == expected
    journal = Journal.open(part, "run")
    for number in range(4):
        if journal.resume(number, article(number)) is None:
            journal.append(number, line(number))
    assert list(journal.lines()) == [line(n) for n in range(4)]
    journal.close()
    assert all(json.loads(text) for text in part.read_bytes().splitlines())


def test_a_changed_text_or_changed_metadata_is_done_again(part: Path) -> None:
    journal = Journal.open(part, "run")
    journal.append(0, line(0))
    journal.close()
    journal = Journal.open(part, "run")
    assert journal.resume(0, Article("a0", "another text", {"page": 0})) is None
    assert journal.resume(0, Article("a0", "text 0", {"page": 9})) is None
    assert journal.resume(0, article(0)) == "complete"
    journal.close()


@pytest.mark.parametrize("kind", ["connection", "request", "internal", "cache"])
def test_an_article_that_a_second_try_may_mend_is_done_again(part: Path, kind: str) -> None:
    journal = Journal.open(part, "run")
    journal.append(0, line(0, "partial", ("refusal", kind)))
    journal.close()
    assert resumed(part, 1) == [False]


@pytest.mark.parametrize("kind", ["refusal", "truncated", "content_filter", "context_overflow", "invalid"])
def test_an_article_that_stays_as_it_is_is_not_done_again_and_keeps_its_status(part: Path, kind: str) -> None:
    journal = Journal.open(part, "run")
    journal.append(0, line(0, "partial", (kind,)))
    journal.close()
    journal = Journal.open(part, "run")
    assert journal.resume(0, article(0)) == "partial"
    journal.close()


def test_of_two_lines_for_one_article_the_last_counts(part: Path) -> None:
    journal = Journal.open(part, "run")
    journal.append(0, line(0))
    journal.append(0, line(0, "partial", ("refusal",)))
    journal.close()
    journal = Journal.open(part, "run")
    assert journal.resume(0, article(0)) == "partial"
    assert list(journal.lines()) == [line(0, "partial", ("refusal",))]
    journal.close()


def test_a_run_with_other_options_is_refused_and_told_what_differs(part: Path) -> None:
    journal = Journal.open(part, "run", {"model": "gpt-a", "temperature": 0.0, "type": None})
    journal.append(0, line(0))
    journal.close()
    whole = part.read_bytes()
    with pytest.raises(UsageError) as refused:
        Journal.open(part, "other", {"model": "gpt-b", "temperature": 1.0, "type": None})
    assert str(refused.value) == (
        f"{part.with_suffix('')}: an unfinished run with other options stands here: model was gpt-a, now gpt-b; "
        "temperature was 0, now 1 (give the same options to go on, or --overwrite to start anew)"
    )
    assert part.read_bytes() == whole
    assert resumed(part, 1) == [True]


@pytest.mark.parametrize("header", ['{"quotes_journal":1,"run":"older"}', '{"quotes_journal":2,"run":"run"}'])
def test_the_journal_of_another_version_is_refused_and_left_alone(part: Path, header: str) -> None:
    part.write_text(header + "\n" + line(0) + "\n")
    with pytest.raises(UsageError, match="begun by another version of quotes"):
        Journal.open(part, "run", {"model": "m"})
    assert part.read_text() == header + "\n" + line(0) + "\n"


def test_a_journal_of_other_options_in_which_nothing_was_finished_is_begun_anew(part: Path) -> None:
    Journal.open(part, "run", {"model": "gpt-a"}).close()
    journal = Journal.open(part, "other", {"model": "gpt-b"})
    journal.append(0, line(0))
    journal.close()
    assert list(Journal.open(part, "other", {"model": "gpt-b"}).lines()) == []
    assert '"run":"other"' in part.read_text().splitlines()[0]


def test_a_journal_whose_header_names_no_options_goes_on_where_the_fingerprint_is_the_same(part: Path) -> None:
    part.write_text('{"quotes_journal":1,"run":"run"}\n' + line(0) + "\n")
    assert resumed(part, 2) == [True, False]


def test_started_anew_it_is_empty_whatever_run_it_was_of(part: Path) -> None:
    journal = Journal.open(part, "run")
    journal.append(0, line(0))
    journal.close()
    journal = Journal.open(part, "other", overwrite=True)
    assert journal.resume(0, article(0)) is None
    journal.append(0, line(0))
    assert list(journal.lines()) == [line(0)]
    journal.close()
    assert resumed(part, 1, "other") == [True]


def test_a_file_that_is_no_journal_is_not_started_anew_either(part: Path) -> None:
    part.write_text("my own notes\n")
    with pytest.raises(UsageError, match="no journal"):
        Journal.open(part, "run", overwrite=True)
    assert part.read_text() == "my own notes\n"


def test_it_is_its_owners_alone(part: Path) -> None:
    part.touch(mode=0o644)
    Journal.open(part, "run").close()
    assert stat.S_IMODE(part.stat().st_mode) == 0o600


def test_more_articles_than_memory_holds_are_found_again(part: Path) -> None:
    count = MOST_ENTRIES + 500
    journal = Journal.open(part, "run")
    for number in range(count):
        one = article(number)
        status = "complete" if number % 7 else "partial"
        journal.append(
            number, json.dumps({"id": one.id, "sha256": one.sha256, "metadata": {"page": number}, "status": status})
        )
    journal.close()
    journal = Journal.open(part, "run")
    found = [journal.resume(number, article(number)) for number in range(count + 1)]
    assert found == [*("complete" if number % 7 else "partial" for number in range(count)), None]
    assert sum(1 for _ in journal.lines()) == count
    journal.close()


def test_a_file_that_is_no_journal_is_refused_and_left_alone(part: Path) -> None:
    part.write_text("my own notes\n")
    with pytest.raises(UsageError, match="no journal"):
        Journal.open(part, "run")
    assert part.read_text() == "my own notes\n"


def test_a_damaged_line_in_the_middle_costs_only_its_own_article(part: Path) -> None:
    journal = Journal.open(part, "run")
    for number in range(3):
        journal.append(number, line(number))
    journal.close()
    lines = part.read_bytes().splitlines(keepends=True)
    lines[2] = b"\xff{broken\n"
    part.write_bytes(b"".join(lines))
    assert resumed(part, 3) == [True, False, True]


def test_two_runs_cannot_write_one_output(part: Path) -> None:
    journal = Journal.open(part, "run")
    program = f"from pathlib import Path; from quotes.run import Journal; Journal.open(Path({str(part)!r}), 'run')"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment())
    assert "another run is writing this output" in other.stderr
    journal.close()
    again = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment())
    assert again.returncode == 0, again.stderr


def test_removed_at_the_end_it_leaves_room_for_the_next(part: Path) -> None:
    journal = Journal.open(part, "run")
    journal.append(0, line(0))
    journal.remove()
    assert not part.exists()
    assert resumed(part, 1) == [False]


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        Journal.open(tmp_path / "missing" / "out.jsonl.part", "run")


def test_on_a_full_disk_the_line_that_does_not_fit_leaves_no_trace(part: Path) -> None:
    program = f"""
import resource, signal
from pathlib import Path
from quotes.errors import OutputError
from quotes.run import Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
journal = Journal.open(Path({str(part)!r}), "run")
journal.append(0, '{{"id": "' + "x" * 1000 + '"}}')
try:
    journal.append(1, '{{"id": "' + "y" * 1000 + '"}}')
except OutputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment())
    assert "same command again" in done.stdout, done.stderr
    assert [text[:9] for text in part.read_text().splitlines()] == ['{"quotes_', '{"id": "x']
    assert part.read_bytes().endswith(b"\n")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
