"""Where the time goes, by stage."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


class Clock:
    """Adds up seconds by stage: of the wall as it stands, of the processor with `now=time.thread_time`.

    A stage within another one counts for itself alone, so that the stages add up to the whole.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._within = 0.0
        """What inner stages have taken of the one that is running."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts what the block takes to the stage `name`."""
        began, outer = self._now(), self._within
        self._within = 0.0
        try:
            yield
        finally:
            taken = self._now() - began
            self._seconds[name] += taken - self._within
            self._within = outer + taken

    def each(self, name: str, items: Iterable[Item]) -> Iterator[Item]:
        """Counts what making the items takes, and nothing of what is done with them."""
        iterator = iter(items)
        while True:
            with self.stage(name):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item

    def taken(self) -> dict[str, float]:
        """Seconds by stage since this was last asked."""
        taken = dict(self._seconds)
        self._seconds.clear()
        return taken
