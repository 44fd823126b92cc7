"""Columns of BIO tags: layers, ids, and what belongs together without them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.errors import InputError
from quotes.formats.corpora.columns import Table, Tied, read_columns, tie

PARTS = ("content", "cue", "speaker")


def tied(text: str, column: int | None = None) -> list[tuple[str, str, str]]:
    """The words of content, cue and speaker of each attribution of the only document."""
    (table,) = read_columns(text, column, "w")

    def words(one: Tied, part: str) -> str:
        return " | ".join(" ".join(table.tokens[c.first : c.last + 1]) for c in getattr(one, part))

    return [tuple(words(one, part) for part in PARTS) for one in tie(table)[0]]


def lines(tagged: str) -> str:
    """``We/B-CONTENT said`` as columns; an empty word ends a sentence."""
    rows = [word.rpartition("/") if "/" in word else (word, "", "O") for word in tagged.split(" ")]
    return "".join(f"{word}\t{tag}\n" if word else "\n" for word, _, tag in rows)


def test_pieces_on_both_sides_of_a_cue_are_one_quote() -> None:
    text = lines("Yes/B-CONTENT , Ruiz/B-SPEAKER said/B-CUE , and/B-CONTENT no/I-CONTENT .")
    assert tied(text) == [("Yes | and no", "said", "Ruiz")]


def test_what_belongs_together_is_nearest_within_its_sentence() -> None:
    text = lines("Yes/B-CONTENT , Ruiz/B-SOURCE said/B-CUE .  No/B-QUOTE , Holt/B-SOURCE said/B-CUE .")
    assert tied(text) == [("Yes", "said", "Ruiz"), ("No", "said", "Holt")]


def test_a_content_without_a_cue_near_has_the_speaker_of_its_sentence() -> None:
    assert tied(lines("Holt/B-SPEAKER : No/B-CONTENT .")) == [("No", "", "Holt")]
    assert tied(lines("Yes/B-CONTENT .  Why .  Holt/B-SPEAKER said/B-CUE so/B-CONTENT .")) == [
        ("Yes", "", ""),
        ("so", "said", "Holt"),
    ]


def test_ids_tie_over_layers_and_pieces() -> None:
    text = "a\tB-SOURCE-1\t_\nb\tB-CUE-1\t_\nc\tB-CONTENT-1\tB-SOURCE-2\nd\tO\tB-CUE-2\ne\tI-CONTENT-1\tB-CONTENT-2\n"
    assert tied(text) == [("c | e", "b", "a"), ("e", "d", "c")]


def test_several_tags_in_one_cell_are_layers() -> None:
    assert tied("a\tB-SPEAKER _\nb\tB-CUE _\nc\tB-CONTENT B-SPEAKER\nd\tI-CONTENT B-CUE\ne\tI-CONTENT B-CONTENT\n") == [
        ("c d e", "b", "a"),
        ("e", "d", "c"),
    ]


def test_a_heading_names_the_tokens_and_numbers_are_no_words() -> None:
    assert tied("n\tpos\tform\ttag\n1\tNN\tHolt\tB-SPEAKER\n2\tVB\tsaid\tB-CUE\n3\tUH\tno\tB-CONTENT\n") == [
        ("no", "said", "Holt")
    ]
    assert tied("1 Holt B-SPEAKER\n2 said B-CUE\n3 no B-CONTENT\n") == [("no", "said", "Holt")]
    assert tied("X\tHolt\tS-SPEAKER\nX\tsaid\tS-CUE\nX\tno\tU-CONTENT\n", 2) == [("no", "said", "Holt")]


def test_documents_and_paragraphs_begin_where_comments_say() -> None:
    tables = list(
        read_columns(
            "# newdoc id = a\nx\tO\n# newpar\ny\tO\n\n# newdoc id = b\n#\tO\n-DOCSTART-\tO\n\nz\tO\n", None, "w"
        )
    )
    assert [(table.name, table.tokens) for table in tables] == [("a", ("x", "y")), ("b", ("#",)), ("", ("z",))]
    assert tables[0].paragraphs == {1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tB-CUE\nb\n", "w line 2: 1 columns, not 2 as before (every token has the same columns)"),
        ("a\tNN\nb\tVB\n", "w line 1: no column of tags (tags are O, B-SPEAKER, I-CUE, B-CONTENT and so on)"),
        ("a\tO\nb\tI-CUE\n", "w line 2: I-CUE continues nothing (begin it with B-CUE)"),
        ("a\tB-CUE\nb\tI-CONTENT\n", "w line 2: I-CONTENT continues nothing (begin it with B-CONTENT)"),
    ],
)
def test_what_does_not_fit_is_one_line_with_its_place(text: str, message: str) -> None:
    error, table = read_columns(f"{text}# newdoc id = b\nc\tO\n", None, "w")
    assert isinstance(error, InputError)
    assert str(error) == message
    assert isinstance(table, Table)


@st.composite
def attributions(draw: st.DrawFn) -> tuple[int, list[dict[str, set[int]]]]:
    """A number of tokens, and attributions of which each gives some tokens to one part."""
    size = draw(st.integers(1, 8))
    parts = st.lists(st.sampled_from([*PARTS, ""]), min_size=size, max_size=size)
    drawn = draw(st.lists(parts, min_size=1, max_size=3))
    return size, [{part: {n for n, one in enumerate(line) if one == part} for part in PARTS} for line in drawn]


@given(attributions())
def test_nested_and_divided_attributions_come_back_token_for_token(
    drawn: tuple[int, list[dict[str, set[int]]]],
) -> None:
    size, wanted = drawn
    rows = [[f"w{number}"] for number in range(size)]
    for name, parts in enumerate(wanted):
        begun: set[str] = set()
        for number in range(size):
            part = next((part for part in PARTS if number in parts[part]), "")
            rows[number].append(f"{'I' if part in begun else 'B'}-{part.upper()}-{name}" if part else "O")
            begun.add(part)
    (table,) = read_columns("".join("\t".join(row) + "\n" for row in rows), None, "w")
    found = [
        {part: {n for c in getattr(one, part) for n in range(c.first, c.last + 1)} for part in PARTS}
        for one in tie(table)[0]
    ]
    assert found == [parts for parts in wanted if any(parts.values())]
