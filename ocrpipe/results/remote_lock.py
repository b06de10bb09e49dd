"""One run at a time on one output in S3.

The lock is an object that names its holder and is written again every minute: its time of change is the holder's last
sign of life. One that is silent for five minutes is taken over, so a run that was killed keeps others out for so long,
and clocks may differ by less. pyarrow knows no conditional writes: whoever has written the lock looks a moment later
whether it still is the own one. Two runs that begin in the same instant are told apart by that, unless the store or
the network holds one of them up for longer than that moment.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ocrpipe.errors import BusyError, OutputError
from ocrpipe.remote import Remote

BEAT_S = 60.0
STALE_S = 300.0
SETTLE_S = 1.0


@contextmanager
def remotely_locked(place: Remote, run_id: str) -> Iterator[None]:
    """Holds the lock object `place`; BusyError where another run does. Removes it in the end."""
    ours = f"process {os.getpid()} on {socket.gethostname()}, run {run_id}\n".encode()
    try:
        _refuse_if_held(place)
        place.write(ours)
        time.sleep(SETTLE_S)
        if place.read() != ours:
            _refuse_if_held(place)
    except OSError as error:
        raise OutputError(f"{place}: the lock cannot be written: {error}") from error
    done = threading.Event()
    beating = threading.Thread(target=_beat, args=(place, ours, done), daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()
        with suppress(OSError):  # it goes stale by itself
            place.remove()


def _refuse_if_held(place: Remote) -> None:
    status = place.status()
    silent_s = time.time() - status[1] / 1e9 if status else STALE_S
    if silent_s < STALE_S:
        holder = place.read().decode(errors="replace").strip()
        raise BusyError(
            f"{place} is held by {holder}, last heard of {max(0.0, silent_s):.0f} s ago; wait for it to end (a run "
            f"that died is forgotten after {STALE_S:.0f} s), or choose another --out"
        )


def _beat(place: Remote, ours: bytes, done: threading.Event) -> None:
    while not done.wait(BEAT_S):
        with suppress(OSError):  # a network that is away for a minute; the next beat tells again
            place.write(ours)
