"""The server answers each client in its own form, counts, and tells what it was asked."""

from __future__ import annotations

import json

from benchmarks.ideal import Delays
from benchmarks.load import run_quotes, run_raw, run_sdk, texts
from benchmarks.server import completion, serving


def test_langextract_is_answered_with_quotations_and_names() -> None:
    asked = 'Extract.\n\nExamples\nQ: "No," A B said.\nA: {}\n\nQ: "The pier is shut," Ida Krell said.\nA: '
    body = {"model": "m", "messages": [{"role": "user", "content": asked}]}
    said = json.loads(completion(body)["choices"][0]["message"]["content"])
    assert said == {
        "extractions": [{"quote": "The pier is shut", "quote_attributes": {"speaker": "Ida Krell", "cue": "said"}}]
    }


def test_every_client_is_served_all_it_asks_for() -> None:
    with serving(Delays()) as server:
        load = run_quotes(server.url, texts(3, short=True), 2, None, "static")
        assert load.requests == server.served >= 3
        bodies = server.bodies
        server.reset()
        assert run_sdk(server.url, [json.loads(body) for body in bodies], 2, "aiohttp").requests == len(bodies)
        assert run_raw(server.url, [body.encode() for body in bodies], 2).requests == len(bodies)
        assert server.served == 2 * len(bodies)


def test_short_texts_are_as_long_as_langextract_sends_at_a_time() -> None:
    lengths = [len(text) for _name, text in texts(50, short=True)]
    assert max(lengths) <= 1000
    assert min(lengths) > 500
