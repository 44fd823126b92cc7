"""Saying at a distance: verbs of saying whose clause or quotation stands far behind them, or that end their clause."""

from __future__ import annotations

from quotes.text.rules.case import Found
from quotes.text.rules.clauses import clause_end
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.phrases import Subject, right_of
from quotes.text.rules.verbsecond import (
    WIDEST,
    clause_at,
    is_denied,
    is_oblique,
    is_speaking,
    joined,
    quotes_from,
    subject_of,
)
from quotes.text.rules.wordclasses import (
    BE,
    CITING,
    CLAUSAL,
    HAVING,
    IT_SAYS,
    NEGATIONS,
    ON_IN,
    PARTICIPLES,
    PREPOSITIONS,
    RELATIVES,
    SOURCE_LINKS,
    SPEECH,
    SUBORDINATES,
    THAT,
    WH,
    WHO,
)

SHORTEST_OBJECT = 20
"""Code points a quotation must have that is said to be the bare object of a verb of saying."""


def say_alone(grammar: Grammar, verb: int) -> Found | None:
    """What the verb of saying at *verb* attributes by itself, however far off."""
    if _is_passive(grammar, verb):
        return None
    return _far(grammar, verb) or _object(grammar, verb)


def say_otherwise(grammar: Grammar, verb: int) -> Found | None:
    """What the word at *verb* attributes in other ways: heißt es, …, was er mitteilte, wird angenommen."""
    return _it_says(grammar, verb) or _verb_last(grammar, verb) or _passive(grammar, verb)


def _far(grammar: Grammar, verb: int) -> Found | None:
    """Gestern sagte Ruiz, die Bürgermeisterin, ohne Namen zu nennen, dass die Brücke hält. / … knapp: „Sie hält.“"""
    unit = grammar.unit
    subject = _cited(grammar, verb) or subject_of(grammar, verb)
    if subject is None:
        return None
    aside = unit.low(subject.last) == ","
    for i in range(max(verb + 1, subject.last), min(len(unit) - 1, verb + WIDEST)):
        if unit.lows[i] == ":" and unit.is_quote(i + 1) and not is_denied(grammar, verb, i):
            return Found("far_colon", (verb, verb + 1), subject, quotes_from(grammar, i + 1))
        if grammar.is_stop(i) or (i > subject.last and is_speaking(grammar, i)):
            return None
        if unit.lows[i] != ",":
            continue
        name = clause_at(grammar, i + 1)
        if name is not None and not is_denied(grammar, verb, i):
            end = clause_end(grammar, i + 1, frozenset())
            return Found(name, (verb, verb + 1), subject, ((i + 1, end),)) if end > i + 2 else None
        if not aside:
            return None
    return None


def _cited(grammar: Grammar, verb: int) -> Subject | None:
    """Whom a newspaper cites: Der Bote zitiert Ruiz mit den Worten."""
    start = verb + 1
    while grammar.is_adverb(start):
        start += 1
    cited = right_of(grammar, start) if grammar.is_in(verb, CITING) else None
    return cited if cited is not None and cited.how != "pronoun" else None


def _object(grammar: Grammar, verb: int) -> Found | None:
    """Die Wirte riefen das „längste Frühstück“ aus. / Alle riefen „Zugabe“, als Ruiz kam."""
    unit = grammar.unit
    subject = subject_of(grammar, verb)
    if subject is None or not grammar.is_in(verb, SPEECH):
        return None
    for i in range(max(verb + 1, subject.last), min(len(unit), verb + 12)):
        if unit.is_quote(i):
            start, end = unit.cover(i, i + 1)
            long = end - start >= SHORTEST_OBJECT
            inside = unit.lows[i - 1] not in {",", ":"} and i - 1 > verb
            beside = i == verb + 1 and unit.low(i + 1) == ","
            if not ((long and inside) or beside) or is_denied(grammar, verb, i):
                return None
            return Found("object", (verb, verb + 1), subject, ((i, i + 1),))
        if unit.lows[i] == "," or grammar.is_stop(i):
            return None
    return None


def _it_says(grammar: Grammar, verb: int) -> Found | None:
    """In einem Bericht des Amtes heißt es, die Brücke sei sicher. / „Sie hält“, heißt es in dem Bericht."""
    unit = grammar.unit
    if not grammar.is_in(verb, IT_SAYS) or unit.low(verb + 1) != "es":
        return None
    subject, after = _document(grammar, verb), verb + 2
    if subject is None and grammar.is_in(after, PREPOSITIONS):
        subject = right_of(grammar, after + 1)
        after = subject.last if subject is not None else after
    cue = (verb, verb + 2)
    quote = verb - 2 if unit.low(verb - 1) == "," else verb - 1
    if unit.is_quote(quote):
        return Found("it_says", cue, subject, ((quote, quote + 1),))
    while after < min(len(unit), verb + WIDEST) and unit.low(after) not in {",", ":"} and not grammar.is_stop(after):
        after += 1
    if unit.low(after) not in {",", ":"} or after + 2 >= len(unit):
        return None
    if unit.is_quote(after + 1):
        return Found("it_says", cue, subject, quotes_from(grammar, after + 1))
    return Found("it_says", cue, subject, ((after + 1, clause_end(grammar, after + 1, frozenset())),))


def _document(grammar: Grammar, verb: int) -> Subject | None:
    """What it says so in, before the verb: In einem Bericht des Amtes heißt es."""
    for i in range(verb - 1, max(-1, verb - WIDEST), -1):
        if grammar.is_in(i, ON_IN | SOURCE_LINKS) and (i == 0 or grammar.is_boundary(i - 1)):
            return right_of(grammar, i + 1)
    return None


def _verb_last(grammar: Grammar, verb: int) -> Found | None:
    """…, nachdem die Köchin mitgeteilt hatte, dass er krank sei: the verb ends a clause of its own."""
    unit = grammar.unit
    participle = grammar.is_in(verb, PARTICIPLES) and grammar.is_in(verb + 1, HAVING)
    if not participle and unit.lows[verb] not in joined(grammar.lexicon.language):
        return None
    start = verb + 3 if participle else verb + 2
    if unit.low(start - 1) != "," or start >= len(unit) - 1:
        return None
    opener = next((i for i in range(verb - 1, max(-1, verb - 15), -1) if _opens(grammar, i)), None)
    if opener is None or clause_at(grammar, start) is None:
        return None
    subject = right_of(grammar, opener + 1)
    if subject is None and grammar.is_in(opener, WHO):
        subject = Subject(opener, opener + 1, "pronoun")
    if subject is None or is_denied(grammar, opener, verb) or is_oblique(grammar, subject):
        return None
    end = clause_end(grammar, start, frozenset(), short=opener == 0)
    return Found("verb_last", (verb, verb + 1), subject, ((start, end),))


def _opens(grammar: Grammar, i: int) -> bool:
    """Whether the word at *i* opens a clause whose verb stands last."""
    behind = i == 0 or grammar.unit.low(i - 1) == "," or grammar.is_in(i - 1, PREPOSITIONS)
    return behind and (grammar.is_in(i, CLAUSAL | WH | SUBORDINATES | RELATIVES))


def _passive(grammar: Grammar, verb: int) -> Found | None:
    """Es wird angenommen, dass die Brücke hält. Nobody is named."""
    unit = grammar.unit
    if not grammar.is_in(verb, BE):
        return None
    for i in range(verb + 1, min(len(unit) - 2, verb + WIDEST)):
        if unit.lows[i] == "," or grammar.is_stop(i):
            return None
        if grammar.is_in(i, PARTICIPLES) and unit.low(i + 1) == "," and grammar.is_in(i + 2, THAT):
            if is_denied(grammar, verb, i) or grammar.is_in(verb, NEGATIONS):
                return None
            return Found("passive", (i, i + 1), None, ((i + 2, clause_end(grammar, i + 2, frozenset())),))
    return None


def _is_passive(grammar: Grammar, verb: int) -> bool:
    """Whether a form that may be a participle hangs on a passive: wird die Entscheidung begründet."""
    for i in range(verb - 1, max(-1, verb - 15), -1):
        if grammar.unit.lows[i] == "," or grammar.is_stop(i):
            return False
        if grammar.is_in(i, BE):
            return True
    return False
