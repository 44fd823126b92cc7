"""Addresses of PostgreSQL caches: what one says, and how it is shown. No password leaves this module but to connect."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlencode

from quotes.errors import CacheError
from quotes.extras import load

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_SCHEMA: Final = "quotes"
_URL: Final = re.compile(r"(?P<scheme>postgres(?:ql)?)://(?P<head>[^?#]*)(?:\?(?P<query>.*))?", re.DOTALL)
_USER: Final = re.compile(r"[\w.%~+-]{1,100}")
_PLACE: Final = re.compile(  # hosts with ports, and the name of a database
    r"(?:(?:[\w.%-]+|\[[0-9a-fA-F:.%]+\])?(?::\d{1,5})?)(?:,(?:[\w.%-]+|\[[0-9a-fA-F:.%]+\])?(?::\d{1,5})?)*(?:/[\w.%+~-]*)?"
)
_SHOWN: Final = ("host", "port", "user", "dbname", "service", "schema")
_SAFE: Final = re.compile(r"[\w./:,~+-]{1,200}")
_SCHEMA: Final = re.compile(r"(?!pg_)[A-Za-z_][A-Za-z0-9_]{0,62}")
_LONG_ENOUGH: Final = 4  # characters below which a password occurs in any message by chance; none quotes it
_HIDDEN: Final = "postgresql://…"
_REMEDY: Final = "write postgresql://user@host:port/database, with @ : / ? # % in a name or password as %40 and so on"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a cache is: what libpq is told (*parameters*, in which a password may stand), and the *schema* there.

    *where* names it in messages.
    """

    where: str
    schema: str
    parameters: Mapping[str, str] = field(repr=False)

    def number(self, name: str) -> int:
        """The number that advisory locks know *name* by: 64 bits, others in every schema."""
        digest = hashlib.sha256(f"quotes {self.schema} {name}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)

    def without_secrets(self, text: str) -> str:
        """*text*, as a server or library said it, without the password."""
        for name in ("password", "sslpassword"):
            secret = self.parameters.get(name, "")
            for spelt in {secret, quote(secret, safe="")} if len(secret) >= _LONG_ENOUGH else ():
                text = text.replace(spelt, "[hidden]")
        return text


def shown_address(address: str) -> str:
    """*address* as messages show it: without its password, and without whatever cannot be told apart from one."""
    found = _URL.fullmatch(address)
    query = (found["query"] or "") if found else ""
    if found is None or "@" in query:
        return _HIDDEN
    told, at, rest = found["head"].rpartition("@")
    user = told.partition(":")[0]
    if not _PLACE.fullmatch(rest) or (at and user and not _USER.fullmatch(user)):
        return _HIDDEN
    given = dict(parse_qsl(query))
    kept = {name: given[name] for name in _SHOWN if _SAFE.fullmatch(given.get(name, ""))}
    return f"{found['scheme']}://{user + '@' if user else ''}{rest}" + (
        f"?{urlencode(kept, safe='/:,')}" if kept else ""
    )


def without_userinfo(text: str) -> str:
    """*text*, an address of any scheme, without who is to log in with what, and without its query."""
    scheme, mark, rest = text.partition("://")
    return f"{scheme}{mark}{rest.partition('?')[0].rpartition('@')[2]}" if "@" not in rest.partition("?")[2] else scheme


def address_of(place: str) -> Address:
    """What *place* says. ``schema`` in its query is ours, all else libpq's, as are its environment and files.

    Raises:
        UsageError: psycopg is not installed.
        CacheError: it is no such address.
    """
    psycopg = load("psycopg", "postgres", "a cache in PostgreSQL")
    where = shown_address(place)
    base, mark, query = place.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")] if mark else []
    schema = next((value for name, _, value in pairs if name == "schema"), DEFAULT_SCHEMA)
    rest = "&".join("".join(pair) for pair in pairs if pair[0] != "schema")
    if not _SCHEMA.fullmatch(schema):
        raise CacheError("has no schema of that name", where=where, remedy="letters, digits and _, at most 63")
    try:
        found = psycopg.conninfo.conninfo_to_dict(f"{base}?{rest}" if rest else base)
    except (psycopg.Error, ValueError):
        raise CacheError("is no address of a database", where=where, remedy=_REMEDY) from None  # its words quote it
    parameters = {name: str(value) for name, value in found.items()}
    ports = parameters.get("port", "").split(",")
    if where == _HIDDEN or "@" in parameters.get("dbname", "") or not all(not port or port.isdigit() for port in ports):
        raise CacheError("is no address of a database", where=where, remedy=_REMEDY)
    return Address(where, schema, parameters)
