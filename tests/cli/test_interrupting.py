"""Ctrl-C: whatever command it ends says so in one line, and leaves nothing half-written."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.processes import Shell

COMMANDS = {
    "report": ("report", "-", "-o", "out.html"),
    "convert": ("convert", "-", "out.db"),
    "eval": ("eval", "gold.jsonl", "-", "--errors", "out.html"),
    "speakers": ("speakers", "-", "-o", "out.csv"),
    "verify": ("verify", "-"),
    "show": ("show", "-"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interruption_is_one_line(shell: Shell, name: str) -> None:
    shell.write("gold.jsonl", '{"id": "a", "dataset": "d", "text": "“No,” Ida Krell said.", "quotes": []}\n')
    process = shell.start(*COMMANDS[name], stdin=subprocess.PIPE)
    feed(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    out, err = process.communicate()
    assert (out, err.decode()) == (b"", "quotes: interrupted\n")
    assert [path.name for path in shell.folder.iterdir()] == ["gold.jsonl"]


def feed(process: subprocess.Popen[bytes]) -> None:
    """Give *process* a blank line, and wait until it has read that and waits for more."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()
    while int.from_bytes(fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4)), sys.byteorder):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
