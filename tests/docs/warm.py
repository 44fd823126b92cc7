"""A Python that is warm: it has imported what commands need once, and forks for each of them.

A page or a file of tests has dozens of commands, and each would spend most of its time importing the same. What is
forked is a process like any other, with the folder, environment, arguments and standard streams of whoever called; it
ends as an interpreter ends.

    python -m tests.docs.warm SOCKET                          serves until its standard input is closed
    python -I -S tests/docs/warm.py SOCKET -m MODULE | -c CODE ARGUMENTS…   runs that, and ends with its code
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

_STREAMS = (0, 1, 2)


@contextmanager
def warming(environment: Mapping[str, str]) -> Iterator[str]:
    """The path of a socket behind which a warm Python listens, started in *environment*."""
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory(prefix="warm") as folder:  # a short path: a socket's may have 108 bytes
        path = f"{folder}/socket"
        command = [sys.executable, "-m", "tests.docs.warm", path]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, env=dict(environment), cwd=folder, **pipes) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield path


def _serve(path: str) -> None:
    """Answer callers at *path*, each in a process of its own, until standard input is closed."""
    import select

    _import_all()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in (ready := select.select([listener, sys.stdin], [], [])[0]):
            connection, _ = ready[0].accept()
            with connection:
                if not os.fork():
                    listener.close()
                    _answer(connection)
                    return
            with suppress(ChildProcessError):  # those who have answered
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _import_all() -> None:
    """Import and read in what most commands need; not what starts threads, which no fork survives."""
    import gc
    import importlib
    import pkgutil

    import jinja2
    import jsonschema
    import openai
    import rich.progress  # noqa: F401

    import quotes

    for module in pkgutil.walk_packages(quotes.__path__, "quotes."):
        if not module.name.startswith(("quotes.testing", "quotes.__main__")):
            importlib.import_module(module.name)
    assert all((jinja2, jsonschema, openai, quotes.extract("“We tried,” Ida Krell said.").quotes))
    gc.collect()
    gc.freeze()  # or each process would go through all of it once more when it ends


def _answer(connection: socket.socket) -> None:
    """Do what the caller asks for in a process of its own, and tell how that ended."""
    _, streams, _, _ = socket.recv_fds(connection, 1, len(_STREAMS))
    with connection.makefile("rb") as asked:
        arguments, folder, environment = json.load(asked)
    process = os.fork()
    if not process:
        connection.close()
        for stream, own in zip(streams, _STREAMS, strict=True):
            os.dup2(stream, own)
            os.close(stream)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        _run(*arguments)
        return
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with suppress(BrokenPipeError):  # whoever called is gone
        connection.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


def _run(how: str, what: str, *arguments: str) -> None:
    """What the interpreter does for ``-m`` and ``-c``."""
    import runpy

    sys.argv = [how, *arguments]
    sys.path[0] = os.getcwd() if how == "-m" else ""
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__", "__builtins__": __builtins__})


def _call(path: str, arguments: list[str]) -> int:
    """The exit code of *arguments*, run behind the socket at *path*."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [b"\0"], _STREAMS)
        connection.sendall(json.dumps([arguments, os.getcwd(), dict(os.environ)]).encode())
        connection.shutdown(socket.SHUT_WR)
        return int(connection.recv(4))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(_call(sys.argv[1], sys.argv[2:]))
    _serve(sys.argv[1])
