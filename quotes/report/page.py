"""One HTML page, whole in one file: its styles and scripts stand in it, and nothing else can be loaded or run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from quotes.formats.provenance import SIGNATURE
from quotes.report.escaping import escaped_line, json_data


def page(
    title: str,
    body: str,
    *,
    styles: Iterable[str] = (),
    scripts: Iterable[str] = (),
    early: Iterable[str] = (),
    connect: bool = False,
    loads: bool = False,
    data: Mapping[str, Any] | None = None,
) -> str:
    """The page with the content *body*, which is put as it is.

    *styles* and *scripts* are their contents; scripts run after the body is there, *early* ones before. Only these
    are let run, by their hashes: no handler or style in an attribute is. With *connect* a script may fetch from the
    server the page came from, else from nowhere. With *loads* they may add scripts of their own choice, which is how a
    page opened from a disk gets at its data. *data* are JSON values for scripts, each in an element
    ``data-<name>``.
    """
    styles, scripts, early = list(styles), list(scripts), list(early)
    policy = _policy(styles, [*early, *scripts], connect=connect, loads=loads)
    head = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        SIGNATURE,
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escaped_line(title)}</title>",
        *(f"<style>{style}</style>" for style in styles),
        *(f"<script>{script}</script>" for script in early),
        "</head>",
        "<body>",
    ]
    tail = [
        *(
            f'<script type="application/json" id="data-{escaped_line(name)}">{json_data(value)}</script>'
            for name, value in (data or {}).items()
        ),
        *(f"<script>{script}</script>" for script in scripts),
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join([*head, body, *tail])


def _policy(styles: Iterable[str], scripts: Iterable[str], *, connect: bool, loads: bool) -> str:
    trusted = _hashes(scripts) + (" 'strict-dynamic'" if loads else "")
    rules = ["default-src 'none'", f"style-src {_hashes(styles)}", f"script-src {trusted}"]
    if connect:
        rules.append("connect-src 'self'")
    return "; ".join([*rules, "base-uri 'none'", "form-action 'none'"])


def _hashes(sources: Iterable[str]) -> str:
    digests = (hashlib.sha256(source.encode("utf-8")).digest() for source in sources)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests) or "'none'"
