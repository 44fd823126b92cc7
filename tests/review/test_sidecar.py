"""The sidecar: whole lines on the disk, half ones dropped, foreign ones refused, one writer at a time."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from quotes.errors import OutputError, RecordError, UsageError
from quotes.review.decisions import Decision
from quotes.review.sidecar import Sidecar, aside_of, path_of, read_sidecar
from tests.review.making import (
    BUS,
    FAILED,
    RUN,
    TRIED,
    decisions_of,
    kept,
    lines_of,
    reviewed_after,
    target,
    write_run,
)

DECISIONS = decisions_of({"do": "accept", **target(TRIED)}, {"do": "note", **target(TRIED), "note": "sure?"})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    out = write_run(tmp_path)
    with Sidecar.open(out) as sidecar:
        for decision in DECISIONS:
            sidecar.append(RUN.article, decision)
    return out


def test_what_was_appended_is_read_again(out: Path) -> None:
    assert kept(out) == DECISIONS
    with Sidecar.open(out) as sidecar:
        assert sidecar.decisions.of(RUN.article) == DECISIONS


def test_a_line_says_to_people_what_was_decided(out: Path) -> None:
    header, line, _ = lines_of(path_of(out))
    assert header == {"schema": "quotes-review/1", "of": "quotes.jsonl", "key": header["key"]}
    assert len(header["key"]) == 16
    assert line["article"] == RUN.article.sha256
    assert (line["id"], line["do"], line["words"], line["name"]) == ("pier", "accept", "We tried,", "Mara Oduya")


@pytest.mark.parametrize("cut", [2, 20, 200])
def test_a_half_line_at_the_end_is_passed_over_and_kept_aside(out: Path, cut: int) -> None:
    path = path_of(out)
    path.write_bytes(path.read_bytes()[:-cut])
    before = path.read_bytes()
    with Sidecar.open(out) as sidecar:
        assert "half-written" in sidecar.decisions.remarks[0]
        whole = list(sidecar.decisions.of(RUN.article))
    assert path.read_bytes() == before
    with Sidecar.open(out) as sidecar:
        sidecar.append(RUN.article, Decision("done"))
        sidecar.append(RUN.article, Decision("undone"))
    assert kept(out) == [*whole, Decision("done"), Decision("undone")]
    assert path.read_bytes().endswith(b"\n")
    assert aside_of(path).read_bytes() == before.splitlines()[-1] + b"\n"


def test_a_whole_decision_without_its_line_end_counts(out: Path) -> None:
    path = path_of(out)
    path.write_bytes(path.read_bytes()[:-1])
    with Sidecar.open(out) as sidecar:
        assert sidecar.decisions.remarks == []
        assert sidecar.decisions.of(RUN.article) == DECISIONS
        sidecar.append(RUN.article, Decision("done"))
        sidecar.append(RUN.article, Decision("undone"))
    assert kept(out) == [*DECISIONS, Decision("done"), Decision("undone")]
    assert not aside_of(path).exists()


@pytest.mark.parametrize("begun", [b"", b'{"schema": "quo', b'{"schema": "quotes-review/1"}'])
def test_a_header_that_is_half_or_lacks_its_line_end_is_made_whole(tmp_path: Path, begun: bytes) -> None:
    out = write_run(tmp_path)
    path_of(out).write_bytes(begun)
    Sidecar.open(out).close()
    assert path_of(out).read_bytes() == begun
    with Sidecar.open(out) as sidecar:
        sidecar.append(RUN.article, Decision("done"))
    assert (kept(out), len(lines_of(path_of(out)))) == ([Decision("done")], 2)


def test_a_review_without_a_decision_leaves_nothing_behind(tmp_path: Path) -> None:
    out = write_run(tmp_path)
    with Sidecar.open(out), pytest.raises(UsageError, match="another review of it is running"):
        Sidecar.open(out)
    assert not path_of(out).exists()
    with Sidecar.open(out) as sidecar:
        sidecar.append(RUN.article, Decision("done"))
    Sidecar.open(out).close()
    assert kept(out) == [Decision("done")]


def test_what_done_covers_is_written_and_read(out: Path) -> None:
    done = reviewed_after({"do": "accept", **target(TRIED)}).done_now()
    assert [one.target.content for one in done.passed] == [FAILED.content, BUS.content]
    with Sidecar.open(out) as sidecar:
        sidecar.append(RUN.article, done)
    assert kept(out)[-1] == done
    path = path_of(out)
    start, end = done.left[0].span
    shifted = path.read_text(encoding="utf-8").replace(f'"span": [{start}, {end}]', f'"span": [{start}, 9999]')
    path.write_text(shifted, encoding="utf-8")
    with pytest.raises(RecordError, match=r"span: .* is not within the text"):
        read_sidecar(path).of(RUN.article)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"hello", "is no file of decisions"),
        (b'{"id": "a"}\n', "is no file of decisions"),
        (b'{"schema": "quotes-review/2"}\n', "this program reads quotes-review/1"),
        (b'{"schema": "quotes/1", "id": "a"}\n', "this program reads quotes-review/1"),
        (b"\xff\xfe\n", "is no file of decisions"),
        (b'{"schema": "quotes-review/1"}\n[]\n', "line 2: a JSON array"),
        (b'{"schema": "quotes-review/1"}\n{"article": "x", "do": "sing"}\n', "line 2: do: sing"),
        (b'{"schema": "quotes-review/1"}\n{"do": "done"}\n', "line 2: names no article"),
        (b'{"schema": "quotes-review/1"}\n{"article": "x", "do": "reject", "target": [[3, 2]]}\n', "line 2: target"),
        (b'{"schema": "quotes-review/1"}\n\xff\n{}\n', "line 2: not UTF-8"),
        (b'{"schema": "quotes-review/1"}\n{"article": "x", "do": "sing"}', "line 2: do: sing"),
        (b'{"schema": "quotes-review/1"}\n{"article": "x", "do": "done", "passed": [1]}\n', "line 2: passed"),
        (b'{"schema": "quotes-review/1"}\n{"article": "x", "do": "done", "left": [{}]}\n', "line 2: span"),
    ],
)
def test_what_is_no_sidecar_is_refused_and_stays_as_it_is(tmp_path: Path, content: bytes, told: str) -> None:
    out = write_run(tmp_path)
    path_of(out).write_bytes(content)
    with pytest.raises(RecordError, match=told):
        Sidecar.open(out)
    assert path_of(out).read_bytes() == content


def test_a_decision_that_does_not_fit_its_text_is_refused(out: Path) -> None:
    path = path_of(out)
    lines = lines_of(path)
    lines[1]["quote"]["cue"] = [[5, 100_000]]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with pytest.raises(RecordError, match=r"line 2: article pier: cue: \[5, 100000\] is not within"):
        read_sidecar(path).of(RUN.article)


def test_two_reviews_of_one_file_exclude_each_other(out: Path) -> None:
    with Sidecar.open(out), pytest.raises(UsageError, match="another review of it is running"):
        Sidecar.open(out)
    Sidecar.open(out).close()


def test_a_link_leads_to_the_one_sidecar(out: Path) -> None:
    link = out.with_name("link.jsonl")
    link.symlink_to(out)
    assert path_of(link) == path_of(out)


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        Sidecar.open(tmp_path / "none" / "quotes.jsonl")


@pytest.fixture
def full_disk(out: Path) -> Iterator[None]:
    """From now on no file grows beyond what the sidecar has, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.stat(path_of(out)).st_size + 20, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_decision_that_cannot_be_written_is_not_made(out: Path, full_disk: None) -> None:
    with Sidecar.open(out) as sidecar:
        with pytest.raises(OutputError, match="save again"):
            sidecar.append(RUN.article, Decision("done"))
        assert sidecar.decisions.of(RUN.article) == DECISIONS
    assert kept(out) == DECISIONS
    assert path_of(out).read_bytes().endswith(b"\n")
