"""The plan of a run on many machines: the same articles, errors and remarks as in one process, in parts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import InputError
from quotes.formats import read_articles
from quotes.formats.reading import USUAL
from quotes.model import Article
from quotes.run.cluster.reading import items_of, portions_of
from quotes.run.cluster.survey import Batch, Plan, batches_of, look_through, plan_of


class Heard:
    def __init__(self) -> None:
        self.errors: list[str] = []
        self.notes: list[str] = []

    def error(self, error: InputError) -> None:
        self.errors.append(str(error))


def planned(inputs: list[str], heard: Heard, limit: int | None = None, workers: int = 2) -> Plan:
    portions = portions_of(items_of(inputs, heard.notes.append))
    surveyed = ((portion, look_through(portion, USUAL)) for portion in portions)
    return plan_of(surveyed, workers=workers, limit=limit, on_error=heard.error, on_note=heard.notes.append)


def parts_of(plan: Plan) -> list[Batch]:
    found = [batch for share in plan.shares for batch in batches_of(share, USUAL)]
    assert all(isinstance(batch, Batch) for batch in found)
    return [batch for batch in found if isinstance(batch, Batch)]


def write(path: Path, rows: list[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


ROWS = st.lists(
    st.one_of(
        st.just("{broken"),
        st.builds(lambda name, text: {"id": name, "text": text}, st.sampled_from("abcdefgh"), st.sampled_from("xyz")),
        st.builds(lambda text: {"text": text}, st.text(max_size=3).filter(lambda text: "\0" not in text)),
    ),
    max_size=12,
)


@given(files=st.lists(ROWS, min_size=1, max_size=4), limit=st.one_of(st.none(), st.integers(1, 10)))
def test_it_is_what_one_process_reads(tmp_path_factory: pytest.TempPathFactory, files: list, limit: int | None):
    folder = tmp_path_factory.mktemp("in")
    for number, rows in enumerate(files):
        write(folder / f"{number}.jsonl", rows)
    alone, shared = Heard(), Heard()
    expected: list[Article] = []
    for found in read_articles([folder], on_note=alone.notes.append):
        if isinstance(found, InputError):
            alone.error(found)
            continue
        expected.append(found)
        if len(expected) == limit:
            break
    plan = planned([str(folder)], shared, limit)
    parts = parts_of(plan)
    assert [article for part in parts for article in part.articles] == expected
    assert shared.errors == alone.errors
    assert [part.part for part in parts] == list(range(plan.parts))
    assert plan.articles == len(expected)


def test_parts_hold_the_same_articles_in_every_run_and_none_is_large(tmp_path: Path):
    rows: list[object] = [{"id": f"a{number}", "text": f"Text {number}."} for number in range(1000)]
    path = write(tmp_path / "in.jsonl", rows)
    one, two = (parts_of(planned([str(path)], Heard())) for _ in range(2))
    assert one == two
    assert [len(part.articles) for part in one] == [62] * 16 + [8]


def test_a_file_that_changes_meanwhile_is_an_error(tmp_path: Path):
    path = write(tmp_path / "in.jsonl", [{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}])
    plan = planned([str(path)], Heard())
    write(path, [{"id": "a", "text": "One."}, {"id": "b", "text": "Another."}])
    *_, last = batches_of(plan.shares[0], USUAL)
    assert isinstance(last, InputError)
    assert str(last) == f"{path}: has changed while it was read (run the command again)"


def test_many_small_files_are_read_together_and_a_large_one_alone(tmp_path: Path):
    for number in range(1200):
        (tmp_path / f"{number:04}.txt").write_text("Nothing.", "utf-8")
    portions = list(portions_of(items_of([str(tmp_path)], lambda _note: None)))
    assert [len(portion) for portion in portions] == [500, 500, 200]
