"""The bodies that are sent: what comes first, what is left out, which limit is named how."""

from __future__ import annotations

from typing import Any

from quotes.exchange import Request
from quotes.extraction import Engine
from quotes.model import Article
from quotes.prompting import PromptSettings, load_pack

PACK = load_pack()


def request(**options: Any) -> Request:
    settings = PromptSettings(**{"model": "some-model", "label": "api.example.org", "pack": PACK, **options})
    (exchange,) = Engine(settings, "en").open(Article("a", "“No,” Oduya said.")).exchanges
    return next(exchange)


def test_instructions_and_examples_come_first_and_the_chunk_last() -> None:
    messages = request().body["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[0]["content"] == PACK.system
    assert "⟦1:No,⟧ Oduya said." in messages[-1]["content"]


def test_what_comes_before_the_chunk_is_the_same_for_every_article() -> None:
    (other,) = Engine(PromptSettings("some-model", "local", PACK), "en").open(Article("b", "Nobody came.")).exchanges
    assert next(other).body["messages"][:-1] == request().body["messages"][:-1]


def test_the_temperature_is_left_out_where_it_is_left_to_the_model() -> None:
    assert request().body["temperature"] == 0.0
    assert "temperature" not in request(temperature=None).body


def test_the_limit_of_the_reply_has_the_name_the_endpoint_takes() -> None:
    assert "max_tokens" in request().body
    assert "max_completion_tokens" in request(label="api.openai.com").body


def test_the_key_tells_apart_everything_that_is_sent_and_nothing_else() -> None:
    plain = request()
    changed = [
        request(model="other"),
        request(label="other.example"),
        request(temperature=0.5),
        request(max_output_tokens=7),
        request(schema_style="tight"),
    ]
    assert len({plain.key, *(each.key for each in changed)}) == 1 + len(changed)
    assert Request(plain.body, plain.label, article="another name", chunk=7).key == plain.key
    assert Request(plain.body, plain.label, trial=1).key != plain.key
