"""The crew, where its processes cannot be what they should: an error, and no waiting."""

from __future__ import annotations

import asyncio
import sys

import pytest

from quotes.model import Article
from quotes.run import Job, Settings, assemble
from quotes.run.messages import Ready, framed, heard
from quotes.run.seat import Unstarted
from quotes.run.sinks import InOrder

TEXT = '"We tried," Ida Krell said.'


def test_what_is_no_message_is_not_waited_for() -> None:
    async def first(data: bytes) -> object:
        stream = asyncio.StreamReader()
        stream.feed_data(data)
        return await asyncio.wait_for(heard(stream), 5)

    assert asyncio.run(first(b"a remark of whoever set up this machine\n")) is None
    assert asyncio.run(first(framed(Ready()))) == Ready()


def test_a_process_that_cannot_be_started_ends_the_run_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    settings = Settings(backend="rules", jobs=2)
    lines: list[str] = []
    job = Job(settings, assemble(settings, {}), [Article("a", TEXT)], InOrder(str, lines.append), environ={})
    with pytest.raises(Unstarted, match=r"^--jobs: no worker process can be started: No such file"):
        job.run()
    assert lines == []
