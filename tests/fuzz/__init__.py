"""Fuzzing: articles and replies made up faster than Hypothesis draws them, held to the promises of the record.

``python -m tests.fuzz --cases 1000000`` runs for as long as it is told to; a short run is part of the test suite.
"""
