"""The command line on a terminal of a given width."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios

from tests.cli.processes import Shell

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Seen:
    """What a terminal was sent: *raw*, and as *text* without what steers it."""

    def __init__(self, code: int, raw: str) -> None:
        self.code, self.raw = code, raw
        self.text = _ESCAPE.sub("", raw)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def on_terminal(shell: Shell, *arguments: object, width: int = 80, **environment: str) -> Seen:
    """``quotes`` with *arguments*, its output and its errors on one terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    shell.environment |= {"TERM": "xterm-256color"} | environment
    try:
        process = shell.start(*arguments, stdin=theirs, stdout=theirs, stderr=theirs)
    finally:
        os.close(theirs)
    said = b""
    while part := _read(ours):
        said += part
    os.close(ours)
    return Seen(process.wait(60), said.decode().replace("\r\n", "\n"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # all that wrote to it have ended
        return b""
