"""The line in several worker processes on this machine, each running all of it on its share of the files.

A worker sends the rows of a file when they are complete. When one dies (a decoder that segfaults, the
kernel's memory killer), the files that were in its hands are tried again, each alone in a fresh worker;
a file that kills its worker twice gets a `failed` row. Other workers notice nothing.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pickle import UnpicklingError

from ocrpipe.engines.base import PAGES_AT_ONCE, FileRows, Line, crashed, one_thread, read_share
from ocrpipe.errors import OcrpipeError
from ocrpipe.operation.log import listen_as_parent
from ocrpipe.records import ScanFile

_SPAWN = multiprocessing.get_context("spawn")
_SHARES_PER_WORKER = 4
"""At least so many shares for each worker, so that all finish at about the same time."""


@dataclass(frozen=True, slots=True)
class _Share:
    """Files that go to one worker together; `last_try` marks a file alone after its worker died."""

    files: tuple[ScanFile, ...]
    last_try: bool = False


@dataclass(frozen=True, slots=True)
class _Ready:
    """A worker's word that it has started, or that its share is done."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    started: bool = False
    share: _Share | None = None
    done: int = 0
    """Files of the share whose rows have come, in the share's order."""


class ProcessesEngine:
    """`jobs` workers, started by spawn, one thread each."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(self, line: Line, files: Sequence[ScanFile]) -> Iterator[FileRows]:
        todo = deque(_shares(files, self.jobs))
        workers: list[_Worker] = []
        try:
            while todo or any(worker.share for worker in workers):
                while len(workers) < self.jobs and _needs_hands(workers, todo):
                    workers.append(_start(line))
                for pipe in wait([worker.pipe for worker in workers]):
                    worker = next(worker for worker in workers if worker.pipe is pipe)
                    try:
                        message = worker.pipe.recv()
                    except (EOFError, OSError, UnpicklingError):
                        workers.remove(worker)
                        yield from _bury(worker, todo)
                        continue
                    if isinstance(message, FileRows):
                        worker.done += 1
                        yield message
                    elif isinstance(message, _Ready):
                        worker.started, worker.share, worker.done = True, None, 0
                    else:
                        raise message
                for worker in workers:
                    if worker.started and worker.share is None and todo:
                        worker.share = todo.popleft()
                        _give(worker)
        finally:
            for worker in workers:
                worker.process.terminate()
            for worker in workers:
                worker.process.join()
                worker.pipe.close()


def _shares(files: Sequence[ScanFile], jobs: int) -> Iterator[_Share]:
    size = max(1, min(PAGES_AT_ONCE, -(-len(files) // (jobs * _SHARES_PER_WORKER))))
    for start in range(0, len(files), size):
        yield _Share(tuple(files[start : start + size]))


def _needs_hands(workers: Sequence[_Worker], todo: Sequence[_Share]) -> bool:
    """Whether there are more shares than workers that could take one at once."""
    return len(todo) > sum(worker.share is None for worker in workers)


def _start(line: Line) -> _Worker:
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_work, args=(line, theirs), daemon=True)
    with _interrupts_held():
        process.start()
    theirs.close()  # so that the death of the worker ends the pipe
    return _Worker(process, ours)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process started here never sees Ctrl-C: the parent does, and ends its workers itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _give(worker: _Worker) -> None:
    with suppress(OSError):  # it died meanwhile: its pipe says so at the next wait
        worker.pipe.send(worker.share)


def _bury(worker: _Worker, todo: deque[_Share]) -> Iterator[FileRows]:
    """Puts what a dead worker had in hand back, file by file, or gives a file up that has killed two."""
    worker.process.join()
    worker.pipe.close()
    code = worker.process.exitcode
    if not worker.started:
        raise RuntimeError(f"a worker process ended with code {code} before it could begin")
    if worker.share is None:
        return
    left = worker.share.files[worker.done :]
    if worker.share.last_try:
        for file in left:
            yield crashed(file, f"the worker process ended with code {code}, twice")
    else:
        todo.extend(_Share((file,), last_try=True) for file in left)


def _work(line: Line, pipe: Connection) -> None:
    """A worker's life: a share in, the rows of its files out."""
    one_thread()
    listen_as_parent()
    try:
        pipe.send(_Ready())
        while True:
            share = pipe.recv()
            try:
                for rows in read_share(line, share.files):
                    pipe.send(rows)
            except OcrpipeError as error:
                pipe.send(error)
                return
            pipe.send(_Ready())
    except (EOFError, BrokenPipeError):
        return  # the parent is gone
