"""Addresses of caches in PostgreSQL, as they are shown: usable as they stand, and without a password."""

import string
import sys
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.cache import find_store, is_address, open_store, shown_place
from quotes.errors import CacheError, QuotesError, UsageError
from quotes.run.submitted import state_path

ODD = string.ascii_letters + string.digits + string.punctuation + " \té"
MARK = "Zq8Rm"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:pw@db.example:5433/cache", "postgresql://me@db.example:5433/cache"),
        ("postgres://me@db/cache?sslmode=require&schema=may", "postgres://me@db/cache?schema=may"),
        ("postgresql://db", "postgresql://db"),
        ("postgresql:///cache?host=/run/postgresql&user=me", "postgresql:///cache?host=/run/postgresql&user=me"),
        ("postgresql://a:1,b:2/cache?target_session_attrs=primary", "postgresql://a:1,b:2/cache"),
        ("postgresql://[::1]:5432/cache", "postgresql://[::1]:5432/cache"),
        ("postgresql://me:a@b@db/cache", "postgresql://me@db/cache"),
        ("postgresql://db/cache?password=pw", "postgresql://db/cache"),
        ("postgresql://db/cache?password=p@w", "postgresql://…"),
        ("postgresql://me:p?w@db/cache", "postgresql://…"),
        ("postgresql://me:pw/cache", "postgresql://…"),
        ("postgresql:/me:pw@db", "postgresql://…"),
        ("replies.sqlite", "replies.sqlite"),
    ],
)
def test_an_address_is_shown_as_it_may_be_typed_again(address: str, shown: str):
    assert shown_place(address) == shown
    assert is_address(address) == address.startswith("postgres")


@given(st.text(ODD, max_size=8), st.text(ODD, max_size=8), st.sampled_from(["{}", "{}@", "x{}"]), st.booleans())
def test_no_address_shows_a_part_of_its_password(before: str, after: str, form: str, encoded: bool):
    password = form.format(before + MARK + after)
    said = quote(password, safe="") if encoded else password
    for address in (
        f"postgresql://me:{said}@db.example:5432/cache?schema=x",
        f"postgresql://me:{said}@/cache",
        f"postgres://db/cache?user=me&password={said}&schema=x",
        f"postgresql://db/cache?password={said}",
    ):
        assert MARK not in shown_place(address)


@pytest.mark.parametrize("act", [open_store, find_store, state_path])
def test_an_address_of_another_kind_is_refused_without_its_password(act: Callable[[str], object]):
    for address in ("mysql://me:secret@db/cache", "https://me:sec@ret@db/x?key=secret", "redis://h?auth=secret@1"):
        with pytest.raises(CacheError, match="a cache at such a URL is not known") as caught:
            act(address)
        assert "sec" not in str(caught.value).partition("(")[0]


@pytest.mark.parametrize("use", [open_store, find_store])
def test_without_its_client_the_extra_is_named(use: object, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(QuotesError, match=r'a cache in PostgreSQL needs psycopg.*pip install "quotes\[postgres\]"'):
        use("postgresql://me:pw@db/cache")  # type: ignore[operator]
    assert issubclass(UsageError, QuotesError)
