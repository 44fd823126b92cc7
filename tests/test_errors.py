"""The error tree: exit codes, and messages that stay one line whatever is in them."""

from __future__ import annotations

import pickle

import pytest

from quotes import errors
from quotes.errors import QuotesError, RecordError, exit_code_of

KINDS = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, QuotesError)),
    key=lambda kind: kind.__name__,
)


def drawn_tree() -> dict[str, int]:
    """Names and exit codes as the docstring of the module draws them."""
    lines = [line.split() for line in (errors.__doc__ or "").splitlines()[2:]]
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}


def test_the_tree_that_is_drawn_is_the_tree_that_is_built() -> None:
    assert drawn_tree() == {kind.__name__: kind.exit_code for kind in KINDS}


def test_every_error_says_in_its_docstring_when_it_happens() -> None:
    assert [kind.__name__ for kind in KINDS if not kind.__doc__] == []


def test_a_message_names_the_place_first_and_the_remedy_last() -> None:
    error = QuotesError("no such file", where="news/7.txt", remedy="check the path")
    assert str(error) == "news/7.txt: no such file (check the path)"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (QuotesError("all is lost"), "all is lost"),
        (QuotesError("all is lost", where="here"), "here: all is lost"),
        (QuotesError("all is lost", remedy="start again"), "all is lost (start again)"),
    ],
)
def test_what_is_not_known_leaves_no_empty_marks(error: QuotesError, line: str) -> None:
    assert str(error) == line


def test_a_message_is_one_line_although_a_file_name_holds_line_ends() -> None:
    assert str(QuotesError("broken", where="a\nb\r\nc\u2028d.txt")) == "a b c d.txt: broken"


def test_a_file_name_cannot_steer_the_terminal() -> None:
    assert str(QuotesError("broken", where="\x1b[31ma\x9bm\x7f")) == r"\x1b[31ma\x9bm\x7f: broken"


def test_an_id_that_turns_the_direction_of_its_line_is_printed_as_an_escape() -> None:
    assert str(QuotesError("no such article", where="gpj.\u202egnp\u2066")) == r"gpj.\x202egnp\x2066: no such article"


def test_a_file_name_that_is_no_utf8_can_be_printed() -> None:
    assert str(QuotesError("broken", where="caf\udce9.txt")) == r"caf\xdce9.txt: broken"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_being_sent_between_processes(kind: type[QuotesError]) -> None:
    error = pickle.loads(pickle.dumps(kind("what", where="where", remedy="remedy")))
    assert (type(error), error.what, error.where, error.remedy) == (kind, "what", "where", "remedy")


def test_an_error_can_be_caught_as_the_family_it_belongs_to() -> None:
    with pytest.raises(QuotesError):
        raise RecordError("damaged")


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        (set(), 0),
        ({0}, 0),
        ({1, 0}, 1),
        ({1, 2}, 2),
        ({1, 3}, 3),
        ({1, 3, 4}, 4),
        ({1, 3, 4, 130}, 130),
    ],
)
def test_of_several_exit_codes_the_gravest_is_the_runs(codes: set[int], code: int) -> None:
    assert exit_code_of(codes) == code
