"""The runtime: Ray, started on this machine or joined, for as long as a run takes, and silent but for its errors."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import secrets
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quotes.errors import EndpointUnusable, UsageError
from quotes.extras import load
from quotes.formats.reading import Fields
from quotes.run.cluster.reading import Portion
from quotes.run.cluster.survey import Entry, Share, batches_of, look_through
from quotes.run.cluster.working import AT_ONCE, PartWorker, Task, enter

_STORE_BYTES: Final = 256 << 20
"""What the store of objects of a runtime of our own takes; what does not fit lies on the disk."""
_READING, _WORKING = 0.1, 0.9
"""Shares of a core that are set aside for a task that reads and for a worker, so that every core has room for both."""
_AHEAD: Final = 4
"""Portions that are looked through at the same time, at the most."""
_KNOCKING: Final = 10.0
"""Seconds that the head of a cluster has to take a connection."""
_PATIENCE: Final = 30.0
"""Seconds to wait for what was begun and is of no use any more."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime that is up, with as many *workers* as were asked for, else as it has cores; *is_local*: all of it is
    this one machine."""

    ray: Any
    workers: int
    is_local: bool

    def surveyed(self, portions: Iterable[Portion], fields: Fields, folder: str) -> Iterator[tuple[Portion, Any]]:
        """What each of *portions* holds, read by the machines, some of them ahead."""
        look = self.ray.remote(num_cpus=_READING, max_retries=-1)(_look_through)
        under_way: list[tuple[Portion, Any]] = []
        for portion in portions:
            under_way.append((portion, look.remote(portion, fields, folder)))
            if len(under_way) >= _AHEAD:
                yield self._found(*under_way.pop(0))
        while under_way:
            yield self._found(*under_way.pop(0))

    def _found(self, portion: Portion, bunches: Any) -> tuple[Portion, Iterator[Sequence[Entry]]]:
        return portion, (self.ray.get(bunch) for bunch in bunches)

    def keeper(self, kind: type, *arguments: Any) -> Any:
        """An actor of the class *kind*, on this machine, that dies with the run."""
        strategies = load("ray.util.scheduling_strategies", "ray", "--engine ray")
        here = self.ray.get_runtime_context().get_node_id()
        near = strategies.NodeAffinitySchedulingStrategy(node_id=here, soft=False)
        actor = self.ray.remote(num_cpus=0, max_concurrency=10_000, scheduling_strategy=near)(kind)
        return actor.remote(*arguments)

    def last_word(self, reply: Any) -> Any:
        """What an actor replies before the run ends, by whatever; ``None`` where it cannot any more."""
        try:
            return self.ray.get(reply, timeout=_PATIENCE)
        except self.ray.exceptions.RayError:
            return None

    def outcomes(self, shares: Sequence[Share], fields: Fields, task: Task) -> Iterator[bytes]:
        """What the workers make of *shares*, as they are done with a part."""
        data = load("ray.data", "ray", "--engine ray")
        context = data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.target_max_block_size = context.target_min_block_size = 1  # a part is a block
        context.execution_no_progress_timeout_s = -1  # none: a part may take long
        pool = data.ActorPoolStrategy(
            size=self.workers,
            max_tasks_in_flight_per_actor=AT_ONCE + 1,
            max_concurrent_calls_per_actor=AT_ONCE,
            enable_true_multi_threading=True,
        )
        source = _source(shares, fields, task.folder)
        parts = data.read_datasource(source, override_num_blocks=len(shares), num_cpus=_READING)
        done = parts.map_batches(
            PartWorker,
            fn_constructor_args=(task,),
            batch_size=1,
            compute=pool,
            num_cpus=_WORKING,  # by default they are made anew, and their calls repeated, without end
        )
        bundles = done.iter_internal_ref_bundles()  # not by rows, which threads would fetch that outlive the run
        try:
            for bundle in bundles:
                for block in self.ray.get(list(bundle.block_refs)):
                    yield from block.column("outcome").to_pylist()
        finally:
            del bundles
            _await_end()


def _await_end() -> None:
    """Wait for what Ray Data does beside: to find the runtime gone would end this process on the spot."""
    for thread in threading.enumerate():
        if thread.name.startswith("StreamingExecutor"):
            thread.join(_PATIENCE)


@contextlib.contextmanager
def running(address: str | None, workers: int | None, *, quiet: bool = True) -> Iterator[Runtime]:
    """The runtime at *address*, or one of our own on this machine, with *workers* workers where a number is given.

    *quiet*: what the library says goes nowhere meanwhile, not even what it writes past Python.

    Raises:
        UsageError: the library is not installed, or no cluster is there.
    """
    if address is not None and address.startswith("ray://"):
        remedy = "run the command on a machine of the cluster, with the address of its head such as 10.0.0.1:6379"
        raise UsageError("a cluster is not joined through Ray Client", where=address, remedy=remedy)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with _silence() if quiet else contextlib.nullcontext():
        ray = load("ray", "ray", "--engine ray")
        _join(ray, address, workers)
        try:
            for number, handler in kept.items():
                signal.signal(number, handler)  # the library takes them for itself
            alive = [node for node in ray.nodes() if node["Alive"]]
            here = ray.get_runtime_context().get_node_id()
            cores = int(ray.cluster_resources().get("CPU", 1))
            is_local = [node["NodeID"] for node in alive] == [here]
            yield Runtime(ray, workers or max(cores, 1), is_local)
        except ray.exceptions.RayError as error:
            what = f"the cluster has failed: {type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
            raise EndpointUnusable(what, remedy="the same command asks only for what is missing") from None
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let nobody but this program write to standard output and standard error: its own words keep their way out."""
    sys.stdout.flush()
    sys.stderr.flush()
    before, ways_out = (sys.stdout, sys.stderr), (os.dup(1), os.dup(2))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        load("ray.data", "ray", "--engine ray")  # whose loggers keep to the streams that they find
        for name in ("ray", "ray.data"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        with (
            open(os.devnull, "w") as out,
            open(ways_out[1], "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False) as err,
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            sys.stdout, sys.stderr = out, err
            yield
    finally:
        sys.stdout, sys.stderr = before
        for number, way_out in enumerate(ways_out, start=1):
            os.dup2(way_out, number)
            os.close(way_out)
        os.close(nowhere)


def _refuse_silence(address: str) -> None:
    """Make sure that somebody listens at *address*, where it is a host with a port: the library would wait for ever."""
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _KNOCKING).close()
    except (OSError, OverflowError) as error:
        what = f"no Ray cluster is there: {getattr(error, 'strerror', None) or error}"
        raise UsageError(what, where=address, remedy="check --ray-address; ray start --head starts one") from None


def _join(ray: Any, address: str | None, workers: int | None) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    try:
        if address is not None:
            _refuse_silence(address)
            ray.init(address=address, **quiet)
        else:
            # A secret of its own, so that none is written into the home folder and nobody else gets in.
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
            own = {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
            ray.init(address="local", num_cpus=workers, **own, **quiet)
    except UsageError:
        raise
    except Exception as error:  # the library raises plain ones too, where it does not start in time
        what = " ".join(str(error).split())[:200]
        if address is None:
            remedy = "look into the files it names, or free some memory and try again"
            raise UsageError(f"Ray cannot be started here: {what}", where="--engine ray", remedy=remedy) from None
        remedy = "check --ray-address, and RAY_AUTH_MODE=token where the cluster wants a token: what says ray status?"
        raise UsageError(f"the cluster cannot be joined: {what}", where=address, remedy=remedy) from None


def _look_through(portion: Portion, fields: Fields, folder: str) -> Iterator[list[Entry]]:
    enter(folder)
    yield from look_through(portion, fields)


def _source(shares: Sequence[Share], fields: Fields, folder: str) -> Any:
    """The articles of *shares* as Ray Data reads them: one task a share, one row a part."""
    datasource, block = load("ray.data", "ray", "--engine ray"), load("ray.data.block", "ray", "--engine ray")

    class Shares(datasource.Datasource):  # type: ignore[name-defined,misc]  # loaded only now
        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, *_arguments: Any, **_more: Any) -> list[Any]:
            return [self._task(share) for share in shares]

        def _task(self, share: Share) -> Any:
            told = block.BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
            return datasource.ReadTask(lambda: _rows(share, fields, folder), told)

    return Shares()


def _rows(share: Share, fields: Fields, folder: str) -> Iterator[Any]:
    arrow = load("pyarrow", "ray", "--engine ray")
    enter(folder)
    for batch in batches_of(share, fields):
        yield arrow.table({"batch": [pickle.dumps(batch)]})
