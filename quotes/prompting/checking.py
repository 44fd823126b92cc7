"""Checking a prompt pack: templates that render, a schema that asks for what answers are read by, sound examples."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, get_args

from quotes.errors import PackError
from quotes.model import SpeakerKind
from quotes.prompting.references import outside_reference
from quotes.prompting.rendering import Line
from quotes.record import shortened

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from jsonschema import ValidationError

    from quotes.prompting.form import Form
    from quotes.prompting.packs import PromptPack, Task

_SCHEMA: Final = "response.schema.json"
_READ: Final[Mapping[tuple[str, ...], tuple[str, ...]]] = {
    (): ("attributions", "not_quotes"),
    ("properties", "attributions", "items"): ("at", "cue", "speaker", "who", "said"),
    ("properties", "not_quotes", "items"): ("mark", "as"),
}


def pack_faults(folder: Traversable, pack: PromptPack, unread: Collection[str] = ()) -> Iterator[PackError]:
    """What would otherwise fail in the middle of a run: a template or the schema is broken, an example breaks the
    schema.

    *unread* are the files of the pack that could not be read: nothing is said of them.
    """
    for name, values in _shown(pack.task):
        if f"{name}.md" in unread:
            continue
        try:
            getattr(pack, f"{name}_template").render(**values)
        except Exception as error:  # a template raises whatever its author wished
            what = f"{name}.md: the template is broken: {error or type(error).__name__}"
            yield PackError(what, where=str(folder), remedy="mend it")
    if _SCHEMA in unread:
        return
    try:
        form = _checked_schema(folder, pack)
    except PackError as error:
        yield error
        return
    yield from _field_faults(folder, pack)
    answers = (*(example.answer for example in pack.examples), *(example.answer for example in pack.judged))
    for number, answer in enumerate(answers, 1):
        problem = _first_problem(folder, form, answer)
        if problem is not None:
            yield PackError(
                f"the answer of example {number} breaks the schema: {problem.json_path}: {shortened(problem.message)}",
                where=str(folder),
                remedy="mend examples.jsonl or response.schema.json",
            )


def _checked_schema(folder: Traversable, pack: PromptPack) -> Form:
    outside = outside_reference(pack.schema)
    if outside is not None:
        remedy = "write out under $defs what it needs; nothing is fetched"
        raise PackError(f"response.schema.json: {outside}", where=str(folder), remedy=remedy)
    try:
        fault = pack.form.fault
    except RecursionError:
        what = "response.schema.json is nested too deeply"
        raise PackError(what, where=str(folder), remedy="write its parts out under $defs") from None
    if fault is not None:
        raise PackError(f"response.schema.json is no JSON Schema: {fault}", where=str(folder), remedy="mend it")
    if not pack.form.is_plain:
        _first_problem(folder, pack.form, {})
    return pack.form


def _first_problem(folder: Traversable, form: Form, answer: Any) -> ValidationError | None:
    try:
        return form.problem(answer)
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


def _field_faults(folder: Traversable, pack: PromptPack) -> Iterator[PackError]:
    """The fields that answers are read by have to be asked for; a pack may ask for more beside them."""
    if pack.task == "attribute":
        yield from _attribution_faults(folder, pack.schema)
    elif not _is_yes_or_no(pack.schema):
        yield PackError(
            "response.schema.json does not require said, which is yes or no",
            where=str(folder),
            remedy="keep said as the shipped schema has it",
        )


def _is_yes_or_no(schema: Any) -> bool:
    """Whether *schema* asks for the one answer that judgements are read by."""
    fields = schema.get("properties") if isinstance(schema, dict) else None
    said = fields.get("said") if isinstance(fields, dict) else None
    return isinstance(said, dict) and said.get("enum") == ["yes", "no"] and "said" in schema.get("required", ())


def _attribution_faults(folder: Traversable, schema: Mapping[str, Any]) -> Iterator[PackError]:
    for place, wanted in _READ.items():
        missing = set(wanted) - set(_node(schema, place).get("required", ()))
        if missing:
            yield PackError(
                f"response.schema.json does not require {', '.join(sorted(missing))}",
                where=str(folder),
                remedy="keep the fields of the shipped schema, all of them required",
            )
    if not _is_choice_of_kinds(_node(schema, ("properties", "attributions", "items", "properties", "who"))):
        yield PackError(
            "response.schema.json: who is not one of several objects, each with a kind of speaker as its only key",
            where=str(folder),
            remedy="keep who as the shipped schema has it",
        )


def _node(schema: Any, place: tuple[str, ...]) -> Mapping[str, Any]:
    """The part of *schema* at *place*; nothing where there is none."""
    node = schema
    for step in place:
        node = node.get(step) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _is_choice_of_kinds(who: Mapping[str, Any]) -> bool:
    """Whether every alternative of the schema *who* is an object of one kind of speaker and nothing else."""
    variants = who.get("anyOf")
    if not isinstance(variants, list) or not variants:
        return False
    known = [([kind], False) for kind in get_args(SpeakerKind)]
    return all(
        isinstance(variant, dict) and (variant.get("required"), variant.get("additionalProperties")) in known
        for variant in variants
    )
