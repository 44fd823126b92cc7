"""Hints: what is usually done after a command, as one that can be copied into a shell. Pure: a table and its rules."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

_STREAM: Final = "-"
_PAGES: Final = (".html", ".htm")

Values = Mapping[str, Any]


def next_step(name: str, values: Values, code: int) -> str | None:
    """The hint after the command *name*, called with *values*, has ended with exit *code*; ``None`` without one.

    After an error the error's own remedy is all that is said.
    """
    rule = _RULES.get(name)
    return rule(values, code) if rule is not None else None


def command(*words: Any) -> str:
    """*words* as a command line, quoted for a shell."""
    return shlex.join(str(word) for word in words)


def _after_extract(values: Values, code: int) -> str | None:
    out = values.get("output")
    if values.get("dry_run"):
        return "the same command without --dry-run does it"
    if code not in (0, 1):
        return None
    inputs: Sequence[str] = values.get("inputs") or [_STREAM]
    if out in (None, _STREAM):
        keep = command("quotes", "extract", *inputs[:2], *(["…"] if len(inputs) > 2 else []), "-o", "quotes.jsonl")
        return f"{keep} keeps the records" if code == 0 and _STREAM not in inputs else None
    if str(out).lower().endswith(_PAGES):
        return _opening(out)
    show = command("quotes", "show", out)
    if code == 1:
        again = "the same command with --overwrite asks again for what is missing"
        return f"{show} lists what is partial or failed; {again}"
    return f"{show}   or   {command('quotes', 'report', out, '-o', 'report.html')}"


def _after_show(values: Values, code: int) -> str | None:
    out = values["out"]
    return None if code or str(out) == _STREAM else command("quotes", "report", out, "-o", "report.html")


def _after_verify(values: Values, code: int) -> str | None:
    if code == 0:
        return command("quotes", "speakers", values["out"]) if str(values["out"]) != _STREAM else None
    return "extract the articles named again, or give the originals that the records were made of"


def _after_eval(values: Values, code: int) -> str | None:
    if code or values.get("errors") is not None:
        return None
    predictions = values.get("predictions") or []
    if not predictions:
        return "the same command with --errors errors.html shows every error in its context"
    return command("quotes", "eval", values["gold"], *predictions, "--errors", "errors.html")


def _after_speakers(values: Values, code: int) -> str | None:
    if code or values.get("csv") or values.get("json"):
        return None
    outs = values["outs"]
    if values.get("suggest"):
        file = values.get("output")
        return command("quotes", "speakers", *outs, "--aliases", file) if file else None
    if values.get("aliases"):
        return command("quotes", "speakers", *outs, "--aliases", values["aliases"], "--csv", "-o", "speakers.csv")
    return command("quotes", "speakers", *outs, "--suggest-aliases", "-o", "aliases.toml")


def _after_convert(values: Values, code: int) -> str | None:
    """After a report or gold; what comes after records the command itself offers, which knows that they are some."""
    out = str(values.get("out", _STREAM))
    if code or out == _STREAM:
        return None
    if out.lower().endswith(_PAGES):
        return _opening(out)
    return command("quotes", "eval", out, "--backend", "rules") if out.lower().endswith(".jsonl") else None


def _after_cache_info(values: Values, code: int) -> str | None:
    return None if code else command("quotes", "cache", "list", *_given(values.get("path")))


def _after_cache_list(values: Values, code: int) -> str | None:
    cache = ["--cache", values["path"]] if values.get("path") is not None else []
    return None if code else f"{command('quotes', 'cache', 'show')} KEY{''.join(' ' + command(one) for one in cache)}"


def _after_cache_verify(values: Values, code: int) -> str | None:
    return command("quotes", "cache", "prune", *_given(values.get("path")), "--damaged") if code == 1 else None


def _after_cache_prune(values: Values, code: int) -> str | None:
    if code or not values.get("dry_run"):
        return None
    return "the same command without --dry-run drops them"


def _after_cache_export(values: Values, code: int) -> str | None:
    target = values["target"]
    return None if code else f"{command('quotes', 'extract')} ARTICLES {command('--replay', target)}"


def _after_new(values: Values, code: int) -> str | None:
    return None if code else command("quotes", "prompt", "check", values["folder"])


def _after_check(values: Values, code: int) -> str | None:
    if code or values.get("as_json"):
        return None
    return f"{command('quotes', 'extract')} ARTICLES --model NAME {command('--prompt', values['folder'])}"


def _after_list(values: Values, code: int) -> str | None:
    return None if code or values.get("as_json") else command("quotes", "prompt", "new", "mine")


def _after_report(values: Values, code: int) -> str | None:
    out = values.get("output")
    return None if code or out in (None, _STREAM) else _opening(out)


def _opening(page: Any) -> str:
    return f"open {command(page)} in a browser"


def _given(value: Any) -> list[Any]:
    return [] if value is None else [value]


_RULES: Final[Mapping[str, Callable[[Values, int], str | None]]] = {
    "extract": _after_extract,
    "show": _after_show,
    "report": _after_report,
    "verify": _after_verify,
    "eval": _after_eval,
    "speakers": _after_speakers,
    "convert": _after_convert,
    "cache info": _after_cache_info,
    "cache list": _after_cache_list,
    "cache verify": _after_cache_verify,
    "cache prune": _after_cache_prune,
    "cache export": _after_cache_export,
    "prompt new": _after_new,
    "prompt check": _after_check,
    "prompt list": _after_list,
}
