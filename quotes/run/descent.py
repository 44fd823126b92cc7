"""Descent: what a run does when the endpoint refuses the form of its requests, and in which form a replay looks again.

The form is the run's as long as nothing of it has been answered: then a refusal is the endpoint's and changes it for
all, and what was begun in the old one is opened anew. Once it has been answered, a refusal is taken for one article's,
which is then asked about in the next form alone. Either way the record of an article holds what one dialect brought
in, so a run that finds it out and one that knows it make the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from quotes.errors import FormRefused, RequestFailed
from quotes.exchange import Reply, Request
from quotes.extraction import Engine, Work
from quotes.model import Article
from quotes.prompting.dialect import Dialect, Rung, newest_last

_PATIENCE: Final = 8
"""Articles refused in a row, after which a form that was answered is given up for all: the endpoint has changed."""

_TOLD: Final = 5
"""Articles in a form of their own that are told one by one."""

_PROVES_NOTHING: Final = frozenset({"schema_refused", "context_overflow", "content_filter"})
"""Outcomes that may come before an endpoint has looked at the form."""

_HOW: Final[dict[Rung, str]] = {
    "strict": "asking with a strict schema",
    "schema": "asking with a schema that is not strict",
    "tool": "asking by tool call",
    "object": "asking for a JSON object, with the schema in the instructions",
    "prompt": "asking with the schema in the instructions alone",
}


class Asking(Protocol):
    """Whose form it is: *engine* asks in the current one, *dialects* are all that are known, that one the last."""

    engine: Engine
    dialects: tuple[Dialect, ...]


@dataclass(frozen=True, slots=True)
class Vouched:
    """What is known of the first dialect: *recorded*, a store says that it has been answered; *replaying*, nobody but
    that store is asked."""

    recorded: bool = False
    replaying: bool = False


Peek = Callable[[Request], Reply | None]
"""Looks for the reply to a request in the store alone."""


class Descent:
    """Steps down from one dialect to the next. It belongs to one run, or to all calls of one extractor."""

    def __init__(
        self, run: Asking, vouched: Vouched, note: Callable[[str], None], peek: Peek = lambda _request: None
    ) -> None:
        """*note* tells people what has changed; *peek* looks into the store of a run that also asks."""
        self._run = run
        self._recorded = vouched.recorded
        self._replaying = vouched.replaying
        self._note = note
        self._peek = peek
        self._heard = False
        self._alone = 0
        self._told = 0
        self._given_up: set[Dialect] = set()
        self._engines: dict[Dialect, Engine] = {}

    @property
    def several(self) -> bool:
        """Whether a replay may hold answers in more than one dialect."""
        return self._replaying and len(self._run.dialects) > 1

    def open(self, article: Article) -> Work:
        """*article* opened in the current dialect, or in another one in which a run has asked all of it before.

        So what an earlier run has paid for is not asked anew because the endpoint has changed in its course.
        """
        work = self._run.engine.open(article)
        if self._replaying or len(self._run.dialects) < 2 or self._begun(_again(work, work.engine)):
            return work
        for dialect in self._known():
            if dialect not in (_dialect_of(work.engine), *self._given_up):
                engine = self._engines.setdefault(dialect, _speaking(self._run.engine, dialect))
                if self._answered(_again(work, engine)):
                    return _again(work, engine)
        return work

    def heard(self, work: Work, reply: Reply) -> None:
        """Note that the dialect of *work* is answered."""
        if work.engine is self._run.engine and reply.outcome not in _PROVES_NOTHING:
            self._heard, self._alone = True, 0

    def refused(self, work: Work, error: FormRefused) -> Work | None:
        """The article of *work* opened anew in the next dialect; ``None`` where none is left for it alone.

        Raises:
            FormRefused: none is left, and no article has been answered in this one.
        """
        dialect = _dialect_of(work.engine)
        if dialect in self._given_up:
            return self._run.engine.open(work.article)
        following = dialect.after(error.part)
        if following is None or (self._replaying and not self._recorded):
            if self._heard or (self._replaying and self._recorded):
                return None
            raise error
        engine = _speaking(self._run.engine, following)
        if work.engine is self._run.engine and not self._stands():
            self._step(engine, f"{_line(error)}: now {_how(dialect, following)}")
        else:
            self._alone += work.engine is self._run.engine
            self._run.dialects = newest_last((following.learned, *self._run.dialects))
            self._told += 1
            if self._told <= _TOLD and not self._replaying:
                self._note(f"{work.article.id}: {_line(error)}: {_how(dialect, following)} for this article")
        return engine.open(work.article)

    def missed(self, work: Work) -> Work | None:
        """The article opened anew in another dialect that the replayed store knows, the newest first."""
        if not self._replaying:
            return None
        known = self._known()
        dialect = _dialect_of(work.engine)
        if dialect not in known[:-1]:
            return None
        return _speaking(self._run.engine, known[known.index(dialect) + 1]).open(work.article)

    def renewed(self, work: Work) -> Work | None:
        """The article opened anew where its dialect has been given up for all."""
        if work.engine.prompt is None or _dialect_of(work.engine) not in self._given_up:
            return None
        return self._run.engine.open(work.article)

    def _known(self) -> list[Dialect]:
        """The dialects in which the store may hold answers, the newest first."""
        current = _dialect_of(self._run.engine)
        return list(dict.fromkeys(current.taught(learned) for learned in reversed(self._run.dialects)))

    def _begun(self, work: Work) -> bool:
        """Whether the store has the reply to the first request of an exchange, or none is to be sent."""
        try:
            first = [next(exchange) for exchange in work.exchanges]
            return not first or any(self._peek(request) is not None for request in first)
        except (StopIteration, RequestFailed):
            return True

    def _answered(self, work: Work) -> bool:
        """Whether the store has the replies to all requests of *work*, to the last."""
        try:
            for exchange in work.exchanges:
                request = next(exchange, None)
                while request is not None:
                    reply = self._peek(request)
                    if reply is None:
                        return False
                    try:
                        request = exchange.send(reply)
                    except StopIteration:
                        break
        except (FormRefused, RequestFailed):
            return False
        return True

    def _stands(self) -> bool:
        """Whether the current dialect is good, so that a refusal of it is one article's."""
        return self._replaying or ((self._heard or self._recorded) and self._alone < _PATIENCE)

    def _step(self, engine: Engine, line: str) -> None:
        self._given_up.add(_dialect_of(self._run.engine))
        self._run.engine = engine
        self._run.dialects = newest_last((*self._run.dialects, _dialect_of(engine).learned))
        self._recorded, self._heard, self._alone = False, False, 0
        self._note(line)


def _dialect_of(engine: Engine) -> Dialect:
    assert engine.prompt is not None, "the rules ask nobody"
    return engine.prompt.dialect


def _speaking(engine: Engine, dialect: Dialect) -> Engine:
    assert engine.prompt is not None
    return replace(engine, prompt=replace(engine.prompt, dialect=dialect))


def _again(work: Work, engine: Engine) -> Work:
    """The article of *work* as *engine* opens it, without reading it a second time."""
    return Work(engine, work.article, work.reading, engine.attributor.exchanges(work.reading, work.article.id))


def _line(error: FormRefused) -> str:
    return f"{error.where}: {error.what}" if error.where else error.what


def _how(before: Dialect, after: Dialect) -> str:
    if before.rung != after.rung:
        return _HOW[after.rung]
    left_out = ", ".join(sorted(after.omitted - before.omitted))
    if left_out == "max_tokens" and "max_completion_tokens" not in after.omitted:
        return "naming it max_completion_tokens"
    if left_out == "max_completion_tokens" and "max_tokens" not in after.omitted:
        return "naming it max_tokens"
    return f"leaving out {left_out}"
