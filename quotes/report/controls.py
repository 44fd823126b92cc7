"""The controls of a report: filters, search, switches and the list of keys, all hidden until a script is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from quotes.model import Confidence, QuoteType, SpeakerKind, Status
from quotes.report.cards import UNNAMED
from quotes.report.escaping import attributes, escaped_line
from quotes.report.people import NOBODY, people_of

_KEYS: Final = (
    ("j", "next quote"),
    ("k", "previous quote"),
    ("c", "copy the quote with its speaker"),
    ("/", "search"),
    ("m", "marks of what was left out"),
    ("Esc", "clear the selection, then the filters"),
    ("?", "this list"),
)


def controls_html(values: Sequence[Mapping[str, Any]]) -> str:
    """The toolbar over the articles *values* (records in the JSON form): only what tells some of them apart."""
    quotes = [quote for value in values for quote in value["quotes"]]
    kinds = (quote["speaker_kind"] for quote in quotes)
    confidences = (quote["confidence"] for quote in quotes)
    statuses = (value["status"] for value in values)
    selects = [
        _select("speaker", "Speaker", "All speakers", _people(quotes)),
        _select("type", "Type", "All types", _known(get_args(QuoteType), (quote["type"] for quote in quotes))),
        _select("kind", "Kind of speaker", "All kinds", _known(get_args(SpeakerKind), kinds)),
        _select("confidence", "Confidence", "Any confidence", _known(get_args(Confidence), confidences)),
        _select("status", "State of the article", "Any status", _known(get_args(Status), statuses)),
    ]
    left = any(value[name] for value in values for name in ("skipped", "unresolved", "rejected", "errors"))
    marks = (
        '<label class="switch"><input type="checkbox" id="marks"> <span>Show left out</span></label>\n' if left else ""
    )
    return (
        '<div class="toolbar" id="toolbar" hidden>\n<form class="filters" role="search" aria-label="Filter quotes">\n'
        '<label class="search"><span class="visually-hidden">Search in quotes and speakers</span>'
        '<input type="search" id="search" name="search" placeholder="Search quotes" autocomplete="off"'
        ' spellcheck="false" aria-keyshortcuts="/"></label>\n'
        '<button type="button" id="more" aria-expanded="false" aria-controls="choices">Filters'
        '<span class="active" hidden></span></button>\n'
        f'<div class="choices" id="choices">\n{"".join(selects)}{marks}</div>\n'
        '<p class="shown" id="shown" role="status"></p>\n'
        '<button type="button" id="reset" hidden>Reset</button>\n'
        '<div class="tools"><button type="button" id="theme" aria-label="Colours: as the system">◐</button>'
        '<button type="button" id="help" aria-label="Keys" aria-keyshortcuts="?">?</button></div>\n</form>\n</div>\n'
    )


def dialogs_html() -> str:
    """The list of keys, the place of the selected quote on a narrow screen, and where a screen reader is told."""
    keys = "".join(f"<div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>" for key, what in _KEYS)
    return (
        f'<dialog id="keys" aria-labelledby="keys-title">\n<h2 id="keys-title">Keys</h2>\n<dl>{keys}</dl>\n'
        '<form method="dialog"><button>Close</button></form>\n</dialog>\n'
        '<section class="sheet" id="sheet" aria-label="Selected quote" hidden></section>\n'
        '<p class="told" id="told" role="status"></p>\n'
    )


def _people(quotes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    # A key is marked as one, so that the empty key of those without a name is not the choice of all.
    return [
        (f"={one.key}", f"{one.name if one.key != NOBODY else UNNAMED} ({one.quotes:,})") for one in people_of(quotes)
    ]


def _known(order: Sequence[str], found: Iterable[str]) -> list[tuple[str, str]]:
    here = set(found)
    return [(f"={one}", one) for one in order if one in here]


def _select(name: str, label: str, everything: str, choices: Sequence[tuple[str, str]]) -> str:
    options = "".join(
        f"<option{attributes({'value': value})}>{escaped_line(words)}</option>" for value, words in choices
    )
    hidden = " hidden" if len(choices) < 2 else ""
    return (
        f'<span class="choice"{hidden}><label class="visually-hidden" for="by-{name}">{label}</label>'
        f'<select id="by-{name}" name="{name}"><option value="">{everything}</option>{options}</select></span>\n'
    )
