"""How good predictions are: scored against gold, with intervals, compared, and every error with its cause."""

from quotes.evaluation.annotation import Annotation, annotation_of
from quotes.evaluation.calibration import CheckedArticle, calibrated, check
from quotes.evaluation.comparison import Scored, System, compare
from quotes.evaluation.counting import ArticleCounts, counts_of
from quotes.evaluation.files import GoldArticle, read_gold, read_predictions
from quotes.evaluation.judging import Pair, pairs
from quotes.evaluation.page import error_page
from quotes.evaluation.scores import report_of, rounded
from quotes.evaluation.table import score_tables

__all__ = [
    "Annotation",
    "ArticleCounts",
    "CheckedArticle",
    "GoldArticle",
    "Pair",
    "Scored",
    "System",
    "annotation_of",
    "calibrated",
    "check",
    "compare",
    "counts_of",
    "error_page",
    "pairs",
    "read_gold",
    "read_predictions",
    "report_of",
    "rounded",
    "score_tables",
]
