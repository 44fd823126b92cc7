"""The file of gold: shared by reviews, each keeping its own lines; no line of a person's work goes without a word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quotes.errors import UsageError
from quotes.evaluation.files import read_gold
from quotes.model import Article, Extraction, Span
from quotes.review.goldfile import read_gold_file
from quotes.review.session import Ended, Source, export
from quotes.review.sidecar import path_of
from tests.review.making import FAILED, RUN, TEXT, TRIED, change, lines_of, reviewing_of, target, write_run

SURE = Extraction(Article("sure", "“We tried,” Ida Krell said."), "complete")
DONE = {"do": "done"}


def article(name: str, text: str | None = None) -> Extraction:
    """A run over an article called *name* with a text of its own."""
    return replace(RUN, article=Article(name, text or f"{TEXT} {name}"))


def reviewed(folder: Path, name: str, *runs: Extraction, gold: Path | None = None) -> Path:
    """The records *name* of *runs*, all of them called done."""
    out = write_run(folder, runs, name)
    with reviewing_of(out, gold) as reviewing:
        for number in range(1, len(runs) + 1):
            change(reviewing, number, DONE)
    return out


def exported(out: Path, gold: Path) -> tuple[Ended, list[str]]:
    remarks: list[str] = []
    return export(Source(out, gold=gold), _none, remarks.append), remarks


def ids(gold: Path) -> list[str]:
    return [line["id"] for line in lines_of(gold)]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return tmp_path / "gold.jsonl"


def test_reviews_share_a_file_of_gold(tmp_path: Path, gold: Path) -> None:
    monday = reviewed(tmp_path, "mon.jsonl", article("a"), article("b"))
    tuesday = reviewed(tmp_path, "tue.jsonl", article("c"))
    assert exported(monday, gold)[0].others == 0
    before = gold.read_bytes()
    ended, remarks = exported(tuesday, gold)
    assert (ended.reviewed, ended.others, remarks, ids(gold)) == (1, 2, [], ["a", "b", "c"])
    assert gold.read_bytes().startswith(before)
    whole = gold.read_bytes()
    exported(monday, gold)
    assert gold.read_bytes() == whole
    with reviewing_of(monday, gold) as reviewing:
        change(reviewing, 1, {"do": "undone"})
        assert ids(gold) == ["b", "c"]
        change(reviewing, 1, DONE)
    assert ids(gold) == ["a", "b", "c"]
    assert lines_of(gold)[2]["of"]["records"] == "tue.jsonl"
    assert len(read_gold(str(gold))) == 3


def test_what_another_review_writes_meanwhile_stays(tmp_path: Path, gold: Path) -> None:
    monday, tuesday = write_run(tmp_path, [article("a")], "mon.jsonl"), write_run(tmp_path, [article("b")], "tue.jsonl")
    with reviewing_of(monday, gold) as first, reviewing_of(tuesday, gold) as second:
        change(first, 1, DONE)
        change(second, 1, DONE)
        assert ids(gold) == ["a", "b"]
        change(first, 1, {"do": "undo"})
        assert ids(gold) == ["b"]


def test_records_without_their_decisions_keep_the_gold_until_reviewed_again(tmp_path: Path, gold: Path) -> None:
    monday = reviewed(tmp_path, "mon.jsonl", RUN, gold=gold)
    before = gold.read_bytes()
    renamed = monday.rename(tmp_path / "monday.jsonl")
    ended, remarks = exported(renamed, gold)
    assert (ended.reviewed, ended.others, gold.read_bytes()) == (0, 1, before)
    assert remarks == [f"{gold}: 1 reviewed article by another review or of another text, kept until reviewed here"]
    with reviewing_of(renamed, gold) as reviewing:
        change(reviewing, 1, {"do": "reject", **target(FAILED)})
        assert gold.read_bytes() == before
        change(reviewing, 1, DONE)
    assert [len(line["quotes"]) for line in lines_of(gold)] == [2]
    _, remarks = exported(reviewed(tmp_path, "other.jsonl", RUN), gold)
    assert remarks == [f"{gold}: 1 reviewed article by another review or of another text, replaced by this one"]


def test_a_renamed_review_is_still_the_same(tmp_path: Path, gold: Path) -> None:
    monday = reviewed(tmp_path, "mon.jsonl", RUN, gold=gold)
    before = gold.read_bytes()
    sidecar = path_of(monday)
    renamed = monday.rename(tmp_path / "monday.jsonl")
    sidecar.rename(path_of(renamed))
    assert exported(renamed, gold)[1] == []
    assert gold.read_bytes() == before


def test_an_article_that_a_later_run_opens_again_is_told(tmp_path: Path, gold: Path) -> None:
    out = reviewed(tmp_path, "quotes.jsonl", RUN, gold=gold)
    before = gold.read_bytes()
    new = replace(TRIED, content=(Span(0, 5),))
    write_run(tmp_path, [replace(RUN, quotes=(new, *RUN.quotes))])
    _, remarks = exported(out, gold)
    assert remarks == [f"{gold}: 1 reviewed article open again, no longer in it until all of it is decided"]
    assert ids(gold) == []
    with reviewing_of(out, gold) as reviewing:
        change(reviewing, 1, {"do": "reject", **target(new)})
    assert gold.read_bytes() == before


def test_an_article_with_a_new_text_takes_the_place_of_the_old_one(tmp_path: Path, gold: Path) -> None:
    reviewed(tmp_path, "quotes.jsonl", article("a", TEXT), gold=gold)
    out = write_run(tmp_path, [article("a", TEXT + " More.")])
    _, remarks = exported(out, gold)
    assert (len(lines_of(gold)), "kept until reviewed here" in remarks[0]) == (1, True)
    with reviewing_of(out, gold) as reviewing:
        change(reviewing, 1, DONE)
    (line,) = lines_of(gold)
    assert line["text"].endswith("More.")


def test_one_id_for_two_texts_of_two_reviews_is_refused(tmp_path: Path, gold: Path) -> None:
    reviewed(tmp_path, "mon.jsonl", article("a", TEXT), gold=gold)
    before = gold.read_bytes()
    tuesday = reviewed(tmp_path, "tue.jsonl", article("a", TEXT + " More."))
    with pytest.raises(UsageError, match="holds article “a” by another review, with another text"):
        exported(tuesday, gold)
    with pytest.raises(UsageError, match="choose another --gold"), reviewing_of(tuesday, gold):
        raise AssertionError
    assert gold.read_bytes() == before


def test_a_file_that_became_another_while_a_review_runs_is_left_alone(tmp_path: Path, gold: Path) -> None:
    with reviewing_of(write_run(tmp_path), gold) as reviewing:
        gold.write_text("mine\n", encoding="utf-8")
        assert "no review has written" in change(reviewing, 1, DONE)["problem"]
    assert gold.read_text(encoding="utf-8") == "mine\n"


def test_a_line_of_an_older_review_stays(tmp_path: Path, gold: Path) -> None:
    old = '{"id": "old", "review": "quotes-review/1", "sha256": "0", "text": "b", "quotes": []}'
    gold.write_text(old, encoding="utf-8")
    exported(reviewed(tmp_path, "quotes.jsonl", RUN), gold)
    assert gold.read_text(encoding="utf-8").splitlines()[0] == old
    assert ids(gold) == ["old", "pier"]


def test_gold_made_by_hand_is_never_replaced(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "a", "text": "b", "quotes": []}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="no review has written"):
        read_gold_file(gold)
    gold.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no review has written"):
        read_gold_file(gold)


def test_gold_is_written_without_a_page_too(tmp_path: Path) -> None:
    out, gold = write_run(tmp_path, [RUN, SURE]), tmp_path / "gold.jsonl"
    with reviewing_of(out) as reviewing:
        change(reviewing, 1, {"do": "done"})
        ended = export(Source(out, gold=gold), _none, _none)
    assert (ended.reviewed, ended.articles, len(lines_of(gold))) == (1, 2, 1)


def _none(_: object) -> None:
    return None
