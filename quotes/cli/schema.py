"""`quotes schema`: the JSON Schemas of what comes out and of what a model answers."""

from typing import Annotated, Literal

import typer


def schema(
    which: Annotated[
        Literal["record", "response"],
        typer.Argument(help="record: what extract writes for each article. response: what a model is asked to answer."),
    ] = "record",
) -> None:
    """Print a JSON Schema."""
    import json

    from quotes.prompting import response_schema
    from quotes.record import record_schema

    wanted = {"record": record_schema, "response": response_schema}[which]
    typer.echo(json.dumps(wanted(), indent=2, ensure_ascii=False))
