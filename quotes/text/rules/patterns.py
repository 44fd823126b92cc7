"""Patterns: the named ways in which a cue ties a speaker to a content. The first that fits a case is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

from quotes.text.cues import FRAMES, Frame
from quotes.text.rules.case import Case, Found
from quotes.text.rules.clauses import clause_end
from quotes.text.rules.phrases import Subject, right_of
from quotes.text.rules.pieces import (
    comma_after,
    fronted_piece,
    has_verb,
    is_adverbial,
    is_aside,
    is_closed,
    is_quotation,
    is_subject_with_aside,
    quote_before_title,
    quote_ending_at,
    quotes_around,
    quotes_from,
)
from quotes.text.rules.subjects import first_subject
from quotes.text.rules.wordclasses import (
    ACCORDING,
    ARTICLES,
    ASKED,
    BE,
    BREAKS,
    CALLED,
    CLAUSAL,
    COMMA,
    DAYS,
    INVERTING,
    JOINS,
    KNOWN,
    NAMED,
    NAMING_VERBS,
    PARTICIPLE_ENDINGS,
    PREPOSITIONS,
    REFLEXIVES,
    SO,
    TELL,
    WHO,
)

Pattern = Callable[[Case], Found | None]


def according_to(case: Case) -> Found | None:
    """Rents doubled, according to Ng. / According to Ng, rents doubled."""
    if not case.is_cue_in(ACCORDING):
        return None
    unit, grammar = case.unit, case.grammar
    source = right_of(grammar, case.last)
    if unit.is_quote(case.last):
        source = Subject(case.last, case.last + 1, "noun")
    if source is None:
        return None
    stop = comma_after(case, source.last)
    before = fronted_piece(case, case.first)
    pieces = []
    if before is not None:
        pieces.append(before)
    after = clause_end(grammar, stop + 1, frozenset(), whole=True) if stop < len(unit) else stop
    if unit.low(stop) == "," and after > stop + 1 and (before is None or not has_verb(case, *before)):
        pieces.append((stop + 1, after))
    if not pieces and case.first == 0 and source.last + 1 < len(unit):
        pieces.append((source.last, clause_end(grammar, source.last, frozenset(), whole=True)))
    return Found("according_to", (case.first, case.last), source, tuple(pieces)) if pieces else None


def quote_cue_subject(case: Case) -> Found | None:
    """“No,” said Brandt, who succeeded Kohl."""
    quote = quote_ending_at(case, case.first)
    if quote is None or case.is_cue_in(TELL) or case.left.verb != case.first or not is_closed(case, quote):
        return None
    subject = right_of(case.grammar, case.last)
    if subject is None or case.grammar.is_in(case.first, PARTICIPLE_ENDINGS):
        return None
    if subject.how == "pronoun" and not is_aside(case, subject.last):
        return None
    return Found("quote_cue_subject", (case.first, case.last), subject, quotes_around(case, quote, subject.last))


def quote_subject_cue(case: Case) -> Found | None:
    """“No,” Ruiz said. / “We tried,” Oduya said, “and we failed.”"""
    subject = case.left.subject
    if subject is None or case.grammar.is_in(subject.first, WHO):
        return None
    quote = quote_ending_at(case, subject.first)
    if quote is None:
        quote = quote_before_title(case, subject.first)
    if quote is None or (not is_closed(case, quote) and case.complement.frame not in {"end", "quote"}):
        return None
    if case.complement.frame == "quote" and case.unit.is_quote(case.last):
        return None
    if case.complement.frame in {"plain", "that"} and case.grammar.is_in(0, PREPOSITIONS | CLAUSAL | DAYS):
        return None
    return Found(
        "quote_subject_cue", (case.first, case.last), subject, quotes_around(case, quote, case.complement.start)
    )


def fronted_cue_subject(case: Case) -> Found | None:
    """The harvest will come late, said Horowitz, who runs the press."""
    if not case.grammar.is_in(case.first - 1, COMMA) or not case.is_cue_in(INVERTING):
        return None
    if case.left.verb != case.first or case.is_cue_in(TELL):
        return None
    subject = right_of(case.grammar, case.last)
    if subject is None or subject.how == "pronoun" or not is_aside(case, subject.last):
        return None
    before = fronted_piece(case, case.first)
    if before is None or before[1] - before[0] < 3 or is_subject_with_aside(case, before, subject):
        return None
    return Found("fronted_cue_subject", (case.first, case.last), subject, (before,))


def cue_subject_quote(case: Case) -> Found | None:
    """Said Ruiz: “No.” / In einem Gespräch erklärte er: „Nein.“"""
    start = case.last + 1 if case.grammar.is_in(case.last, REFLEXIVES) else case.last
    subject = right_of(case.grammar, start)
    if subject is None or case.unit.low(subject.last) != ":" or not case.unit.is_quote(subject.last + 1):
        return None
    if case.rates["quote"] < 0.5 or (case.first > 0 and not case.grammar.lexicon.has("comma_opens", ",")):
        return None
    return Found("cue_subject_quote", (case.first, case.last), subject, quotes_from(case, subject.last + 1))


def quote_in_fronted(case: Case) -> Found | None:
    """The bridge, Ruiz said, “is safe” for now."""
    subject, start = case.left.subject, case.complement.start
    if subject is None or case.complement.frame != "quote" or case.unit.low(subject.first - 1) != ",":
        return None
    if case.unit.low(start - 1) != "," or not case.unit.tails[start][:1].islower():
        return None
    before = fronted_piece(case, subject.first)
    if before is None or case.grammar.is_in(before[0], CLAUSAL | PREPOSITIONS | DAYS) or is_quotation(case, before):
        return None
    stop = clause_end(case.grammar, start, case.starts)
    return Found("quote_in_fronted", (case.first, case.last), subject, (before, (start, stop)))


def cue_quote(case: Case) -> Found | None:
    """Ruiz said: “No.” / Ruiz called it “reckless”."""
    if case.complement.frame != "quote" or case.rates["quote"] < 0.4 or _is_naming(case):
        return None
    start = case.complement.start
    stop = clause_end(case.grammar, start, case.starts, short=_is_short(case))
    if case.complement.colon:
        pieces = quotes_from(case, start)
        name = "cue_colon_quote"
    else:
        pieces = ((start, stop),)
        name = "cue_quote"
    return Found(name, (case.first, case.last), _subject(case), pieces)


def cue_that(case: Case) -> Found | None:
    """Tan said that the plan was “dead on arrival”."""
    if case.complement.frame != "that" or case.rates["that"] < 0.5:
        return None
    return _clause("cue_that", case)


def cue_to(case: Case) -> Found | None:
    """Ruiz promised to resign."""
    rate = max(case.rates["to"], case.rates["plain"]) if case.is_cue_in(TELL) else case.rates["to"]
    if case.complement.frame != "to" or rate < 0.45:
        return None
    if case.grammar.is_in(case.complement.start + 1, BE) and case.grammar.is_in(case.complement.start + 2, NAMED):
        return None
    return _clause("cue_to", case)


def cue_wh(case: Case) -> Found | None:
    """Ruiz asked whether the bridge would hold."""
    if case.complement.frame != "wh" or case.rates["wh"] < 0.55:
        return None
    return _clause("cue_wh", case)


def cue_colon(case: Case) -> Found | None:
    """Ruiz said: The bridge will hold. Only for strong cues: behind others a colon opens a list or a reason."""
    if not case.complement.colon or case.rates["quote"] < 0.9:
        return None
    return _clause("cue_colon", case) if _subject(case) is not None else None


def fronted(case: Case) -> Found | None:
    """Taxes will rise, Ruiz said. / The bridge, Ruiz said, will hold."""
    if case.complement.frame != "end" or case.rates["end"] < 0.3:
        return None
    subject, last = case.left.subject, case.complement.start
    if subject is None or subject.shared or case.unit.low(subject.first - 1) != ",":
        return None
    before = fronted_piece(case, subject.first)
    if before is not None and case.grammar.is_in(before[0], CLAUSAL):
        return None
    pieces = [before] if before is not None else []
    after = clause_end(case.grammar, last + 1, case.starts) if last < len(case.unit) else last
    goes_on = case.unit.low(last) == "," and after > last + 1 and not case.grammar.is_in(last + 1, JOINS | BREAKS)
    if goes_on and (before is None or not is_quotation(case, before)):
        pieces.append((last + 1, after))
    if not pieces or (pieces == [before] and is_adverbial(case, *pieces[0])):
        return None
    return Found("fronted", (case.first, case.last), subject, tuple(pieces))


def cue_plain(case: Case) -> Found | None:
    """Residents said they smelled gas. / Ames endorsed Bell."""
    if case.complement.frame not in {"plain", "end"}:
        return None
    start = case.complement.start if case.complement.frame == "plain" else case.last
    if start >= len(case.unit) or case.complement.colon or _is_naming(case):
        return None
    if case.rates["plain"] < 0.4 or (not case.unit.quoted and case.rates["plain"] < 0.5):
        return None
    if not case.unit.lows[start][0].isalnum() and case.unit.lows[start][0] not in "$£€@#[(":
        return None
    found = _clause("cue_plain", case, start)
    if found is None or found.subject is None:
        return None
    quoted = any(case.unit.is_quote(i) for i in range(*found.pieces[0]))
    return found if case.rates["plain"] >= (0.4 if quoted else 0.5) else None


PATTERNS: tuple[Pattern, ...] = (
    according_to,
    quote_cue_subject,
    quote_subject_cue,
    fronted_cue_subject,
    cue_subject_quote,
    quote_in_fronted,
    cue_quote,
    cue_that,
    cue_to,
    cue_wh,
    cue_colon,
    fronted,
    cue_plain,
)


def apply_patterns(case: Case) -> Found | None:
    """What the first fitting pattern makes of *case*."""
    for pattern in fitting(case):
        found = pattern(case)
        if found is not None:
            return found
    return None


def fitting(case: Case) -> tuple[Pattern, ...]:
    """The patterns worth trying on *case*: the others fit no sentence like it."""
    cue = case.unit.bits[case.first]
    return _FITTING[case.unit.quoted != (), case.complement.frame, cue & ACCORDING != 0, cue & INVERTING != 0]


_BESIDE_QUOTES = frozenset({quote_cue_subject, quote_subject_cue, cue_subject_quote})
"""The patterns that fit only where the sentence holds a quotation."""

_FRAMES: Mapping[Pattern, frozenset[Frame]] = {
    quote_in_fronted: frozenset({"quote"}),
    cue_quote: frozenset({"quote"}),
    cue_that: frozenset({"that"}),
    cue_to: frozenset({"to"}),
    cue_wh: frozenset({"wh"}),
    cue_colon: frozenset({"quote", "plain"}),
    fronted: frozenset({"end"}),
    cue_plain: frozenset({"plain", "end"}),
}
"""The frames of the patterns that fit only in some."""

_FITTING: Mapping[tuple[bool, Frame, bool, bool], tuple[Pattern, ...]] = {
    (quoted, frame, according, inverting): tuple(
        pattern
        for pattern in PATTERNS
        if (quoted or pattern not in _BESIDE_QUOTES)
        and frame in _FRAMES.get(pattern, FRAMES)
        and (according or pattern is not according_to)
        and (inverting or pattern is not fronted_cue_subject)
    )
    for quoted, frame, according, inverting in product((True, False), FRAMES, (True, False), (True, False))
}
"""The patterns worth trying in a sentence with a quotation or without one, on a cue in a frame and of such classes."""


def _clause(name: str, case: Case, start: int | None = None) -> Found | None:
    begin = case.complement.start if start is None else start
    stop = clause_end(case.grammar, begin, case.starts, short=_is_short(case))
    if stop <= begin:
        return None
    return Found(name, (case.first, case.last), _subject(case), ((begin, stop),))


def _is_naming(case: Case) -> bool:
    """Whether the cue only tells a name: a film called “Low Tide”."""
    subject = case.left.subject
    if case.is_cue_in(KNOWN) or (case.is_cue_in(CALLED) and case.grammar.is_in(case.first - 1, SO)):
        return True
    if not case.is_cue_in(NAMING_VERBS) or subject is None or case.left.verb != case.first:
        return False
    return (
        subject.how == "noun" and case.grammar.is_in(subject.first, ARTICLES) and case.unit.low(subject.first) != "the"
    )


def _is_short(case: Case) -> bool:
    """Whether the cue stands in a relative clause or a subordinate one that opens the sentence."""
    subject = case.left.subject
    if subject is not None and case.grammar.is_in(subject.first, WHO):
        return True
    opening = subject.first if subject is not None else case.left.verb
    if opening == 0:
        return subject is None
    return opening <= 3 and case.grammar.is_in(opening - 1, CLAUSAL | PREPOSITIONS)


def _subject(case: Case) -> Subject | None:
    """The subject left of the cue, or the one the verb shares with an earlier verb; none for who was asked."""
    if case.left.passive or (case.left.subject is None and case.is_cue_in(ASKED)):
        return None
    if case.left.subject is not None:
        return case.left.subject
    if case.previous is not None:
        return Subject(case.previous.first, case.previous.last, case.previous.how, shared=True)
    return first_subject(case.grammar, case.first)
