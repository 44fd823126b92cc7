"""The endpoint: the one place that opens a connection to a language model.

``LiveEndpoint`` is loaded when it is first asked for, and ``openai`` when it makes its first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quotes.llm.address import api_key_for, endpoint_label

if TYPE_CHECKING:
    from quotes.llm.live import LiveEndpoint, RetryPolicy

__all__ = ["LiveEndpoint", "RetryPolicy", "api_key_for", "endpoint_label"]


def __getattr__(name: str) -> Any:
    if name in ("LiveEndpoint", "RetryPolicy"):
        from quotes.llm import live

        return getattr(live, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
