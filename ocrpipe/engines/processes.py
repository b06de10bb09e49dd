"""The line in several worker processes on this machine, each running all of it on its share of the files.

A worker sends the rows of a file when they are complete, and a sign of life whenever it begins a page. When one dies
(a decoder that segfaults, the kernel's memory killer) or gives no sign for too long, the file that it had in hand is
tried again, alone in a fresh worker; a file that costs a second worker gets a `failed` row. Other workers notice
nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from pickle import UnpicklingError

from ocrpipe.codes import Reason
from ocrpipe.engines.base import PAGES_AT_ONCE, Line, given_up
from ocrpipe.engines.worker import Failed, Idle, Share, Sign, Started, start
from ocrpipe.records import ScanFile
from ocrpipe.rows import FileRows

_SHARES_PER_WORKER = 4
"""At least so many shares for each worker, so that all finish at about the same time."""
_START_S = 300.0
"""A worker that has not started by then never will."""
_MOST_STILLBORN = 10
"""So many workers in a row that die before they have started: something is wrong with this machine."""
_LOOK_S = 0.5
"""How often the clock and the wish to stop are looked at."""


class _Worker:
    """What the parent knows of one."""

    def __init__(self, line: Line) -> None:
        self.process, self.pipe = start(line)
        self.started = False
        self.share: Share | None = None
        self.done = 0
        """Files of the share whose rows have come, in the share's order."""
        self.in_hand: int | None = None
        """Which file of the share is being read; None where a batch of several is."""
        self.alive = time.monotonic()
        """When it last gave a sign of life."""

    def give(self, share: Share) -> None:
        self.share, self.done, self.in_hand, self.alive = share, 0, 0, time.monotonic()
        with suppress(OSError):  # it died meanwhile: its pipe says so at the next wait
            self.pipe.send(share)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


class ProcessesEngine:
    """`jobs` workers, one thread each. A page may take `timeout_s` seconds."""

    def __init__(self, jobs: int, timeout_s: float = 300.0) -> None:
        self.jobs = jobs
        self.timeout_s = timeout_s
        self._stillborn = 0

    def run(self, line: Line, files: Sequence[ScanFile], stopping: Callable[[], bool]) -> Iterator[FileRows]:
        todo = deque(_shares(files, self.jobs))
        workers: list[_Worker] = []
        try:
            while todo or any(worker.share for worker in workers):
                while len(workers) < self.jobs and _needs_hands(workers, todo):
                    workers.append(_Worker(line))
                ready = wait([worker.pipe for worker in workers], _LOOK_S)
                for worker in list(workers):
                    if worker.pipe in ready:
                        yield from self._heard(worker, workers, todo)
                    elif self._is_stuck(worker):
                        workers.remove(worker)
                        yield from self._buried(
                            worker, todo, "timeout", f"no page was finished in {self.timeout_s:g} s"
                        )
                if stopping():
                    todo.clear()
                for worker in workers:
                    if worker.started and worker.share is None and todo:
                        worker.give(todo.popleft())
        finally:
            for worker in workers:
                worker.end()

    def _heard(self, worker: _Worker, workers: list[_Worker], todo: deque[Share]) -> Iterator[FileRows]:
        worker.alive = time.monotonic()
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError, UnpicklingError):
            workers.remove(worker)
            worker.process.join()
            yield from self._buried(worker, todo, "crashed", _death(worker.process.exitcode))
            return
        match message:
            case FileRows():
                worker.done += 1
                yield message
            case Sign(place):
                worker.in_hand = place
            case Started():
                worker.started = True
                self._stillborn = 0
            case Idle():
                worker.share = None
            case Failed(error):
                raise error

    def _is_stuck(self, worker: _Worker) -> bool:
        silent = time.monotonic() - worker.alive
        return silent > (self.timeout_s if worker.started else _START_S) and not (worker.started and not worker.share)

    def _buried(self, worker: _Worker, todo: deque[Share], reason: Reason, detail: str) -> Iterator[FileRows]:
        """Puts what a lost worker had in hand back: alone what may have killed it, or given up where that was its last
        try; the rest as before."""
        worker.end()
        if not worker.started:
            self._stillborn += 1
            if self._stillborn >= _MOST_STILLBORN:
                raise RuntimeError(f"worker processes cannot begin: {detail}")
        if worker.share is None:
            return
        left = worker.share.files[worker.done :]
        if worker.share.last_try:
            yield from (given_up(file, reason, f"{detail}, twice") for file in left)
            return
        suspects = left if worker.in_hand is None else left[worker.in_hand - worker.done :][:1]
        todo.extend(Share((file,), last_try=True) for file in suspects)
        others = tuple(file for file in left if file not in suspects)
        if others:
            todo.append(Share(others))


def _shares(files: Sequence[ScanFile], jobs: int) -> Iterator[Share]:
    size = max(1, min(PAGES_AT_ONCE, -(-len(files) // (jobs * _SHARES_PER_WORKER))))
    for at in range(0, len(files), size):
        yield Share(tuple(files[at : at + size]))


def _needs_hands(workers: Sequence[_Worker], todo: Sequence[Share]) -> bool:
    """Whether there are more shares than workers that could take one at once."""
    return len(todo) > sum(worker.share is None for worker in workers)


def _death(code: int | None) -> str:
    if code == -9:
        return "the worker process was killed (signal 9; the kernel does so when memory is short)"
    return f"the worker process ended with code {code}"
