"""Addresses of endpoints: how one is named in cache and messages, and which key and headers may be sent to it.

No network here.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from quotes.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI_URL = "https://api.openai.com/v1"
LOCAL = "local"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SECRETS: Final = re.compile(r"key|token|secret|passw|\bpw\b|auth|sig(nature)?\b|credential|\bcode\b", re.I)
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110
_FIXED: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "content-type", "accept-encoding", "upgrade", "te"}
)
"""Headers without which, or with other values, no request arrives whole."""
_OWN_KEY, _OPENAI_KEY, _OPENAI_BASE_URL = "QUOTES_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"


def endpoint_label(base_url: str | None) -> str:
    """The name of an endpoint in cache keys: its host, with the port where it is not the scheme's own.

    Every loopback address is ``local``, so a recording made on one port replays on another. ``None`` is OpenAI.

    Raises:
        UsageError: *base_url* is no http address.
    """
    parts = _split(base_url)
    host = parts.hostname or ""
    if _is_loopback_host(host):
        return LOCAL
    shown = f"[{host}]" if ":" in host else host
    return shown if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{shown}:{parts.port}"


def origin(base_url: str | None) -> str:
    """Scheme, host and port of *base_url*: what a key is for. ``None`` is OpenAI.

    Raises:
        UsageError: *base_url* is no http address.
    """
    parts = _split(base_url)
    host = (parts.hostname or "").rstrip(".").lower()
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{parts.port or _DEFAULT_PORTS[parts.scheme]}"


def shown_url(base_url: str | None) -> str:
    """*base_url* for messages: no user, password, query or fragment."""
    parts = _split(base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def checked_url(base_url: str | None) -> str:
    """The address to call; OpenAI's where *base_url* is ``None``.

    Raises:
        UsageError: it is no http address, or holds a user name, password or key, which would reach logs and messages,
            or a query, which belongs behind the path of a request.
    """
    parts = _split(base_url)
    where = shown_url(base_url)
    if parts.username is not None or parts.password is not None:
        raise UsageError("the base URL holds a user name or password", where=where, remedy=f"use {_OWN_KEY}")
    if parts.query or parts.fragment:
        if any(is_secret(name) for name, _ in parse_qsl(f"{parts.query}&{parts.fragment}", keep_blank_values=True)):
            remedy = f"use {_OWN_KEY}, or header_env in a profile of quotes.toml"
            raise UsageError("the base URL holds a key in its query", where=where, remedy=remedy)
        remedy = "leave it out; Azure's api-version goes into a profile of quotes.toml, as api_version"
        raise UsageError("the base URL holds a query", where=where, remedy=remedy)
    return base_url or OPENAI_URL


def is_secret(name: str) -> bool:
    """Whether a parameter or header called *name* holds a key or the like."""
    return _SECRETS.search(name) is not None


def checked_key(key: str | None) -> str | None:
    """*key* without the white space that copying leaves around it; ``None`` for an empty one.

    Raises:
        UsageError: it holds characters that fit into no header.
    """
    stripped = (key or "").strip()
    if not (stripped.isascii() and stripped.isprintable()):
        raise UsageError("the key holds characters that no key has", remedy="copy it again")
    return stripped or None


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """*headers* to be sent with every request, with lower-case names and without white space around the values.

    Raises:
        UsageError: a name or value fits into no header, or the header is one that the connection itself sets.
    """
    checked: dict[str, str] = {}
    for name, value in headers.items():
        lower, stripped = name.lower(), value.strip()
        if not _HEADER_NAME.fullmatch(name):
            raise UsageError("a header's name holds characters that none has", where=repr(name), remedy="correct it")
        if lower in _FIXED:
            raise UsageError("this header cannot be set", where=name, remedy="leave it out")
        if lower in checked:
            raise UsageError("this header is given twice", where=name, remedy="leave one out")
        if not (stripped.isascii() and stripped.isprintable()):
            raise UsageError("the header's value holds characters that fit into none", where=name, remedy="correct it")
        checked[lower] = stripped
    return checked


def is_loopback(base_url: str | None) -> bool:
    """Whether *base_url* is on this very machine: 127.0.0.0/8, ::1, localhost."""
    return endpoint_label(base_url) == LOCAL


def api_key_for(base_url: str | None, environ: Mapping[str, str]) -> str | None:
    """The key that *environ* holds for *base_url*, or ``None``.

    ``QUOTES_API_KEY`` is sent wherever the user points; ``OPENAI_API_KEY`` to OpenAI and to the host that
    ``OPENAI_BASE_URL`` names, so that no other host gets to see it.
    """
    own = environ.get(_OWN_KEY)
    if own:
        return own
    host = _split(base_url).hostname or ""
    if is_openai(base_url) or host.endswith(".openai.azure.com"):
        return environ.get(_OPENAI_KEY) or None
    named = environ.get(_OPENAI_BASE_URL)
    if named and endpoint_label(named) == endpoint_label(base_url):
        return environ.get(_OPENAI_KEY) or None
    return None


def is_openai(base_url: str | None) -> bool:
    """Whether *base_url* is OpenAI's own, which answers nobody without a key."""
    host = _split(base_url).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")


def _split(base_url: str | None) -> SplitResult:
    url = base_url or OPENAI_URL
    remedy = "give an address such as http://127.0.0.1:8080/v1"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError("the base URL is no address", remedy=remedy) from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise UsageError("the base URL is no http or https address", remedy=remedy)
    return parts


def _is_loopback_host(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
