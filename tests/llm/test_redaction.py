"""Keys that an endpoint echoes, however it writes them."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.llm.redaction import Redactor, secrets_in

KEY = 'key/with"odd\\ones-0123456789'


def in_json(text: str, times: int) -> str:
    for _ in range(times):
        text = json.dumps(text)
    return text


@pytest.mark.parametrize("times", range(4))
def test_a_key_in_json_in_json_is_taken_out(times: int):
    said = in_json(f"your key {KEY} is wrong", times)
    redactor = Redactor(KEY)
    assert redactor.answer(said).count("[hidden]") == 1
    assert "0123456789" not in redactor.answer(said) + redactor.line(said)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40),
    st.lists(st.sampled_from(["as it is", "u", "U", "short"]), min_size=40, max_size=40),
    st.integers(1, 4),
)
def test_a_key_is_found_in_any_mixture_of_escapes(key: str, ways: list[str], backslashes: int):
    escape = "\\" * backslashes
    spelled = {
        "as it is": lambda c: c,
        "u": lambda c: f"{escape}u{ord(c):04x}",
        "U": lambda c: f"{escape}u{ord(c):04X}",
        "short": lambda c: escape + c if c in '"\\/' else c,
    }
    said = "".join(spelled[way](c) for c, way in zip(key, ways, strict=False))
    assert "[hidden]" in Redactor(key).answer(f"<{said}>")


def test_an_answer_without_the_key_stays_as_it_is():
    text = '{"quote": "\\u201eNein\\u201c, said \\\\ \\/ Zo\\u00eb"}'
    assert Redactor(KEY).answer(text) == text


def test_a_short_key_is_no_reason_to_change_an_answer_but_stays_out_of_messages():
    redactor = Redactor("test")
    assert redactor.answer("a test") == "a test"
    assert redactor.line("a test") == "a [hidden]"


@pytest.mark.parametrize("text", ["\\" * 400_000, "\\u0073" * 80_000, "s\\u006" * 80_000])
def test_hostile_escapes_cost_no_time(text: str):
    begin = time.perf_counter()
    Redactor("sk-test-0123456789abcdef").answer(text)
    assert time.perf_counter() - begin < 2.0


def test_header_values_are_secret_but_those_meant_to_be_shown_and_short_plain_ones():
    headers = {
        "authorization": "Basic dXNlcjpwdw==",
        "x-gateway": "tenant-4711-abc",
        "x-title": "A research project",
        "x-flag": "on",
        "x-token": "t1",
    }
    assert secrets_in(headers) == ["Basic dXNlcjpwdw==", "dXNlcjpwdw==", "tenant-4711-abc", "t1"]
