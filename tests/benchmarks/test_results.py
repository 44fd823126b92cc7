"""The results are of one form, name no path, and the README's table is made of nothing else."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from benchmarks.__main__ import command_line, shaped
from benchmarks.results import ORDER, README, RESULTS, Row, in_page, merged, ratio, read, shown, table

PARTS = {
    "tail": {
        "figures": {"seconds: ideal": 4.5},
        "rows": [Row("time", "the ideal", 1.05), Row("time", "LangExtract", 0.2213)],
    },
    "endpoint": {"figures": {"articles of 600 words: quotes: documents a CPU second": 190.0}, "rows": []},
}


def test_a_table_has_a_line_for_every_row_and_says_once_what_was_measured() -> None:
    assert table({"parts": PARTS}) == (
        "| what | beside | quotes |\n|---|---|---|\n| time | the ideal | 1.05 × |\n|  | LangExtract | 0.22 × |\n"
    )


@pytest.mark.parametrize(
    ("value", "words"), [(0.0213, "0.021 ×"), (0.8, "0.80 ×"), (1.234, "1.23 ×"), (33.4, "33 ×"), (1234.0, "1,234 ×")]
)
def test_a_factor_has_as_many_digits_as_mean_something(value: float, words: str) -> None:
    assert shown(value) == words


def test_a_page_gets_the_table_between_its_markers_and_keeps_all_else() -> None:
    page = "# Title\n<!-- bench:start -->\nold\n<!-- bench:end -->\nmore\n"
    made = in_page(page, {"parts": PARTS})
    assert made == f"# Title\n<!-- bench:start -->\n{table({'parts': PARTS})}<!-- bench:end -->\nmore\n"
    assert in_page(made, {"parts": PARTS}) == made
    assert in_page("no markers\n", {"parts": PARTS}) == "no markers\n"


def test_a_part_measured_anew_takes_the_place_of_the_old_one_alone() -> None:
    known = merged({}, PARTS, "2026-01-01")
    new = merged(known, {"tail": {"figures": {}, "rows": []}}, "2026-01-02")
    assert new["parts"] == {"tail": {"figures": {}, "rows": []}, "endpoint": PARTS["endpoint"]}
    assert new["speeds"] == {"live": 190.0}


def test_ratios_are_taken_round_by_round() -> None:
    assert ratio([1.0, 10.0, 3.0], [2.0, 20.0, 3.0]) == 0.5


def test_the_command_line_of_a_part_names_no_folder_of_a_machine() -> None:
    command = command_line("model", ["--full", "--gold", "/home/ada/gold.jsonl", "--base-url", "http://127.0.0.1:1/v1"])
    assert command == "python -m benchmarks.model --full --gold gold.jsonl --base-url http://127.0.0.1:1/v1"


def test_what_other_parts_print_gets_the_same_form() -> None:
    replay = [
        {"what": "replay, static", "a_cpu_second": 310.123456, "a_second": 300.0, "of_bare": 0.61},
        {"what": "rules", "a_cpu_second": 400.0, "a_second": 390.0, "of_bare": None},
    ]
    part = shaped("replay", {"articles": 10, "rounds": 1, "figures": replay})
    assert part["figures"] == {
        "replay, static: articles a CPU second": 310.1,
        "rules: articles a CPU second": 400.0,
    }
    assert [row.ratio for row in part["rows"]] == [0.61]
    start = [{"what": "replay", "wall": 0.2, "cpu": 0.2, "times_wall": 1.6, "times_cpu": 1.6}]
    assert [row.ratio for row in shaped("startup", {"figures": start})["rows"]] == [1.6]


def test_the_results_that_stand_here_have_that_form() -> None:
    found = read()
    assert date.fromisoformat(found["date"])
    assert set(found["parts"]) <= set(ORDER)
    for part in found["parts"].values():
        assert part["figures"]
        assert part["command"].startswith("python -m benchmarks.")
        assert all(isinstance(factor, float | int) and factor > 0 for _what, _beside, factor in part.get("rows", ()))
    assert {"system", "architecture", "cores", "python"} == set(found["machine"])


def test_they_name_neither_an_article_nor_a_place_of_the_machine_that_measured() -> None:
    text = RESULTS.read_text(encoding="utf-8")
    assert json.dumps(read(), indent=2, ensure_ascii=False) + "\n" == text
    assert not re.search(r"[\"' ]/|polnear/|/home|/tmp", text)


def test_the_readme_shows_what_stands_in_them() -> None:
    page = README.read_text(encoding="utf-8")
    assert in_page(page, read()) == page
