"""Sources: whom a sentence is from without a verb of its own: Nach Angaben von X, X zufolge, wie X mitteilte, so X."""

from __future__ import annotations

from collections.abc import Iterator

from quotes.text.cues import Lexicon
from quotes.text.rules.case import Found
from quotes.text.rules.clauses import clause_end, fronted_start
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.phrases import Subject, noun_phrase, right_of
from quotes.text.rules.units import Unit
from quotes.text.rules.verbsecond import is_speaking
from quotes.text.rules.wordclasses import (
    AND,
    AS_TOLD,
    AUXILIARIES,
    CLAUSAL,
    DETERMINERS,
    GENITIVES,
    HAVING,
    POSSESSIVES,
    REPORTING,
    SO_SAYS,
    SOURCE_ENDINGS,
    SOURCE_LINKS,
    SOURCE_NOUN_PREPOSITIONS,
    SOURCE_NOUNS,
    SOURCE_POSTPOSITIONS,
    SOURCE_PREPOSITIONS,
    THAT,
    WHO,
)

LONGEST_ASIDE = 16
"""Words of what stands between commas behind a source, and of a clause with "wie"."""


def find_sources(unit: Unit, lexicon: Lexicon) -> Iterator[Found]:
    """What *unit* gives a source for, of a language whose word classes name the prepositions and nouns of sources."""
    if not lexicon.has("verb_second", "yes"):
        return
    grammar = Grammar(unit, lexicon)
    for i, low in enumerate(unit.lows):
        classes = lexicon.classes.get(low)
        if classes is None or unit.quotes[i] >= 0 or classes.isdisjoint(_OPENERS):
            continue
        found = _named_behind(grammar, i) or _named_before(grammar, i) or _as_told(grammar, i) or _so(grammar, i)
        if found is not None:
            yield found


_OPENERS = frozenset({"source_prepositions", "source_postpositions", "source_noun_prepositions", "as_told", "so_says"})


def _named_behind(grammar: Grammar, i: int) -> Found | None:
    """Nach Angaben von Ruiz stiegen die Mieten. / Die Mieten stiegen laut Ruiz."""
    if grammar.is_in(i, SOURCE_NOUN_PREPOSITIONS):
        source = _of_noun(grammar, i + 1)
    elif grammar.is_in(i, SOURCE_PREPOSITIONS):
        source = _of_noun(grammar, i + 1) or _plain(grammar, i + 1)
    else:
        return None
    if source is None:
        return None
    subject, last = source
    return _around("source", grammar, (i, max(i + 1, subject.first)), (i, _over_aside(grammar, last)), subject)


def _named_before(grammar: Grammar, i: int) -> Found | None:
    """Einem Bericht zufolge stiegen die Mieten. / Die Mieten seien ihrer Meinung nach zu hoch."""
    if not grammar.is_in(i, SOURCE_POSTPOSITIONS) or not grammar.is_noun(i - 1):
        return None
    subject = noun_phrase(grammar, i - 1)
    if grammar.is_in(i, SOURCE_NOUN_PREPOSITIONS) and not (
        is_source_noun(grammar, i - 1) and grammar.is_in(subject.first, POSSESSIVES)
    ):
        return None
    return _around("source", grammar, (i, i + 1), (subject.first, i + 1), _owner(grammar, subject))


def _as_told(grammar: Grammar, i: int) -> Found | None:
    """Wie die Polizei mitteilte, brannte es. / Es brannte, wie die Polizei mitteilte."""
    unit = grammar.unit
    if not grammar.is_in(i, AS_TOLD) or (i > 0 and unit.low(i - 1) != ","):
        return None
    start = i + 1
    while grammar.is_adverb(start):
        start += 1
    subject = right_of(grammar, start)
    if subject is None:
        return None
    end = subject.last
    while end < min(len(unit), i + LONGEST_ASIDE + 4) and unit.low(end) not in {",", ".", ";", ":"}:
        end += 1
    verb = end - 1
    if grammar.is_in(verb, HAVING):
        verb -= 1
    if verb < subject.last or not is_speaking(grammar, verb):
        return None
    return _around("as_told", grammar, (verb, verb + 1), (i, end), subject)


def _so(grammar: Grammar, i: int) -> Found | None:
    """Die Brücke sei sicher, so Ruiz. / Sicher sei, so Ruiz weiter, dass die Brücke hält."""
    unit = grammar.unit
    if not grammar.is_in(i, SO_SAYS) or unit.low(i - 1) != "," or unit.is_quote(i - 2):
        return None
    if not (grammar.is_noun(i + 1) or grammar.is_in(i + 1, DETERMINERS)):
        return None
    subject = right_of(grammar, i + 1)
    if subject is None:
        return None
    end = subject.last
    while end < len(unit) and end - i < LONGEST_ASIDE and unit.low(end) not in {",", ".", ";", ":"}:
        if grammar.is_in(end, AUXILIARIES) or unit.is_quote(end):
            return None
        end += 1
    return _around("so", grammar, (i, i + 1), (i, end), subject)


def is_source_noun(grammar: Grammar, i: int) -> bool:
    """Whether the word at *i* is what somebody says or writes: Angaben, Meinung, Zeitungsberichten."""
    return grammar.unit.words[i][:1].isupper() and (grammar.is_in(i, SOURCE_NOUNS) or grammar.is_in(i, SOURCE_ENDINGS))


def _of_noun(grammar: Grammar, start: int) -> tuple[Subject, int] | None:
    """The source behind a noun of saying at *start*, as (who, where the phrase ends): Angaben der Polizei."""
    head = start
    while grammar.is_in(head, DETERMINERS | POSSESSIVES) and head - start < 3:
        head += 1
    while head - start < 6 and _leads_on(grammar, head):
        head += 1
    if head >= len(grammar.unit) or grammar.unit.is_quote(head) or not is_source_noun(grammar, head):
        return None
    if grammar.is_in(start, POSSESSIVES):
        return Subject(start, start + 1, "pronoun"), head + 1
    if grammar.is_name(head - 1) and head > start:
        return Subject(start, head, "name"), head + 1
    after = head + 1
    if grammar.is_in(after, SOURCE_LINKS):
        after += 1
        if grammar.unit.low(after)[:1].isalnum() and right_of(grammar, after) is None:
            return Subject(after, after + 1, "noun"), after + 1
    elif not (grammar.is_in(after, GENITIVES) or grammar.is_name(after)):
        return Subject(start, head + 1, "noun"), head + 1
    inner = _plain(grammar, after)
    return inner if inner is not None else (Subject(start, head + 1, "noun"), head + 1)


def _leads_on(grammar: Grammar, i: int) -> bool:
    """Whether the word at *i* may stand before a noun of saying: Celans Angaben, ersten Angaben."""
    if i >= len(grammar.unit) or grammar.unit.is_quote(i) or is_source_noun(grammar, i):
        return False
    return grammar.is_name(i) or (grammar.is_open(i) and grammar.unit.words[i].islower())


def _plain(grammar: Grammar, start: int) -> tuple[Subject, int] | None:
    """The noun phrase at *start*, and where it ends with those joined to it."""
    if grammar.unit.is_quote(start):
        return Subject(start, start + 1, "noun"), start + 1
    subject = right_of(grammar, start)
    if subject is None or subject.how == "pronoun":
        return None
    last = max(subject.last, start + 1)
    while grammar.is_in(last, AND):
        joined = right_of(grammar, last + 1)
        if joined is None or joined.how == "pronoun" or joined.last <= last:
            break
        last = joined.last
    return subject, last


def _owner(grammar: Grammar, subject: Subject) -> Subject:
    """Whose the meaning is: ihrer Meinung → ihrer."""
    possessed = grammar.is_in(subject.first, POSSESSIVES)
    return Subject(subject.first, subject.first + 1, "pronoun") if possessed else subject


def _over_aside(grammar: Grammar, i: int) -> int:
    """Past what explains a source behind it, in brackets or between commas."""
    unit = grammar.unit
    if unit.low(i) == "(":
        i = next((k + 1 for k in range(i, min(len(unit), i + LONGEST_ASIDE)) if unit.low(k) == ")"), i)
    if unit.low(i) == "," and not grammar.is_in(i + 1, AUXILIARIES):
        return next((k + 1 for k in range(i + 1, min(len(unit), i + LONGEST_ASIDE)) if unit.low(k) == ","), i)
    return i


def _around(
    pattern: str, grammar: Grammar, cue: tuple[int, int], phrase: tuple[int, int], subject: Subject
) -> Found | None:
    """The clause around the source *phrase* as content, before it and behind it."""
    unit = grammar.unit
    first, last = phrase
    if grammar.is_dash(first - 1):
        return None
    if any(unit.low(k) == ":" and unit.is_quote(k + 1) for k in range(last, len(unit))):
        return None
    start = _clause_start(grammar, first)
    while last < len(unit) and unit.low(last) == ",":
        last += 1
    end = clause_end(grammar, last, frozenset(), whole=True) if last < len(unit) else last
    before_end = first
    while before_end > start and unit.low(before_end - 1) == ",":
        before_end -= 1
    pieces = [piece for piece in ((start, before_end), (last, end)) if _has_words(unit, *piece)]
    if len(pieces) == 2 and before_end < first and not _has_verb(grammar, last, end):
        pieces.pop()
    if not pieces or not any(piece[1] - piece[0] > 2 or unit.is_quote(piece[0]) for piece in pieces):
        return None
    return Found(pattern, cue, subject, tuple(pieces))


def _clause_start(grammar: Grammar, end: int) -> int:
    """Where the clause that is cut by a source at *end* begins: behind a stop, or at its conjunction."""
    start = fronted_start(grammar, end)
    if grammar.unit.low(end - 1) == ",":
        return start
    for i in range(end - 1, max(start, end - 40), -1):
        if grammar.unit.low(i) == "," and grammar.is_in(i + 1, CLAUSAL | THAT | WHO):
            return i + 1
    return start


def _has_verb(grammar: Grammar, first: int, last: int) -> bool:
    """Whether what stands behind a source between commas is a clause or a quotation and no name that explains it."""
    return any(grammar.unit.is_quote(i) or grammar.is_in(i, AUXILIARIES | REPORTING | THAT) for i in range(first, last))


def _has_words(unit: Unit, first: int, last: int) -> bool:
    return any(unit.quotes[i] >= 0 or unit.lows[i][0].isalnum() for i in range(first, last))
