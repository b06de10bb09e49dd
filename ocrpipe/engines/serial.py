"""The whole line in this process: easiest to debug, and the measure of every other engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from ocrpipe.engines.base import PAGES_AT_ONCE, Line, read_share
from ocrpipe.records import ScanFile
from ocrpipe.rows import FileRows


class SerialEngine:
    """One file after another."""

    def run(self, line: Line, files: Sequence[ScanFile], stopping: Callable[[], bool]) -> Iterator[FileRows]:
        for start in range(0, len(files), PAGES_AT_ONCE):
            share = takewhile(lambda _: not stopping(), files[start : start + PAGES_AT_ONCE])
            yield from read_share(line, share)
