"""A measurement as people see it: gold and predictions read, systems run, figures printed, errors written."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

from quotes.cli.narration import narrated
from quotes.cli.reporting import one_line, summary_line
from quotes.cli.trusting import check_trust, write_trust
from quotes.cli.voice import is_plain_terminal, manner
from quotes.errors import ConnectionFailed, RequestFailed, UsageError, exit_code_of
from quotes.evaluation import (
    CheckedArticle,
    GoldArticle,
    Scored,
    System,
    annotation_of,
    calibrated,
    check,
    compare,
    error_page,
    read_gold,
    read_predictions,
    score_tables,
)
from quotes.exchange import ignore
from quotes.extraction.weighing import Weighed
from quotes.formats import AtomicText, check_writable
from quotes.formats.table import counted
from quotes.model import Article, Extraction
from quotes.record import dumps
from quotes.run import InOrder, Job, Listener, Settings, Summary, assemble, check_asking
from quotes.run.output import refuse_replacing
from quotes.run.settings import BackendName, refuse_contradictions

_STREAM: Final = "-"
_UNANSWERED: Final = frozenset({RequestFailed.kind, ConnectionFailed.kind})
_PIPE_WIDTH: Final = 160
"""Columns of a table that no terminal narrows."""


@dataclass(frozen=True, slots=True)
class Run:
    """An extraction to be scored: its name for people, and how it is done."""

    name: str
    settings: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What ``quotes eval`` was asked for; *files* are scored as they are, *runs* extracted first."""

    gold: str
    files: Sequence[str]
    runs: Sequence[Run]
    limit: int | None
    resamples: int
    seed: int
    as_json: bool
    errors: str | None
    save: str | None
    calibrate: str | None
    quiet: bool


def planned(
    backends: Sequence[str], models: Sequence[str], prompts: Sequence[str], options: Settings
) -> tuple[Run, ...]:
    """The extractions to be done with *options*: the rules once, every other backend with each model and pack.

    Without *backends* a model is meant where anything about one is said, else nothing is extracted.

    Raises:
        UsageError: options contradict each other.
    """
    bare = Settings(lang=options.lang, concurrency=options.concurrency)
    if not backends and (models or prompts or options != bare):
        backends = ("model",)
    runs = []
    for backend in dict.fromkeys(backends):
        if backend == "rules" and len(set(backends)) > 1:
            runs.append(Run("rules", replace(bare, backend="rules")))
            continue
        for model in dict.fromkeys(models) or (options.model,):
            for prompt in dict.fromkeys(prompts) or (None,):
                chosen = replace(options, backend=cast("BackendName", backend), model=model, prompt=prompt)
                if backend == "judge" and len(set(backends)) > 1:
                    chosen = replace(chosen, chunk_tokens=None, context_tokens=None, schema=None)
                refuse_contradictions(chosen)
                runs.append(Run(_name(backend, model or options.replay, prompt if len(prompts) > 1 else None), chosen))
    return tuple(runs)


def _name(backend: str, model: str | None, prompt: str | None) -> str:
    shown = None if backend == "model" and model else backend
    return " ".join(part for part in (shown, model, prompt) if part)


def measure(wanted: Measurement) -> int:
    """Score everything *wanted*, print the figures to standard output, and return the exit code.

    Raises:
        QuotesError: a file is not sound, or an extraction cannot be done at all.
    """
    _refuse_useless(wanted)
    for run in wanted.runs:
        check_asking(run.settings, os.environ)
    places = _places(wanted)
    gold = read_gold(wanted.gold)
    systems = [System(path, read_predictions(path, gold)) for path in wanted.files]
    gold = gold[: wanted.limit]
    codes = set()
    for run, place in zip(wanted.runs, places, strict=True):
        observed: dict[str, tuple[Weighed, ...]] = {}
        extractions, summary = _extract(run, gold, observed, quiet=wanted.quiet)
        codes.add(summary.exit_code)
        if wanted.calibrate is not None and run.settings.backend != "rules":
            codes.add(_calibrate(wanted.calibrate, run, extractions, [*_checked(gold, observed)]))
        systems.append(System(run.name, {one.article.id: [*map(annotation_of, one.quotes)] for one in extractions}))
        if place is not None:
            _save(extractions, place)
    scored = compare(gold, systems, resamples=wanted.resamples, seed=wanted.seed)
    for one in scored:
        if one.missing and not wanted.quiet:
            _tell(f"{one.name}: has no line for {counted(one.missing, 'article')} of gold, counted as empty")
    if wanted.errors is not None:
        with AtomicText(wanted.errors) as page:
            for part in error_page(gold, systems):
                page.write(part)
    _print(scored, wanted)
    return exit_code_of(codes)


def _refuse_useless(wanted: Measurement) -> None:
    """Refuse what cannot end well, before any work is spent."""
    if not wanted.files and not wanted.runs:
        raise UsageError("nothing is there to score", remedy="name files of records, or --backend or --model")
    if [wanted.gold, *wanted.files].count(_STREAM) > 1:
        raise UsageError("standard input can be read only once", where=_STREAM, remedy="name files for the others")
    if wanted.errors == _STREAM:
        raise UsageError("standard output has the figures", where="--errors", remedy="name a file")
    if wanted.errors is not None:
        refuse_replacing(wanted.errors, [wanted.gold, *wanted.files], "name another file with --errors")
    check_writable(wanted.errors)
    if wanted.calibrate is not None:
        _refuse_uncountable(wanted, wanted.calibrate)


def _refuse_uncountable(wanted: Measurement, path: str) -> None:
    """Refuse what cannot be counted for the trust file at *path*, or not be written there."""
    asked = {(run.settings.backend, run.settings.prompt) for run in wanted.runs if run.settings.backend != "rules"}
    if path == _STREAM:
        raise UsageError("standard output has the figures", where="--calibrate", remedy="name a file")
    if not asked:
        what = "there is nobody to be believed but the rules"
        if not wanted.runs:
            what = "files of records do not show what was left out"
        raise UsageError(what, where="--calibrate", remedy="name a model with --model")
    if len(asked) > 1:
        raise UsageError(
            "the trust file is that of one pack, asked in one way",
            where="--calibrate",
            remedy="name one --backend and one --prompt, beside the rules",
        )
    refuse_replacing(path, [wanted.gold, *wanted.files], "name another file with --calibrate")
    check_writable(path)
    check_trust(path)


def _places(wanted: Measurement) -> list[Path | None]:
    """The file for the records of each run, whatever characters its name holds; ``None`` where they are not kept."""
    if wanted.save is None:
        return [None] * len(wanted.runs)
    try:
        Path(wanted.save).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be made: {error.strerror or error}"
        raise UsageError(what, where=wanted.save, remedy="choose another folder with --save") from None
    places: list[Path | None] = []
    for run in wanted.runs:
        name = re.sub(r"[^\w.-]+", "-", run.name).strip("-.") or "run"
        place = Path(wanted.save) / f"{name}.jsonl"
        if place in places:
            place = place.with_name(f"{name}-{len(places) + 1}.jsonl")
        refuse_replacing(place, [wanted.gold, *wanted.files], "choose another folder with --save")
        check_writable(place)
        places.append(place)
    return places


def _calibrate(path: str, run: Run, extractions: Sequence[Extraction], articles: Sequence[CheckedArticle]) -> int:
    """Set the entry of *run* in the trust file at *path*, if its counts are whole, and return an exit code: 0 or 1.

    Where an article failed, or some of it was never answered, what the rules found would count as if a model had been
    silent about it.
    """
    model = next((one.model for one in extractions if one.model), None)
    failed = sum(_is_cut_short(one) for one in extractions)
    if failed:
        why, remedy = f"{counted(failed, 'article')} failed, wholly or in part", "mend that, then run it again"
    elif model is None or not any(one.teaches for one in articles):
        why, remedy = "nothing was found that could be counted", "give more gold, or another model"
    else:
        write_trust(path, model, calibrated(articles))
        return 0
    _tell(f"{path}: nothing was written for {run.name}: {why} ({remedy})")
    return 1


def _is_cut_short(extraction: Extraction) -> bool:
    """Whether it failed, or a request did: other errors of a chunk are what the model answered."""
    return extraction.status == "failed" or any(error.kind in _UNANSWERED for error in extraction.errors)


def _checked(gold: Sequence[GoldArticle], observed: Mapping[str, tuple[Weighed, ...]]) -> Iterator[CheckedArticle]:
    for one in gold:
        if one.article.id in observed:
            yield check(one.article.text, one.quotes, observed[one.article.id])


def _extract(
    run: Run, gold: Sequence[GoldArticle], observed: dict[str, tuple[Weighed, ...]], *, quiet: bool
) -> tuple[list[Extraction], Summary]:
    """*run* done on the articles of *gold*, their records in the same order; all that was found goes to *observed*."""
    done: list[Extraction] = []
    with ExitStack() as stack:
        progress = None
        if not quiet and sys.stderr.isatty() and not is_plain_terminal():
            from quotes.cli.progress import Progress

            progress = stack.enter_context(Progress())

        def problem(line: str) -> None:
            (progress.say if progress else _say)(_line(f"{run.name}: {line}"))

        def note(line: str) -> None:
            if not quiet:
                problem(line)

        def show(summary: Summary) -> None:
            if progress is not None:
                progress.update(summary)

        tell = narrated(note, ignore) if manner().verbose else ignore
        assembly = assemble(run.settings, os.environ, tell)

        def observe(article: Article, weighed: tuple[Weighed, ...]) -> None:
            observed[article.id] = weighed

        assembly.engine = replace(assembly.engine, observe=observe)
        for line in assembly.notes:
            note(line)
        sink = InOrder[Extraction](lambda extraction: extraction, done.append)
        job = Job(run.settings, assembly, (one.article for one in gold), sink, Listener(note, problem, show, tell))
        summary = job.run()
        note(summary_line(summary))
    return done, summary


def _save(extractions: Sequence[Extraction], path: Path) -> None:
    with AtomicText(path) as out:
        for extraction in extractions:
            out.write(dumps(extraction) + "\n")


def _print(scored: Sequence[Scored], wanted: Measurement) -> None:
    if wanted.as_json:
        head = {"gold": wanted.gold, "resamples": wanted.resamples, "seed": wanted.seed}
        value = {**head, "systems": [one.to_json() for one in scored]}
        with AtomicText(None) as out:
            out.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
        return
    from quotes.formats.fitting import fitted
    from quotes.formats.terminal import console

    to = console(sys.stdout, None if sys.stdout.isatty() else _PIPE_WIDTH)
    for part in score_tables(scored):
        to.print(fitted(part))


def _tell(line: str) -> None:
    _say(_line(line))


def _line(line: str) -> str:
    return "quotes: " + one_line(line)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
