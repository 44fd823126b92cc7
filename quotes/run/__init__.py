"""Many articles: which model is asked, requests in a sliding window, the journal, resuming, the summary."""

from quotes.run.assembly import Assembly, assemble, check_asking
from quotes.run.job import Job, Listener, Summary
from quotes.run.journal import Journal
from quotes.run.scheduling import drive, run_articles
from quotes.run.settings import Settings
from quotes.run.sinks import InOrder, Journaled, Sink

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
