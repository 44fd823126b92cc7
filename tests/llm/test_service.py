"""The Batch service: every call against a real server, its hiccups, and the batch that is never made twice."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted_server import Script, completion, free_port
from scripted_server import serving as serving_scripts

from quotes.errors import EndpointUnusable, OutputError, RequestFailed, UsageError
from quotes.llm.calling import Unavailable
from quotes.llm.retrying import RetryPolicy
from quotes.llm.service import SETTLING, BatchService
from tests.llm.batch_server import BatchServer, Fault, complaint, serving

KEY = "sk-canary-0123456789"
QUICK = RetryPolicy(tries=4, first_wait=0.001, longest_wait=0.002, opening_wait=0.001)
LINE = b'{"custom_id": "k1", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": []}}\n'
MARK = "0f" * 16
CALLS = ("POST /v1/files", "GET /v1/batches/ID", "GET /v1/files/ID/content")


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with serving(lambda _body: (200, completion()), KEY) as found:
        yield found


@pytest.fixture
def slept() -> list[float]:
    """The seconds that ``service`` has waited, without waiting."""
    return []


@pytest.fixture
def service(server: BatchServer, slept: list[float]) -> Iterator[BatchService]:
    found = BatchService(server.url, KEY, policy=QUICK, timeout=5.0, sleep=slept.append, uniform=min)
    yield found
    found.close()


def uploaded(service: BatchService, data: bytes = LINE) -> str:
    return service.upload("part.jsonl", io.BytesIO(data))


def test_a_batch_from_upload_to_download(server: BatchServer, service: BatchService, tmp_path: Path):
    file = uploaded(service)
    assert server.files[file][1] == LINE
    made = service.create(file, MARK, "24h", ())
    assert (made.status, made.input_file, made.mark) == ("validating", file, MARK)
    seen = [service.retrieve(made.id) for _ in range(3)]
    assert [job.status for job in seen] == ["in_progress", "finalizing", "completed"]
    assert (seen[-1].done, seen[-1].total) == (1, 1)
    assert seen[-1].output_file is not None
    service.download(seen[-1].output_file, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == server.files[seen[-1].output_file][1]
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_only_needed_headers_and_the_key_are_sent(server: BatchServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another-key-01234")
    found = BatchService(server.url, KEY, headers={"X-Title": "archive"}, query={"api-version": "7"}, policy=QUICK)
    found.create(uploaded(found), MARK, "24h", ())
    found.close()
    for headers in server.headers:
        assert headers["authorization"] == f"Bearer {KEY}"
        assert headers["x-title"] == "archive"
        assert "openai-organization" not in headers
        assert not [name for name in headers if name.startswith("x-stainless")]
    azure = BatchService(server.url, KEY, key_header="api-key", policy=QUICK)
    with pytest.raises(EndpointUnusable, match="refuses the key"):
        azure.retrieve("batch_1")
    azure.close()
    assert (server.headers[-1]["api-key"], "authorization" in server.headers[-1]) == (KEY, False)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "fault",
    [
        Fault(429, {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}),
        Fault(500),
        Fault(503, "<html>busy</html>"),
        Fault(529),
        Fault(cut=True),
    ],
    ids=["429", "500", "503", "529", "cut"],
)
def test_hiccups_are_tried_again(server: BatchServer, service: BatchService, tmp_path: Path, call: str, fault: Fault):
    server.fault(call, fault, fault)
    made = service.create(uploaded(service), MARK, "24h", ())
    while not (job := service.retrieve(made.id)).ended:
        pass
    assert job.output_file is not None
    service.download(job.output_file, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == server.files[job.output_file][1]
    assert len(server.batches) == 1
    assert server.calls.count(call) >= 3


@pytest.mark.parametrize(
    "fault",
    [Fault(500, done=True), Fault(done=True, cut=True), Fault(200, "<html>", done=True)],
    ids=["500", "cut", "page"],
)
def test_a_creation_whose_fate_is_unknown_is_looked_for_once_it_has_settled(
    server: BatchServer, service: BatchService, slept: list[float], fault: Fault
):
    for number in range(3):
        server.fault("POST /v1/batches", fault)
        made = service.create(uploaded(service), f"{number:032x}", "24h", ())
        assert made.id == f"batch_{number + 1:04}"
    assert len(server.batches) == 3
    assert server.calls.count("POST /v1/batches") == 3
    assert slept == [SETTLING] * 3


@pytest.mark.parametrize(
    "fault",
    [Fault(500), Fault(503, "<html>busy</html>"), Fault(529), Fault(cut=True), Fault(200, "<html>")],
    ids=["500", "503", "529", "cut", "page"],
)
def test_a_creation_whose_fate_stays_unknown_is_never_asked_for_again(
    server: BatchServer, service: BatchService, slept: list[float], fault: Fault
):
    server.fault("POST /v1/batches", fault)
    with pytest.raises(Unavailable, match=r"cannot be told whether the batch was made.*later"):
        service.create(uploaded(service), MARK, "24h", ())
    assert server.calls == ["POST /v1/files", "POST /v1/batches", "GET /v1/batches"]
    assert slept == [SETTLING]


def test_a_creation_that_was_put_off_is_asked_for_again(server: BatchServer, service: BatchService):
    server.fault("POST /v1/batches", Fault(429), complaint(408, "too slow"))
    service.create(uploaded(service), MARK, "24h", ())
    assert server.calls.count("POST /v1/batches") == 3
    assert "GET /v1/batches" not in server.calls


@pytest.mark.parametrize(
    "odd",
    [{"status": "VALIDATING"}, {"status": "in-progress"}, {"id": "batches/1"}, {"id": "batches/1", "metadata": 7}],
)
def test_a_batch_that_cannot_be_read_is_made_once_and_told(
    server: BatchServer, service: BatchService, odd: dict[str, Any]
):
    server.ends = lambda batch: batch.shown.update(odd)
    file = uploaded(service)
    with pytest.raises(EndpointUnusable, match=r"made a batch that cannot be read.*--drop"):
        service.create(file, MARK, "24h", ())
    with pytest.raises(EndpointUnusable, match="made a batch that cannot be read"):
        service.find_batch(MARK, file, ())
    assert len(server.batches) == 1
    assert service.find_batch("1" * 32, "file-other", ()) is None


def test_an_older_batch_of_the_same_requests_is_not_taken_for_the_one_asked_for(
    server: BatchServer, service: BatchService
):
    file = uploaded(service)
    first = service.create(file, MARK, "24h", ())
    server.fault("POST /v1/batches", Fault(500))
    with pytest.raises(Unavailable):
        service.create(file, MARK, "24h", {first.id})
    server.fault("POST /v1/batches", Fault(500, done=True))
    again = service.create(file, MARK, "24h", {first.id})
    assert again.id != first.id


def test_a_batch_is_found_on_any_page_and_by_its_file_too(server: BatchServer, service: BatchService):
    server.page = 2
    files = [uploaded(service) for _ in range(7)]
    made = [service.create(file, f"{number:032x}", "24h", ()) for number, file in enumerate(files)]
    assert [batch.id for batch in service.batches()] == [job.id for job in reversed(made)]
    assert service.find_batch(f"{0:032x}", None, ()) == made[0]
    assert service.find_batch("f" * 32, files[3], ()) == made[3]
    assert service.find_batch("f" * 32, None, ()) is None
    assert service.find_batch(f"{0:032x}", None, {made[0].id}) is None
    server.batches[made[0].id].shown["status"] = "failed"
    assert service.find_batch(f"{0:032x}", None, ()) is None
    assert service.find_file("part.jsonl", len(LINE)) == files[0]
    assert service.find_file("part.jsonl", 5) is None
    assert service.find_file("other.jsonl", len(LINE)) is None


def test_a_service_that_lists_nothing_leaves_an_unknown_fate_unknown(server: BatchServer, service: BatchService):
    server.without = {"GET /v1/batches", "GET /v1/files"}
    file = uploaded(service)
    assert service.find_file("part.jsonl", len(LINE)) is None
    server.fault("POST /v1/batches", Fault(429))
    service.create(file, MARK, "24h", ())  # nothing was done, which needs no looking up
    server.fault("POST /v1/batches", Fault(500, done=True))
    with pytest.raises(EndpointUnusable, match="lists no batches"):
        service.create(file, "1" * 32, "24h", ())
    assert len(server.batches) == 2


@pytest.mark.parametrize("call", ["POST /v1/files", "POST /v1/batches"])
def test_a_service_without_a_batch_api_is_told_from_one_with_it(server: BatchServer, service: BatchService, call: str):
    server.without = {call}
    with pytest.raises(EndpointUnusable, match=r"no Batch API.*export and import") as caught:
        service.create(uploaded(service), MARK, "24h", ())
    assert caught.value.where == server.url


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (complaint(401, f"Incorrect API key provided: {KEY}", "invalid_api_key"), "refuses the key"),
        (complaint(429, "You exceeded your current quota", "insufficient_quota"), "quota is exhausted"),
        (complaint(400, "The model does not exist", "model_not_found"), "does not know the model"),
        (complaint(403, "Not for you"), "refuses access"),
        (
            Fault(302, "", {"location": "https://user:word@elsewhere.example/v1?key=1"}),
            "redirects to https://elsewhere",
        ),
    ],
)
def test_what_no_retry_mends_ends_at_once(server: BatchServer, service: BatchService, fault: Fault, said: str):
    server.fault("POST /v1/files", fault)
    with pytest.raises(EndpointUnusable, match=said) as caught:
        uploaded(service)
    assert KEY not in str(caught.value)
    assert "word" not in str(caught.value)
    assert caught.value.remedy
    assert server.calls == ["POST /v1/files"]


def test_a_refusal_of_one_call_is_its_own(server: BatchServer, service: BatchService, tmp_path: Path):
    with pytest.raises(RequestFailed, match="knows no file file-none"):
        service.download("file-none", tmp_path / "out.jsonl")
    with pytest.raises(RequestFailed, match="knows no batch batch_9"):
        service.retrieve("batch_9")
    with pytest.raises(RequestFailed, match="No such File"):
        service.create("file-none", MARK, "24h", ())
    server.fault("POST /v1/files", complaint(413, "too large"))
    with pytest.raises(RequestFailed, match=r"too large.*--part-bytes"):
        uploaded(service)
    assert list(tmp_path.iterdir()) == []
    made = service.create(uploaded(service), MARK, "24h", ())
    assert service.cancel(made.id).status == "cancelling"
    with pytest.raises(RequestFailed, match="Cannot cancel"):
        service.cancel(made.id)


def test_a_service_that_stays_down_is_told_and_may_be_asked_again(server: BatchServer, service: BatchService):
    made = service.create(uploaded(service), MARK, "24h", ())
    server.fault("GET /v1/batches/ID", *[Fault(503)] * QUICK.tries)
    with pytest.raises(Unavailable, match="503"):
        service.retrieve(made.id)
    server.fault("GET /v1/batches/ID", *[Fault(cut=True)] * QUICK.tries)
    with pytest.raises(Unavailable, match="gave no answer"):
        service.retrieve(made.id)
    assert service.retrieve(made.id).status == "in_progress"


def test_nothing_that_listens_is_an_unusable_endpoint():
    found = BatchService(f"http://127.0.0.1:{free_port()}/v1", None, policy=QUICK)
    with pytest.raises(EndpointUnusable, match="nothing listens there"):
        found.retrieve("batch_1")


@pytest.mark.parametrize("body", ["<html>hello</html>", [], {"object": "list"}, "", {"id": "../x", "status": "ok"}])
def test_another_kind_of_server_is_told(body: Any):
    with serving_scripts(Script(body)) as server:
        found = BatchService(server.url, None, policy=QUICK)
        with pytest.raises(EndpointUnusable, match="no Batch API"):
            found.cancel("batch_1")
        found.close()


@pytest.mark.parametrize("status", [200, 400, 503])
def test_no_answer_of_any_size_is_read_but_a_file(server: BatchServer, tmp_path: Path, status: int):
    found = BatchService(server.url, KEY, policy=RetryPolicy(tries=1), timeout=5.0)
    file = uploaded(found, LINE * 100_000)
    large = Fault(status, json.dumps({"id": "batch_0001", "status": "completed", "more": "a" * 9_000_000}))
    for call in ("GET /v1/batches/ID", "GET /v1/batches", "POST /v1/files"):
        server.fault(call, large)
    for ask in (lambda: found.retrieve("batch_0001"), lambda: list(found.batches()), lambda: uploaded(found)):
        with pytest.raises(RequestFailed, match="the answer is larger than 8 MB") as caught:
            ask()
        assert caught.value.where == server.url
    found.download(file, tmp_path / "file")
    assert (tmp_path / "file").stat().st_size == len(LINE) * 100_000 > 9_000_000
    if status != 200:
        server.fault("GET /v1/files/ID/content", large)
        with pytest.raises(RequestFailed, match="larger than 8 MB"):
            found.download(file, tmp_path / "other")
    found.close()


def test_silence_is_waited_for_no_longer_than_said(server: BatchServer):
    found = BatchService(server.url, KEY, policy=RetryPolicy(timeouts=1), timeout=0.2)
    with server.holding("GET /v1/batches/ID", "after"), pytest.raises(Unavailable, match=r"no answer within 0\.2 s"):
        found.retrieve("batch_1")
    found.close()


def test_a_disk_that_takes_no_more_is_told(server: BatchServer, service: BatchService, tmp_path: Path):
    file = uploaded(service)
    (tmp_path / "there.part").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        service.download(file, tmp_path / "there")


def test_no_key_is_shown_and_none_of_a_wrong_kind_taken():
    assert KEY not in repr(BatchService("http://127.0.0.1:9/v1", KEY))
    with pytest.raises(UsageError):
        BatchService("http://127.0.0.1:9/v1", "two\nlines")
    with pytest.raises(UsageError):
        BatchService("http://me:word@127.0.0.1:9/v1")


def test_a_large_file_is_sent_with_its_length_and_not_in_one_piece(server: BatchServer, service: BatchService):
    data = LINE * 60_000
    file = uploaded(service, data)
    assert server.files[file][1] == data
    assert int(server.headers[-1]["content-length"]) > len(data)


def test_openai_is_asked_nothing_without_a_key():
    with pytest.raises(EndpointUnusable, match="OpenAI wants a key, and none is set"):
        uploaded(BatchService(policy=QUICK, timeout=5.0))
