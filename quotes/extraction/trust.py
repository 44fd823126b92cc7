"""Trust: how far what was found is believed, as measured on annotated news, and the confidence that gives.

What a model and the rules found is told apart by case (see `weighing`); for each case stands how often it was right.
A pack keeps these counts for the models it was measured with, in ``trust.json``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quotes.model import Confidence

HIGH = 0.9
MEDIUM = 0.65
"""Precision (words and speaker) from which a quote is of high, of medium confidence."""

UNCHECKED = "unchecked"
"""The case of what a model found and nobody compared with what the rules found."""

_OF_MODEL = ("agree", "agree-model", "differ-model", "alone")
_KEEP = 0.4
_MOST_SEEN = 1_000_000_000
_MOST_WEIGHT = 1000.0
_ASSUMED = 0.5
_PRIOR_WEIGHT = 10.0
_LEAST, _MOST = 0.005, 0.995


def confidence_of(precision: float) -> Confidence:
    """The word for a precision of 0 to 1."""
    if precision >= HIGH:
        return "high"
    return "medium" if precision >= MEDIUM else "low"


@dataclass(frozen=True, slots=True)
class Judging:
    """How a judge's yes moves what is believed: the log-odds are *bias* + *prior* × those of the rules' precision +
    *verdict* × those of the yes, fitted by logistic regression."""

    bias: float = 0.0
    prior: float = 1.0
    verdict: float = 0.0

    def precision(self, prior: float, odds: float) -> float:
        """Precision (0 to 1) of what the rules would believe with *prior* (0 to 1) after a yes of *odds* (log)."""
        bounded = min(max(prior, _LEAST), _MOST)
        total = self.bias + self.prior * math.log(bounded / (1 - bounded)) + self.verdict * odds
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class Trust:
    """What is believed of one model. *cases* maps a case to how many were seen and how many of them were right.

    *judging* is for what the rules found, *proposing* for what they only proposed. *keep* is the precision (0 to 1)
    below which what was found is left out: half the F1 that can be reached, as keeping it would cost more than it
    brings (Lipton, Elkan & Naryanaswamy, 2014).
    """

    cases: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    judging: Judging = Judging()
    proposing: Judging = Judging()
    keep: float = _KEEP
    _known: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The precisions asked for so far; of cases there are a few dozen."""

    def precision(self, case: str) -> float:
        """Precision (0 to 1) in *case*. A case seen seldom is drawn towards the one it is part of.

        A case is a path such as ``differ/indirect``; one never seen at all is taken for even. What a model found and
        nobody compared with the rules (``unchecked``) is as likely as all that it found of that type was, whether the
        rules bore it out or not; of a model that was not measured, as what it alone found.
        """
        known = self._known.get(case)
        if known is None:
            parent, _, last = case.rpartition("/")
            if parent == UNCHECKED:
                parent = f"alone/{last}"
            above = self.precision(parent) if parent else _ASSUMED
            seen, right = self._counts(case)
            known = self._known[case] = (right + _PRIOR_WEIGHT * above) / (seen + _PRIOR_WEIGHT)
        return known

    def judged(self, prior: float, odds: float, *, proposed: bool) -> float:
        """Precision (0 to 1) of what the rules found, or only *proposed*, with *prior* after a yes of *odds*."""
        return (self.proposing if proposed else self.judging).precision(prior, odds)

    def _counts(self, case: str) -> tuple[int, int]:
        """The counts of *case* and of all that are part of it; what was not compared may be any case of its type."""
        if case.startswith(f"{UNCHECKED}/"):
            kind = case.partition("/")[2]
            of_model = [self._counts(f"{found}/{kind}") for found in _OF_MODEL]
            return sum(seen for seen, _ in of_model), sum(right for _, right in of_model)
        parts = [counts for name, counts in self.cases.items() if name == case or name.startswith(f"{case}/")]
        return sum(seen for seen, _ in parts), sum(right for _, right in parts)


UNMEASURED = Trust(
    {
        "agree": (200, 194),
        "agree-model": (200, 184),
        "agree-rules": (20, 12),
        "alone": (20, 14),
        "nobody": (20, 10),
        "differ-model": (20, 11),
        "differ-rules": (20, 4),
        "unseen/direct/strong": (20, 16),
        "unseen/mixed/strong": (20, 14),
        "unseen/indirect/strong": (20, 10),
        "unseen": (20, 6),
        "silent": (20, 14),
        "denied": (60, 3),
    },
    Judging(0.0, 1.0, 0.3),
    Judging(-0.3, 1.0, 0.3),
)
"""What is assumed of a model that was never measured: that it attributes well and judges poorly."""


def trust_in(table: Mapping[str, Any], model: str, label: str) -> Trust:
    """What the *table* of a pack says of *model* at the endpoint *label*.

    A *model* may carry a version, as in ``name@version``, that the table does not know. One that is not in it at all is
    believed like ``local`` on this machine and like ``hosted`` elsewhere, if they are.

    Raises:
        ValueError: the entry is no trust; the message names it.
    """
    for name in (model, model.partition("@")[0], "local" if label == "local" else "hosted"):
        if name in table:
            try:
                return trust_from_json(table[name])
            except ValueError as error:
                raise ValueError(f"“{name}”: {error}") from None
    return UNMEASURED


def trust_from_json(value: Any) -> Trust:
    """The trust that `trust_to_json` made *value* of.

    Raises:
        ValueError: it is none; the message names the key, and what is expected there.
    """
    entry = _object("the entry", value, ("keep", "cases", "judging", "proposing"))
    return Trust(
        {name: _counted(name, counts) for name, counts in _object("cases", entry.get("cases", {})).items()},
        _judging("judging", entry.get("judging", {})),
        _judging("proposing", entry.get("proposing", {})),
        _number("keep", entry.get("keep", _KEEP), 0.0, 1.0),
    )


def _object(name: str, value: Any, known: tuple[str, ...] | None = None) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        unknown = [key for key in value if known is not None and key not in known]
        if known is not None and unknown:
            raise ValueError(f"{name} has the unknown key “{unknown[0]}”, known are {', '.join(known)}")
        return value
    raise ValueError(f"{name} has to be an object")


def _counted(case: str, counts: Any) -> tuple[int, int]:
    if isinstance(counts, list | tuple) and len(counts) == 2 and all(type(count) is int for count in counts):
        seen, right = counts
        if 0 <= right <= seen <= _MOST_SEEN:
            return seen, right
    raise ValueError(
        f"cases: “{case}” has to be two whole numbers, how many were seen (at most {_MOST_SEEN:,}) and how many of "
        "them were right"
    )


def _judging(name: str, value: Any) -> Judging:
    parts = _object(name, value, ("bias", "prior", "verdict"))
    weights = {part: _number(f"{name}: {part}", weight, -_MOST_WEIGHT, _MOST_WEIGHT) for part, weight in parts.items()}
    return Judging(**weights)


def _number(name: str, number: Any, least: float, most: float) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float) or not least <= number <= most:
        raise ValueError(f"{name} has to be a number from {least:g} to {most:g}")
    return float(number)


def trust_to_json(trust: Trust) -> dict[str, Any]:
    """*trust* as a JSON object, as ``trust.json`` has one for each model."""
    result: dict[str, Any] = {"keep": round(trust.keep, 3)}
    if trust.cases:
        result["cases"] = {name: list(counts) for name, counts in sorted(trust.cases.items())}
    for name, judging in (("judging", trust.judging), ("proposing", trust.proposing)):
        if judging != Judging():
            result[name] = {part: round(getattr(judging, part), 3) for part in ("bias", "prior", "verdict")}
    return result
