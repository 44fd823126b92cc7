"""One article from text to record. Knows neither network nor disk: it yields requests and is sent replies."""

from quotes.extraction.attributors import Attributor, Exchange, Findings, Found, RulesAttributor
from quotes.extraction.conversation import ModelAttributor
from quotes.extraction.judging import JudgeAttributor
from quotes.extraction.work import Engine, Work

__all__ = [
    "Attributor",
    "Engine",
    "Exchange",
    "Findings",
    "Found",
    "JudgeAttributor",
    "ModelAttributor",
    "RulesAttributor",
    "Work",
]
