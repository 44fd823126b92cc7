"""What people are told of a run's troubles, in the same words whether one process does it or many machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from quotes.errors import QuotesError
from quotes.run.working import Done

FAIL_FAST: Final = "--fail-fast ends the run: "
_MOST: Final = 20
_READ: Final = "they read English, German, French and Spanish, other languages a model reads (--model)"


class FailedChunks:
    """Tells *problem* of chunks that failed, of the first of them one by one."""

    def __init__(self, problem: Callable[[str], None]) -> None:
        self._problem = problem
        self._told = 0

    def tell(self, done: Done) -> None:
        """Those of one article."""
        for error in done.errors:
            self._told += 1
            if self._told <= _MOST:
                self._problem(f"{done.where}: chunk {error.chunk}: {error.message}")
            elif self._told == _MOST + 1:
                self._problem("more chunks failed: the records say which")


def not_complete(done: Done) -> QuotesError:
    """Why the record is not complete, as the error with which ``--fail-fast`` ends a run."""
    why = f": {done.reason}" if done.reason else ""
    what = f"{FAIL_FAST}the article {'failed' if done.status == 'failed' else 'is partial'}{why}"
    return QuotesError(what, where=done.where)


def mended_note(mended: int) -> str:
    """That so many entries of the cache were damaged."""
    replies = "reply" if mended == 1 else "replies"
    return f"{mended:,} damaged {replies} of the cache asked for again and stored anew"


def unread_note(number: int, first: str) -> str:
    """That the rules have looked through so many articles in vain, such as *first*: their records do not tell."""
    what = f"{first}: is" if number == 1 else f"{number:,} articles, such as {first}, are"
    return f"{what} in a script that the rules do not read; {_READ}"
