"""`quotes schema` from the command line."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from quotes.cli.app import app
from quotes.prompting import response_schema
from quotes.record import record_schema

run = CliRunner().invoke


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [([], record_schema()), (["record"], record_schema()), (["response"], response_schema())],
)
def test_schema_prints_the_schema_that_is_asked_for(arguments: list[str], schema: dict[str, object]) -> None:
    outcome = run(app, ["schema", *arguments])
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout) == schema
    Draft202012Validator.check_schema(schema)


def test_an_unknown_schema_is_wrong_usage() -> None:
    assert run(app, ["schema", "other"]).exit_code == 2
