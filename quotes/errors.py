"""Every error a user can meet, each with the exit code it leads to.

QuotesError                1
  InputError               1   one file or line cannot be read; the others go on
    DuplicateId            1
  RecordError              1   a file of records is damaged or of another version
  RequestFailed            1   one request is beyond all retries; its chunk is reported, the run goes on
    ConnectionFailed       1   ... because no answer came at all; many in a row end the run
    DeadlinePassed         1   ... because its article's time was up
  UsageError               2   the command or call cannot start as it was given
    PackError              2   a prompt pack is missing or broken
    CacheError             2   a cache or fixture folder is damaged, of another version, or not writable
      DamagedEntry         2   ... in one entry, which can be asked for again; the others are read
  ReplayMiss               3   a replay holds no reply to a request
  EndpointUnusable         4   wrong key, exhausted quota, unknown model, nothing there
    FormRefused            4   it takes no requests of this form; another form may do
  BudgetSpent              4   the next request might pass the limit on tokens or cost
  OutputError              4   the output cannot be written (full disk, path gone)
"""

from __future__ import annotations

import re


class QuotesError(Exception):
    """Anything that went wrong in a way a user can act on.

    *what* is wrong, *where* it is (a file, an article, a line) and *remedy*, what to do about it, read as
    one line: ``where: what (remedy)``.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return _on_one_line(f"{line} ({self.remedy})" if self.remedy else line)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.remedy)


def _on_one_line(message: str) -> str:
    """*message* without line ends, and with what steers a terminal, which a file name or an id may hold, as escapes."""
    return _STEERING.sub(lambda found: f"\\x{ord(found.group()):02x}", " ".join(message.splitlines()))


_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _rebuild(kind: type[QuotesError], what: str, where: str, remedy: str) -> QuotesError:
    return kind(what, where=where, remedy=remedy)


class InputError(QuotesError):
    """One input cannot be read. The other inputs are done."""


class DuplicateId(InputError):
    """Two inputs carry the same article id."""


class RecordError(QuotesError):
    """A file of records is damaged or of a version this program does not know."""


class RequestFailed(QuotesError):
    """One request failed beyond all retries. Its chunk is reported in the record, the run goes on."""

    kind = "request"


class ConnectionFailed(RequestFailed):
    """No answer came at all. Twenty in a row, whatever the articles, end the run."""

    kind = "connection"


class DeadlinePassed(RequestFailed):
    """The time an article may take was up before this request was answered."""

    kind = "deadline"


class UsageError(QuotesError):
    """The command or call cannot start as it was given."""

    exit_code = 2


class PackError(UsageError):
    """A prompt pack is missing or broken."""


class CacheError(UsageError):
    """A cache or fixture folder is damaged, of another version, or cannot be written."""


class DamagedEntry(CacheError):
    """One entry of a cache is damaged. The others can be read, and this one can be asked for again."""


class ReplayMiss(QuotesError):
    """A replay holds no reply to a request."""

    exit_code = 3


class EndpointUnusable(QuotesError):
    """The endpoint can serve no request of this run: wrong key, exhausted quota, unknown model, nothing there."""

    exit_code = 4


class FormRefused(EndpointUnusable):
    """The endpoint takes no request of this form, whatever the article: another form may do.

    *part* is what it refuses: ``schema``, or the name of a parameter of the request's body.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", part: str = "schema") -> None:
        self.part = part
        super().__init__(what, where=where, remedy=remedy)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_refusal, (self.what, self.where, self.remedy, self.part)


def _rebuild_refusal(what: str, where: str, remedy: str, part: str) -> FormRefused:
    return FormRefused(what, where=where, remedy=remedy, part=part)


class BudgetSpent(QuotesError):
    """The next request might pass the limit on tokens or cost. What is done is kept."""

    exit_code = 4


class OutputError(QuotesError):
    """The output cannot be written. What was finished is kept in the journal."""

    exit_code = 4


def exit_code_of(codes: set[int]) -> int:
    """The one exit code of a run in which *codes* occurred: 130, then 4, 3, 2, 1, else 0."""
    return next((code for code in (130, 4, 3, 2, 1) if code in codes), 0)
