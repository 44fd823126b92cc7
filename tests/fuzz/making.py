"""Articles and replies for fuzzing, built from invented blocks, recombined and broken by a seeded generator."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from quotes.exchange import Outcome, Reply, Request
from tests.security.hostile import HOSTILE
from tests.strategies import BROKEN, CUES, ENDS, GAPS, MARKS, NAMES, QUOTED, WORDS

_SENTENCES = (
    "{q} {name} {cue}",
    "{name} {cue} {q}",
    "{name} {cue} that {words} {q}",
    "{name} {cue} that {words}",
    "{q}",
    "{words}",
    "{cue} {name}, {words}",
    "{name}: {q}",
    "{q} {words} {q}, {cue} {name}",
    "According to {name}, {words}",
    "{name} called {name} {q} and {cue} {q}",
    "{o}{words} {q} {words}{c} {cue} {name}",
    "{o}{words}, {cue} {name}, {words}{c}",
)
_MORE_NAMES = (
    "Ida Krell",
    "Krell",
    "Dr. Odile Marquant",
    "the ministry",
    "who",
    "they",
    "Aiko 𠮷野",
    "l'État",
    "O’Neil",
)
_MORE_CUES = ("says", "wrote", "called on", "declared", "fragte", "meint", "selon", "a ajouté", "said that", "urged")
_CONTROLS = (
    *("\x00", "\x01", "\x1b[31m", "\x7f", "\x85", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2067", "\u2069"),
    *(
        "\u2028",
        "\u2029",
        "\x0b",
        "\x0c",
        "\x1c",
        "\ud800",
        "\udfff",
        "\u0301",
        "\u0336",
        "\ufe0f",
        "\U000e0041",
        "\u00ad",
    ),
)
_SNIPPETS = tuple(case.text[:300] for case in HOSTILE)
_ROUND = ("person", "organization", "document", "group", "anonymous", "unknown")
_STRAY: tuple[Any, ...] = (
    -1,
    0,
    99,
    10**30,
    1.0,
    2.5,
    -0.0,
    True,
    None,
    "",
    "…",
    " … ",
    "x",
    [],
    {},
    [1],
    "\ud800",
    "⟦1:",
)
_MARK, _LINE = re.compile(r"⟦(\d+):"), re.compile(r"^\[(\d+)\] (.*)$", re.M)
_OUTCOMES: tuple[Outcome, ...] = ("truncated", "refusal", "content_filter", "context_overflow")


class Maker:
    """Makes articles and replies; of one *seed* always the same."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._some = self.random.choice

    def article(self, most: int = 5) -> str:
        """Up to *most* sentences of news, with quotations of every kind, now and then broken."""
        parts: list[str] = []
        for _ in range(self.random.randint(1, most)):
            parts += [self._sentence(), self._some(ENDS), self._some(GAPS)]
        text = "".join(parts)
        for _ in range(self._some((0, 0, 1, 1, 2, 5))):
            text = self._broken(text)
        return text

    def _sentence(self) -> str:
        if self.random.random() < 0.04:
            snippet = self._some(_SNIPPETS)
            start = self.random.randrange(len(snippet))
            return snippet[start : start + self.random.randint(1, 90)]
        opening, closing = self._some(QUOTED)
        shape = self._some(_SENTENCES)
        while "{q}" in shape:
            shape = (
                shape.replace("{q}", self._quotation(), 1) if self.random.random() < 0.95 else shape.replace("{q}", "")
            )
        for hole, blocks in (("{name}", NAMES + list(_MORE_NAMES)), ("{cue}", CUES + list(_MORE_CUES))):
            while hole in shape:
                shape = shape.replace(hole, self._some(blocks), 1)
        while "{words}" in shape:
            shape = shape.replace("{words}", self._words(), 1)
        return shape.replace("{o}", opening).replace("{c}", closing)

    def _quotation(self) -> str:
        opening, closing = self._some(QUOTED)
        end = self._some((",", ".", "!", "", "", "?"))
        inner = self._words()
        if self.random.random() < 0.15:
            nested, unnested = self._some(QUOTED)
            inner = f"{inner} {nested}{self._words()}{unnested}"
        return f"{opening}{inner}{end}{closing}"

    def _words(self) -> str:
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, 6)))

    def _broken(self, text: str) -> str:
        """*text* after one accident."""
        at = self.random.randrange(len(text) + 1)
        end = min(len(text), at + self.random.randint(1, 12))
        match self.random.randrange(7):
            case 0:
                return text[:at] + text[end:]
            case 1:
                return text[:at] + self._some(MARKS) + text[at:]
            case 2:
                return text[:at] + self._some(_CONTROLS) + text[at:]
            case 3:
                return text[:end] + text[at:end] * self.random.randint(1, 3) + text[end:]
            case 4:
                return text[:at] + self._some(GAPS) + text[at:]
            case 5:
                return text[:at] + text[at:end][::-1] + text[end:]
            case _:
                return text[:at] + chr(
                    self.random.choice((self.random.randrange(0x250), self.random.randrange(0x11000)))
                )

    # -------------------------------------------------------------- replies

    def reply(self, request: Request) -> Reply:
        """A reply to *request*: mostly of its schema and about what was shown, never to be trusted."""
        if "top_logprobs" in request.body:
            return Reply(self._some(('{"said": "yes"}', '{"said": "no"}', '{"said": 1}', *BROKEN)), "complete")
        outcome: Outcome = self._some(_OUTCOMES) if self.random.random() < 0.05 else "complete"
        return Reply(self.answer(request), outcome)

    def answer(self, request: Request) -> str:
        """The text of a reply to *request*."""
        if self.random.random() < 0.04:
            return self._some(BROKEN)
        shown: str = request.body["messages"][-1]["content"]
        lines = _LINE.findall(shown) or [("1", "nothing")]
        marks = [int(number) for number in _MARK.findall(shown)] or [1]
        value = {
            "attributions": [self._attribution(lines, marks) for _ in range(self._some((0, 1, 1, 2, 3, 5)))],
            "not_quotes": [
                {"mark": self._number(marks), "as": self._some(("scare", "title", "term", "other"))}
                for _ in range(self._some((0, 0, 1, 2)))
            ],
        }
        if self.random.random() < 0.1:
            self._spoil(value)
        text = json.dumps(value, ensure_ascii=self.random.random() < 0.5)
        return self._broken(text) if self.random.random() < 0.08 else text

    def _attribution(self, lines: list[tuple[str, str]], marks: list[int]) -> dict[str, Any]:
        number, line = self._some(lines)
        words = line.split() or ["x"]
        said: list[int | str] = [
            self._number(marks) if self.random.random() < 0.6 else self._anchor(words)
            for _ in range(self._some((0, 1, 1, 1, 2, 3)))
        ]
        who: int | str = self.random.randint(0, 4) if self.random.random() < 0.7 else self._anchor(words)
        return {
            "at": int(number) if self.random.random() < 0.9 else self.random.randint(-1, 9),
            "cue": self._some(("said", "", self._anchor(words), self._some(CUES))),
            "speaker": self._some((self._anchor(words), "", self._some(NAMES))),
            "who": {self._some(_ROUND): who},
            "said": said,
        }

    def _number(self, marks: list[int]) -> int:
        return self._some(marks) if self.random.random() < 0.9 else self.random.randint(-2, 12)

    def _anchor(self, words: list[str]) -> str:
        start = self.random.randrange(len(words))
        piece = " ".join(words[start : start + self.random.randint(1, 3)])
        match self.random.randrange(8):
            case 0:
                other = self.random.randrange(len(words))
                return f"{piece} … {' '.join(words[other : other + 2])}"
            case 1:
                return f"{piece} … {' '.join(words[-2:])}"
            case 2:
                return piece[self.random.randrange(len(piece) + 1) :]
            case 3:
                return self._broken(piece)
            case _:
                return piece.replace("⟧", "") if self.random.random() < 0.5 else re.sub(r"⟦\d+:|⟧", "", piece)

    def _spoil(self, value: Any) -> None:
        """Put something of another kind at some place in *value*."""
        node = value
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                return
            key = self._some(keys)
            if isinstance(node[key], dict | list) and self.random.random() < 0.7:
                node = node[key]
                continue
            node[key] = self._some(_STRAY)
            return
