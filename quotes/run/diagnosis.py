"""The diagnosis: what an examination of an endpoint has come to, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quotes.errors import QuotesError
from quotes.exchange import Usage
from quotes.llm.probes import Finding
from quotes.run.advising import Advice, profile_name


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the endpoint *address* after the examination. *problem* is why it cannot be used, if so.

    *requests* were sent; *usage* is what they cost, as far as the endpoint told.
    """

    address: str
    label: str
    model: str | None
    findings: tuple[Finding, ...]
    requests: int
    usage: Usage
    problem: QuotesError | None = None
    advice: Advice | None = None

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        found = {
            finding.name.replace(" ", "_"): {"found": finding.word, "detail": finding.detail, **finding.facts}
            for finding in self.findings
        }
        advised = None
        if self.advice is not None:
            advised = {
                "options": dict(self.advice.options),
                "profile": {profile_name(self.label): dict(self.advice.profile)},
                "remarks": list(self.advice.remarks),
            }
        cost = {"requests": self.requests, "prompt_tokens": self.usage.prompt_tokens}
        return {
            "endpoint": self.address,
            "model": self.model,
            "usable": self.problem is None,
            "problem": None if self.problem is None else str(self.problem),
            "findings": found,
            "recommended": advised,
            "cost": {**cost, "completion_tokens": self.usage.completion_tokens},
        }
