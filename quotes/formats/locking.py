"""Locks on files that one process at a time may write."""

from __future__ import annotations

try:
    import fcntl
except ImportError:  # a system without them: nothing is locked there
    fcntl = None  # type: ignore[assignment]


def lock(fd: int) -> bool:
    """Take the lock of the open file *fd*, which ends with it; whether this process now has it.

    Where the system or the file system has no locks it has: one goes on as if there were no other process.
    """
    if fcntl is not None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True
