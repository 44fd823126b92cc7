"""The cache: every reply a model gave, kept so that it is paid once and replayed for nothing."""

from quotes.cache.cached import Cached, CacheMode, Counts, check_key
from quotes.cache.entry import Entry
from quotes.cache.store import (
    Manifest,
    Problem,
    Store,
    default_cache_path,
    find_store,
    is_address,
    open_store,
    shown_place,
)

__all__ = [
    "CacheMode",
    "Cached",
    "Counts",
    "Entry",
    "Manifest",
    "Problem",
    "Store",
    "check_key",
    "default_cache_path",
    "find_store",
    "is_address",
    "open_store",
    "shown_place",
]
