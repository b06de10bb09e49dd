"""The line on many machines: shares of the files as tasks of Ray, each running all of the line.

Every share writes its own part of the output's journal (a file of its own, where the output is a dataset), so rows do
not travel through this process, which hands out shares and counts. What a worker that died had in hand is tried again,
alone; a file that costs a second worker gets a `failed` row. The shares of a machine that dies are tried again as they
are, however often: a part has the name of its share and appears whole, so that nothing is counted twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ray
from ray.exceptions import NodeDiedError, ObjectLostError, OutOfMemoryError, RayTaskError, WorkerCrashedError

from ocrpipe.codes import Reason
from ocrpipe.engines.base import Line, given_up
from ocrpipe.engines.ray_cluster import check_nodes, connected, cores, on_node
from ocrpipe.engines.ray_worker import Desk, Share, Work, read
from ocrpipe.errors import OcrpipeError
from ocrpipe.records import ScanFile, Version
from ocrpipe.results.shelf import Shelf
from ocrpipe.results.store import as_output_error
from ocrpipe.rows import FileRows

FILES_A_SHARD = 2_000
"""Of a dataset: a million checks make five hundred files of some 14,000 rows. A share is read again whole when its
machine dies; one of checks takes a core two minutes, one of long documents may take hours."""
FILES_A_PART = 250
"""Of one file, whose parts are folded in the end: small shares lose little."""
_SHARES_PER_CORE = 4
"""At least so many, so that all cores finish at about the same time."""
_FALSE_STARTS = 5
"""So many workers that die before they begin, one after another, end the run."""
_LOOK_S = 0.5
"""How often the wish to stop is looked at."""


class RayEngine:
    """Tasks on the cluster at `address`, or on one that is started on this machine and ended after the run.

    At most `jobs` tasks at a time; 0: as many as the cluster has cores. A page may take `timeout_s` seconds.
    """

    def __init__(self, shelf: Shelf, *, address: str | None = None, jobs: int = 0, timeout_s: float = 300.0) -> None:
        self._shelf = shelf
        self._address = address
        self._jobs = jobs
        self._timeout_s = timeout_s

    def run(self, line: Line, files: Sequence[ScanFile], stopping: Callable[[], bool]) -> Iterator[FileRows]:
        if not files:
            return
        with connected(self._address, self._jobs):
            work = Work(line, self._shelf, self._timeout_s, files[0], Version.of(files[0].path))
            yield from _Run(work, self._jobs).results(files, stopping)


class _Run:
    """One run on a cluster that is connected."""

    def __init__(self, work: Work, jobs: int) -> None:
        self._shelf = work.shelf
        self._timeout_s = work.timeout_s
        self._jobs = jobs
        self._held = [ray.put(work)]  # in a list, so that tasks get the reference and can keep what it refers to
        here = on_node(ray.get_runtime_context().get_node_id())
        self._desk: Any = ray.remote(num_cpus=0, scheduling_strategy=here)(Desk).remote()
        self._read: Any = ray.remote(num_cpus=1, max_retries=0)(read)  # whether to try again is decided here
        self._todo: deque[Share] = deque()
        self._running: dict[Any, Share] = {}
        self._shares = 0
        self._false_starts = 0

    def results(self, files: Sequence[ScanFile], stopping: Callable[[], bool]) -> Iterator[FileRows]:
        check_nodes(self._held)
        size = self._share_size(len(files))
        for at in range(0, len(files), size):
            self._add(files[at : at + size])
        asked = False
        try:
            while self._todo or self._running:
                if stopping():
                    self._todo.clear()
                    if not asked:
                        self._desk.stop.remote()
                    asked = True
                most = self._most()
                while self._todo and len(self._running) < most:
                    share = self._todo.popleft()
                    self._running[self._read.remote(share, self._held, self._desk)] = share
                ready, _ = ray.wait(list(self._running), timeout=_LOOK_S)
                for reference in ready:
                    yield from self._heard(reference, self._running.pop(reference))
        finally:
            for reference in self._running:
                ray.cancel(reference, force=True)
            ray.kill(self._desk)

    def _share_size(self, files: int) -> int:
        largest = FILES_A_SHARD if self._shelf.output.dataset else FILES_A_PART
        return max(1, min(largest, -(-files // (cores() * _SHARES_PER_CORE))))

    def _most(self) -> int:
        """Tasks at a time. A few more than can run, so that no core waits; looked up anew, as clusters grow."""
        return self._jobs or cores() + cores() // 4 + 1

    def _add(self, files: Sequence[ScanFile], *, last_try: bool = False) -> None:
        self._todo.append(Share(self._shelf.name(self._shares, "-ray"), tuple(files), last_try))
        self._shares += 1

    def _heard(self, reference: Any, share: Share) -> Iterator[FileRows]:
        try:
            done: list[FileRows] = ray.get(reference)
        except (NodeDiedError, ObjectLostError):  # the work is lost, or the word that it is done
            self._desk.lost.remote(share.part)
            self._todo.appendleft(share)
        except OutOfMemoryError:
            yield from self._lost(share, "Ray ended the worker process, as the memory of its machine was short")
        except WorkerCrashedError:
            yield from self._lost(share, "the worker process died")
        except RayTaskError as error:
            if isinstance(error.cause, OcrpipeError):  # for the operator to mend, wherever it was raised
                raise error.cause from None
            raise
        else:
            self._false_starts = 0
            yield from done

    def _lost(self, share: Share, detail: str) -> Iterator[FileRows]:
        """Puts the files of a worker that died back: alone what may have killed it, or given up where that was its
        last try; the rest together, in halves where no file is under suspicion."""
        signed = ray.get(self._desk.lost.remote(share.part))
        if signed is None:
            self._false_starts += 1
            if self._false_starts == _FALSE_STARTS:
                raise RuntimeError(f"worker processes cannot begin: {detail}")
            self._todo.append(share)
            return
        places, silent_s = signed
        reason: Reason = "crashed"
        if silent_s >= self._timeout_s:
            reason, detail = "timeout", f"no page was finished in {self._timeout_s:g} s"
        with as_output_error(self._shelf.output):
            self._shelf.journal.remove(share.part, self._shelf.stamp.run_date)
        if share.last_try:
            yield from (given_up(file, reason, f"{detail}, twice") for file in share.files)
            return
        suspects = [share.files[place] for place in places] if len(share.files) > 1 else list(share.files)
        for file in suspects:
            self._add([file], last_try=True)
        others = [file for file in share.files if file not in suspects]
        middle = 0 if suspects else len(others) // 2
        for some in (others[:middle], others[middle:]):
            if some:
                self._add(some)
