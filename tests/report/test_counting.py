"""Counts over records: the same as one sum in memory, at any number of speakers."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quotes.report import counting
from quotes.report.counting import Counts
from quotes.speakers.tally import Tally
from tests.speakers.records import record

name = st.one_of(st.none(), st.sampled_from(["Mara Ruiz", "mara ruiz", "O’Dell", "O'Dell", "Dean\nHolt", "the union"]))
said = st.tuples(name, st.integers(1, 4), st.sampled_from(["direct", "indirect", "mixed"]))


TIED = [("Mara Ruiz", 1, "direct"), ("mara ruiz", 1, "direct"), ("O’Dell", 1, "direct"), ("O’Dell", 1, "direct")]


@example([TIED], 0)  # equal in all but the name, which is ordered as it is shown
@given(st.lists(st.lists(said, max_size=5), max_size=8), st.integers(0, 3))
def test_speakers_are_those_of_the_tally(articles: list[list[tuple[str | None, int, str]]], pending: int) -> None:
    records = [record(f"a{n}", *quotes) for n, quotes in enumerate(articles)]  # type: ignore[arg-type]
    tally = Tally()
    with pytest.MonkeyPatch.context() as patch, closing(Counts()) as counts:
        patch.setattr(counting, "_MOST_PENDING", pending)
        for one in records:
            tally.add(one)
            counts.add(one)
        rows = tally.rows()
        assert [(one.name, one.quotes, one.words, one.articles, one.kind) for one in counts.speakers(99)] == [
            (row.values["speaker"], row.quotes, row.words, row.articles, row.kind) for row in rows
        ]
        assert counts.speakers(1) == counts.speakers(99)[:1]
        assert counts.totals.speakers == len(rows)
        assert counts.totals.nameless == tally.totals.pronouns + tally.totals.nobody
        assert (counts.totals.quotes, counts.totals.words) == (tally.totals.quotes, tally.totals.words)
        assert sum(counts.confidence.values()) == counts.totals.quotes


def test_types_are_counted_by_speaker_and_by_confidence() -> None:
    with closing(Counts()) as counts:
        counts.add(record("a", ("Mara Ruiz", 2), ("Mara Ruiz", 2, "mixed"), unresolved=2))
        assert counts.speakers(1)[0].types == {"direct": 1, "indirect": 0, "mixed": 1}
        assert counts.confidence == {("high", "direct"): 1, ("high", "mixed"): 1}
        assert counts.totals.unresolved == 2
        assert counts.totals.statuses == {"complete": 1}
