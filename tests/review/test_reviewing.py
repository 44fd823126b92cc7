"""Reviewing: the order of the work, the progress, conflicts between tabs, and gold that is always up to date."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from quotes.errors import RecordError
from quotes.evaluation.files import read_gold, read_predictions
from quotes.formats.corpora.gold import gold_from_json
from quotes.model import Article, Extraction
from quotes.record import check_record, dumps
from quotes.review.desk import Desk
from quotes.review.payload import Wanted, list_payload
from quotes.review.reviewing import Conflict
from quotes.review.sidecar import path_of, read_sidecar
from tests.review.making import (
    BUS,
    FAILED,
    RUN,
    TEXT,
    TRIED,
    change,
    lines_of,
    pair,
    reviewing_of,
    span,
    target,
    write_run,
)

SURE = Extraction(Article("sure", "“We tried,” Ida Krell said."), "complete")
SIGN = {"do": "class", "as": "title", "span": list(span("“Mind the gap”"))}
ALL = [{"do": "accept", **target(TRIED)}, {"do": "reject", **target(FAILED)}, {"do": "accept", **target(BUS)}, SIGN]


def test_the_least_sure_article_comes_first(tmp_path: Path) -> None:
    middling = replace(RUN, article=Article("later", RUN.article.text + " "), quotes=(BUS,), unresolved=())
    out = write_run(tmp_path, [SURE, middling, RUN])
    with reviewing_of(out) as reviewing:
        assert [entry.id for entry in reviewing.desk.entries] == ["pier", "later", "sure"]
        listed = list_payload(reviewing.desk, Wanted(words="PIER"))
        assert [(one["title"], one["open"]) for one in listed["articles"]] == [("The pier", 4)]
        assert list_payload(reviewing.desk, Wanted(open=True))["count"] == 2


def test_progress_counts_what_is_decided(tmp_path: Path) -> None:
    with reviewing_of(write_run(tmp_path, [RUN, SURE])) as reviewing:
        counts = [change(reviewing, 1, command)["progress"] for command in ALL]
    assert [count["decided"] for count in counts] == [1, 2, 3, 4]
    assert counts[-1] == {"quotes": 4, "decided": 4, "articles": 2, "reviewed": 1}


def test_a_page_that_has_not_seen_the_last_change_is_told(tmp_path: Path) -> None:
    out = write_run(tmp_path)
    with reviewing_of(out) as reviewing:
        reviewing.change(1, {**ALL[0], "revision": 0})
        with pytest.raises(Conflict):
            reviewing.change(1, {**ALL[1], "revision": 0})
        with pytest.raises(Conflict):
            reviewing.change(1, ALL[1])
        assert reviewing.show(1)["revision"] == 1  # type: ignore[index]
        assert reviewing.show(7) is None
        assert reviewing.change(7, {"do": "done"}) is None


def test_the_page_is_told_which_quote_it_was_about(tmp_path: Path) -> None:
    with reviewing_of(write_run(tmp_path)) as reviewing:
        added = change(reviewing, 1, {"do": "add", "spans": [pair("Mind the gap")]})
        assert added["about"] == {"target": [pair("Mind the gap")], "nth": 0}
        change(reviewing, 1, ALL[0])
        assert change(reviewing, 1, {"do": "undo"})["about"] == target(TRIED)
        assert change(reviewing, 1, {"do": "done"})["about"] is None


def test_articles_of_one_text_are_decided_together(tmp_path: Path) -> None:
    again = replace(RUN, article=Article("again", RUN.article.text))
    gold = tmp_path / "gold.jsonl"
    with reviewing_of(write_run(tmp_path, [RUN, again]), gold) as reviewing:
        for command in ALL:
            progress = change(reviewing, 2, command)["progress"]
        assert progress["reviewed"] == 2
    assert [line["id"] for line in lines_of(gold)] == ["pier", "again"]


def test_gold_holds_what_is_reviewed_after_every_change(tmp_path: Path) -> None:
    out, gold = write_run(tmp_path), tmp_path / "gold.jsonl"
    with reviewing_of(out, gold) as reviewing:
        assert gold.read_bytes() == b""
        for command in ALL[:3]:
            change(reviewing, 1, command)
        assert lines_of(gold) == []
        change(reviewing, 1, ALL[3])
        (line,) = lines_of(gold)
        change(reviewing, 1, {"do": "undo"})
        assert lines_of(gold) == []
        change(reviewing, 1, {"do": "redo"})
    assert lines_of(gold) == [line]
    assert [quote["content"] for quote in line["quotes"]] == [[pair("We tried,")], [pair("the “free” bus runs late")]]
    assert line["metadata"] == {"title": "The pier"}
    assert {"span": pair("“Mind the gap”"), "as": "title"} in line["skipped"]


def test_gold_is_read_by_the_scorer_and_by_convert(tmp_path: Path) -> None:
    out, gold = write_run(tmp_path), tmp_path / "gold.jsonl"
    with reviewing_of(out, gold) as reviewing:
        for command in [*ALL, {"do": "note", **target(TRIED), "note": "clear"}]:
            change(reviewing, 1, command)
        change(reviewing, 1, {"do": "type", **target(BUS), "type": "indirect"})
    (article,) = read_gold(str(gold))
    assert [one.name for one in article.quotes] == ["Mara Oduya", None]
    assert len(read_predictions(str(out), [article])["pier"]) == 3
    (line,) = lines_of(gold)
    assert gold_from_json(line, "gold").quotes[0].name == "Mara Oduya"
    assert [(quote["type"], quote.get("note")) for quote in line["quotes"]] == [("direct", "clear"), ("indirect", None)]


def test_all_records_are_written_as_reviewed_after_every_change(tmp_path: Path) -> None:
    out, reviewed = write_run(tmp_path, [RUN, SURE]), tmp_path / "reviewed.jsonl"
    before = out.read_bytes()
    with reviewing_of(out, output=reviewed) as reviewing:
        assert reviewed.read_bytes() == before
        for command in ALL:
            change(reviewing, 1, command)
        first, second = lines_of(reviewed)
        change(reviewing, 1, {"do": "undo"})
        assert len(lines_of(reviewed)[0]["unresolved"]) == 1
    assert out.read_bytes() == before
    assert [(one["confidence"], one["by"]) for one in first["quotes"]] == [("high", ["rules", "person"])] * 2
    assert {"span": pair("“and we failed.”"), "as": "other"} in first["skipped"]
    assert {"span": pair("“Mind the gap”"), "as": "title"} in first["skipped"]
    assert check_record(first, TEXT) == ()
    assert second == lines_of(out)[1]


def test_records_without_their_text_are_written_without_it(tmp_path: Path) -> None:
    out, reviewed = write_run(tmp_path, with_text=False), tmp_path / "reviewed.jsonl"
    (tmp_path / "pier.txt").write_text(TEXT, encoding="utf-8")
    with reviewing_of(out, output=reviewed, inputs=[tmp_path / "pier.txt"]) as reviewing:
        assert reviewed.read_bytes() == out.read_bytes()
        change(reviewing, 1, ALL[0])
    (line,) = lines_of(reviewed)
    assert "text" not in line
    assert line["quotes"][0]["by"] == ["rules", "person"]


def test_large_outputs_are_written_in_the_end(tmp_path: Path) -> None:
    long = replace(RUN, article=Article("long", TEXT + "\n\nThe pier is long." * 250_000))
    reviewed = tmp_path / "reviewed.jsonl"
    with reviewing_of(write_run(tmp_path, [long, SURE]), output=reviewed) as reviewing:
        assert reviewing.output is not None
        assert not reviewing.output.is_live
        change(reviewing, 2, {"do": "done"})
        assert not reviewed.exists()
        reviewing.output.write()
    assert [line["id"] for line in lines_of(reviewed)] == ["long", "sure"]


def test_only_what_has_changed_is_sent_of_an_article_that_looks_as_it_did(tmp_path: Path) -> None:
    with reviewing_of(write_run(tmp_path)) as reviewing:
        accepted = change(reviewing, 1, ALL[0])
        assert list(accepted["changed"]) == ["0"]
        assert "html" not in accepted
        assert list(change(reviewing, 1, {"do": "note", **target(BUS), "note": "?"})["changed"]) == ["2"]
        assert list(change(reviewing, 1, {"do": "done"})["changed"]) == ["1", "2"]
        assert "html" in change(reviewing, 1, {"do": "name", **target(BUS), "span": pair("Dean Holt")})


def test_a_speaker_keeps_the_colour_when_another_quote_is_given_to_somebody(tmp_path: Path) -> None:
    with reviewing_of(write_run(tmp_path)) as reviewing:
        named = change(reviewing, 1, {"do": "name", **target(BUS), "span": pair("Dean Holt")})
        first = change(reviewing, 1, {"do": "name", **target(TRIED), "span": pair("Dean Holt")})
        gone = change(reviewing, 1, {"do": "name", **target(TRIED), "span": None})
    slots = [re.findall(r'data-slot="(\d+)"', one["html"]) for one in (named, first, gone)]
    assert slots == [["1", "0", "2"], ["2", "0", "2"], ["0", "0", "2"]]


def test_gold_that_cannot_be_written_is_told_and_the_decision_kept(tmp_path: Path) -> None:
    out, gold = write_run(tmp_path), tmp_path / "gold" / "gold.jsonl"
    gold.parent.mkdir()
    with reviewing_of(out, gold) as reviewing:
        gold.unlink()
        gold.parent.rmdir()
        changed = change(reviewing, 1, ALL[0])
        assert "create its folder first" in changed["problem"]
        assert changed["changed"]["0"]["verdict"] == "accepted"


def test_texts_left_out_come_from_the_originals_and_must_be_the_same(tmp_path: Path) -> None:
    out = write_run(tmp_path, with_text=False)
    (tmp_path / "pier.txt").write_text(RUN.article.text, encoding="utf-8")
    decisions = read_sidecar(path_of(out))
    desk = Desk.load(out, [tmp_path / "pier.txt"], decisions, on_problem=_none)
    assert desk.open(1).reviewed.article.text == RUN.article.text  # type: ignore[union-attr]
    told: list[str] = []
    with pytest.raises(RecordError, match=r"1 record without text, which a review needs .* with --input"):
        Desk.load(out, (), decisions, on_problem=_none)
    both = write_run(tmp_path, [SURE, RUN], "both.jsonl", with_text=False)
    both.write_text(dumps(SURE) + "\n" + both.read_text().splitlines()[1] + "\n")
    assert len(Desk.load(both, (), decisions, on_problem=lambda error: told.append(str(error)))) == 1
    (tmp_path / "pier.txt").write_text("Another text.", encoding="utf-8")
    with pytest.raises(RecordError, match="no record to review"):
        Desk.load(out, [tmp_path / "pier.txt"], decisions, on_problem=lambda error: told.append(str(error)))
    assert "1 record without text" in told[0]
    assert "of another text" in told[1]


def _none(_: object) -> None:
    return None
