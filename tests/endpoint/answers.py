"""Sane answers: what a model that reads its prompt would say. They depend on the request's body alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MODEL = "sample-1b"

_TEXT = re.compile(r"(?:\A|\n)Text:\n")
_LINE = re.compile(r"^\[(\d+)\] (.*)$", re.M)
_NAME = re.compile(r"^(\d+) (.+)$", re.M)
_ONLY = re.compile(r"^Answer only about ((?:⟦\d+⟧(?:, )?)+)", re.M)
_NUMBER = re.compile(r"⟦(\d+)")
_EDGE = re.compile(r"⟦(\d+):|⟧")
_CUE = re.compile(r"\b(?:said|told|wrote|asked|warned|added|replied)\b")
_SPEAKER = re.compile(r"[A-Z][a-zé]+ [A-Z][a-zé]+|\b[Ss]he\b|\b[Hh]e\b")
_REPORTED = re.compile(r"^(?P<speaker>[A-Z][a-zé]+ [A-Z][a-zé]+) (?P<cue>said|wrote|warned) (?P<clause>that [^⟦⟧]+)\.$")


@dataclass(frozen=True)
class _Shown:
    """A chunk as a prompt shows it: the lines and names by their numbers, and the marks that are asked about."""

    lines: Mapping[int, str]
    names: Mapping[str, int]
    only: frozenset[int]


def answer(body: Mapping[str, Any]) -> str:
    """The answer to *body*: to a judge's question a judgement, to everything else attributions."""
    if "said" in _schema(body).get("properties", {}):
        return json.dumps({"said": "yes"})
    return json.dumps(attributions(body), ensure_ascii=False)


def attributions(body: Mapping[str, Any]) -> dict[str, Any]:
    """The attributions in the last text that *body* shows. A mark whose sentence has no cue is a term."""
    shown = _shown(body["messages"])
    found, owned, terms = [], set[int](), list[int]()
    for number, line in shown.lines.items():
        outer, plain = _marks(line)
        outer = [mark for mark in outer if not shown.only or mark in shown.only]
        item = _of_marks(number, plain, outer, shown.names) if outer else _of_words(number, line, shown)
        if item is not None:
            found.append(item)
            owned |= set(outer)
        else:
            terms += outer
    rest = [{"mark": mark, "as": "term"} for mark in terms if mark not in owned]
    return {"attributions": found, "not_quotes": rest}


def shown_lines(body: Mapping[str, Any]) -> Mapping[int, str]:
    """The lines of the last text that *body* shows, without the context around it."""
    return _shown(body["messages"]).lines


def completion(body: Mapping[str, Any], content: str | None, *, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """A chat completion around *content*; where *body* offers a tool, the answer is a call of it."""
    said: dict[str, Any] = {"role": "assistant", "content": content} | message
    if body.get("tools") and content and finish == "stop":
        called = {"name": body["tools"][0]["function"]["name"], "arguments": content}
        said |= {"content": None, "tool_calls": [{"id": "call-1", "type": "function", "function": called}]}
        finish = "tool_calls"
    choice: dict[str, Any] = {"index": 0, "finish_reason": finish, "message": said}
    if body.get("logprobs"):
        choice["logprobs"] = {"content": list(_weighed(content or ""))}
    prompt = sum(len(str(message.get("content"))) for message in body["messages"]) // 4
    return {
        "id": "chatcmpl-7",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [choice],
        "usage": {"prompt_tokens": prompt, "completion_tokens": len(content or "") // 4 + 1},
    }


def _of_marks(number: int, plain: str, marks: Sequence[int], names: Mapping[str, int]) -> dict[str, Any] | None:
    """An attribution of *marks* by what *plain*, line *number* without them, prints."""
    cue = _CUE.search(plain)
    if cue is None:
        return None
    near = sorted(_SPEAKER.finditer(plain), key=lambda found: abs(found.start() - cue.start()))
    speaker = near[0].group() if near else ""
    who = names.get(speaker, 0)
    return {"at": number, "cue": cue.group(), "speaker": speaker, "who": {"person": who}, "said": list(marks)}


def _of_words(number: int, line: str, shown: _Shown) -> dict[str, Any] | None:
    """An attribution of the clause that *line*, which has no marks, reports."""
    found = _REPORTED.match(line)
    if found is None or shown.only:
        return None
    speaker, cue, clause = found.group("speaker", "cue", "clause")
    words = clause.split()
    said = clause if len(words) <= 5 else f"{' '.join(words[:3])} … {' '.join(words[-3:])}"
    return {
        "at": number,
        "cue": cue,
        "speaker": speaker,
        "who": {"person": shown.names.get(speaker, 0)},
        "said": [said],
    }


def _marks(line: str) -> tuple[list[int], str]:
    """The outermost marks of *line*, and its words outside of them."""
    found, plain, depth, at = list[int](), list[str](), 0, 0
    for edge in _EDGE.finditer(line):
        if depth == 0:
            plain.append(line[at : edge.start()])
        if edge[1]:
            found += [int(edge[1])] if depth == 0 else []
            depth += 1
        else:
            depth = max(0, depth - 1)
        at = edge.end()
    return found, " ".join([*plain, line[at:] if depth == 0 else ""])


def _shown(messages: Sequence[Mapping[str, Any]]) -> _Shown:
    texts = [_plain(message.get("content")) for message in messages if message.get("role") == "user"]
    prompt = next((text for text in reversed(texts) if _TEXT.search(text)), "")
    head, _, tail = prompt.partition("Text:\n")
    tail = tail.split("\nAfter (context only):")[0]
    only = _ONLY.search(prompt)
    return _Shown(
        {int(line[1]): line[2] for line in _LINE.finditer(tail)},
        {name[2]: int(name[1]) for name in _NAME.finditer(head.split("Before (context only):")[0])},
        frozenset(int(number) for number in _NUMBER.findall(only[1])) if only else frozenset(),
    )


def _plain(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _schema(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema *body* asks for, by a response format or a tool."""
    format_ = body.get("response_format") or {}
    found = (format_.get("json_schema") or {}).get("schema")
    for tool in body.get("tools") or ():
        found = found or tool["function"].get("parameters")
    return found or {}


def _weighed(content: str) -> Iterator[dict[str, Any]]:
    for word in re.findall(r"\w+|\W+", content):
        yes = {"token": word, "logprob": -0.105361}
        other = {"token": "no" if word == "yes" else "yes", "logprob": -2.302585}
        yield {**yes, "top_logprobs": [yes, other]}
