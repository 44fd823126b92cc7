"""Pronouns: mentions that name nobody by themselves, in the languages the rules know."""

from __future__ import annotations

_WORDS = """
i me my mine myself you your yours yourself he him his himself she her hers herself it its itself we us our
ours ourselves they them their theirs themselves one who whom whose which that this these those er sie es ihm
ihr ihn ihnen ich wir uns der die das dieser diese jener jene il elle ils elles on je nous vous lui leur qui
celui-ci celle-ci él ella ellos ellas yo nosotros usted ustedes quien quienes 彼 彼女 彼ら
"""
_PRONOUNS = frozenset(_WORDS.split())


def is_pronoun(mention: str) -> bool:
    """Whether *mention* is nothing but a pronoun, whatever its case."""
    return mention.strip().casefold() in _PRONOUNS
