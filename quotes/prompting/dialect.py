"""Dialects: how one endpoint wants to be asked, and the next way to ask it once it has refused one.

The words of a question are the pack's. How the form of the answer is demanded, what the bound on it is called and what
else stands in the body differ from endpoint to endpoint: all of that is here, and it is pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Literal, TypeAlias, get_args

from quotes.errors import UsageError
from quotes.exchange import Written

Rung = Literal["strict", "schema", "tool", "object", "prompt"]
"""How the form of an answer is asked for, the strictest first: a schema enforced token by token, a schema, the
arguments of a tool call, any JSON object, nothing. The last two tell the schema in the instructions."""

LimitParameter = Literal["max_tokens", "max_completion_tokens"]
LIMIT_PARAMETERS: Final[tuple[LimitParameter, ...]] = get_args(LimitParameter)
"""What endpoints call the bound on the tokens of a reply, the older name first."""

Breakpoints = Literal["prompt_cache_breakpoint", "cache_control"]
Message: TypeAlias = Mapping[str, Any]

_RUNGS: Final[tuple[Rung, ...]] = get_args(Rung)
_BREAKPOINTS: Final[tuple[Breakpoints, ...]] = get_args(Breakpoints)
_OPENAI_LABEL: Final = "api.openai.com"
_NAME: Final = "quotes"
_OF_THE_RUNG: Final = frozenset({"schema", "response_format", "tools", "tool_choice"})
_FORGONE: Final = frozenset({"temperature", "seed", "reasoning_effort", *_BREAKPOINTS})
"""What a request can do without. Log-probabilities are not among them: who is asked to judge is asked for the odds."""

_OURS: Final = ("messages", "model", "response_format", "tools", "tool_choice", "stream", "n")
"""Parts of a body that nobody may replace: the answer would be another's, or in no form that can be read."""

_MARKS: Final[Mapping[Breakpoints, Mapping[str, str]]] = {
    "prompt_cache_breakpoint": {"mode": "explicit"},
    "cache_control": {"type": "ephemeral"},
}
_TOLD: Final = "Answer with one JSON object and nothing else. It must be valid against this JSON Schema: "


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an endpoint is asked.

    *fixed* keeps the *rung*, whatever the endpoint makes of it. *limit_parameter* is what the bound on output tokens is
    called; ``None`` leaves it to the endpoint's label. *omitted* are parts of a body that the endpoint refuses. *seed*
    and *reasoning_effort* are sent where given; *extra_body* is added to every body. *breakpoints* names the mark that
    is put at the end of the fixed part of a prompt: ``prompt_cache_breakpoint`` as OpenAI documents it for Chat
    Completions, or ``cache_control`` as Anthropic does, which gateways understand too.

    Raises:
        UsageError: *extra_body* would replace what is ours, or is no JSON.
    """

    rung: Rung = "strict"
    fixed: bool = False
    limit_parameter: LimitParameter | None = None
    omitted: frozenset[str] = frozenset()
    seed: int | None = None
    reasoning_effort: str | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict, hash=False)
    breakpoints: Breakpoints | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be sent."""
        for name in _OURS:
            if name in self.extra_body:
                raise UsageError(
                    "would replace a part of the request", where=f"extra_body.{name}", remedy="leave it out"
                )
        try:
            json.dumps(self.extra_body, allow_nan=False)
        except (TypeError, ValueError):
            raise UsageError("cannot be sent as JSON", where="extra_body", remedy="use numbers, texts, lists") from None

    @property
    def tells_schema(self) -> bool:
        """Whether the schema stands in the instructions, because nothing else holds the endpoint to it."""
        return self.rung in ("object", "prompt")

    @property
    def learned(self) -> Dialect:
        """What of it an endpoint's refusals have taught, apart from what anybody asked for."""
        return Dialect("strict" if self.fixed else self.rung, omitted=self.omitted)

    def taught(self, learned: Dialect) -> Dialect:
        """This dialect after the refusals that led to *learned*."""
        return replace(self, rung=self.rung if self.fixed else learned.rung, omitted=learned.omitted)

    def after(self, part: str) -> Dialect | None:
        """The next dialect, now that the endpoint has refused *part*: ``schema`` or a parameter of the body, which may
        be told with where it stands in it (``messages[0].content[0].cache_control``).

        ``None`` where nothing is left to try: for what no request can do without, and for what the user asked for.
        """
        names = part.replace("[", ".").split(".")
        if names[0] in self.extra_body:
            return None
        if names[0] in _OF_THE_RUNG:
            return self._lower()
        name = next((name for name in (names[0], names[-1]) if name in _FORGONE or name in LIMIT_PARAMETERS), None)
        if name is None or name in self.omitted:
            return None
        return replace(self, omitted=self.omitted | {name})

    def _lower(self) -> Dialect | None:
        if self.fixed or self.rung == _RUNGS[-1]:
            return None
        return replace(self, rung=_RUNGS[_RUNGS.index(self.rung) + 1])

    def body(
        self,
        head: Mapping[str, Any],
        schema: Mapping[str, Any],
        *,
        label: str,
        most: int,
        temperature: float | None,
    ) -> dict[str, Any]:
        """The JSON to send: *head* (model and messages), then what demands an answer of *schema* and *most* tokens.

        *label* is the endpoint's, *temperature* ``None`` leaves it to the endpoint.
        """
        body = dict(head)
        if (limit := self._limit(label)) is not None:
            body[limit] = most
        body |= self._form(schema)
        if temperature is not None:
            body["temperature"] = int(temperature) if temperature == int(temperature) else temperature
        asked = {"seed": self.seed, "reasoning_effort": self.reasoning_effort}
        body |= {name: value for name, value in asked.items() if value is not None}
        return {name: value for name, value in body.items() if name not in self.omitted} | dict(self.extra_body)

    def preamble(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> tuple[Message, ...]:
        """The fixed *messages* of a prompt, instructions first, as this endpoint gets them."""
        told = [dict(message) for message in messages]
        if self.tells_schema:
            compact = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
            told[0]["content"] = f"{told[0]['content']}\n\n{_TOLD}{compact}"
        if self.breakpoints is not None and self.breakpoints not in self.omitted:
            # An answer carries no mark: not every endpoint takes one on what is an assistant's.
            last = next(message for message in reversed(told) if message["role"] != "assistant")
            marked: dict[str, Any] = {"type": "text", "text": last["content"]}
            last["content"] = [marked | {self.breakpoints: dict(_MARKS[self.breakpoints])}]
        return tuple(told)

    def _limit(self, label: str) -> LimitParameter | None:
        """What the bound on output tokens is called: the other name where one is refused, none where both are."""
        usual: LimitParameter = "max_completion_tokens" if label == _OPENAI_LABEL else "max_tokens"
        first = self.limit_parameter or usual
        return next((name for name in sorted(LIMIT_PARAMETERS, key=first.__ne__) if name not in self.omitted), None)

    def _form(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The part of a body that holds the endpoint to *schema*, as far as this rung can."""
        schema = schema if isinstance(schema, Written) else dict(schema)
        if self.rung in ("strict", "schema"):
            inner: dict[str, Any] = {"name": _NAME}
            if self.rung == "strict":
                inner["strict"] = True
            return {"response_format": {"type": "json_schema", "json_schema": inner | {"schema": schema}}}
        if self.rung == "tool":
            function = {"name": _NAME, "description": "Give the answer.", "parameters": schema}
            choice = {"type": "function", "function": {"name": _NAME}}
            return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
        return {"response_format": {"type": "json_object"}} if self.rung == "object" else {}

    def to_json(self) -> dict[str, Any]:
        """What differs from the default, for a store's manifest."""
        default = Dialect()
        changed = {one.name: getattr(self, one.name) for one in fields(self)}
        changed = {name: value for name, value in changed.items() if value != getattr(default, name)}
        return {name: _plain(value) for name, value in changed.items()}

    @classmethod
    def from_json(cls, value: Any) -> Dialect:
        """The dialect that `to_json` gave.

        Raises:
            ValueError: *value* is none.
        """
        if not isinstance(value, dict) or not value.keys() <= {one.name for one in fields(cls)}:
            raise ValueError("a dialect is an object of known fields")
        for name, found in value.items():
            if not _SOUND[name](found):
                raise ValueError(f"{name} is not of its kind")
        omitted = frozenset(value.get("omitted", ()))
        try:
            return cls(**{**value, "omitted": omitted})
        except UsageError as error:
            raise ValueError(str(error)) from None


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return dict(value) if isinstance(value, Mapping) else value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


_SOUND: Final[Mapping[str, Any]] = {
    "rung": _RUNGS.__contains__,
    "fixed": lambda value: isinstance(value, bool),
    "limit_parameter": (None, *LIMIT_PARAMETERS).__contains__,
    "omitted": _is_texts,
    "seed": lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool)),
    "reasoning_effort": lambda value: value is None or isinstance(value, str),
    "extra_body": lambda value: isinstance(value, dict),
    "breakpoints": (None, *_BREAKPOINTS).__contains__,
}


def newest_last(dialects: Iterable[Dialect]) -> tuple[Dialect, ...]:
    """*dialects*, each once, at its last place."""
    return tuple(dict.fromkeys(reversed(tuple(dialects))))[::-1]
