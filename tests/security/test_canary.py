"""Keys and secret headers are in no file, no message, no log, no traceback and no process list, whatever happens."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quotes.errors import QuotesError
from quotes.exchange import Request
from quotes.llm import LiveEndpoint
from tests.cli.processes import Done, Shell
from tests.security.canary import HEADER, KEY, MASKED, assert_clean, traces_in
from tests.security.echoing import Behaviour, Echoing, Heard, Said, completion, echoing, said

_ANSWER = '{"attributions": [], "not_quotes": [{"mark": 1, "as": "term"}]}'


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def _good(_heard: Heard) -> Said:
    return said(completion(_ANSWER))


def _in_the_answer(heard: Heard) -> Said:
    """A reply of the right form whose every free string is what it was sent."""
    echo = heard.all_headers
    item = {"at": 1, "cue": echo, "speaker": KEY, "who": {"person": KEY}, "said": [echo, KEY]}
    answer = json.dumps({"attributions": [item], "not_quotes": []})
    return said(
        completion(answer, model=f"tiny {KEY}", system_fingerprint=KEY, message={"reasoning_content": echo}),
        headers={"x-request-id": HEADER, "x-ratelimit-limit-requests": KEY},
    )


def _in_prose(heard: Heard) -> Said:
    return said(completion(f"{heard.all_headers} {KEY} {_escaped(KEY)} {json.dumps(KEY)}"))


def _in_a_refusal(heard: Heard) -> Said:
    return said(completion("", message={"content": None, "refusal": f"not for {KEY}, {heard.all_headers}"}))


def _as_html(heard: Heard) -> Said:
    return Said(200, f"<html>{heard.all_headers}</html>".encode(), {"Content-Type": "text/html"})


def _complaint(status: int, text: str) -> Behaviour:
    return lambda heard: said({"error": {"message": text + heard.all_headers, "code": text}}, status)


def _in_escapes(_heard: Heard) -> Said:
    body = f'{{"error": {{"message": "wrong key {_escaped(KEY)}, header {_escaped(HEADER)}"}}}}'
    return Said(401, body.encode())


def _redirect(status: int) -> Behaviour:
    def answer(heard: Heard) -> Said:
        place = f"http://{heard.headers['host']}/elsewhere?key={KEY}&gate={HEADER}"
        return Said(status, b"", {"Location": place.replace("\\", "%5C").replace('"', "%22")})

    return answer


def _cut(heard: Heard) -> Said:
    return said(completion(heard.all_headers), cut=True)


def _stalled(heard: Heard) -> Said:
    return said(completion(heard.all_headers), wait=30)


BEHAVIOURS: dict[str, Behaviour] = {
    "good": _good,
    "in the answer": _in_the_answer,
    "in prose": _in_prose,
    "in a refusal": _in_a_refusal,
    "as html": _as_html,
    "wrong key": _complaint(401, f"Incorrect API key provided: {KEY}. "),
    "wrong key, masked": lambda _heard: said({"error": {"message": f"Incorrect API key provided: {MASKED}."}}, 401),
    "wrong key, in escapes": _in_escapes,
    "wrong key, as plain text": lambda heard: Said(403, f"{KEY} {heard.all_headers}".encode()),
    "unknown model": _complaint(404, f"no model for {KEY} "),
    "bad request": _complaint(400, f"bad {KEY} "),
    "schema refused": _complaint(400, f"response_format is not supported, {KEY} "),
    "too many": _complaint(429, f"slow down {KEY} "),
    "broken server": _complaint(500, f"trace: {KEY} "),
    "moved": _redirect(302),
    "moved with its body": _redirect(307),
    "cut off": _cut,
    "stalled": _stalled,
}


def behaviours(*names: str) -> pytest.MarkDecorator:
    """Those called *names*, all where none is given."""
    return pytest.mark.parametrize(
        "behaviour", [BEHAVIOURS[name] for name in names or BEHAVIOURS], ids=names or BEHAVIOURS
    )


_PROFILE = """
[profiles.desk]
model = "tiny"
base_url = "{url}"
header_env = {{ "X-Gate" = "GATE" }}
"""


@pytest.fixture
def keyed(tmp_path: Path) -> Shell:
    """A shell whose environment holds the key and the header's value; two articles."""
    shell = Shell(tmp_path)
    shell.environment |= {"QUOTES_API_KEY": KEY, "GATE": HEADER}
    shell.articles(2)
    return shell


@pytest.fixture
def endpoint() -> Iterator[Echoing]:
    with echoing(_good) as server:
        yield server


def _profile(shell: Shell, endpoint: Echoing) -> tuple[str, ...]:
    shell.write("quotes.toml", _PROFILE.format(url=endpoint.url))
    return "--config", "quotes.toml"


def _run(shell: Shell, endpoint: Echoing, command: str, *arguments: str) -> Done:
    done = shell.run(command, *arguments, *_profile(shell, endpoint))
    assert_clean(shell.folder, done.out, done.err)
    return done


_QUICK = ("--article-timeout", "1.5", "--timeout", "1", "--log-json", "log.jsonl")


@behaviours()
def test_a_run_that_records_leaves_no_trace(keyed: Shell, endpoint: Echoing, behaviour: Behaviour) -> None:
    endpoint.behaviour = behaviour
    _run(keyed, endpoint, "extract", "in.jsonl", "-o", "out.jsonl", "--record", "replies", *_QUICK)
    assert endpoint.heard
    for heard in endpoint.heard:
        assert heard.headers["authorization"] == f"Bearer {KEY}"
        assert heard.headers["x-gate"] == HEADER
        assert heard.path == "/v1/chat/completions", "a redirect was followed"


@behaviours("in the answer", "in prose", "in a refusal", "wrong key, in escapes", "cut off")
def test_a_run_with_a_cache_to_standard_output_leaves_no_trace(
    keyed: Shell, endpoint: Echoing, behaviour: Behaviour
) -> None:
    endpoint.behaviour = behaviour
    _run(
        keyed, endpoint, "extract", "in.jsonl", "--cache", "cache.sqlite", "--article-timeout", "1.5", "--timeout", "1"
    )
    assert endpoint.heard


@behaviours(
    "good", "in the answer", "in a refusal", "as html", "wrong key, in escapes", "bad request", "moved", "cut off"
)
def test_the_doctor_tells_no_secret(keyed: Shell, endpoint: Echoing, behaviour: Behaviour) -> None:
    endpoint.behaviour = behaviour
    _run(keyed, endpoint, "doctor", "--timeout", "1")
    assert endpoint.heard


@pytest.mark.parametrize(
    "name", ["good", "in the answer", "wrong key", "wrong key, in escapes", "moved", "bad request"]
)
def test_a_batch_that_is_submitted_leaves_no_trace(keyed: Shell, endpoint: Echoing, name: str) -> None:
    endpoint.behaviour = BEHAVIOURS[name]
    _run(keyed, endpoint, "batch", "submit", "in.jsonl", "--cache", "cache.sqlite", "--timeout", "1")
    assert endpoint.heard


@behaviours("in the answer", "bad request")
def test_measuring_leaves_no_trace(keyed: Shell, endpoint: Echoing, behaviour: Behaviour) -> None:
    endpoint.behaviour = behaviour
    keyed.write("gold.jsonl", json.dumps({"id": "a", "text": "“No,” Ida Krell said.", "quotes": []}) + "\n")
    options = ("--save", "runs", "--errors", "errors.html", "--resamples", "5", "--timeout", "1")
    _run(keyed, endpoint, "eval", "gold.jsonl", "--backend", "judge", "--backend", "model", *options)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_in_the_middle_leaves_no_trace(
    keyed: Shell, endpoint: Echoing, number: signal.Signals
) -> None:
    keyed.articles(300)
    endpoint.behaviour = lambda heard: said(_in_the_answer(heard) and completion(_ANSWER, model=KEY), wait=0.02)
    options = ("-o", "out.jsonl", "--record", "replies", "--log-json", "log.jsonl")
    process = keyed.start("extract", "in.jsonl", *options, *_profile(keyed, endpoint), stdout=subprocess.DEVNULL)
    endpoint.wait_for(40)
    shown = Path(f"/proc/{process.pid}/cmdline")
    listed = shown.read_bytes() if shown.exists() else b""
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (-signal.SIGKILL, 130)
    assert_clean(keyed.folder, listed, err)
    assert (keyed.folder / "out.jsonl.part").exists()


def test_a_key_can_be_given_by_no_option(keyed: Shell) -> None:
    for command in ("extract", "eval", "doctor"):
        done = keyed.run(command, "--api-key", KEY)
        assert done.code == 2
        assert "--api-key-env" in done.err
        assert "--api-key-env" in keyed.run(command, "--help").out.decode()


@pytest.mark.parametrize(
    "url", ["http://{key}@127.0.0.1:9/v1", "http://x:{key}@127.0.0.1:9/v1", "http://h.invalid/v1?key={key}"]
)
def test_a_key_in_an_address_is_refused_without_being_shown(keyed: Shell, url: str) -> None:
    address = url.format(key=HEADER)
    done = keyed.run("extract", "in.jsonl", "--model", "tiny", "--base-url", address, "-o", "out.jsonl")
    assert done.code == 2
    assert_clean(keyed.folder, done.out, done.err)


def test_a_key_in_a_config_file_is_refused_without_being_shown(keyed: Shell) -> None:
    keyed.environment |= {"QUOTES_API_KEY": ""}
    for line in (f'api_key = "{HEADER}"', f'api_key_env = "{HEADER} "', f'header_env = {{ "X-Gate" = "{HEADER}-" }}'):
        config = keyed.write("quotes.toml", f'[profiles.desk]\nmodel = "tiny"\n{line}\n')
        done = keyed.run("extract", "in.jsonl", "--config", "quotes.toml")
        config.unlink()
        assert done.code == 2
        assert_clean(keyed.folder, done.out, done.err)


# ------------------------------------------------------------------ within the process


def _everything(error: BaseException) -> str:
    """What a crash reporter shows of *error*: the locals of all frames, and all that it and its causes carry."""
    parts = list(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    at: BaseException | None = error
    while at is not None:
        parts += [repr(at), repr(at.args), repr(getattr(at, "__notes__", "")), repr(vars(at))]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "".join(parts)


@pytest.mark.parametrize(
    "name", [name for name in BEHAVIOURS if name not in ("good", "stalled", "too many", "broken server")]
)
def test_no_error_carries_a_secret_even_where_its_locals_are_shown(endpoint: Echoing, name: str) -> None:
    endpoint.behaviour = BEHAVIOURS[name]
    told: list[Any] = []

    async def ask() -> str:
        live = LiveEndpoint(
            endpoint.url,
            KEY,
            timeout=5,
            headers={"X-Gate": HEADER},
            tell=lambda *event: told.append(event),
            sleep=_at_once,
        )
        request = Request({"model": "tiny", "messages": [{"role": "user", "content": "Who?"}]}, "local")
        try:
            return repr((live, await live.complete(request)))
        except QuotesError as error:
            return repr(live) + _everything(error)
        finally:
            await live.aclose()

    seen = asyncio.run(ask())
    assert endpoint.heard
    assert traces_in(seen.encode() + repr(told).encode()) == []


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)
