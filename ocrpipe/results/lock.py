"""One run at a time on one output.

The lock is the kernel's (flock), so it ends with its holder, however that dies: what a dead process left behind is
taken over without asking. The file only names who holds it.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocrpipe.errors import BusyError


@contextmanager
def locked(path: Path, run_id: str, otherwise: str = "choose another --out") -> Iterator[None]:
    """Holds the lock file `path`; BusyError at once where another process does, and what there is to do `otherwise`
    than wait. Removes the file in the end."""
    descriptor = _taken(path, otherwise)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}, run {run_id}\n".encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _taken(path: Path, otherwise: str) -> int:
    """An open file that holds the lock. Somebody may have removed the file between opening and locking it: then the
    lock is on a file without a name, which keeps nobody out, and the next try opens the new one."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 1000).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            raise BusyError(f"{path} is held by {holder}; wait for it to end, or {otherwise}") from None
        try:
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)
