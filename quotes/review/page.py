"""The page of a review: the report's look around an article that the server sends, and the controls to change it."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

from quotes.report.assets import asset as report_asset
from quotes.report.escaping import escaped_line
from quotes.report.page import page

_REPORT_STYLES: Final = ("page.css", "head.css", "article.css", "panel.css")
_SCRIPTS: Final = ("saving.js", "places.js", "desk.js", "acting.js", "handles.js", "names.js", "list.js", "keys.js")
"""In the order in which they build on each other."""

_KEYS: Final = (
    (("A",), "accept, and go on to the next open quote, the least sure first; of an accepted quote: just go on"),
    (("R",), "reject"),
    (("S", "1–9"), "another speaker, from the names nearest to the quote; with marked words: they are the speaker"),
    (("E",), "change the words: arrows move the end, Shift by a character, E again the start, C sets them"),
    (("C", "P", "V"), "marked words are the quote’s words, one more piece of them, its cue"),
    (("F",), "marked words are the speaker’s full name"),
    (("S", "E", "G", "T"), "what you change is accepted with the change; the page stays there, A goes on"),
    (("N",), "marked words are a new quote"),
    (("X",), "undecided again, as the run had it"),
    (("G", "T", "M"), "kind of speaker, type, note"),
    (("A", "1–4"), "of a quotation that is no quote yet: it is one; irony, a title, a term, not said"),
    (("J", "K"), "next and previous quote"),
    (("O",), "next open quote, in this article or the next"),
    (("[", "]"), "previous and next article"),
    (("D",), "the article is done: what is still open in it is right"),
    (("U", "Shift U"), "undo and redo, also Ctrl Z and Ctrl Y"),
    (("/",), "find an article: Enter opens the first, the down arrow leads into the list, Esc clears"),
)


def review_page(name: str, gold: str | None) -> str:
    """The page for the records called *name*; *gold* names the file that is written from it, if there is one.

    It holds nothing of the articles: these come one at a time from the server, and a script puts them in.
    """
    styles = [*map(report_asset, _REPORT_STYLES), _asset("review.css")]
    return page(f"Review of {name}", _body(name, gold), styles=styles, scripts=map(_asset, _SCRIPTS), connect=True)


@cache
def _asset(name: str) -> str:
    return resources.files("quotes.review").joinpath("assets", name).read_text(encoding="utf-8")


def _body(name: str, gold: str | None) -> str:
    shown = escaped_line(name)
    kept = f" Reviewed articles are written to <bdi>{escaped_line(gold)}</bdi>." if gold else ""
    return f"""\
<a class="skip" href="#desk">Skip to the article</a>
<header class="bar">
<button type="button" id="articles" aria-expanded="false" aria-controls="list">Articles</button>
<h1>Review of <bdi>{shown}</bdi></h1>
<div id="progress"><progress value="0" max="1" aria-label="Quotes reviewed"></progress><span></span></div>
<p id="saved" role="status" data-kind="idle"><span></span><button type="button" hidden>Try now</button></p>
<div class="tools">
<button type="button" id="undo" aria-keyshortcuts="u Control+z" disabled>Undo</button>
<button type="button" id="redo" aria-keyshortcuts="Shift+u Control+y" disabled>Redo</button>
<button type="button" id="help-button" aria-keyshortcuts="?" aria-label="Keys and help">?</button>
</div>
</header>
<div class="frame">
<nav id="list" aria-label="Articles">
<div class="find">
<label><span class="visually-hidden">Find an article</span><input type="search" placeholder="Find an article"></label>
<label><input type="checkbox"> Only with open quotes</label>
</div>
<div class="found"><ol></ol><p class="none" hidden>No article fits.</p>
<button type="button" class="more" hidden>More articles</button></div>
</nav>
<main id="desk" tabindex="-1"></main>
</div>
<div id="handles"></div>
<section id="actions" aria-label="What to do">
<p class="about" aria-live="polite"></p>
<div data-group="marked"></div>
<div data-group="quote"></div>
<div data-group="quotation"></div>
<div data-group="article"></div>
</section>
<p class="told" id="told" role="status"></p>
<dialog id="names" aria-labelledby="names-title">
<h2 id="names-title">Who says it?</h2>
<p class="about" dir="auto"></p>
<label><span class="visually-hidden">Find a name</span>
<input type="text" placeholder="Type to find a name" autocomplete="off"></label>
<ol></ol>
<button type="button" class="close">Cancel</button>
</dialog>
<dialog id="help" aria-labelledby="help-title">
<h2 id="help-title">Keys</h2>
<dl>{"".join(_key(keys, what) for keys, what in _KEYS)}</dl>
<p class="note">Every change is saved at once, beside the records.{kept}</p>
<button type="button" class="close">Close</button>
</dialog>
"""


def _key(keys: tuple[str, ...], what: str) -> str:
    shown = " ".join(f"<kbd>{key}</kbd>" for key in keys)
    return f"<dt>{shown}</dt><dd>{what}</dd>"
