"""Which extractions the options of ``quotes eval`` ask for."""

from __future__ import annotations

import pytest

from quotes.cli.measuring import planned
from quotes.errors import UsageError
from quotes.run import Settings

OPTIONS = Settings(base_url="http://127.0.0.1:1/v1", lang="de", concurrency=2)


def names(backends: list[str], models: list[str], prompts: list[str], options: Settings = OPTIONS) -> list[str]:
    return [run.name for run in planned(backends, models, prompts, options)]


def test_nothing_is_extracted_where_nothing_is_said_about_it() -> None:
    assert names([], [], [], Settings(lang="de", concurrency=2)) == []


def test_each_model_meets_each_pack_and_the_rules_run_once() -> None:
    assert names(["rules", "model"], ["one", "two"], ["news", "mine/"]) == [
        *("rules", "one news", "one mine/", "two news", "two mine/"),
    ]


def test_a_model_alone_means_the_model_backend() -> None:
    (run,) = planned([], ["one"], ["news"], OPTIONS)
    assert run.name == "one"
    assert (run.settings.backend, run.settings.model, run.settings.prompt) == ("model", "one", "news")


def test_another_backend_with_the_same_model_has_its_own_name() -> None:
    assert names(["model", "cascade"], ["one"], []) == ["one", "cascade one"]


def test_a_judge_beside_a_model_is_given_nothing_that_shapes_a_chunk() -> None:
    options = Settings(base_url="http://127.0.0.1:1/v1", chunk_tokens=300, schema="static")
    model, judge = planned(["model", "judge"], ["one"], [], options)
    assert (model.settings.chunk_tokens, judge.settings.chunk_tokens, judge.settings.schema) == (300, None, None)
    with pytest.raises(UsageError, match="--chunk-tokens means something only with --backend model"):
        planned(["judge"], ["one"], [], options)


def test_a_replay_needs_no_name_of_a_model() -> None:
    assert names([], [], [], Settings(replay="replies/")) == ["replies/"]


def test_what_is_said_twice_is_run_once() -> None:
    assert names(["rules", "rules", "model"], ["one", "one"], []) == ["rules", "one"]


def test_the_rules_beside_a_model_keep_the_language_and_nothing_that_is_the_models() -> None:
    rules, _ = planned(["rules", "model"], ["one"], [], OPTIONS)
    assert rules.settings == Settings(backend="rules", lang="de", concurrency=2)


def test_the_rules_alone_refuse_what_means_something_only_with_a_model() -> None:
    with pytest.raises(UsageError, match="--base-url means something only with a model"):
        planned(["rules"], [], [], OPTIONS)
