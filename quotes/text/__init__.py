"""What can be known about a text without a model: paragraphs, sentences, quotations, names, and where words stand."""

from quotes.text.alignment import Printed
from quotes.text.covering import Covered
from quotes.text.language import guess_language
from quotes.text.mentions import Mentions
from quotes.text.names import Name, find_names
from quotes.text.paragraphs import find_paragraphs
from quotes.text.pronouns import is_pronoun
from quotes.text.quotations import Quotation, find_quotations
from quotes.text.reading import Reading, read
from quotes.text.rules import RuleFindings, attribute_by_rules
from quotes.text.rules.candidates import Candidates, Content, find_candidates, likely_cues
from quotes.text.rules.precision import precision_of
from quotes.text.rules.proposals import Proposal, find_proposals
from quotes.text.sentences import find_sentences
from quotes.text.types import classify

__all__ = [
    "Candidates",
    "Content",
    "Covered",
    "Mentions",
    "Name",
    "Printed",
    "Proposal",
    "Quotation",
    "Reading",
    "RuleFindings",
    "attribute_by_rules",
    "classify",
    "find_candidates",
    "find_names",
    "find_paragraphs",
    "find_proposals",
    "find_quotations",
    "find_sentences",
    "guess_language",
    "is_pronoun",
    "likely_cues",
    "precision_of",
    "read",
]
