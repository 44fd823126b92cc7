"""The engine of local models: it listens on this machine alone, behind a key, says nothing, and ends when told."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from quotes.errors import EndpointUnusable, UsageError
from quotes.exchange import Request
from quotes.llm import LiveEndpoint, local
from quotes.llm.local import LocalEngine, Served, checked_model, model_name
from tests.small_model import small_model


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    file = small_model()
    running = Served.start(file, model_name(file), 2, 1024)
    yield running
    running.stop()


def asked(served: Served, path: str, key: str | None, body: dict[str, Any] | None = None) -> tuple[int, str]:
    parts = urlsplit(served.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    connection.request("POST" if body else "GET", f"/v1{path}", json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def question(words: str, most: int) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": words}], "max_tokens": most, "temperature": 0}


def test_it_answers_whoever_has_the_key_and_nobody_else(served: Served) -> None:
    assert asked(served, "/chat/completions", served.key, question("Say yes", 2))[0] == 200
    for key in (None, "guessed"):
        assert asked(served, "/chat/completions", key, question("Say yes", 2))[0] == 401


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    parts = urlsplit(served.url)
    assert parts.hostname == "127.0.0.1"
    table = Path("/proc/net/tcp")
    if table.exists():
        listening = [line.split()[1] for line in table.read_text().splitlines()[1:] if line.split()[3] == "0A"]
        assert [address.split(":")[0] for address in listening if int(address.split(":")[1], 16) == parts.port] == [
            "0100007F"
        ]


def test_a_key_is_drawn_anew_each_time_and_shown_by_no_error(served: Served) -> None:
    assert len(served.key) > 30
    assert served.key not in asked(served, "/chat/completions", served.key, question("Say yes " * 5000, 2))[1]


def test_it_says_nothing_while_it_loads_and_answers(capfd: pytest.CaptureFixture[str]) -> None:
    file = small_model()
    running = Served.start(file, model_name(file), 1, 512)
    status, _ = asked(running, "/chat/completions", running.key, question("word " * 2000, 2))
    running.stop()
    assert status == 400  # which the engine would log as an error
    assert capfd.readouterr() == ("", "")


def test_it_ends_at_once_while_a_question_is_under_way() -> None:
    file = small_model()
    running = Served.start(file, model_name(file), 1, 4096)
    sent, failed = threading.Event(), threading.Event()

    def ask() -> None:
        parts = urlsplit(running.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        body = json.dumps(question("Tell a long story", 4000))
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {running.key}"}
        connection.request("POST", "/v1/chat/completions", body, headers)
        sent.set()
        try:
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            failed.set()
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    assert sent.wait(30)
    running.stop()
    assert failed.wait(30)
    thread.join()
    parts = urlsplit(running.url)
    with socket.socket() as probe:
        assert probe.connect_ex((parts.hostname or "", parts.port or 0)) != 0
    running.stop()


@pytest.mark.parametrize("kept", [8, 30_000])
def test_a_broken_model_is_one_clear_error(kept: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(small_model().read_bytes()[:kept])
    for _ in range(5):
        with pytest.raises(EndpointUnusable, match=r"broken\.gguf: the model cannot be loaded: .*gguf_init") as caught:
            Served.start(checked_model(str(broken)), "broken", 1, 512)
        assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_the_engine_starts_with_the_first_request_and_is_asked_by_the_ordinary_client() -> None:
    file = small_model()
    clients: list[str] = []

    def connect(base_url: str, key: str) -> LiveEndpoint:
        clients.append(base_url)
        return LiveEndpoint(base_url, key)

    async def run() -> list[str | None]:
        engine = LocalEngine(file, "small@1", connect, slots=2, context=1024)
        assert clients == []
        requests = [Request({"model": "small@1", **question(f"Say {word}", 3)}, "local") for word in ("yes", "no")]
        try:
            return [reply.model for reply in await asyncio.gather(*map(engine.complete, requests))]
        finally:
            await engine.aclose()

    assert asyncio.run(run()) == ["small@1", "small@1"]
    assert len(clients) == 1


def test_an_engine_that_was_never_asked_closes_without_being_loaded() -> None:
    asyncio.run(LocalEngine(Path("nowhere.gguf"), "x", lambda _url, _key: LiveEndpoint()).aclose())


def test_a_model_that_cannot_be_loaded_is_tried_once(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    engine = LocalEngine(broken, "x", lambda _url, _key: LiveEndpoint())

    async def run() -> list[BaseException]:
        request = Request({"model": "x", **question("Say yes", 1)}, "local")
        found = await asyncio.gather(*(engine.complete(request) for _ in range(2)), return_exceptions=True)
        return [one for one in found if isinstance(one, BaseException)]

    first, second = asyncio.run(run())
    assert first is second


@pytest.mark.parametrize(
    ("content", "message"), [(None, "No such file"), (b"PK\x03\x04 no model", "is no GGUF file"), (b"", "is no GGUF")]
)
def test_what_is_no_model_is_refused_before_anything_is_loaded(
    content: bytes | None, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "model.gguf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        checked_model(str(file))


def test_two_files_of_one_name_are_two_models(tmp_path: Path) -> None:
    names = []
    for number in range(3):
        file = tmp_path / str(number) / "model.gguf"
        file.parent.mkdir()
        file.write_bytes(b"GGUF" + bytes([number // 2]) * 3_000_000)
        names.append(model_name(file))
    assert names[0] == names[1] != names[2]
    assert all(name.startswith("model@") for name in names)
    assert model_name(tmp_path / "0" / "model.gguf", "small") == "small@" + names[0].partition("@")[2]


def test_a_name_that_is_no_text_still_names_a_model(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/m\xff.gguf"))
    file.write_bytes(b"GGUF")
    model_name(file).encode("utf-8")


def test_hanging_up_leaves_connections_to_the_same_port_elsewhere_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as own:
        port = own.getsockname()[1]
        with (
            socket.create_server(("127.0.0.2", port)) as other,
            socket.create_connection(own.getsockname()) as shut,
            socket.create_connection(other.getsockname()) as kept,
        ):
            far_end, _ = other.accept()
            local._hang_up(port)
            with far_end:
                far_end.sendall(b"still here")
                assert kept.recv(20) == b"still here"
            assert shut.recv(20) == b""
