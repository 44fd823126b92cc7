"""Who said what in news articles: quote–speaker pairs that stand in the text word for word.

    >>> from quotes import extract
    >>> extraction = extract("“We tried,” Ida Krell said.")
    >>> [(quote.text, quote.speaker.name) for quote in extraction.quotes]
    [('We tried,', 'Ida Krell')]

Names are loaded when they are first used, so that ``import quotes`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from quotes._version import __version__

if TYPE_CHECKING:
    from quotes.api import Extractor, aextract, extract
    from quotes.errors import (
        CacheError,
        ConnectionFailed,
        DuplicateId,
        EndpointUnusable,
        InputError,
        OutputError,
        PackError,
        QuotesError,
        RecordError,
        ReplayMiss,
        RequestFailed,
        UsageError,
    )
    from quotes.formats.frames import to_pandas
    from quotes.model import (
        Article,
        ChunkError,
        Extraction,
        Quote,
        Rejected,
        Skipped,
        Span,
        Speaker,
        Unresolved,
    )

_HOMES = {
    "quotes.api": ("Extractor", "aextract", "extract"),
    "quotes.errors": (
        "CacheError",
        "ConnectionFailed",
        "DuplicateId",
        "EndpointUnusable",
        "InputError",
        "OutputError",
        "PackError",
        "QuotesError",
        "RecordError",
        "ReplayMiss",
        "RequestFailed",
        "UsageError",
    ),
    "quotes.formats.frames": ("to_pandas",),
    "quotes.model": (
        "Article",
        "ChunkError",
        "Extraction",
        "Quote",
        "Rejected",
        "Skipped",
        "Span",
        "Speaker",
        "Unresolved",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Article",
    "CacheError",
    "ChunkError",
    "ConnectionFailed",
    "DuplicateId",
    "EndpointUnusable",
    "Extraction",
    "Extractor",
    "InputError",
    "OutputError",
    "PackError",
    "Quote",
    "QuotesError",
    "RecordError",
    "Rejected",
    "ReplayMiss",
    "RequestFailed",
    "Skipped",
    "Span",
    "Speaker",
    "Unresolved",
    "UsageError",
    "__version__",
    "aextract",
    "extract",
    "to_pandas",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'quotes' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
