"""The tables for people."""

from __future__ import annotations

import io
from collections.abc import Sequence

from quotes.evaluation import Annotation, System, compare, score_tables
from quotes.formats.terminal import console
from tests.evaluation.samples import TEXT, gold_of, mark

TRIED = mark(TEXT, "We tried hard enough", by="Ida Krell", kind="person", confidence="high")
HOLD = mark(TEXT, "that the old pier would hold until June", by="She", kind="person", confidence="low")


def printed(*systems: tuple[str, Sequence[Annotation]], width: int = 160) -> list[str]:
    gold = gold_of((TEXT, [TRIED, HOLD]))
    scored = compare(gold, [System(name, {"a0": quotes}) for name, quotes in systems], resamples=20)
    out = io.StringIO()
    to = console(out, width)
    for part in score_tables(scored):
        to.print(part)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_one_system_has_a_row_for_each_group_with_gold_quotes() -> None:
    lines = printed(("out.jsonl", [TRIED]))
    assert lines[:2] == [
        "1 article, 2 gold quotes",
        "out.jsonl: 1 quote, touching 1.000 of the quotations (gold: 1.000)",
    ]
    assert " ".join(lines[3].split()) == "quotes gold P R F1 exact ≥.8 token speaker joint interval"
    assert [line.split()[0] for line in lines[4:8]] == ["direct", "direct+mixed", "indirect", "all"]
    assert lines[7].split()[1:5] == ["2", "1.000", ".500", ".667"]
    assert lines[7].split()[-3:] == [".667", "[.667,", ".667]"]


def test_several_systems_stand_side_by_side_and_are_compared_with_the_first() -> None:
    lines = printed(("runs/old.jsonl", [TRIED]), ("runs/new.jsonl", [TRIED, HOLD]))
    assert any(line.split()[:3] == ["all", "new.jsonl", "2"] for line in lines)
    above = next(at for at, line in enumerate(lines) if line.startswith("above old.jsonl"))
    (last,) = [line for line in lines[above:] if line.startswith("all")]
    assert last.split()[:3] == ["all", "new.jsonl", "+.333"]


def test_no_difference_has_no_sign_of_a_loss() -> None:
    lines = printed(("old.jsonl", [TRIED]), ("new.jsonl", [TRIED]))
    assert not any("-.000" in line for line in lines)


def test_files_of_one_name_keep_their_folders() -> None:
    lines = printed(("a/out.jsonl", [TRIED]), ("b/out.jsonl", [TRIED]))
    assert lines[1].startswith("a/out.jsonl: ")


def test_predictions_are_counted_by_kind_and_confidence() -> None:
    lines = printed(("out.jsonl", [TRIED, HOLD, mark(TEXT, "She told", confidence="low")]))
    assert any(line.split()[:5] == ["person", "2", ".667", "1.000", "1.000"] for line in lines)
    assert any(line.split()[:5] == ["low", "2", ".667", ".500", ".500"] for line in lines)


def test_one_system_fits_a_terminal_of_eighty_columns() -> None:
    assert max(map(len, printed(("out.jsonl", [TRIED]), width=80))) <= 80
    assert not any("…" in line for line in printed(("out.jsonl", [TRIED]), width=80))


def test_a_name_cannot_steer_the_terminal() -> None:
    assert not any("\x1b" in line for line in printed(("\x1b[2J", [TRIED]), ("[red]x", [HOLD])))
    assert any("[red]x" in line for line in printed(("\x1b[2J", [TRIED]), ("[red]x", [HOLD])))
