"""The survey: what the input holds, read once before the work begins, and the plan of parts that is made of it.

With it known which articles come first, of two with one id the first is kept however fast the machines read, and each
part of the output holds the same articles in every run.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from quotes.errors import DuplicateId, InputError
from quotes.formats.articles import Firsts
from quotes.formats.reading import Fields
from quotes.model import Article
from quotes.run.cluster.reading import Portion, read_portion

BUNCH: Final = 2_000
"""Entries of a survey that travel together."""
_LEAST, _MOST = 50, 5_000
_PARTS_EACH: Final = 8
"""Articles of a part, and parts for each worker, so that none waits long for the last one."""
_PART_CHARACTERS: Final = 16_000_000


class Seen(NamedTuple):
    """An article as the survey saw it: its id, hash and source, its length in characters, remarks on it."""

    id: str
    sha256: str
    source: str
    length: int
    remarks: tuple[str, ...]


Entry: TypeAlias = Seen | InputError


def look_through(portion: Portion, fields: Fields) -> Iterator[list[Entry]]:
    """What *portion* holds, some entries at a time."""
    bunch: list[Entry] = []
    for found in read_portion(portion, fields):
        bunch.append(found if isinstance(found, InputError) else _seen(found))
        if len(bunch) >= BUNCH:
            yield bunch
            bunch = []
    if bunch:
        yield bunch


def _seen(article: Article) -> Seen:
    empty = () if article.text.strip() else ("the article is empty",)
    return Seen(article.id, article.sha256, article.source, len(article.text), (*article.notes, *empty))


@dataclass(frozen=True, slots=True)
class Share:
    """What is to be done of a *portion*: of its first *count* articles those whose positions are not *dropped*, sorted.

    They go into parts from the number *first_part* on; *cuts* says after how many articles each of them ends. *digest*
    is of the ids and texts that the survey saw.
    """

    portion: Portion
    count: int
    dropped: Sequence[int]
    digest: str
    first_part: int = 0
    cuts: Sequence[int] = ()

    @property
    def kept(self) -> int:
        """How many articles are to be done."""
        return self.count - len(self.dropped)


@dataclass(frozen=True, slots=True)
class Batch:
    """The articles of one part."""

    part: int
    articles: tuple[Article, ...]


def batches_of(share: Share, fields: Fields) -> Iterator[Batch | InputError]:
    """The articles of *share*, read again, part by part. The last is an error where they are no longer the same."""
    digest = hashlib.sha256()
    held: list[Article] = []
    position = kept = at = 0
    for found in read_portion(share.portion, fields):
        if position >= share.count:
            break
        if isinstance(found, InputError):
            continue
        digest.update(f"{found.id}\0{found.sha256}\n".encode("utf-8", "surrogatepass"))
        if not _holds(share.dropped, position):
            held.append(found)
            kept += 1
        position += 1
        if at < len(share.cuts) and kept == share.cuts[at] and held:
            yield Batch(share.first_part + at, tuple(held))
            held, at = [], at + 1
    if digest.hexdigest() != share.digest:
        first = next((item for item in share.portion if not isinstance(item, InputError)), None)
        where = str(getattr(first, "path", None) or getattr(first, "uri", ""))
        yield InputError("has changed while it was read", where=where, remedy="run the command again")


def _holds(positions: Sequence[int], position: int) -> bool:
    at = bisect_left(positions, position)
    return at < len(positions) and positions[at] == position


@dataclass(slots=True)
class Plan:
    """All that is to be done: *shares* with an article or more, in input order, *articles* in *parts* parts."""

    shares: list[Share] = field(default_factory=list)
    articles: int = 0
    parts: int = 0


def plan_of(
    surveyed: Iterable[tuple[Portion, Iterable[Sequence[Entry]]]],
    *,
    workers: int,
    limit: int | None,
    on_error: Callable[[InputError], None],
    on_note: Callable[[str], None],
) -> Plan:
    """The plan for all that was *surveyed*, for so many *workers*; *limit* counts articles.

    *on_error* and *on_note* hear, in input order, what a run in one process would tell.
    """
    plan = Plan()
    lengths: list[array[int]] = []
    with Firsts() as firsts:
        for portion, bunches in surveyed:
            share, own = _share_of(portion, bunches, firsts, _left(limit, plan.articles), on_error, on_note)
            if share.kept:
                plan.shares.append(share)
                lengths.append(own)
                plan.articles += share.kept
            if limit is not None and plan.articles >= limit:
                break
        if firsts.remark:
            on_note(firsts.remark)
    most = min(max(plan.articles // max(workers * _PARTS_EACH, 1), _LEAST), _MOST)
    for number, (share, own) in enumerate(zip(plan.shares, lengths, strict=True)):
        cuts = _cuts(own, most)
        plan.shares[number] = Share(share.portion, share.count, share.dropped, share.digest, plan.parts, cuts)
        plan.parts += len(cuts)
    return plan


def _left(limit: int | None, done: int) -> int | None:
    return None if limit is None else limit - done


def _share_of(
    portion: Portion,
    bunches: Iterable[Sequence[Entry]],
    firsts: Firsts,
    limit: int | None,
    on_error: Callable[[InputError], None],
    on_note: Callable[[str], None],
) -> tuple[Share, array[int]]:
    """The share of *portion*, not yet cut, and the lengths of its articles."""
    digest = hashlib.sha256()
    dropped, lengths = array("Q"), array("Q")
    count = 0
    for entry in (entry for bunch in bunches for entry in bunch):
        if isinstance(entry, InputError):
            on_error(entry)
            continue
        digest.update(f"{entry.id}\0{entry.sha256}\n".encode("utf-8", "surrogatepass"))
        met = firsts.meet(entry.id, entry.sha256, entry.source)
        count += 1
        if met is not None:
            dropped.append(count - 1)
            if isinstance(met, DuplicateId):
                on_error(met)
            continue
        for remark in entry.remarks:
            on_note(f"{entry.source or entry.id}: {remark}")
        lengths.append(entry.length)
        if limit is not None and len(lengths) >= limit:
            break
    return Share(portion, count, dropped, digest.hexdigest()), lengths


def _cuts(lengths: Sequence[int], most: int) -> array[int]:
    """Where the parts end that hold at most *most* articles and, but for a longer one, not too many characters."""
    cuts = array("Q")
    articles = characters = 0
    for number, length in enumerate(lengths):
        if articles and (articles >= most or characters + length > _PART_CHARACTERS):
            cuts.append(number)
            articles = characters = 0
        articles += 1
        characters += length
    if articles:
        cuts.append(len(lengths))
    return cuts
