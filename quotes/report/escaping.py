"""The way into a page: what articles, models and file names say is shown as text and is never markup or a script."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from quotes.formats.terminal import on_one_line, visible

_SCHEMES = ("http", "https")


def escaped(text: str) -> str:
    """*text* for the content of an element or the value of an attribute in double quotes.

    Control characters are shown as their pictures, and what turns the direction of the text around it as ``�``.
    """
    return html.escape(visible(text))


def escaped_line(text: str) -> str:
    """As :func:`escaped`, with every stretch of white space as one blank."""
    return html.escape(on_one_line(text))


def attributes(values: Mapping[str, str | int | None]) -> str:
    """*values* as attributes of a start tag, each with a blank before it; those that are ``None`` are left out."""
    return "".join(
        f' {name}="{value if isinstance(value, int) else escaped(value)}"'
        for name, value in values.items()
        if value is not None
    )


def json_data(value: Any) -> str:
    """*value* as JSON for a script element, which no text in it can end."""
    written = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def fragment(name: str, value: str) -> str:
    """The address of a filtered view, ``#name=value``."""
    return f"#{name}={quote(visible(value), safe='')}"


def web_address(text: str) -> str | None:
    """*text* where it is an address that a link may lead to: http or https with a host, and nothing else in it."""
    if visible(text) != text or any(character.isspace() for character in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme.lower() in _SCHEMES and parts.netloc else None
