"""Prompt packs whose authors mean harm: no template runs code or reads a file, no schema is fetched from anywhere."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quotes.errors import PackError
from quotes.prompting import load_pack, read_answer
from quotes.prompting.form import build_validator
from quotes.prompting.response import BrokenAnswer
from tests.security.echoing import Echoing, Heard, Said, echoing, said

_SHIPPED = Path(__file__).parents[2] / "prompts" / "news"
_SCHEMA: dict[str, Any] = json.loads((_SHIPPED / "response.schema.json").read_text(encoding="utf-8"))
_EMPTY = '{"attributions": [], "not_quotes": []}'


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(_SHIPPED, tmp_path / "mine"))


@pytest.fixture
def endpoint() -> Iterator[Echoing]:
    """A server that gives a sound schema to whoever asks; nobody is to ask."""

    def answer(_heard: Heard) -> Said:
        return said({"type": "object"})

    with echoing(answer) as server:
        yield server


# ------------------------------------------------------------------ templates

ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ lines[0].__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].environ }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(lines[0]) }}",
    "{% set f = '{0.__class__}'.format %}{{ f(lines) }}",
    "{{ '{a.__class__}'.format_map({'a': lines}) }}",
    "{{ ['{0.__class__}'.format]|map('call', lines)|list }}",
    "{{ ('{0.__class__}'|attr('format'))(lines) }}",
    "{{ (lines|map('upper')).gi_frame.f_globals }}",
    "{{ range.__self__ }}",
    "{{ lines.append.__self__ }}",
    "{{ roster.append('Dean Holt') }}",
    "{{ roster.clear() }}",
    "{% for x in lines %}{{ loop.__class__ }}{% endfor %}",
    "{% macro m() %}{{ m.__globals__ }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% import 'os' as os %}{{ os }}",
    "{% include '/etc/passwd' %}",
    "{% extends 'user.md' %}",
    "{% from 'os' import environ %}",
    "{{ request.application }}",
    "{{ open('/etc/passwd').read() }}",
    "{{ __import__('os') }}",
    "{{ range(10 ** 9)|list }}",
    "{{ range(1000000000)|list }}",
    "{{ 'x' * 1000000000 }}",
    "{{ 1000000000 * 'x' }}",
    "{{ [1] * 1000000000 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ lines|random }}",
    "{{ lipsum(1000000) }}",
    "{{ 1 // 0 }}",
    "{{ lines|dictsort }}",
]


@pytest.mark.parametrize("name", ["user.md", "repair.md"])
@pytest.mark.parametrize("escape", ESCAPES)
def test_no_template_gets_out_of_its_sandbox(pack: Path, name: str, escape: str) -> None:
    source = escape.replace("lines", "problems") if name == "repair.md" else escape
    source = source.replace("roster", "problems") if name == "repair.md" else source
    (pack / name).write_text(source, encoding="utf-8")
    with pytest.raises(PackError, match=rf"{name}: the template is broken: \S") as caught:
        load_pack(pack)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "escape", ["{{ [lines]|map(attribute='__class__')|list }}", "{{ [lines]|groupby('__class__') }}"]
)
def test_what_belongs_to_python_is_undefined_in_a_template(pack: Path, escape: str) -> None:
    (pack / "user.md").write_text(escape, encoding="utf-8")
    shown = load_pack(pack).user_template.render(lines=["No."])
    assert "Undefined" in shown
    assert "class" not in shown


def test_what_honest_templates_need_is_there(pack: Path) -> None:
    source = "{{ '-' * 40 }}{{ 3 * 4 }}{% for line in lines %}{{ loop.index }}{{ line.text|upper }}{% endfor %}"
    (pack / "user.md").write_text(source, encoding="utf-8")
    assert load_pack(pack).user == source


def test_templates_see_nothing_of_the_environment(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUOTES_API_KEY", "sk-in-the-environment")
    for name in ("environ", "os", "config", "environment", "g", "session", "settings"):
        (pack / "user.md").write_text(f"{{{{ {name} }}}}", encoding="utf-8")
        with pytest.raises(PackError, match="is undefined"):
            load_pack(pack)


# ------------------------------------------------------------------ schemas


def _with(**more: Any) -> dict[str, Any]:
    return copy.deepcopy(_SCHEMA) | {name.replace("_", "$", 1): value for name, value in more.items()}


def _cue(schema: dict[str, Any]) -> dict[str, Any]:
    """The shipped schema, in which a cue is *schema*."""
    changed = copy.deepcopy(_SCHEMA)
    changed["properties"]["attributions"]["items"]["properties"]["cue"] = schema
    return changed


OUTSIDE = [
    (_cue({"$ref": "{url}/cue.json"}), r"\$ref leads out of it"),
    (_cue({"$ref": "{url}/cue.json#/$defs/a"}), r"\$ref leads out of it"),
    (_cue({"$dynamicRef": "{url}/cue.json#a"}), r"\$dynamicRef leads out of it"),
    (_cue({"$ref": "file:///etc/passwd"}), r"\$ref leads out of it"),
    (_cue({"$ref": "/etc/passwd"}), r"\$ref leads out of it"),
    (_cue({"$ref": "other.json"}), r"\$ref leads out of it"),
    (_cue({"$ref": "../news/response.schema.json#"}), r"\$ref leads out of it"),
    (_cue({"$ref": "//127.0.0.1/x"}), r"\$ref leads out of it"),
    (_cue({"$ref": "urn:example:x"}), r"\$ref leads out of it"),
    (_cue({"$ref": ""}), r"\$ref leads out of it"),
    (_cue({"$ref": "https://json-schema.org/draft/2020-12/schema"}), r"\$ref leads out of it"),
    (_cue({"anyOf": [{"not": {"items": {"$ref": "{url}/deep.json"}}}]}), r"\$ref leads out of it"),
    (_cue({"$ref": "#/$defs/missing"}), r"\$ref leads nowhere"),
    (_cue({"$ref": "#missing"}), r"\$ref leads nowhere"),
    (_cue({"$ref": "#/title/0"}), r"\$ref leads nowhere"),
    (_cue({"$dynamicRef": "#missing"}), r"\$dynamicRef leads nowhere"),
    (_cue({"$recursiveRef": "#"}), r"\$recursiveRef is of another dialect"),
    (_cue({"$id": "{url}/cue.json", "$ref": "#/$defs/a"}), r"\$id gives itself another address"),
    (_with(_id="{url}/root.json"), r"\$id gives itself another address"),
    (_with(_schema="{url}/dialect.json"), r"\$schema is another dialect"),
    (_with(_schema="http://json-schema.org/draft-07/schema#"), r"\$schema is another dialect"),
    (_with(_schema="file:///etc/passwd"), r"\$schema is another dialect"),
]


def _write(pack: Path, schema: Any, url: str = "") -> None:
    (pack / "response.schema.json").write_text(json.dumps(schema).replace("{url}", url), encoding="utf-8")


@pytest.mark.parametrize(("schema", "complaint"), OUTSIDE)
def test_a_schema_that_refers_to_anything_but_itself_is_refused_and_nothing_fetched(
    pack: Path, endpoint: Echoing, schema: dict[str, Any], complaint: str
) -> None:
    _write(pack, schema, endpoint.url)
    with pytest.raises(PackError, match=rf"response\.schema\.json: {complaint}"):
        load_pack(pack)
    assert endpoint.heard == []


@pytest.mark.parametrize(("schema", "_complaint"), OUTSIDE)
def test_nor_does_the_validator_itself_fetch_anything(
    endpoint: Echoing, schema: dict[str, Any], _complaint: str
) -> None:
    validator = build_validator(json.loads(json.dumps(schema).replace("{url}", endpoint.url)))
    item = {"at": 1, "cue": "said", "speaker": "she", "who": {"person": 1}, "said": [1]}
    try:
        list(validator.iter_errors({"attributions": [item], "not_quotes": []}))
    except Exception as error:  # whatever it is that cannot be resolved: it was not looked for
        assert "Unresolvable" in repr(error) or "Wrapped" in type(error).__name__  # noqa: PT017
    assert endpoint.heard == []


@pytest.mark.parametrize(
    "schema",
    [
        _with(_schema="https://json-schema.org/draft/2020-12/schema"),
        _with(_defs={"a b/c~": {"type": "string"}}) | _cue({"$ref": "#/$defs/a%20b~1c~0"}),
        _with(_defs={"word": {"$anchor": "word", "type": "string"}}) | _cue({"$ref": "#word"}),
        _cue({"$ref": "#/properties/attributions/items/properties/speaker"}),
        _cue({"type": "string", "$comment": "see http://example.invalid/$ref"}),
    ],
)
def test_a_schema_may_refer_to_itself(pack: Path, schema: dict[str, Any]) -> None:
    _write(pack, _with(_defs=schema.get("$defs", {})) | schema | {"$defs": _DEFS})
    assert read_answer(_EMPTY, load_pack(pack).form).attributions == ()


_DEFS = {"a b/c~": {"type": "string"}, "word": {"$anchor": "word", "type": "string"}}


@pytest.mark.parametrize("loop", [{"$ref": "#"}, {"allOf": [{"$ref": "#"}]}, {"anyOf": [{"$dynamicRef": "#"}]}])
def test_a_schema_that_refers_to_itself_without_an_end_is_refused(pack: Path, loop: dict[str, Any]) -> None:
    _write(pack, copy.deepcopy(_SCHEMA) | loop)
    with pytest.raises(PackError, match="refers to itself without an end"):
        load_pack(pack)


def test_a_schema_that_recurses_makes_no_reply_crash(pack: Path) -> None:
    _write(pack, copy.deepcopy(_SCHEMA) | {"additionalProperties": {"$ref": "#/$defs/any"}, "$defs": {"any": _NESTED}})
    form = load_pack(pack).form
    deep = '{"x": ' * 900 + "1" + "}" * 900
    with pytest.raises(BrokenAnswer, match=r"nested too deeply|not JSON"):
        read_answer(f'{{"attributions": [], "not_quotes": [], "x": {deep}}}', form)


_NESTED = {"additionalProperties": {"$ref": "#/$defs/any"}, "items": {"$ref": "#/$defs/any"}}


@pytest.mark.parametrize("schema", [{"$ref": 5}, {"$ref": ["#"]}, {"pattern": "("}, {"$anchor": 7}, {"$defs": 3}])
def test_a_schema_that_is_none_is_refused(pack: Path, schema: dict[str, Any]) -> None:
    _write(pack, _cue(schema))
    with pytest.raises(PackError, match=r"response\.schema\.json is no JSON Schema"):
        load_pack(pack)


@pytest.mark.parametrize("depth", [500, 5000, 100_000])
def test_a_schema_nested_without_measure_is_refused(pack: Path, depth: int) -> None:
    text = json.dumps(_SCHEMA)[:-1] + ', "not": ' + '{"not": ' * depth + "false" + "}" * depth + "}"
    (pack / "response.schema.json").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=r"response\.schema\.json"):
        load_pack(pack)
