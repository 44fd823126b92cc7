"""``quotes extract --engine ray``: a run on many machines, reported as one in this process is."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from quotes.cli.reporting import Reporting, Voice, event_log, given_inputs, progress_line, run_to_end
from quotes.errors import UsageError
from quotes.run import Listener, Settings, assemble
from quotes.run.cluster import Cluster, ClusterJob, Parts, refuse_unfit
from quotes.run.cluster.places import local_path
from quotes.run.output import real_path, refuse_replacing

if TYPE_CHECKING:
    from collections.abc import Sequence

_WAY_ON = "; the same command asks only for what is missing"


def run_on_cluster(settings: Settings, inputs: Sequence[str], reporting: Reporting, cluster: Cluster) -> int:
    """Run *inputs* on *cluster*, tell people about it as *reporting* says, and return the exit code.

    Raises:
        UsageError: the run cannot start.
        OutputError: the output or the log cannot be written.
    """
    inputs = given_inputs(inputs)
    refuse_unfit(settings, inputs)
    parts = Parts.of(reporting.destination)
    _refuse_within(parts.folder, inputs)
    voice = Voice(reporting.quiet)
    with ExitStack() as stack:
        aside = _log_aside(reporting, inputs)
        tell = event_log(stack, reporting.log, voice)
        assembly = assemble(settings, os.environ)
        stack.callback(lambda: asyncio.run(assembly.backend.aclose()))
        for note in assembly.notes:
            voice.note(note)
        voice.progress = progress_line(stack, reporting.quiet)
        listener = Listener(voice.note, voice.problem, voice.show, tell)
        job = ClusterJob(
            settings,
            os.environ,
            assembly,
            inputs,
            parts,
            cluster,
            listener,
            leave_out=aside,
            overwrite=reporting.overwrite,
        )
        return run_to_end(job, stack, voice, _WAY_ON)


def _refuse_within(folder: str, inputs: Sequence[str]) -> None:
    """Refuse an output in a folder of inputs, where a second run would take its parts for articles."""
    out = local_path(folder)
    for given in inputs:
        path = local_path(given)
        if out is None or path is None:
            inside = f"{folder}/".startswith(f"{given.rstrip('/')}/")
        else:
            inside = path.is_dir() and out.resolve().is_relative_to(path.resolve())
        if inside:
            raise UsageError(f"lies in {given}, which is an input", where=folder, remedy="choose another -o")


def _log_aside(reporting: Reporting, inputs: Sequence[str]) -> tuple[Path, ...]:
    if reporting.log is None or reporting.log == "-":
        return ()
    refuse_replacing(reporting.log, inputs, "choose another --log-json")
    return (real_path(reporting.log),)
