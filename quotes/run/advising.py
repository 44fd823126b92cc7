"""Advice: from what the probes have shown of an endpoint to the options that suit it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quotes.llm.address import LOCAL
from quotes.llm.probes import Finding
from quotes.prompting.dialect import LIMIT_PARAMETERS
from quotes.run.settings import DEFAULT_CONCURRENCY

_BY_PREFERENCE: Final[Sequence[tuple[str, tuple[str, ...]]]] = (
    ("enforced", ("strict", "schema", "tool", "object")),
    ("loose", ("object", "tool", "schema", "strict")),
    ("followed", ("prompt",)),
)
"""What holds a model to the schema comes first; then what tells it the schema in the instructions."""

_RUNGS: Final = ("strict", "schema", "tool", "object", "prompt")


@dataclass(frozen=True, slots=True)
class Advice:
    """The *options* of ``quotes extract``, each with its value (``True`` for a switch), the *profile* that holds the
    same and the endpoint, and *remarks* on what is worth knowing beside."""

    options: Mapping[str, str | int | bool]
    profile: Mapping[str, Any]
    remarks: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The options as they are typed."""
        words = []
        for name, value in self.options.items():
            flag = "--" + name.replace("_", "-")
            words.append(flag if value is True else f"{flag} {value}")
        return " ".join(words)

    def snippet(self, name: str) -> str:
        """The profile as a part of ``quotes.toml``."""
        lines = [f"[profiles.{name}]"]
        return "\n".join(
            lines + [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in self.profile.items()]
        )


def best_rung(findings: Sequence[Finding]) -> str | None:
    """The rung of the ladder to ask by, or ``None`` where none gives an answer that can be used."""
    words = {finding.name: finding.word for finding in findings}
    return next((rung for word, rungs in _BY_PREFERENCE for rung in rungs if words.get(rung) == word), None)


def advise(findings: Sequence[Finding], label: str, endpoint: Mapping[str, Any]) -> Advice | None:
    """What the *findings* recommend for the endpoint of this *label*, or ``None`` where it cannot be used.

    *endpoint* is what a profile needs to find it: its model, its address, where its key is.
    """
    rung = best_rung(findings)
    if rung is None:
        return None
    words = {finding.name: finding.word for finding in findings}
    options: dict[str, str | int | bool] = {}
    if rung != "strict":
        options["structured"] = rung
    if words.get("temperature") == "refused":
        options["no_temperature"] = True
    size = words.get("concurrency", "")
    if size.isdecimal() and int(size) < DEFAULT_CONCURRENCY:
        options["concurrency"] = int(size)
    if label == LOCAL and words.get("logprobs") == "given":
        options["backend"] = "judge"
    profile = {**endpoint, **options}
    limit = _limit(words)
    if limit is not None:
        profile["limit_parameter"] = limit
    return Advice(options, profile, tuple(_remarks(words, findings, rung)))


def profile_name(label: str) -> str:
    """A name for the profile of the endpoint of this *label*."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", label.partition(":")[0]) if word not in ("", "api", "www")]
    return words[0].lower() if words else "endpoint"


def _limit(words: Mapping[str, str]) -> str | None:
    """What the bound on output tokens has to be called, where only one name does."""
    held = [name for name in LIMIT_PARAMETERS if words.get(name) == "held"]
    return held[0] if len(held) == 1 else None


def _remarks(words: Mapping[str, str], findings: Sequence[Finding], rung: str) -> list[str]:
    remarks = []
    if "held" not in {words.get(name) for name in LIMIT_PARAMETERS}:
        remarks.append("no limit on output tokens holds: an answer may run on and cost more than it should")
    if words.get(rung) != "enforced":
        remarks.append("nothing holds the answers to the schema: more of them will have to be repaired or rejected")
    if any(finding.facts.get("in_reasoning") for finding in findings):
        remarks.append("answers come in the reasoning instead of the content; they are read from there")
    if words.get("logprobs") != "given":
        remarks.append("without log-probabilities a judge's yes counts the same however sure it is")
    if words.get("usage") != "told":
        remarks.append("tokens are not told: --max-cost and --max-tokens-total count what was reserved instead")
    return remarks
