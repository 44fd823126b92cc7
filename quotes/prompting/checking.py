"""Checking a prompt pack: templates that render, a schema that asks for what answers are read by, sound examples."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Final, get_args

from quotes.errors import PackError
from quotes.model import SpeakerKind
from quotes.prompting.references import outside_reference
from quotes.prompting.rendering import Line

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    from quotes.prompting.packs import PromptPack, Task

_READ: Final[Mapping[tuple[str, ...], tuple[str, ...]]] = {
    (): ("attributions", "not_quotes"),
    ("properties", "attributions", "items"): ("at", "cue", "speaker", "who", "said"),
    ("properties", "not_quotes", "items"): ("mark", "as"),
}


def check_pack(folder: Traversable, pack: PromptPack) -> None:
    """Compile and validate what would otherwise fail in the middle of a run.

    Raises:
        PackError: a template or the schema is broken, or an example breaks the schema.
    """
    for name, values in _shown(pack.task):
        try:
            getattr(pack, f"{name}_template").render(**values)
        except Exception as error:  # a template raises whatever its author wished
            what = f"{name}.md: the template is broken: {error or type(error).__name__}"
            raise PackError(what, where=str(folder), remedy="mend it") from None
    validator = _checked_schema(folder, pack)
    _check_fields(folder, pack)
    answers = (*(example.answer for example in pack.examples), *(example.answer for example in pack.judged))
    for number, answer in enumerate(answers, 1):
        problem = _first_problem(folder, validator, answer)
        if problem is not None:
            raise PackError(
                f"the answer of example {number} breaks the schema: {problem.json_path}: {problem.message}",
                where=str(folder),
                remedy="mend examples.jsonl or response.schema.json",
            )


def _checked_schema(folder: Traversable, pack: PromptPack) -> Validator:
    from jsonschema import SchemaError

    outside = outside_reference(pack.schema)
    if outside is not None:
        remedy = "write out under $defs what it needs; nothing is fetched"
        raise PackError(f"response.schema.json: {outside}", where=str(folder), remedy=remedy)
    try:
        validator = pack.validator
    except SchemaError as error:
        raise PackError(
            f"response.schema.json is no JSON Schema: {error.message}", where=str(folder), remedy="mend it"
        ) from None
    except RecursionError:
        what = "response.schema.json is nested too deeply"
        raise PackError(what, where=str(folder), remedy="write its parts out under $defs") from None
    _first_problem(folder, validator, {})
    return validator


def _first_problem(folder: Traversable, validator: Validator, answer: Any) -> ValidationError | None:
    try:
        return next(iter(validator.iter_errors(answer)), None)
    except RecursionError:
        what = "response.schema.json refers to itself without an end"
        raise PackError(what, where=str(folder), remedy="let each $ref stand below another part") from None


def _shown(task: Task) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The templates of a pack, and for each what it will be given."""
    if task == "judge":
        return tuple(("user", {"sentence": "[No], she said.", "source": source}) for source in ("she", ""))
    line = Line(1, "⟦1:No,⟧ she said.", opens=True)
    shown = {"roster": ["Ida Krell"], "before": ["It rained."], "after": ["It snowed."], "lines": [line], "only": [1]}
    return ("user", shown), ("repair", {"problems": [{"reason": "not printed", "item": "{}"}]})


def _check_fields(folder: Traversable, pack: PromptPack) -> None:
    """The fields that answers are read by have to be asked for; a pack may ask for more beside them."""
    if pack.task == "attribute":
        _check_attributions(folder, pack.schema)
    elif not _is_yes_or_no(pack.schema):
        raise PackError(
            "response.schema.json does not require said, which is yes or no",
            where=str(folder),
            remedy="keep said as the shipped schema has it",
        )


def _is_yes_or_no(schema: Any) -> bool:
    """Whether *schema* asks for the one answer that judgements are read by."""
    fields = schema.get("properties") if isinstance(schema, dict) else None
    said = fields.get("said") if isinstance(fields, dict) else None
    return isinstance(said, dict) and said.get("enum") == ["yes", "no"] and "said" in schema.get("required", ())


def _check_attributions(folder: Traversable, schema: Mapping[str, Any]) -> None:
    for place, wanted in _READ.items():
        node: Any = schema
        for step in place:
            node = node.get(step) if isinstance(node, dict) else None
        missing = set(wanted) - set(node.get("required", ()) if isinstance(node, dict) else ())
        if missing:
            raise PackError(
                f"response.schema.json does not require {', '.join(sorted(missing))}",
                where=str(folder),
                remedy="keep the fields of the shipped schema, all of them required",
            )
    if not _is_choice_of_kinds(schema["properties"]["attributions"]["items"].get("properties", {}).get("who")):
        raise PackError(
            "response.schema.json: who is not one of several objects, each with a kind of speaker as its only key",
            where=str(folder),
            remedy="keep who as the shipped schema has it",
        )


def _is_choice_of_kinds(who: Any) -> bool:
    """Whether every alternative of the schema *who* is an object of one kind of speaker and nothing else."""
    variants = who.get("anyOf") if isinstance(who, dict) else None
    if not isinstance(variants, list) or not variants:
        return False
    known = [([kind], False) for kind in get_args(SpeakerKind)]
    return all(
        isinstance(variant, dict) and (variant.get("required"), variant.get("additionalProperties")) in known
        for variant in variants
    )
