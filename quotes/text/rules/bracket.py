"""Brackets: verbs of saying in two parts, far apart, whose subject may follow them: Gestern kündigte Ruiz etwas an."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from quotes.text.cues import Lexicon
from quotes.text.rules.case import Found
from quotes.text.rules.clauses import clause_end, fronted_start
from quotes.text.rules.distant import say_alone, say_otherwise
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.phrases import Subject
from quotes.text.rules.sources import find_sources
from quotes.text.rules.units import Unit
from quotes.text.rules.verbsecond import (
    NO_CLAUSE,
    WIDEST,
    clause_at,
    is_denied,
    is_relative,
    pairs,
    quotes_from,
    subject_of,
)
from quotes.text.rules.wordclasses import (
    AND,
    AS_TOLD,
    CLAUSAL,
    JOINS,
    NO,
    NOBODY,
    PARTICIPLES,
    PREPOSITIONS,
    SPEECH,
    THAT,
)

FARTHEST_COMMA = 6
"""Words between a verb of saying and the comma that opens its clause."""


def find_second(unit: Unit, lexicon: Lexicon) -> tuple[Found, ...]:
    """What stands in source phrases and verb brackets of *unit*, which no single cue tells."""
    if unit.second is None:
        unit.second = (*find_sources(unit, lexicon), *find_brackets(unit, lexicon))
    return unit.second


def find_brackets(unit: Unit, lexicon: Lexicon) -> Iterator[Found]:
    """The attributions by two-part verbs in *unit*, left to right."""
    if not lexicon.has("verb_second", "yes"):
        return
    grammar = Grammar(unit, lexicon)
    brackets, governed = pairs(lexicon.language, "brackets"), pairs(lexicon.language, "governed")
    for verb, low in enumerate(unit.lows):
        if unit.quotes[verb] >= 0 or not unit.words[verb].islower():
            continue
        having = lexicon.has("having", low)
        found: Found | None = None
        if low in brackets or low in governed or having:
            closing = _closing(grammar, verb, brackets.get(low, frozenset()), having=having)
            found = _governed(grammar, verb, closing, governed) or _closed(grammar, verb, closing)
        alone = lexicon.has("speech", low) and not lexicon.has("bracket_only", low)
        if found is None and alone:
            found = say_alone(grammar, verb)
        found = found or say_otherwise(grammar, verb)
        if found is not None and not _is_nobody(grammar, found.subject):
            yield found


def _is_nobody(grammar: Grammar, subject: Subject | None) -> bool:
    """Whether a subject says that nobody said it: niemand, kein Sprecher."""
    return subject is not None and grammar.is_in(subject.first, NOBODY | NO)


def _closing(grammar: Grammar, verb: int, particles: frozenset[str], *, having: bool) -> int | None:
    """The place of the particle or participle that closes the bracket *verb* opens."""
    unit = grammar.unit
    for i in range(verb + 1, min(len(unit), verb + WIDEST)):
        if unit.lows[i] in {";", ":"} or (unit.lows[i] == "," and grammar.is_in(i + 1, THAT | CLAUSAL)):
            return None
        if unit.lows[i] in particles or (having and grammar.is_in(i, PARTICIPLES)):
            after = unit.low(i + 1)
            if after in {"", ",", ".", ":", ";", "!", "(", ")"} or grammar.is_in(i + 1, AND) or unit.is_quote(i + 1):
                return i
    return None


def _closed(grammar: Grammar, verb: int, closing: int | None) -> Found | None:
    """The content of a closed bracket: what follows it, else the quotation in it, else what stands before it."""
    if closing is None or is_denied(grammar, verb, closing):
        return None
    unit = grammar.unit
    subject = subject_of(grammar, verb)
    if subject is None:
        return None
    cue = (closing, closing + 1) if grammar.is_in(closing, PARTICIPLES) else (verb, verb + 1)
    start = closing + 2
    if unit.low(closing + 1) == ":" and start < len(unit):
        return Found("bracket_colon", cue, subject, _from(grammar, start))
    quotes = [i for i in range(verb + 1, closing) if unit.is_quote(i)]
    fronted = unit.low(verb - 1) == "," or unit.is_quote(verb - 1)
    if fronted and subject.first > verb and not quotes:
        begin = fronted_start(grammar, verb)
        end = verb - 1 if unit.low(verb - 1) == "," else verb
        opener = grammar.is_in(begin, PREPOSITIONS | CLAUSAL | AS_TOLD)
        if (end - begin >= 3 and not opener) or (end > begin and unit.is_quote(end - 1)):
            return Found("bracket_fronted", cue, subject, _with_rest(grammar, (begin, end), closing))
    if unit.low(closing + 1) == "," and start < len(unit):
        end = clause_end(grammar, start, frozenset())
        opens = not grammar.is_in(start, NO_CLAUSE) or clause_at(grammar, start) is not None
        if end > start + 1 and opens and not is_relative(grammar, start, end):
            return Found("bracket_clause", cue, subject, ((start, end),))
    return Found("bracket_quote", cue, subject, tuple((i, i + 1) for i in quotes)) if quotes else None


def _with_rest(grammar: Grammar, before: tuple[int, int], closing: int) -> tuple[tuple[int, int], ...]:
    """The content before a bracket, with what goes on behind it: „Zu spät“, stellte Ruiz fest, „kam die Hilfe“."""
    unit = grammar.unit
    start = closing + 2
    if unit.low(closing + 1) != "," or start >= len(unit) or grammar.is_in(start, JOINS | CLAUSAL):
        return (before,)
    end = clause_end(grammar, start, frozenset(), whole=True)
    return (before, (start, end)) if end > start else (before,)


def _governed(grammar: Grammar, verb: int, closing: int | None, governed: Mapping[str, frozenset[str]]) -> Found | None:
    """Ruiz sprach von einem „Skandal“. / Ruiz hat den Plan als „Skandal“ bezeichnet. The quotation alone is content."""
    unit = grammar.unit
    said = verb if closing is None or not grammar.is_in(closing, PARTICIPLES) else closing
    prepositions = governed.get(unit.lows[said])
    if prepositions is None:
        return None
    for i in range(verb + 1, min(len(unit), verb + WIDEST) if said == verb else said):
        if grammar.is_in(i, SPEECH) or (grammar.is_stop(i) and not unit.is_quote(i) and unit.lows[i] not in {"(", ")"}):
            return None
        if unit.lows[i] not in prepositions:
            continue
        quote = next((k for k in range(i + 1, min(len(unit), i + 5)) if unit.is_quote(k)), None)
        if quote is None or any(unit.lows[k] == "," for k in range(i, quote)):
            continue
        subject = subject_of(grammar, verb)
        if subject is None or is_denied(grammar, verb, i):
            return None
        return Found("governed", (said, said + 1), subject, ((quote, quote + 1),))
    return None


def _from(grammar: Grammar, start: int) -> tuple[tuple[int, int], ...]:
    if not grammar.unit.is_quote(start):
        return ((start, clause_end(grammar, start, frozenset(), whole=True)),)
    return quotes_from(grammar, start)


def opened(one: Found, unit: Unit, lexicon: Lexicon) -> Found | None:
    """*one* with its clause begun behind the comma that opens clauses in this language; ``None`` where none does.

    Behind the verb alone stand its objects: erklärte im Mai seinen Rücktritt.
    """
    first, last = one.pieces[0]
    if one.pattern != "cue_plain" or not lexicon.has("comma_opens", ",") or unit.low(first - 1) in {",", ":"}:
        return one
    comma = next((i for i in range(first, min(first + FARTHEST_COMMA, last - 2)) if unit.low(i) == ","), None)
    if comma is None or not any(lexicon.has("reporting", unit.lows[i]) or unit.is_quote(i) for i in range(comma, last)):
        return None
    return Found(one.pattern, one.cue, one.subject, ((comma + 1, last), *one.pieces[1:]))
