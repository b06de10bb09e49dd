"""What runs on the machines of a cluster: the desk, and the life of a share of files.

A worker process loads the line once and walks one share after another down it. It tells the desk what it begins, so
that the driver knows what a worker that died had in hand, and hears from it whether to stop. The rows of a share go
straight to the output, as one part of its journal; the driver gets what it counts.
"""

from __future__ import annotations

import faulthandler
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import ray

from ocrpipe import __version__
from ocrpipe.engines.base import Line, one_thread, read_share
from ocrpipe.errors import UsageError
from ocrpipe.records import ScanFile, Version
from ocrpipe.results.shelf import Part, Shelf
from ocrpipe.results.store import as_output_error
from ocrpipe.rows import FileRows

_WORD_S = 1.0
"""The pages of a file that pass within so long are one word to the desk, which hears from every core."""


@dataclass(frozen=True, slots=True)
class Share:
    """Files that one worker reads into one part; `last_try` marks a file alone after a worker was lost over it."""

    part: str
    files: tuple[ScanFile, ...]
    last_try: bool = False


@dataclass(frozen=True)
class Work:
    """What all shares of a run have in common. It lies once in the store of objects of every node."""

    line: Line
    shelf: Shelf
    timeout_s: float
    sample: ScanFile
    """One of the files, and how the driver sees it: every node must see the same."""
    sample_version: Version | None
    software: str = __version__

    def check_sources(self) -> None:
        """UsageError with the name of this node where it sees other scans than the driver does."""
        if Version.of(self.sample.path) != self.sample_version:
            raise UsageError(
                f"{_node()} does not see {self.sample.path} as this machine does; share its folder, or use s3://"
            )

    def check(self) -> None:
        """The same for what holds as long as the run goes on: software, output and the folder of the scans."""
        journal = self.shelf.output.journal
        if self.software != __version__:
            raise UsageError(f"{_node()} has ocrpipe {__version__}, this machine {self.software}; install the same")
        if isinstance(self.sample.path, Path) and self.sample_version and not self.sample.path.parent.is_dir():
            raise UsageError(f"{_node()} does not see {self.sample.path.parent}; share the folder, or use s3://")
        if self.shelf.journal.header is None:
            raise UsageError(f"{_node()} does not see {journal}; share the folder of --out, or use s3://")
        note = f"probe-{ray.get_runtime_context().get_worker_id()}"
        try:
            with journal.write(note) as sink:
                sink.write(b"can be written")
            journal.remove(note)
        except OSError as error:
            raise UsageError(f"{_node()} cannot write to {journal}: {error}") from error


def _node() -> str:
    return f"node {ray.util.get_node_ip_address()} ({socket.gethostname()})"


class Desk:
    """An actor beside the driver, where workers leave word of what they begin."""

    def __init__(self) -> None:
        self._in_hand: dict[str, tuple[Sequence[int], float]] = {}
        self._stopping = False

    def sign(self, part: str, places: Sequence[int]) -> bool:
        """Takes word that these files of a share are being read; says whether to stop."""
        self._in_hand[part] = places, time.monotonic()
        return self._stopping

    def lost(self, part: str) -> tuple[Sequence[int], float] | None:
        """What the worker of a share had in hand, and for how many seconds it said no more; None where it never said
        anything."""
        places, signed = self._in_hand.pop(part, (None, 0.0))
        return None if places is None else (places, time.monotonic() - signed)

    def stop(self) -> None:
        """From now on every worker is asked to."""
        self._stopping = True


class _Signing:
    """A worker's word to the desk, page by page, and the end of a page that takes too long: a decoder that hangs
    cannot be stopped but by ending its process, so that is what happens."""

    def __init__(self, desk: Any, share: Share, timeout_s: float) -> None:
        self._desk = desk
        self._share = share
        self._timeout_s = timeout_s
        self._place_of = {id(file): place for place, file in enumerate(share.files)}
        self._since_batch: list[int] = []
        self._told: tuple[Sequence[int] | None, float] = None, 0.0
        self.stopping = False
        self._tell(())

    def __call__(self, file: ScanFile | None) -> None:
        if file is None:
            self._tell(tuple(self._since_batch))
            self._since_batch = []
            return
        place = self._place_of[id(file)]
        if place not in self._since_batch:
            self._since_batch.append(place)
        self._tell((place,))

    def end(self) -> None:
        """All is read: what comes now may take its time."""
        self._tell(())
        faulthandler.cancel_dump_traceback_later()

    def _tell(self, places: Sequence[int]) -> None:
        told, when = self._told
        if places != told or time.monotonic() - when > _WORD_S:
            self.stopping = _got(self._desk.sign.remote(self._share.part, places))
            self._told = places, time.monotonic()
        faulthandler.dump_traceback_later(self._timeout_s, exit=True, file=2)


def read(share: Share, held: Sequence[Any], desk: Any) -> list[FileRows]:
    """Reads a share, writes its part, and tells how every file ended. `held` holds the reference to the `Work`."""
    work = _work_of(held[0])
    part, told = Part(work.shelf), list[FileRows]()
    signing = _Signing(desk, share, work.timeout_s)
    try:
        for done in read_share(work.line, takewhile(lambda _: not signing.stopping, share.files), signing):
            if not done.changed:
                part.add(done)
            told.append(_light(done))
        signing.end()
    finally:
        faulthandler.cancel_dump_traceback_later()
    if part.files:
        with as_output_error(work.shelf.output):
            part.write(share.part)
    return told


def probe(held: Sequence[Any]) -> None:
    """Raises UsageError where this node cannot take part."""
    _work_of(held[0]).check_sources()


_held: dict[str, Work] = {}
"""The work of the latest run, so that a worker loads its networks once."""


def _work_of(reference: Any) -> Work:
    if reference.hex() not in _held:
        one_thread()
        work: Work = _got(reference)
        work.check()
        _held.clear()
        _held[reference.hex()] = work
    return _held[reference.hex()]


def _got(reference: Any) -> Any:
    """What `ray.get` returns, but the core stays ours: while a task waits in that, Ray begins another one on it."""
    return reference.future().result()


def _light(done: FileRows) -> FileRows:
    """Without what only the results need."""
    rows = [replace(row, reading=None, quad=None, picture=None) for row in done.rows]
    return replace(done, rows=rows, stored=True)
