"""The recorded request nearest to one that is missing, and what differs: what a replay miss tells its reader."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import TYPE_CHECKING, Any

from quotes.errors import ReplayMiss

if TYPE_CHECKING:
    from quotes.cache.entry import Entry
    from quotes.cache.store import Store
    from quotes.exchange import Request

_LOOKED_AT = 500  # entries, where none is of the same article and chunk
_COMPARED = 20  # of them, with the slow comparison
_WORDS = 400  # of a message, for that comparison
_SHOWN = 3  # differences in an error
_WIDTH = 48  # characters of a value in a difference
_ALIKE = 0.6  # of the words of two messages in order; unrelated articles share a tenth to a fifth
_RECORD = "record again with --record"
_SAID = frozenset({"messages", "response_format", "tools"})  # the words of a request, and the schema made for them
_OPTIONS = {
    "model": "--model",
    "temperature": "--temperature",
    "max_tokens": "--max-output-tokens",
    "max_completion_tokens": "--max-output-tokens",
}


def replay_miss(store: Store, request: Request) -> ReplayMiss:
    """The error for *request*, which *store* does not hold: what is recorded instead, and what to do about it."""
    where = f"{request.article or 'request'}: chunk {request.chunk}"
    near = nearest(store, request)
    if near is None:
        what, remedy = f"no reply is recorded in {store.where}, which holds nothing", _RECORD
    elif near.request.article == request.article:
        what, remedy = _of_the_article(store, near, request)
    else:
        what, remedy = f"no request of this article is recorded in {store.where}", _RECORD
        if _ratio(_last_words(request), near.request) >= _ALIKE:
            what += f"; {_most_alike(near, request)}"
    return ReplayMiss(what, where=where, remedy=remedy)


def nearest(store: Store, request: Request) -> Entry | None:
    """The sound entry most like *request*: of its article and chunk, else of its article, else of any article."""
    # A damaged neighbour must not hide the miss; verify is the place that reports it.
    candidates: list[Entry] = []
    for scope in ((request.article, request.chunk), (request.article, None), (None, None)):
        candidates = candidates or list(islice(store.entries(*scope, sound=True), _LOOKED_AT))
    wanted = _last_words(request)
    counted = Counter(wanted)
    rough = sorted(candidates, key=lambda entry: -_overlap(counted, _last_words(entry.request)))[:_COMPARED]
    return max(rough, key=lambda entry: _likeness(request, wanted, entry.request), default=None)


def _of_the_article(store: Store, near: Entry, request: Request) -> tuple[str, str]:
    """What is wrong where *near*, of the same article, is recorded, and the remedy."""
    settings = _settings(near.request, request)
    if settings is None:
        return f"no reply is recorded in {store.where}; {_most_alike(near, request)}", _RECORD
    options = [_option(name, recorded) for name, (recorded, _) in settings.items()]
    remedy = f"give {' '.join(filter(None, options))} as it was recorded, or {_RECORD}" if all(options) else _RECORD
    found = _shown(differences(near.request, request))
    if len(settings) > 1:
        return f"recorded in {store.where} (key {near.key[:8]}) with other settings: {found}", remedy
    return f"recorded in {store.where} (key {near.key[:8]}) with another {found}", remedy


def _settings(recorded: Request, asked: Request) -> dict[str, tuple[Any, Any]] | None:
    """The settings in which two requests that say the same differ; ``None`` where they say different things."""
    old, new = ({"endpoint": one.label, "trial": one.trial, **one.body} for one in (recorded, asked))
    found = {name: (old.get(name), new.get(name)) for name in {**old, **new} if old.get(name) != new.get(name)}
    return None if not found or _SAID & found.keys() else found


def _option(name: str, recorded: Any) -> str | None:
    """The option that gives the setting *name* the value *recorded*, if there is one."""
    if name == "temperature" and recorded is None:
        return "--no-temperature"
    option = _OPTIONS.get(name)
    return f"{option} {recorded}" if option and isinstance(recorded, str | int | float) else None


def _most_alike(near: Entry, request: Request) -> str:
    of = f"{near.request.article or 'request'} chunk {near.request.chunk}, key {near.key[:8]}"
    return f"the nearest ({of}) differs in {_shown(differences(near.request, request))}"


def _shown(found: Sequence[str]) -> str:
    return "; ".join(found[:_SHOWN]) + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def differences(recorded: Request, asked: Request) -> tuple[str, ...]:
    """What is not the same in two requests, a line each, as ``place: recorded → asked``; nothing when equal keys."""
    found = list(_differences("endpoint", recorded.label, asked.label))
    found += _differences("trial", recorded.trial, asked.trial)
    found += _differences("", recorded.body, asked.body)
    return tuple(found)


def text_difference(recorded: str, asked: str) -> str:
    """The first line in which two texts differ: ``line 12 '…' → '…'``, 1-based."""
    if "\n" not in recorded and "\n" not in asked:
        return " → ".join(_around(recorded, asked))
    old, new = recorded.split("\n"), asked.split("\n")
    number = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    a = old[number] if number < len(old) else None
    b = new[number] if number < len(new) else None
    if a is None or b is None:
        shown = f"{_cut(a)} → (end)" if a is not None else f"(end) → {_cut(b)}"
    else:
        shown = " → ".join(_around(a, b))
    return f"line {number + 1} {shown}"


def _differences(place: str, recorded: Any, asked: Any) -> Iterator[str]:
    if recorded == asked and type(recorded) is type(asked):
        return
    if isinstance(recorded, Mapping) and isinstance(asked, Mapping):
        yield from _in_objects(place, recorded, asked)
    elif isinstance(recorded, (list, tuple)) and isinstance(asked, (list, tuple)):
        yield from _in_lists(place, recorded, asked)
    elif isinstance(recorded, str) and isinstance(asked, str):
        yield f"{place}: {text_difference(recorded, asked)}"
    elif recorded != asked:
        yield f"{place}: {_cut(recorded)} → {_cut(asked)}"


def _in_objects(place: str, recorded: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(recorded.keys() | asked.keys(), key=_telling):
        inner = f"{place}.{name}" if place else name
        if name not in asked:
            yield f"{inner}: {_cut(recorded[name])} → (absent)"
        elif name not in recorded:
            yield f"{inner}: (absent) → {_cut(asked[name])}"
        else:
            yield from _differences(inner, recorded[name], asked[name])


def _telling(name: str) -> tuple[bool, bool, str]:
    """What explains most comes first: options, then the words; a schema made for them changes with them."""
    return name == "response_format", name == "messages", name


def _in_lists(place: str, recorded: Sequence[Any], asked: Sequence[Any]) -> Iterator[str]:
    if len(recorded) != len(asked):
        yield f"{place}: {len(recorded)} → {len(asked)} items"
    for index, (old, new) in enumerate(zip(recorded, asked, strict=False)):
        role = new.get("role") if isinstance(new, Mapping) else None
        inner = f"{place}[{index}]" + (f" ({role})" if role else "")
        if role and isinstance(old, Mapping) and isinstance(old.get("content"), str) and old.get("role") == role:
            yield from _differences(inner, old["content"], new.get("content"))
        else:
            yield from _differences(inner, old, new)


def _around(recorded: str, asked: str) -> tuple[str, str]:
    """Both texts, cut to a window that begins shortly before their first difference."""
    pairs = enumerate(zip(recorded, asked, strict=False))
    first = next((i for i, (a, b) in pairs if a != b), min(len(recorded), len(asked)))
    start = max(0, first - _WIDTH // 3)
    return _cut(recorded[start:], start > 0), _cut(asked[start:], start > 0)


def _cut(value: Any, begun: bool = False) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    shown = ("…" if begun else "") + text[:_WIDTH] + ("…" if len(text) > _WIDTH else "")
    return repr(shown) if isinstance(value, str) else shown


def _last_words(request: Request) -> list[str]:
    messages = request.body.get("messages")
    last = messages[-1] if isinstance(messages, (list, tuple)) and messages else None
    content = last.get("content") if isinstance(last, Mapping) else None
    return content.split(None, _WORDS)[:_WORDS] if isinstance(content, str) else []


def _overlap(counted: Counter[str], words: list[str]) -> float:
    return 2 * (counted & Counter(words)).total() / max(1, counted.total() + len(words))


def _likeness(request: Request, wanted: list[str], other: Request) -> tuple[bool, float, int]:
    ours, theirs = request.body.get("messages") or (), other.body.get("messages") or ()
    return len(ours) == len(theirs), _ratio(wanted, other), -len(differences(other, request))


def _ratio(wanted: list[str], other: Request) -> float:
    return SequenceMatcher(None, wanted, _last_words(other), autojunk=False).ratio()
