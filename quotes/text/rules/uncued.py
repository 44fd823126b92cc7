"""Quotations without a cue of the lexicon: introduced by a colon, an unknown verb, a label, or by nothing at all."""

from __future__ import annotations

from collections.abc import Sequence

from quotes.text.cues import Lexicon
from quotes.text.rules.case import Found
from quotes.text.rules.clauses import clause_end
from quotes.text.rules.grammar import Grammar
from quotes.text.rules.phrases import Subject, noun_phrase, right_of
from quotes.text.rules.subjects import first_subject
from quotes.text.rules.units import Unit
from quotes.text.rules.wordclasses import (
    ADVERBS,
    ANONYMOUS,
    AS,
    AUXILIARIES,
    COMMON,
    DETERMINERS,
    DOCUMENTS,
    GROUPS,
    JOINS,
    OF,
    ORGANIZATIONS,
    PARTICIPLES,
    PERSON_TITLES,
    PLURAL,
    SINGULAR,
    TITLES,
    VERB_ENDINGS,
)

LABEL_WORDS = 6
"""Words a label before a colon has at most ("Mayor Mara Ruiz: …")."""


def find_uncued(unit: Unit, lexicon: Lexicon, owned: frozenset[int], cued: Sequence[Found]) -> list[Found]:
    """Attributions of the quotations of *unit* that no cue took; *owned* are the places of the others, *cued* how."""
    grammar = Grammar(unit, lexicon)
    found: list[Found] = []
    for i, index in enumerate(unit.quotes):
        if index < 0 or i in owned:
            continue
        one = _label_quote(grammar, i) or _colon_quote(grammar, i) or _gapped(grammar, i, cued)
        one = one or _unknown_verb(grammar, i) or _as_quote(grammar, i)
        one = one or _verb_last(grammar, i) or _japanese(grammar, i)
        if one is not None:
            found.append(one)
    return found


def _label_quote(grammar: Grammar, i: int) -> Found | None:
    """Mayor: ‘I won't resign’"""
    if i > LABEL_WORDS + 1 or grammar.unit.low(i - 1) != ":" or i < 2:
        return None
    label = range(i - 1)
    if not all(grammar.is_open(k) or grammar.is_in(k, DETERMINERS | OF) for k in label):
        return None
    if not (grammar.is_name(i - 2) or grammar.is_in(i - 2, TITLES | GROUPS | ANONYMOUS | DOCUMENTS | ORGANIZATIONS)):
        return None
    return Found(
        "label_quote", (i - 1, i), Subject(0, i - 1, "name" if grammar.is_name(i - 2) else "noun"), ((i, i + 1),)
    )


def _colon_quote(grammar: Grammar, i: int) -> Found | None:
    """The board was blunt: “No.”"""
    if grammar.unit.low(i - 1) != ":":
        return None
    subject = first_subject(grammar, i - 1)
    return Found("colon_quote", (i - 1, i), subject, ((i, i + 1),)) if subject is not None else None


def _gapped(grammar: Grammar, i: int, cued: Sequence[Found]) -> Found | None:
    """Ames called it “reckless”; Bell, “overdue”."""
    before = [one for one in cued if one.cue[1] <= i and one.subject is not None]
    if grammar.unit.low(i - 1) != "," or not before:
        return None
    start = i - 1
    while start > before[-1].cue[1] and i - start < 20 and grammar.unit.low(start - 1) != ";":
        start -= 1
    subject = right_of(grammar, start) if grammar.unit.low(start - 1) == ";" else None
    if subject is None and grammar.is_name(i - 2):
        subject = noun_phrase(grammar, i - 2)
        if not (grammar.unit.low(subject.first - 1) == "," or grammar.is_in(subject.first - 1, JOINS)):
            return None
    if subject is None or any(grammar.is_cue(k) or grammar.is_in(k, AUXILIARIES) for k in range(subject.last, i - 1)):
        return None
    return Found("gapped", before[-1].cue, subject, ((i, i + 1),))


def _unknown_verb(grammar: Grammar, i: int) -> Found | None:
    """“No,” Ruiz bellowed. / “No,” bellowed Ruiz."""
    unit = grammar.unit
    after = i + 2 if unit.low(i + 1) == "," else i + 1
    if after == i + 1 and not unit.ends_with(i, ",?!"):
        return None
    subject = right_of(grammar, after)
    if subject is not None and subject.how == "name" and unit.words[after][:1].isupper():
        verb = _verb_at(grammar, subject.last)
        return Found("quote_subject_verb", verb, subject, ((i, i + 1),)) if verb else None
    verb = _verb_at(grammar, after)
    subject = right_of(grammar, verb[1]) if verb else None
    if verb is None or subject is None or subject.how != "name":
        return None
    return Found("quote_verb_subject", verb, subject, ((i, i + 1),))


def _verb_at(grammar: Grammar, i: int) -> tuple[int, int] | None:
    while grammar.is_adverb(i):
        i += 1
    word = grammar.unit.low(i)
    if grammar.is_open(i) and grammar.unit.words[i].islower() and len(word) > 3 and grammar.is_in(i, VERB_ENDINGS):
        return i, i + 1
    return None


def _verb_last(grammar: Grammar, i: int) -> Found | None:
    """„Nein“, hatte Ruiz im Mai erklärt. The auxiliary stands behind the quotation, the verb of saying at the end."""
    unit = grammar.unit
    auxiliary = i + 2 if unit.low(i + 1) == "," else i + 1
    subject = right_of(grammar, auxiliary + 1) if grammar.is_in(auxiliary, AUXILIARIES) else None
    if subject is None:
        return None
    end = next((k for k in range(subject.last, len(unit)) if grammar.is_in(k, PARTICIPLES)), None)
    return None if end is None else Found("verb_last", (end, end + 1), subject, ((i, i + 1),))


def _as_quote(grammar: Grammar, i: int) -> Found | None:
    """Ruiz derided the plan as a “pipe dream”."""
    at = i - 1 if not grammar.is_in(i - 1, DETERMINERS) else i - 2
    if not grammar.is_in(at, AS):
        return None
    subject = first_subject(grammar, at)
    verb = None
    k = subject.last if subject is not None else at
    while k < at and (grammar.is_in(k, AUXILIARIES | ADVERBS) or grammar.is_adverb(k)):
        k += 1
    if k < at:
        verb = _verb_at(grammar, k)
    if subject is None or verb is None or verb[1] >= at:
        return None
    return Found("as_quote", verb, subject, ((verb[1], clause_end(grammar, verb[1], frozenset())),))


def introduction(unit: Unit, lexicon: Lexicon) -> tuple[Subject, tuple[int, int]] | None:
    """Who a sentence that ends with a colon announces, and the cue that does: Ruiz went on:"""
    if unit.low(len(unit) - 1) != ":":
        return None
    grammar = Grammar(unit, lexicon)
    subject = first_subject(grammar, len(unit) - 1)
    if subject is None or subject.last >= len(unit):
        return None
    return subject, (subject.last, len(unit) - 1)


def last_named(unit: Unit, lexicon: Lexicon) -> Subject | None:
    """Whom a sentence is about, as its subject: the one a quotation right after it, alone and without a cue, is by."""
    grammar = Grammar(unit, lexicon)
    subject = first_subject(grammar, len(unit))
    if subject is None or grammar.is_in(subject.first, PLURAL):
        return None
    if subject.how == "pronoun":
        return subject if unit.lows[subject.first] in {"i", "we"} else None
    return subject if subject.how == "name" or _is_person(grammar, subject) else None


def _is_person(grammar: Grammar, subject: Subject) -> bool:
    """Whether a noun phrase looks like a person: the aide; or one capital word that does something: Kaur is tired."""
    if grammar.is_in(subject.last - 1, ANONYMOUS | PERSON_TITLES | GROUPS):
        return True
    alone = subject.first == 0 and subject.last == 1 and not grammar.is_in(0, COMMON)
    return alone and grammar.unit.words[0][:1].isupper() and grammar.is_in(1, SINGULAR)


_JAPANESE_VERBS = frozenset("言語話述叫答")


def _japanese(grammar: Grammar, i: int) -> Found | None:
    """「無理だ」と彼は言った。 / 彼は「無理だ」と言った。 Words are runs of one script there."""
    unit = grammar.unit
    if not unit.low(i + 1).startswith("と"):
        return None
    verb = i + 2
    topic = i - 1
    if unit.low(i + 3).endswith(("は", "が")):
        topic, verb = i + 3, i + 4
    if topic < 1 or not unit.low(topic).endswith(("は", "が")) or unit.low(verb)[:1] not in _JAPANESE_VERBS:
        return None
    last = min(verb + 2, len(unit)) if unit.low(verb + 1)[:1].isalnum() else verb + 1
    return Found("japanese", (verb, last), Subject(topic - 1, topic, "noun"), ((i, i + 1),))
