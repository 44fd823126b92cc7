"""Transport: what all clients of an endpoint share, so that none of them leaks what the others keep.

What leaves with a request, what must not come back, and how a connection that broke is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from quotes.errors import EndpointUnusable
from quotes.llm.address import OPENAI_URL, checked_headers, checked_key, is_openai, is_secret, shown_url
from quotes.llm.redaction import Redactor, secrets_in

if TYPE_CHECKING:
    import httpx2

KeyHeader = Literal["authorization", "api-key"]
"""Where a key goes: ``Authorization: Bearer …``, or Azure's ``api-key``."""

Transport = Literal["httpx", "aiohttp"]
"""Which library moves the bytes: that of ``openai``, or a quicker one that is installed beside it."""

PLACEHOLDER: Final = "no-key-needed"
"""The library insists on a key; this one is never sent."""

CONNECT_TIMEOUT: Final = 10.0
"""Seconds until there must be a connection."""

# Everything else is left out, so that no variable of the environment the library reads reaches a host by a header.
_HEADERS: Final = frozenset({"accept", "connection", "content-length", "content-type", "host", "user-agent"})
_ELSEWHERE: Final = "other endpoints are named with --base-url"
_HEADERS_OF_OPENAI: Final = frozenset({"openai-organization", "openai-project"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client shows an endpoint: *headers* (lower-case names) to be sent with every request; *redactor* takes the
    secrets among them out of what comes back. *keyed*: there is one."""

    headers: Mapping[str, str]
    redactor: Redactor
    keyed: bool


def credentials(
    api_key: str | None, headers: Mapping[str, str], query: Mapping[str, str], key_header: KeyHeader
) -> Credentials:
    """The credentials of *api_key*, sent as *key_header*, of the user's own *headers*, and of *query*.

    Raises:
        UsageError: the key or a header fits into none.
    """
    key, own = checked_key(api_key), checked_headers(headers)
    keyed = {key_header: f"Bearer {key}" if key_header == "authorization" else key} if key else {}
    redactor = Redactor(key, *secrets_in(own), *(query[name] for name in query if is_secret(name)))
    return Credentials(keyed | own, redactor, key is not None or any(map(is_secret, own)))


def missing_key(base_url: str | None, *, keyed: bool) -> EndpointUnusable | None:
    """Why nothing need be sent to *base_url*: it is OpenAI, and no key goes there."""
    if keyed or not is_openai(base_url):
        return None
    remedy = f"set OPENAI_API_KEY or QUOTES_API_KEY, or name another variable with --api-key-env; {_ELSEWHERE}"
    return EndpointUnusable("OpenAI wants a key, and none is set", where=shown_url(base_url), remedy=remedy)


def header_filter(url: str, headers: Mapping[str, str]) -> Callable[[httpx2.Request], None]:
    """What makes a request to *url* carry *headers* and, of the library's own, only those that it needs."""
    import httpx2

    allowed = _HEADERS | _HEADERS_OF_OPENAI if url == OPENAI_URL else _HEADERS
    own = {"accept-encoding": "identity"} | dict(headers)
    sent = [(name.encode(), value.encode()) for name, value in own.items()]
    kept = {name.encode() for name in allowed} - {name for name, _value in sent}

    def only_needed(request: httpx2.Request) -> None:
        # All at once: the library's own ways to change one go through all the others.
        theirs = [(name, value) for name, value in request.headers.raw if name.lower() in kept]
        request.headers = httpx2.Headers([*theirs, *sent])

    return only_needed


def causes_of(error: BaseException) -> list[BaseException]:
    """*error* and what led to it, the first cause last."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def words_of(causes: Sequence[BaseException]) -> str:
    """Why a connection broke, by its *causes*: in the system's words, else in the library's."""
    reason = next((_reason(cause) for cause in reversed(causes) if isinstance(cause, OSError)), "")
    return reason or next((str(cause) for cause in reversed(causes) if str(cause)), "the connection broke")


def _reason(error: OSError) -> str:
    # asyncio puts the address in place of the reason; negative numbers are the resolver's and have their own words.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
