"""All benchmarks side by side: ``make bench``, or

    python -m benchmarks                        # what takes minutes
    python -m benchmarks --only tail,endpoint   # parts of it
    python -m benchmarks --full                 # as in results.json: more rounds, more articles
    python -m benchmarks --only model --gold gold.jsonl --base-url http://127.0.0.1:8080/v1 --model NAME

writes ``benchmarks/results.json`` and the README's table. Within a part all that is compared takes turns in one run;
the figures are medians, and what counts are the ratios. A part whose peer is not installed says so and goes without.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks import results
from benchmarks.results import ORDER, ROOT, Row, middle

_FEW: Mapping[str, Sequence[str]] = {
    "startup": ("--rounds", "10"),
    "replay": ("--articles", "300"),
    "units": ("--articles", "100"),
    "limits": ("--seeds", "1"),
}
"""What a part of somebody else's is told where not all of it is wanted; ours know ``--full``."""

_PEERS = frozenset({"tail", "endpoint", "limits", "model"})
_MODULES = {"limits": "rate_limits"}
_KNOW_FULL = frozenset({"tail", "endpoint", "model"})


def main() -> None:
    """Measure what is asked for, one part after the other, and write the results as each is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help=f"parts, with commas: {', '.join(ORDER)}")
    parser.add_argument("--full", action="store_true", help="as many rounds and articles as in results.json")
    parser.add_argument("--langextract-python", help="a Python that has LangExtract, where this one has not")
    parser.add_argument("--gold", help="the part model: articles with their gold quotes")
    parser.add_argument("--base-url", help="the part model: the endpoint of a model")
    parser.add_argument("--model", help="the part model: its name there")
    parser.add_argument("--state", help="the part model: keeps what each article has brought")
    parser.add_argument("--dry-run", action="store_true", help="print the results, write nothing")
    chosen = parser.parse_args()
    asked = chosen.only.split(",") if chosen.only else list(ORDER)
    if unknown := set(asked) - set(ORDER):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    failed = [name for name in ORDER if name in asked and not _do(name, chosen)]
    parser.exit(1 if failed else 0)


def _do(name: str, chosen: argparse.Namespace) -> bool:
    """Measure the part *name* and write it; whether it ended well, or was left out."""
    if name == "model" and not (chosen.gold and chosen.base_url and chosen.model):
        _say("model: left out: name --gold, --base-url and --model")
        return True
    options = list(arguments(name, chosen))
    _say(f"{name}: {shlex.join(['python', '-m', f'benchmarks.{_MODULES.get(name, name)}', *options])}")
    command = [sys.executable, "-m", f"benchmarks.{_MODULES.get(name, name)}", *options, "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        _say(f"{name}: ended with status {done.returncode}")
        return False
    part = shaped(name, json.loads(done.stdout))
    if missing := part.pop("missing", ""):
        _say(f"{name}: {'without LangExtract' if part['figures'] else 'left out'}: {missing}")
    if not part["figures"]:
        return True
    part["command"] = command_line(name, options)
    found = results.merged(results.read(), {name: part}, datetime.datetime.now(tz=datetime.UTC).date().isoformat())
    if chosen.dry_run:
        print(json.dumps(part, indent=2, ensure_ascii=False))
    else:
        results.write(found)
    return True


def arguments(name: str, chosen: argparse.Namespace) -> Iterator[str]:
    """What the part *name* is told."""
    if chosen.full and name in _KNOW_FULL:
        yield "--full"
    elif not chosen.full:
        yield from _FEW.get(name, ())
    if chosen.langextract_python and name in _PEERS:
        yield from ("--langextract-python", chosen.langextract_python)
    if name == "model":
        said = {"--gold": chosen.gold, "--base-url": chosen.base_url, "--model": chosen.model, "--state": chosen.state}
        yield from (part for option, value in said.items() if value for part in (option, value))


def command_line(name: str, options: Sequence[str]) -> str:
    """The command that measured the part *name*, without the paths of this machine."""
    plain = [option.rpartition("/")[2] if option.startswith(("/", ".", "~")) else option for option in options]
    return shlex.join(["python", "-m", f"benchmarks.{_MODULES.get(name, name)}", *plain])


def shaped(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """What the part *name* has printed, as results have it: figures, rows, and what else it says."""
    if name == "units":
        return {"figures": found}
    if name == "replay":
        figures = {f"{one['what']}: articles a CPU second": middle([one["a_cpu_second"]]) for one in found["figures"]}
        what, beside = "articles a second of one core, replayed", "a bare loop: key, look-up, schema, JSON"
        shares = {one["what"]: one["of_bare"] for one in found["figures"]}
        return {"figures": figures, "rows": [Row(what, beside, middle([shares["replay, static"]]))]}
    if name == "startup":
        figures = {f"{one['what']}: seconds": middle([one["wall"]]) for one in found["figures"]}
        times = {one["what"]: one["times_wall"] for one in found["figures"]}
        rows = [
            Row(f"start to end, {what}", "an empty Typer application", middle([times[known]]))
            for known, what in _STARTS.items()
            if known in times
        ]
        return {"figures": figures, "rows": rows}
    return found


_STARTS = {"replay": "`extract one.txt --replay`", "rules": "`extract one.txt` by the rules", "help": "`--help`"}


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
