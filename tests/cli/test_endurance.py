"""Whole runs among faults, kills and rivals. ``scripts/endurance`` runs the same with thousands of articles."""

from __future__ import annotations

from pathlib import Path

from tests.endpoint.endurance import ALL, BRISK, among_faults, side_by_side, under_kills


def test_whatever_happens_every_article_is_in_the_output_once(tmp_path: Path) -> None:
    figures = among_faults(tmp_path, 60, [fault for fault in ALL if not fault.slow])
    assert figures.statuses["complete"] > 30
    assert len(figures.faults) > 10


def test_what_passes_costs_requests_and_no_article(tmp_path: Path) -> None:
    figures = among_faults(tmp_path, 100, BRISK)
    assert figures.statuses == {"complete": 100}
    assert figures.requests <= 1.6 * figures.chunks


def test_killed_again_and_again_it_ends_with_the_same_file_and_requests_nothing_stored(tmp_path: Path) -> None:
    assert under_kills(tmp_path, 60, 3).statuses == {"complete": 60}


def test_two_processes_with_one_cache_answer_alike_and_pay_once(tmp_path: Path) -> None:
    assert side_by_side(tmp_path, 60).statuses == {"complete": 60}
