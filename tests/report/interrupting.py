"""A process that writes one report over another, and gets a signal before its Nth step on the disk: a fork for each N.

As a program: ``python -m tests.report.interrupting FOLDER SIGNAL OLD NEW``. FOLDER then holds
a folder for each N, and beside it N.code, what became of the fork. To the last of them no signal came.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path

from quotes.report.site import Limits, write_report
from tests.report.making import items

LIMITS = Limits(articles=3)
STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree")


def write(folder: Path, articles: int) -> None:
    write_report(items(articles), folder / "r.html", title=f"{articles} articles", limits=LIMITS)


def strike(number: signal.Signals, step: int) -> None:
    """Send this process the signal *number* before its step of the number *step* on the disk."""
    taken = 0

    def hook(event: str, _arguments: object) -> None:
        nonlocal taken
        if event in STEPS:
            taken += 1
            if taken == step:
                os.kill(os.getpid(), number)

    sys.addaudithook(hook)


def main(folder: Path, number: signal.Signals, old: int, new: int) -> None:
    # An interrupt may be ignored by whatever has started this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for step in count(1):
        place = folder / f"{step:03}"
        place.mkdir()
        if old:
            write(place, old)
        child = os.fork()
        if not child:
            strike(number, step)
            try:
                write(place, new)
            except KeyboardInterrupt:
                os._exit(130)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        (folder / f"{step:03}.code").write_text(str(code))
        if code == 0:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), signal.Signals[sys.argv[2]], int(sys.argv[3]), int(sys.argv[4]))
