"""Prompt packs: folders of instructions, templates, examples and schema that users can copy and edit."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_args

from quotes.errors import PackError
from quotes.exchange import Written, canonical_json
from quotes.prompting.checking import pack_faults
from quotes.prompting.form import Form
from quotes.prompting.templates import Template, compiled
from quotes.prompting.tightening import Tightening

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Task = Literal["attribute", "judge"]
"""What a pack is for: to have a chunk's quotations attributed, or to have one proposed attribution judged."""

DEFAULT_PACK = "news"
JUDGE_PACK = "judge"
CASCADE_PACK = "cascade"
TRUST_FILE = "trust.json"
"""Optional: how far each model is believed, measured (`quotes.extraction.trust`). It shapes no request."""
_EXAMPLES = "examples.jsonl"
_SCHEMA = "response.schema.json"
_ALL_HAVE = ("pack.toml", "system.md", "user.md", _EXAMPLES, _SCHEMA)
_FILES: Mapping[Task, tuple[str, ...]] = {"attribute": (*_ALL_HAVE, "repair.md"), "judge": _ALL_HAVE}
_OPTIONS: Mapping[Task, tuple[str, ...]] = {
    "attribute": ("chunk_tokens", "context_tokens", "max_output_tokens", "temperature"),
    "judge": ("max_output_tokens", "temperature"),
}
_MOST = 10_000_000
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Example:
    """A worked example: a short text, the names its roster shows, and the answer it deserves."""

    text: str
    roster: tuple[str, ...]
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class JudgedExample:
    """A worked example of a judgement: a sentence with the content in brackets, its source, and the right answer."""

    sentence: str
    source: str
    answer: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class PromptPack:
    """The files of a pack, read and checked. *options* are its defaults for the numbers of a run.

    *trust* says by model how far its answers are believed. *repair* and *examples* are for the task ``attribute``,
    *judged* for ``judge``; empty in a pack of the other.
    """

    name: str
    version: str
    task: Task
    system: str
    user: str
    repair: str
    examples: tuple[Example, ...]
    judged: tuple[JudgedExample, ...]
    schema: Mapping[str, Any]
    digest: str
    options: Mapping[str, Any] = field(default_factory=dict)
    trust: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name and content hash, as the record prints it: ``news@1f2e3d4c5b6a``."""
        return f"{self.name}@{self.digest[:12]}"

    @cached_property
    def written_schema(self) -> Written:
        """The schema as the requests show it that all ask for the same."""
        return Written(self.schema)

    @cached_property
    def tightening(self) -> Tightening:
        """What narrows the schema to what a chunk shows."""
        return Tightening(self.schema)

    @cached_property
    def form(self) -> Form:
        """What answers are held to, in either style of schema: the pack's own."""
        return Form(self.schema)

    @cached_property
    def user_template(self) -> Template:
        """The template of the message that shows a chunk, or a proposal."""
        return compiled(self.user)

    @cached_property
    def repair_template(self) -> Template:
        """The template of the message that shows what was wrong with a reply."""
        return compiled(self.repair)


def load_pack(name_or_folder: str | Path = DEFAULT_PACK) -> PromptPack:
    """Read a pack that ships with the package by its name, or one of your own by its folder.

    Raises:
        PackError: there is no such pack, a file is missing or a file is broken.
    """
    pack, faults = survey_pack(name_or_folder)
    if not faults:
        return pack
    import shlex  # imported where it is needed: seldom

    first = faults[0]
    more = f"quotes prompt check {shlex.quote(first.where)} shows all that is wrong"
    raise PackError(first.what, where=first.where, remedy=f"{first.remedy}; {more}")


def survey_pack(name_or_folder: str | Path) -> tuple[PromptPack, tuple[PackError, ...]]:
    """What `load_pack` would read, and everything for which it would refuse it; with faults the pack is of no use.

    Raises:
        PackError: there is no such pack.
    """
    folder = pack_folder(name_or_folder)
    survey = _Survey(folder)
    head: dict[str, Any] = survey.of("pack.toml", lambda: _parse_toml(folder, _read(folder, "pack.toml")), {})
    guessed: Task = "attribute" if (folder / "repair.md").is_file() else "judge"
    task = survey.of("pack.toml", lambda: _task(folder, head), guessed)
    texts = {name: survey.of(name, partial(_read, folder, name), "") for name in _FILES[task]}
    schema: dict[str, Any] = survey.of(_SCHEMA, lambda: _parse_json(folder, _SCHEMA, texts[_SCHEMA]), {})
    trust: dict[str, Any] = survey.of(TRUST_FILE, lambda: _trust(folder), {})
    examples = texts[_EXAMPLES]
    pack = PromptPack(
        name=str(head.get("name") or Path(str(folder)).name),
        version=str(head.get("version", "0")),
        task=task,
        system=texts["system.md"].strip(),
        user=texts["user.md"],
        repair=texts.get("repair.md", ""),
        examples=survey.examples(examples, _worked, "text, roster or answer") if task == "attribute" else (),
        judged=survey.examples(examples, _judged, "sentence, source or answer") if task == "judge" else (),
        schema=schema,
        digest=hashlib.sha256(canonical_json(texts | ({TRUST_FILE: trust} if trust else {}))).hexdigest(),
        options=survey.options(head, _OPTIONS[task]),
        trust=trust,
    )
    return pack, (*survey.faults, *pack_faults(folder, pack, survey.unread))


class _Survey:
    """Reads the files of a pack one after the other, and goes on after a fault."""

    def __init__(self, folder: Traversable) -> None:
        self.faults: list[PackError] = []
        self.unread: set[str] = set()
        self._folder = folder

    def of(self, name: str, make: Callable[[], _Made], otherwise: _Made) -> _Made:
        """What *make* makes of the file *name*; *otherwise*, and the fault noted, where it is broken."""
        if name in self.unread:
            return otherwise
        try:
            return make()
        except PackError as error:
            self.faults.append(error)
            self.unread.add(name)
            return otherwise

    def examples(self, text: str, make: Callable[[Any], _Made | None], fields: str) -> tuple[_Made, ...]:
        """The sound lines of *text*."""
        if _EXAMPLES in self.unread:
            return ()
        return tuple(self._noting(_examples(self._folder, text, make, fields)))

    def options(self, head: Mapping[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
        """The sound options of *head*."""
        return {} if "pack.toml" in self.unread else dict(self._noting(_options(self._folder, head, allowed)))

    def _noting(self, found: Iterator[_Made | PackError]) -> Iterator[_Made]:
        for one in found:
            if isinstance(one, PackError):
                self.faults.append(one)
            else:
                yield one


def _trust(folder: Traversable) -> dict[str, Any]:
    if not (folder / TRUST_FILE).is_file():
        return {}
    table = _parse_json(folder, TRUST_FILE, _read(folder, TRUST_FILE))
    if not isinstance(table, dict) or not all(isinstance(entry, dict) for entry in table.values()):
        raise PackError(
            f"{TRUST_FILE} is no table of models", where=str(folder), remedy="make it with quotes eval --calibrate"
        )
    return table


def packaged_packs() -> tuple[str, ...]:
    """The names of the packs that ship with the package."""
    return tuple(sorted(entry.name for entry in _shelf().iterdir() if entry.joinpath("pack.toml").is_file()))


def _shelf() -> Traversable:
    """Where shipped packs lie: inside the installed package, beside it in a checkout."""
    inside, checkout = Path(__file__).parents[1] / "_prompts", Path(__file__).parents[2] / "prompts"
    if inside.is_dir():
        return inside
    if checkout.is_dir():
        return checkout
    from importlib.resources import files  # only of a package in an archive: it takes longer than reading a pack

    return files("quotes") / "_prompts"


def pack_folder(name_or_folder: str | Path) -> Traversable:
    """Where the pack of that name or folder lies. Raises PackError where there is none."""
    as_path = Path(name_or_folder)
    if as_path.name == str(name_or_folder) and (_shelf() / as_path.name).is_dir():
        return _shelf() / as_path.name
    if as_path.is_dir():
        return as_path
    known = ", ".join(packaged_packs())
    raise PackError(
        "no such prompt pack", where=str(name_or_folder), remedy=f"name a folder, or one of those shipped: {known}"
    )


def _read(folder: Traversable, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        raise PackError(
            f"the prompt pack lacks {name}", where=str(folder), remedy="copy the shipped pack and edit the copy"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{name} cannot be read: {error}", where=str(folder), remedy="save it as UTF-8") from None


def _parse_toml(folder: Traversable, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"pack.toml is not TOML: {error}", where=str(folder), remedy="mend the line named") from None


def _parse_json(folder: Traversable, name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise PackError(f"{name} is not JSON: {error}", where=str(folder), remedy="mend the line named") from None
    except (ValueError, RecursionError):
        what = f"{name} is nested too deeply, or has a number of thousands of digits"
        raise PackError(what, where=str(folder), remedy="mend it, or copy that of the shipped pack") from None


def _task(folder: Traversable, head: Mapping[str, Any]) -> Task:
    task = head.get("task", "attribute")
    if task not in get_args(Task):
        known = " or ".join(get_args(Task))
        raise PackError(f"pack.toml: task = {task!r} is not known", where=str(folder), remedy=f"use {known}")
    return cast(Task, task)


def _options(
    folder: Traversable, head: Mapping[str, Any], allowed: tuple[str, ...]
) -> Iterator[tuple[str, Any] | PackError]:
    options = head.get("options", {})
    if not isinstance(options, dict):
        yield PackError("pack.toml: options is no table", where=str(folder), remedy="begin it with [options]")
        return
    for name, value in options.items():
        kinds = (int, float) if name == "temperature" else (int,)
        if name not in allowed or isinstance(value, bool) or not isinstance(value, kinds) or not 0 <= value < _MOST:
            known = ", ".join(allowed)
            yield PackError(
                f"pack.toml: option {name} = {value!r} is not known or no such number",
                where=str(folder),
                remedy=f"use {known}",
            )
        else:
            yield name, value


def _examples(
    folder: Traversable, text: str, make: Callable[[Any], _Made | None], fields: str
) -> Iterator[_Made | PackError]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            example = make(_parse_json(folder, f"{_EXAMPLES} line {number}", line))
        except PackError as error:
            yield error
            continue
        if example is None:
            what = f"{_EXAMPLES} line {number} lacks {fields}"
            yield PackError(what, where=str(folder), remedy="give all three")
        else:
            yield example


def _worked(value: Any) -> Example | None:
    try:
        example = Example(value["text"], tuple(value["roster"]), value["answer"])
    except (KeyError, TypeError):
        return None
    return example if _is_written(example.text) else None


def _judged(value: Any) -> JudgedExample | None:
    try:
        example = JudgedExample(value["sentence"], value["source"], value["answer"])
    except (KeyError, TypeError):
        return None
    return example if _is_written(example.sentence) and isinstance(example.source, str) else None


def _is_written(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip())
