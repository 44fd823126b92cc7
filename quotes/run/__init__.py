"""Many articles: which model is asked, requests in a sliding window, the journal, resuming, the summary."""

from quotes.run.assembly import Assembly, assemble, check_asking
from quotes.run.driving import drive
from quotes.run.job import Job, Listener
from quotes.run.journal import Journal
from quotes.run.scheduling import run_articles
from quotes.run.settings import Settings
from quotes.run.sinks import InOrder, Journaled, Sink
from quotes.run.summary import Summary

__all__ = [
    "Assembly",
    "InOrder",
    "Job",
    "Journal",
    "Journaled",
    "Listener",
    "Settings",
    "Sink",
    "Summary",
    "assemble",
    "check_asking",
    "drive",
    "run_articles",
]
