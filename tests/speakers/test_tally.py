"""The tally: what is sure, and the most that it can be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quotes.speakers import By, Row, Tally, parse_aliases
from tests.speakers.records import record

NAMES = ["Mara Ruiz", "Tomas Ruiz", "Dean Holt", "Ida Krell", "officials"]


def counted(*records: dict[str, object], by: tuple[By, ...] = ("speaker",), aliases: str = "") -> list[Row]:
    tally = Tally(by, parse_aliases(aliases, "aliases.toml"))
    for one in records:
        tally.add(one)
    return tally.rows()


def quotes(rows: list[Row]) -> dict[str, tuple[int, int]]:
    return {row.values["speaker"]: (row.quotes, row.quotes_at_most) for row in rows}


def test_quotes_words_and_articles_of_a_name_add_up_over_articles() -> None:
    (row,) = counted(record("a", ("Mara Ruiz", 3), ("Mara Ruiz", 2)), record("b", ("Mara Ruiz", 4)))
    assert (row.quotes, row.words, row.articles, row.share) == (3, 9, 2, 1.0)
    assert (row.quotes_at_most, row.words_at_most, row.share_at_most) == (3, 9, 1.0)


def test_case_and_line_ends_make_no_second_speaker() -> None:
    assert len(counted(record("a", ("The Harbour Office", 1)), record("b", ("the Harbour\nOffice", 1)))) == 1


def test_different_forms_stay_apart_without_aliases() -> None:
    assert len(counted(record("a", ("Mara Ruiz", 1)), record("b", ("Ms. Ruiz", 1)))) == 2


def test_an_open_quote_may_be_of_every_name_its_article_prints_and_of_no_other() -> None:
    rows = counted(
        record("a", ("Mara Ruiz", 2), (None, 5), prints="Holt came."),
        record("b", ("Dean Holt", 1)),
        record("c", ("Ida Krell", 1)),
    )
    assert quotes(rows) == {"Mara Ruiz": (1, 2), "Dean Holt": (1, 2), "Ida Krell": (1, 1)}
    assert {row.values["speaker"]: row.words_at_most for row in rows} == {
        "Mara Ruiz": 7,
        "Dean Holt": 6,
        "Ida Krell": 1,
    }


def test_an_unresolved_quotation_is_open_too_and_lowers_the_share_that_is_sure() -> None:
    (row,) = counted(record("a", ("Mara Ruiz", 2), unresolved=1))
    assert (row.quotes, row.quotes_at_most, row.share, row.share_at_most) == (1, 2, 0.5, 1.0)


def test_without_text_only_the_words_of_quotes_and_names_are_asked() -> None:
    one = record("a", ("Mara Ruiz", 2), (None, 5), unresolved=1, prints="Holt came.", with_text=False)
    rows = counted(one, record("b", ("Dean Holt", 1)))
    assert quotes(rows) == {"Mara Ruiz": (1, 3), "Dean Holt": (1, 1)}


def test_by_kind_counts_what_has_a_kind_though_no_name() -> None:
    one = record("a", ("Mara Ruiz", 1), (None, 1, "direct", "person"), (None, 1), ("officials", 1, "direct", "group"))
    rows = {row.values["kind"]: (row.quotes, row.quotes_at_most, row.speakers) for row in counted(one, by=("kind",))}
    assert rows == {"person": (2, 3, 1), "group": (1, 2, 1)}


def test_by_type_an_unresolved_quotation_may_be_direct_or_mixed() -> None:
    one = record("a", ("Mara Ruiz", 1, "direct"), ("Mara Ruiz", 1, "indirect"), (None, 1, "mixed"), unresolved=1)
    rows = {row.values["type"]: (row.quotes, row.quotes_at_most) for row in counted(one, by=("type",))}
    assert rows == {"direct": (1, 2), "indirect": (1, 1), "mixed": (1, 2)}


def test_by_article_and_speaker_an_open_quote_stays_in_its_article() -> None:
    rows = counted(record("a", ("Mara Ruiz", 1), (None, 1)), record("b", ("Mara Ruiz", 1)), by=("article", "speaker"))
    found = {tuple(row.values.values()): (row.quotes, row.quotes_at_most) for row in rows}
    assert found == {("a", "Mara Ruiz"): (1, 2), ("b", "Mara Ruiz"): (1, 1)}


def test_aliases_are_one_speaker_whose_open_quotes_count_once() -> None:
    rows = counted(
        record("a", ("Mara Ruiz", 1), (None, 1), prints="Ruiz, born Vance, came."),
        record("b", ("Mara Vance", 2)),
        aliases='[[speaker]]\nname = "Mara Ruiz"\naliases = ["mara vance"]\nkind = "organization"\n',
    )
    assert quotes(rows) == {"Mara Ruiz": (2, 3)}
    assert rows[0].kind == "organization"


said = st.tuples(st.sampled_from([*NAMES, None]), st.integers(1, 4), st.sampled_from(["direct", "indirect", "mixed"]))
articles = st.lists(
    st.tuples(st.lists(said, max_size=5), st.integers(0, 2), st.lists(st.sampled_from(NAMES), max_size=2)), max_size=4
)


def made(drawn: list[tuple[list, int, list[str]]]) -> list[dict[str, object]]:
    return [
        record(f"a{n}", *quoted, unresolved=open_ones, prints=", ".join(names))
        for n, (quoted, open_ones, names) in enumerate(drawn)
    ]


@given(articles, st.sampled_from([("speaker",), ("kind",), ("type",), ("speaker", "type"), ("article", "speaker")]))
def test_every_count_is_a_range_within_the_whole(drawn: list, by: tuple[By, ...]) -> None:
    tally = Tally(by)
    for one in made(drawn):
        tally.add(one)
    for row in tally.rows():
        assert 0 < row.quotes <= row.quotes_at_most <= tally.totals.quotes + tally.totals.quotations
        assert row.words <= row.words_at_most
        assert 0 < row.share <= row.share_at_most <= 1


@given(articles)
def test_named_and_open_quotes_together_are_all_quotes(drawn: list) -> None:
    tally = Tally()
    for one in made(drawn):
        tally.add(one)
    totals = tally.totals
    assert sum(row.quotes for row in tally.rows()) + totals.pronouns + totals.nobody == totals.quotes


@given(articles, st.randoms(use_true_random=False))
def test_the_order_of_the_records_changes_nothing(drawn: list, random) -> None:
    records = made(drawn)
    before = counted(*records)
    random.shuffle(records)
    assert counted(*records) == before


@given(articles, st.data())
def test_whoever_the_open_quotes_are_by_the_count_stays_within_its_range(drawn: list, data: st.DataObject) -> None:
    """Give every open quote to a name that its article prints: no count leaves the range that was told before."""
    before = {row.values["speaker"]: row for row in counted(*made(drawn))}
    resolved = []
    for quoted, open_ones, prints in drawn:
        names = [*prints, *(name for name, *_ in quoted if name)]
        resolved.append(
            (
                [(name or (data.draw(st.sampled_from(names)) if names else None), *rest) for name, *rest in quoted],
                open_ones,
                prints,
            )
        )
    for row in counted(*made(resolved)):
        told = before.get(row.values["speaker"])
        if told:
            assert told.quotes <= row.quotes <= told.quotes_at_most
            assert told.words <= row.words <= told.words_at_most
            assert told.share <= row.share <= told.share_at_most
