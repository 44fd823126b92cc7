"""Tests of your own: replies recorded once and replayed in pytest, through the same cache as everywhere.

The plugin is active where this package is installed: mark a test with ``@pytest.mark.quotes("name")`` and take the
fixture ``quotes_replay``, which is a `QuotesReplay`.
"""

from quotes.testing.replay import QuotesReplay

__all__ = ["QuotesReplay"]
