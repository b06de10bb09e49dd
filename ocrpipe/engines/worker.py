"""The life of a worker process: a share of files in, the rows of each out."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from ocrpipe.engines.base import Line, one_thread, read_share
from ocrpipe.engines.threads import ask_for_one_thread
from ocrpipe.errors import OcrpipeError
from ocrpipe.operation.log import listen_as_parent
from ocrpipe.records import ScanFile

_SPAWN = multiprocessing.get_context("spawn")
_SIGNALS = {signal.SIGINT, signal.SIGTERM}


@dataclass(frozen=True, slots=True)
class Share:
    """Files that go to one worker together; `last_try` marks a file alone after a worker was lost over it."""

    files: tuple[ScanFile, ...]
    last_try: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """A worker's word that it takes shares."""


@dataclass(frozen=True, slots=True)
class Idle:
    """… that its share is done."""


@dataclass(frozen=True, slots=True)
class Sign:
    """… that it lives, and which file of the share it now reads; None where it reads a batch of several."""

    place: int | None


@dataclass(frozen=True, slots=True)
class Failed:
    """… that the operator must mend something."""

    error: OcrpipeError


def start(line: Line) -> tuple[BaseProcess, Connection]:
    """A new worker, and the pipe to it.

    The line goes through our own pipe: what multiprocessing hands to a process as arguments goes through one whose
    reading end it holds itself, and where more than the pipe holds (64 kB) meets a worker that has just been killed,
    it waits for ever.
    """
    ask_for_one_thread()
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_work, args=(theirs,), daemon=True)
    with _signals_held():
        process.start()
    theirs.close()  # so that the death of the worker ends the pipe
    with suppress(OSError):  # it is dead: its pipe says so at the next wait
        ours.send(line)
    return process, ours


@contextmanager
def _signals_held() -> Iterator[None]:
    """A process started here never sees Ctrl-C, nor what systemd sends to all of a service: the parent does, lets its
    workers finish, and ends them itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection) -> None:
    one_thread()
    listen_as_parent()
    _die_first()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        line: Line = pipe.recv()
        pipe.send(Started())
        while True:
            share: Share = pipe.recv()
            _read(line, share, pipe)
            pipe.send(Idle())
    except OcrpipeError as error:
        pipe.send(Failed(error))
    except (EOFError, ConnectionError):
        return  # the parent is gone


def _read(line: Line, share: Share, pipe: Connection) -> None:
    place_of = {id(file): place for place, file in enumerate(share.files)}

    def sign(file: ScanFile | None) -> None:
        pipe.send(Sign(None if file is None else place_of[id(file)]))

    for rows in read_share(line, share.files, sign):
        pipe.send(rows)


def _die_first() -> None:
    """Where memory is short, the kernel takes a worker, whose page is tried again, and not the parent (Linux)."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _end_with_parent() -> None:
    """A worker that hangs in a decoder would outlive a parent that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
