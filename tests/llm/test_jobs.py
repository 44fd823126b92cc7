"""Batches as services tell of them, and as they should not."""

from typing import Any

import pytest

from quotes.llm.jobs import BatchJob, Fault, batch_in, is_id, listed
from quotes.llm.redaction import Redactor

WHOLE = {
    "id": "batch_abc123",
    "object": "batch",
    "endpoint": "/v1/chat/completions",
    "errors": {
        "object": "list",
        "data": [
            {"code": "invalid_json_line", "line": 4, "message": "not with sk-abcdefgh12", "param": None},
            {"code": None, "line": None, "message": None, "param": None},
        ],
    },
    "input_file_id": "file-in",
    "completion_window": "24h",
    "status": "expired",
    "output_file_id": "file-out",
    "error_file_id": "file-err",
    "created_at": 1711471533,
    "request_counts": {"total": 100, "completed": 95, "failed": 5},
    "metadata": {"quotes_part": "0" * 32, "other": "x"},
}


def test_a_batch_is_read_whole():
    assert batch_in(WHOLE, Redactor()) == BatchJob(
        id="batch_abc123",
        status="expired",
        input_file="file-in",
        output_file="file-out",
        error_file="file-err",
        created=1711471533,
        done=95,
        failed=5,
        total=100,
        faults=(Fault("invalid_json_line: not with [hidden]", 4), Fault("no reason is given")),
        mark="0" * 32,
    )


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        ("validating", False),
        ("in_progress", False),
        ("finalizing", False),
        ("cancelling", False),
        ("queued", False),
        ("completed", True),
        ("failed", True),
        ("expired", True),
        ("cancelled", True),
    ],
)
def test_it_is_known_which_statuses_end_a_batch(status: str, ended: bool):
    found = batch_in({"id": "b", "status": status}, Redactor())
    assert found == BatchJob("b", status)
    assert found is not None
    assert found.ended is ended


@pytest.mark.parametrize(
    "odd",
    [
        {"id": None},
        {"id": "../files"},
        {"id": "a/b"},
        {"id": ".."},
        {"id": "a b"},
        {"id": "x" * 300},
        {"status": None},
        {"status": "\x1b[31m"},
        {"status": 7},
    ],
)
def test_what_is_no_batch_is_none(odd: dict[str, Any]):
    assert batch_in({**WHOLE, **odd}, Redactor()) is None


def test_parts_of_the_wrong_kind_are_taken_for_missing():
    odd = {"id": "b", "status": "completed", "errors": 3, "request_counts": [1], "metadata": "x", "created_at": True}
    odd |= {"output_file_id": "../../etc", "error_file_id": "", "input_file_id": 5}
    assert batch_in(odd, Redactor()) == BatchJob("b", "completed")
    counts = {"request_counts": {"total": -1, "completed": "3", "failed": True}, "errors": {"data": [5]}}
    assert batch_in({"id": "b", "status": "failed", **counts}, Redactor()) == BatchJob("b", "failed")


def test_a_list_holds_objects_alone():
    assert listed({"data": [{"id": "a"}, 5, None]}) == [{"id": "a"}]
    assert listed({"data": {}}) == listed({}) == []
    assert is_id("file-abc.DEF:1_2") == "file-abc.DEF:1_2"
