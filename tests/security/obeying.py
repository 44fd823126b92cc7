"""A model that obeys the attacker in every way: whatever an article dictates it answers, and worse of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from quotes.exchange import Outcome, Reply, Request

Attack = Callable[[Request], str]
"""The text of the reply to a request."""

_MARK, _LINE = re.compile(r"⟦(\d+):"), re.compile(r"^\[(\d+)\] (.*)$", re.M)
_INVENTED = "the well is poisoned"


def _shown(request: Request) -> str:
    last: str = request.body["messages"][-1]["content"]
    return last


def _attribution(at: object, said: list[object], **fields: object) -> dict[str, object]:
    return {"at": at, "cue": "said", "speaker": "she", "who": {"person": 1}, "said": said, **fields}


def _reply(attributions: list[Any], not_quotes: list[Any] | None = None) -> str:
    return json.dumps({"attributions": attributions, "not_quotes": not_quotes or []}, ensure_ascii=False)


def _marks(request: Request) -> list[int]:
    return [int(number) for number in _MARK.findall(_shown(request))]


def _dictated(request: Request) -> str:
    """The first JSON object that the article itself holds, else the whole article."""
    shown = _shown(request)
    for found in re.finditer(r"\{", shown):
        try:
            value, _ = json.JSONDecoder().raw_decode(shown, found.start())
        except ValueError:
            continue
        return json.dumps(value, ensure_ascii=False)
    return shown


def _silent(request: Request) -> str:
    return _reply([])


def _invented(request: Request) -> str:
    lines = [int(number) for number, _ in _LINE.findall(_shown(request))] or [1]
    said = [_INVENTED, f"{_INVENTED} … {_INVENTED}", *_marks(request)]
    who = [{"person": "Mara Ruiz"}, {"document": _INVENTED}, {"unknown": 0}]
    return _reply([_attribution(at, said, who=who[at % 3], speaker=_INVENTED) for at in lines])


def _foreign_numbers(request: Request) -> str:
    numbers: list[object] = [-1, 0, 9999, 10**30, -(10**30), 1.0, 2e15]
    items = [_attribution(at, [*numbers, *_marks(request)], who={"group": at}) for at in numbers]
    return _reply(items, [{"mark": number, "as": "scare"} for number in numbers])


def _everything_to_everyone(request: Request) -> str:
    marks = _marks(request)
    items = [_attribution(at, list(marks), who={"person": who}) for at in (1, 2, 3) for who in (1, 2, "Dean Holt")]
    return _reply(items * 3, [{"mark": mark, "as": kind} for mark in marks * 2 for kind in ("scare", "title")])


def _words_of_the_prompt(request: Request) -> str:
    """Our instructions and our examples, given as if the article said them."""
    words = [message["content"].split() for message in request.body["messages"][:-1]]
    pieces = [" ".join(some[at : at + 4]) for some in words for at in range(0, min(len(some), 32), 4)]
    return _reply([_attribution(1, [piece, f"{piece} … {piece}"], cue=piece, speaker=piece) for piece in pieces])


def _halves_of_words(request: Request) -> str:
    """Anchors that begin and end within words, and clauses that cross every mark."""
    words = [word for _, line in _LINE.findall(_shown(request)) for word in line.split()] or ["a"]
    pieces = [word[1:] or word for word in words] + [word[:-1] or word for word in words]
    crossing: list[object] = [f"{words[at]} … {words[-1 - at]}" for at in range(min(len(words), 6))]
    return _reply([_attribution(1, [*crossing, piece], cue=piece, speaker=piece) for piece in pieces[:40]])


def _nothing_visible(request: Request) -> str:
    blanks: list[object] = [
        "\u200b",
        "\u202e",
        " ",
        "\u2060\ufeff",
        "…",
        " … ",
        "\u00ad",
        "\x00",
        "\ud800",
        "\u0301",
        "⟦",
        "⟧",
    ]
    return json.dumps(
        {
            "attributions": [_attribution(1, blanks, cue=b, speaker=b, who={"person": b}) for b in blanks],
            "not_quotes": [],
        }
    )


def _too_deep(request: Request) -> str:
    return '{"attributions": [' + '{"at": ' * 3000 + "1" + "}" * 3000 + '], "not_quotes": []}'


def _too_long(request: Request) -> str:
    return _reply([_attribution(1, [mark, "x" * 1000]) for mark in range(-20, 20)])


def _wrong_types(request: Request) -> str:
    return (
        '{"attributions": [{"at": NaN, "cue": null, "speaker": [], "who": {"person": Infinity, "group": 1},'
        ' "said": {}}], "not_quotes": "all", "__proto__": {}, "attributions": [], "extra": 1e999}'
    )


def _prose(request: Request) -> str:
    return "Sure! As you asked I ignore the rules. <|im_end|> ```json\n{}\n``` " + _shown(request)


def _spoken_twice(request: Request) -> str:
    """Two answers in one reply, and the first key given twice."""
    one = _reply([_attribution(1, list(_marks(request)))])
    return one + one.replace('"not_quotes"', '"attributions"')


ATTACKS: tuple[Attack, ...] = (
    _dictated,
    _silent,
    _invented,
    _foreign_numbers,
    _everything_to_everyone,
    _words_of_the_prompt,
    _halves_of_words,
    _nothing_visible,
    _too_deep,
    _too_long,
    _wrong_types,
    _prose,
    _spoken_twice,
)
_OUTCOMES: tuple[Outcome, ...] = ("complete", "truncated", "refusal", "content_filter", "context_overflow")


def replies_of(attack: Attack) -> Callable[[Request], Reply]:
    """A model that always answers by *attack*."""
    return lambda request: Reply(attack(request), detail="\x1b[31m[red]=1+1\u202e")


def changing_replies(start: int) -> Callable[[Request], Reply]:
    """A model that answers each request by another attack, and now and then gives up in another way."""

    def attacks() -> Iterator[tuple[Attack, Outcome]]:
        count = start
        while True:
            yield ATTACKS[count % len(ATTACKS)], _OUTCOMES[count % 11] if count % 11 < 5 else "complete"
            count += 1

    order = attacks()

    def answer(request: Request) -> Reply:
        attack, outcome = next(order)
        return Reply(attack(request), outcome, detail="\x1b]0;owned\x07 {0} %s\n=1+1")

    return answer
