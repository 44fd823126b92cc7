"""Where the pointers of an answer stand in the article: each becomes a span of the text, or a stated problem."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from quotes.model import NOBODY, Attribution, Rejected, Span, Spans, Speaker, merged
from quotes.prompting import Attributed, Page, Rendered
from quotes.text import Name, Printed, Quotation, is_pronoun

_ELLIPSIS = re.compile(r"…|\.\.\.")
_EDGE = " \t\r\n\u00a0\u2009\u202f,;:–—-"
_SUBORDINATE = re.compile(r"\b(?:of|for|from|to|by|with|at|in|von|für|de|du|des|pour|para|del)\b|['’]s\b|,")
_GOES_ON = re.compile(r"\W*$|\s*[,;(\[—–-]|\s+(?:of|for|from|at|in|and|von|aus|de|du|des|del)\b")
_LONGEST_CLAUSE_UNITS = 12
_MOST_SPLITS = 8  # ellipses of a clause that may be the one between its ends: the others are of the text


@dataclass(frozen=True, slots=True)
class Grounded:
    """What of an answered attribution stands in the text; *problems* say what did not."""

    attribution: Attribution | None
    problems: tuple[Rejected, ...] = ()


@dataclass(frozen=True)
class Anchoring:
    """Finds what an answer points at in one chunk. *printed* indexes the whole article and is shared by its chunks.

    *choosing* tells that the model only chose from what it was offered. Such a model is weak, and its roster
    number counts for pronouns alone: "officials" are nobody of the roster.
    """

    page: Page
    shown: Rendered
    printed: Printed
    choosing: bool = False

    @property
    def text(self) -> str:
        """The article."""
        return self.page.reading.text

    @cached_property
    def _ends(self) -> list[int]:
        return [unit.end for unit in self.shown.chunk.units]

    def _units_of(self, piece: Span) -> Iterator[Span]:
        """The units of the chunk that share a code point with *piece*."""
        for unit in islice(self.shown.chunk.units, bisect_right(self._ends, piece.start), None):
            if unit.start >= piece.end:
                return
            yield unit

    def ground(self, answered: Attributed) -> Grounded:
        """The attribution as spans of the text, without the parts that are not printed where they should be."""
        problems: list[str] = []
        marks = self._marks(answered, problems)
        home = self._home(answered, marks, problems)
        if home is None:
            return Grounded(None, _rejected(answered, problems))
        own = tuple(mark.outer for mark in marks)
        clauses = tuple(self._clauses(answered, home, problems))
        cue = self._cue(answered, home, own, clauses, problems)
        if cue is None and answered.cue.strip() and not marks:
            return Grounded(None, _rejected(answered, problems))
        near = cue.start if cue else own[0].end if own else home.start
        mention = self._mention(answered, home, near, (*own, *clauses), problems)
        content = self._content(marks, clauses, [span for span in (cue, mention) if span])
        if not content:
            problems.append("nothing in it is content: list marks, or clauses as 'first words … last words', in said")
            return Grounded(None, _rejected(answered, problems))
        speaker = self._speaker(answered, mention, near)
        return Grounded(Attribution(content, (cue,) if cue else (), speaker), _rejected(answered, problems))

    def _marks(self, answered: Attributed, problems: list[str]) -> list[Quotation]:
        known = self.shown.marks
        missing = [number for number in answered.marks if not 1 <= number <= len(known)]
        if missing:
            problems.append(f"there is no mark {missing[0]}")
        return [known[number - 1] for number in sorted(set(answered.marks)) if 1 <= number <= len(known)]

    def _home(self, answered: Attributed, marks: Sequence[Quotation], problems: list[str]) -> Span | None:
        """The unit of the cue; that of the first mark where the number given does not exist."""
        units = self.shown.chunk.units
        if 1 <= answered.at <= len(units):
            return units[answered.at - 1]
        problems.append(f"there is no sentence {answered.at}")
        return next((unit for unit in units if marks and unit.overlaps(marks[0].outer)), None)

    def _cue(self, answered: Attributed, home: Span, marks: Spans, clauses: Spans, problems: list[str]) -> Span | None:
        """The place nearest to the content, in its own sentence or that of the content: never in a mark, and in
        a clause only where it stands nowhere else."""
        if not answered.cue.strip():
            return None
        content = (*marks, *clauses)
        edges = (edge for span in content for edge in span)
        near = min(edges, key=lambda edge: _distance(home, edge), default=home.start)
        beside = sorted({home, *(unit for piece in content for unit in self._units_of(piece))})
        windows = [[part for unit in beside for part in _without(unit, holes)] for holes in (content, marks)]
        cue = self._nearest(answered.cue, iter(windows), near)
        if cue is None:
            problems.append(f"the cue {answered.cue!r} is not printed in sentence {answered.at} outside of the content")
        return cue

    def _mention(self, answered: Attributed, home: Span, near: int, content: Spans, problems: list[str]) -> Span | None:
        """The nearest place outside of the content, or inside it where the cue is too ("Rents, Ng said, …")."""
        if not answered.speaker.strip():
            return None
        around = any(piece.start <= near < piece.end for piece in content)
        mention = self._nearest(answered.speaker, self._windows(home, () if around else content), near)
        if mention is None:
            problems.append(f"the speaker {answered.speaker!r} is not printed outside of the content")
        return mention

    def _windows(self, home: Span, content: Spans) -> Iterator[Iterable[Span]]:
        """Where to look for a mention, best first: the cue's sentence, the chunk, the context."""
        chunk = self.shown.chunk
        yield _without(home, content)
        yield _without(chunk.span, content)
        yield (*chunk.before, *chunk.after)

    def _nearest(self, anchor: str, windows: Iterator[Iterable[Span]], near: int) -> Span | None:
        for window in windows:
            places = [place for part in window if (place := self.printed.find(anchor, part, near))]
            if places:
                return min(places, key=lambda place: (_distance(place, near), place.start))
        return None

    def _clauses(self, answered: Attributed, home: Span, problems: list[str]) -> Iterator[Span]:
        for clause in answered.clauses:
            span = self._clause(clause, home)
            if span is not None:
                yield span
            elif clause.strip():
                problems.append(f"the clause {clause!r} is not printed")

    def _clause(self, clause: str, home: Span) -> Span | None:
        """From the first words of *clause* to its last words, the nearest to the cue's sentence."""
        core = self.shown.chunk.span
        for split in islice(_ELLIPSIS.finditer(clause), _MOST_SPLITS):
            head, tail = clause[: split.start()].strip(), clause[split.end() :].strip()
            if head and tail and (span := self._between(head, tail, home)):
                return span
        return self.printed.find(clause.strip(" …."), home, home.start) or self.printed.find(
            clause.strip(" …."), core, home.start
        )

    def _between(self, head: str, tail: str, home: Span) -> Span | None:
        core = self.shown.chunk.span
        first = self.printed.find(head, home, home.start) or self.printed.find(head, core, home.start)
        if first is None:
            return None
        at = bisect_right(self._ends, first.start)
        units = self.shown.chunk.units[at : at + _LONGEST_CLAUSE_UNITS]
        for number, unit in enumerate(units):
            within = Span(max(first.start, unit.start), unit.end)
            last = self.printed.find(tail, within, within.end)
            if last is not None and (number or last.end >= first.end):
                return Span(first.start, last.end)
        return None

    def _content(self, marks: Sequence[Quotation], clauses: Spans, attributing: Sequence[Span]) -> Spans:
        pieces = [mark.inner for mark in marks]
        for clause in clauses:
            pieces += [
                self._whole_quotations(piece, attributing)
                for part in _without(clause, _hull(clause, attributing))
                if (piece := self._without_open_mark(part))
            ]
        return merged(pieces)

    def _without_open_mark(self, span: Span) -> Span | None:
        """*span* trimmed, and without a mark at its end that opens a quotation of which it has no word."""
        piece = self._trimmed(span)
        for quotation in reversed(self.shown.marks):
            if piece and piece.start < quotation.outer.start < piece.end <= quotation.inner.start:
                piece = self._trimmed(Span(piece.start, quotation.outer.start))
        return piece

    def _trimmed(self, span: Span) -> Span | None:
        words = span.of(self.text)
        start = span.start + len(words) - len(words.lstrip(_EDGE))
        end = span.end - len(words) + len(words.rstrip(_EDGE))
        return Span(start, end) if any(ch.isalnum() for ch in self.text[start:end]) else None

    def _whole_quotations(self, piece: Span, attributing: Sequence[Span]) -> Span:
        """*piece* grown over the quotations it cuts, unless cue or mention stand there; without marks if it is one."""
        for quotation in self.shown.marks:
            if quotation.outer in (piece, quotation.inner) or quotation.inner.covers(piece):
                continue
            if piece.overlaps(quotation.inner) and not any(span.overlaps(quotation.outer) for span in attributing):
                piece = Span(min(piece.start, quotation.outer.start), max(piece.end, quotation.outer.end))
        return next((q.inner for q in self.shown.marks if self._is_all_of(q, piece)), piece)

    def _is_all_of(self, quotation: Quotation, piece: Span) -> bool:
        """Whether *piece* is *quotation*, but for its marks and the punctuation beside them."""
        rest = (Span(quotation.inner.start, piece.start), Span(piece.end, quotation.inner.end))
        words = "".join(span.of(self.text) for span in rest if span.start < span.end)
        return quotation.outer.covers(piece) and not any(ch.isalnum() for ch in words)

    def _speaker(self, answered: Attributed, mention: Span | None, near: int) -> Speaker:
        roster = self.shown.roster
        named = self._name_at(mention) if mention else None
        plain = self.choosing and mention is not None and not is_pronoun(mention.of(self.text))
        if named is None and isinstance(answered.who, int) and 1 <= answered.who <= len(roster) and not plain:
            named = roster[answered.who - 1]
        if named is not None:
            kind = named.kind if answered.kind == "unknown" else answered.kind
            places = (mention,) if mention else _nearest_mention(named, near)
            return Speaker(places, named.name, named.full, kind)
        if mention is None:
            return NOBODY
        full = self._printed_form(answered.who, near)
        words = mention.of(self.text)
        if full is None and not is_pronoun(words):
            full = mention
        return Speaker((mention,), full.of(self.text) if full else None, full, answered.kind)

    def _name_at(self, mention: Span) -> Name | None:
        """The name *mention* is headed by: "Mayor Ruiz of Salmere" is Ruiz, "Ruiz's aide" is not."""
        for name, place in self.page.mentions.overlapping(mention):
            ahead, behind = self.text[mention.start : place.start], self.text[place.end : mention.end]
            if not _SUBORDINATE.search(ahead) and _GOES_ON.match(behind):
                return name
        return None

    def _printed_form(self, who: int | str, near: int) -> Span | None:
        if isinstance(who, int) or not who.strip() or is_pronoun(who):
            return None
        chunk = self.shown.chunk
        return self._nearest(who, iter([(chunk.span,), (*chunk.before, *chunk.after)]), near)


def _rejected(answered: Attributed, problems: Sequence[str]) -> tuple[Rejected, ...]:
    return tuple(Rejected(dict(answered.item), problem) for problem in problems)


def _without(span: Span, holes: Iterable[Span]) -> Iterator[Span]:
    """What is left of *span* between the *holes*."""
    at = span.start
    for hole in sorted(holes):
        if hole.start > at:
            yield Span(at, min(hole.start, span.end))
        at = max(at, hole.end)
        if at >= span.end:
            return
    yield Span(at, span.end)


def _hull(clause: Span, attributing: Sequence[Span]) -> Spans:
    """The stretch of *clause* that names who says it, to be cut out of what is said."""
    inside = [span for span in attributing if span.overlaps(clause)]
    return (Span(min(s.start for s in inside), max(s.end for s in inside)),) if inside else ()


def _distance(span: Span, point: int) -> int:
    return max(span.start - point, point - span.end, 0)


def _nearest_mention(name: Name, near: int) -> Spans:
    return (min(name.mentions, key=lambda mention: abs(mention.start - near)),) if name.mentions else (name.full,)
