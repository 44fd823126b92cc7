"""Word classes: all that a word tells by itself, as the bits of one number, looked up once for each word of a text.

A pattern asks thousands of times what kind of word stands at a place. With the classes of a word as bits each such
question, however many classes it names, is one "and" of two numbers.
"""

from __future__ import annotations

from functools import lru_cache

from quotes.text.cues import Lexicon, load_lexicon

QUOTE = "“”"
"""The word a quotation stands as."""

_FORMS = 19
(
    QUOTATION,  # a quotation stands there
    NAME,  # it is part of a name: the only bit that a place gives and no word has of itself
    OPEN,  # it is of no closed class: a noun, a verb, an adjective, a name
    NOUN,  # it is a name, or open and neither a cue nor, where nouns have capitals, any other word: surely a noun
    CUE,  # it attributes by itself, at least before "that" or next to a quotation
    CUE_START,  # a cue of the lexicon may begin with it
    ADVERB,  # it may stand between a subject and its verb
    STOP,  # it ends a clause: punctuation other than a comma, or a quotation
    COMMA,
    COLON,
    DASH,
    PAUSE,  # content may end or nest there: a comma, a semicolon, a bracket, a dash, "and", or a quotation
    LETTERS,  # it begins with a letter or a digit: neither punctuation nor a quotation
    SMALL,  # all its letters are small
    JOINT,  # whether it is a word of its own depends on what stands beside it: ".", "-" and "t"
    PARTICIPLE_ENDINGS,
    GOVERNOR_ENDINGS,
    VERB_ENDINGS,
    SOURCE_ENDINGS,
) = tuple(1 << bit for bit in range(_FORMS))
"""What the form of a word tells."""

# fmt: off
_NAMES = (
    "according", "adverbs", "and", "anonymous", "articles", "as", "as_told", "asked", "auxiliaries", "be",
    "bracket_only", "breaks", "called", "citing", "clausal", "clause_words", "comma_opens", "common",
    "conjunctions", "couple_titles", "days", "definite", "determiners", "documents", "female", "gendered",
    "genitives", "governors", "groups", "having", "hearsay", "hearsay_ends", "if", "impersonal", "impressions",
    "indefinite", "inverting", "it_says", "joins", "known", "last_next", "leading", "male", "named", "naming",
    "naming_verbs", "negations", "no", "nobody", "nouns_like_adverbs", "objects", "oblique", "oblique_before_en",
    "of", "of_in", "offices", "on_in", "org_words", "organizations", "participles", "person_titles", "places_times",
    "plural", "possessives", "prepositions", "pronouns", "purposes", "reflexives", "refusals", "relatives",
    "reporting", "reporting_weakly", "singular", "so", "so_says", "source_links", "source_noun_prepositions",
    "source_nouns", "source_postpositions", "source_prepositions", "speaking", "speech", "subordinates", "tell",
    "that", "time_nouns", "titles", "to", "wh", "wh_whether", "which", "who", "works", "you_it",
)
(
    ACCORDING, ADVERBS, AND, ANONYMOUS, ARTICLES, AS, AS_TOLD, ASKED, AUXILIARIES, BE, BRACKET_ONLY, BREAKS, CALLED,
    CITING, CLAUSAL, CLAUSE_WORDS, COMMA_OPENS, COMMON, CONJUNCTIONS, COUPLE_TITLES, DAYS, DEFINITE, DETERMINERS,
    DOCUMENTS, FEMALE, GENDERED, GENITIVES, GOVERNORS, GROUPS, HAVING, HEARSAY, HEARSAY_ENDS, IF, IMPERSONAL,
    IMPRESSIONS, INDEFINITE, INVERTING, IT_SAYS, JOINS, KNOWN, LAST_NEXT, LEADING, MALE, NAMED, NAMING,
    NAMING_VERBS, NEGATIONS, NO, NOBODY, NOUNS_LIKE_ADVERBS, OBJECTS, OBLIQUE, OBLIQUE_BEFORE_EN, OF, OF_IN,
    OFFICES, ON_IN, ORG_WORDS, ORGANIZATIONS, PARTICIPLES, PERSON_TITLES, PLACES_TIMES, PLURAL, POSSESSIVES,
    PREPOSITIONS, PRONOUNS, PURPOSES, REFLEXIVES, REFUSALS, RELATIVES, REPORTING, REPORTING_WEAKLY, SINGULAR, SO,
    SO_SAYS, SOURCE_LINKS, SOURCE_NOUN_PREPOSITIONS, SOURCE_NOUNS, SOURCE_POSTPOSITIONS, SOURCE_PREPOSITIONS,
    SPEAKING, SPEECH, SUBORDINATES, TELL, THAT, TIME_NOUNS, TITLES, TO, WH, WH_WHETHER, WHICH, WHO, WORKS, YOU_IT,
) = tuple(1 << bit for bit in range(_FORMS, _FORMS + len(_NAMES)))
# fmt: on
"""The word classes of the lexicons, in the order of their names."""

CLASSES = {name: 1 << bit for bit, name in enumerate(_NAMES, _FORMS)}
"""The bit of each word class that some rule asks for, by its name in ``words.txt``."""

MOST_REMEMBERED = 16_384
"""Words of a language that are remembered; then all are forgotten, which costs less than to choose between them."""

_STOPS = frozenset({";", ":", "(", ")", "[", "]", "—", "–", "--", "-", ".", "?", "!", "…", "/", "|"})
_DASHES = frozenset({"—", "–", "--", "-"})
_PUNCTUATION = {",": COMMA, ":": COLON}
_JOINTS = frozenset({".", "-", "t"})
_CLOSED = PRONOUNS | AUXILIARIES | PREPOSITIONS | CONJUNCTIONS | DETERMINERS | ADVERBS | TO | DAYS
_STRONG = 0.6
"""Precision of a cue from which it attributes by itself."""


class Vocabulary(dict[str, tuple[str, int]]):
    """The words of a language as they are printed, each in lower case and with its bits, worked out when first met."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon
        self._classes = {word: _class_bits(lexicon, word) for word in (*lexicon.classes, *lexicon.firsts)}
        self._cues = frozenset(
            cue[0]
            for cue, rates in lexicon.cues.items()
            if len(cue) == 1 and max(rates["that"], rates["quote"]) >= _STRONG
        )
        self._endings = [
            (bit, lexicon.endings.get(name, ("\0",)))
            for bit, name in (
                (PARTICIPLE_ENDINGS, "participle_endings"),
                (GOVERNOR_ENDINGS, "governor_endings"),
                (VERB_ENDINGS, "verb_endings"),
                (SOURCE_ENDINGS, "source_endings"),
            )
        ]
        self._all_endings = tuple({ending for _, endings in self._endings for ending in endings})
        self._adverb_endings = lexicon.endings.get("adverb_endings", ("\0",))
        self._nouns_have_capitals = lexicon.has("capital_nouns", "yes")

    def __missing__(self, word: str) -> tuple[str, int]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        low = word.lower()
        if "’" in low:
            low = low.replace("’", "'")
        known = self[word] = (low, self._bits(word, low))
        return known

    def _bits(self, word: str, low: str) -> int:
        if word == QUOTE:
            return QUOTATION | STOP | PAUSE
        bits = self._classes.get(low, 0) | (LETTERS if low[0].isalnum() else _punctuation_bits(low))
        if low.endswith(self._all_endings):
            for bit, endings in self._endings:
                if low.endswith(endings):
                    bits |= bit
        if word in _JOINTS:
            bits |= JOINT
        if word.islower():
            bits |= SMALL | (CUE if low in self._cues else 0)
            if len(low) > 4 and low.endswith(self._adverb_endings) and not bits & NOUNS_LIKE_ADVERBS:
                bits |= ADVERB
        if bits & (_CLOSED | ADVERB | STOP) or not (bits & LETTERS or low[0] == "@"):
            return bits
        return bits | (OPEN if bits & CUE or self._nouns_have_capitals else OPEN | NOUN)


def _class_bits(lexicon: Lexicon, word: str) -> int:
    bits = CUE_START if word in lexicon.firsts else 0
    for name in lexicon.classes.get(word, ()):
        bits |= CLASSES.get(name, 0)
    if bits & ADVERBS:
        bits |= ADVERB
    return bits | PAUSE if bits & JOINS else bits


def _punctuation_bits(mark: str) -> int:
    bits = STOP if mark in _STOPS else 0
    if mark in _DASHES:
        bits |= DASH
    bits |= _PUNCTUATION.get(mark, 0)
    return bits | PAUSE if bits & (DASH | COMMA) or mark in {";", "(", ")"} else bits


@lru_cache(maxsize=8)
def vocabulary_of(language: str) -> Vocabulary:
    """The words of *language*, English for one without a lexicon; what is worked out is kept for articles to come."""
    return Vocabulary(load_lexicon(language))
