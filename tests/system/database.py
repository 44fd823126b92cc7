"""A PostgreSQL server of its own for the tests: on a free loopback port, in a temporary folder, gone with the tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tests.security.canary import KEY as PASSWORD

USER = "keeper"
_SETTINGS = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB")


class Server:
    """The server. Its only role is *USER*, whose password is looked for wherever it must not be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._own: dict[str, Any] = {}
        if os.geteuid() == 0:  # as whom it refuses to run
            shutil.chown(folder, "postgres", "postgres")
            self._own = {"user": "postgres", "group": "postgres", "extra_groups": []}

    @property
    def url(self) -> str:
        """The address of its database, with the password."""
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/postgres"

    @property
    def bare(self) -> str:
        """The address without the password, as messages show it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def cache(self) -> str:
        """The address of a cache that nobody has made yet."""
        return f"{self.url}?schema=cache_{next(self._numbers)}"

    def create(self) -> None:
        """Make its files."""
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._own:
            shutil.chown(secret, "postgres", "postgres")
        options = ("-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run("initdb", "-D", "data", *options)

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        settings = ("listen_addresses=127.0.0.1", f"unix_socket_directories={self._folder}", *_SETTINGS)
        options = [word for setting in settings for word in ("-c", setting)]
        command = [_binary("postgres"), "-D", "data", "-p", str(self.port), *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log, **self._own)
        until = time.monotonic() + 30
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self._folder / "log").read_text()
                assert self._process.poll() is None, (self._folder / "log").read_text()
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it, at once for all who are connected; by ``SIGQUIT`` as a crash would."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the test's own."""
        return psycopg.connect(self.url, autocommit=True)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of *query*; none where it gives none."""
        with self.connect() as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run([_binary(name), *arguments], cwd=self._folder, check=True, capture_output=True, **self._own)


@contextmanager
def running() -> Iterator[Server]:
    """A server while this lasts."""
    folder = Path(tempfile.mkdtemp(prefix="quotes-postgresql-"))
    server = Server(folder)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _binary(name: str) -> str:
    """Where Debian keeps those that only a server needs, the newest first, else where PATH says."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(kept[-1]) if kept else shutil.which(name)
    assert found, "no PostgreSQL: scripts/postgresql installs it"
    return found
