"""The whole line in this process: easiest to debug, and the measure of every other engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocrpipe.engines.base import PAGES_AT_ONCE, FileRows, Line, read_share
from ocrpipe.records import ScanFile


class SerialEngine:
    """One file after another."""

    def run(self, line: Line, files: Sequence[ScanFile]) -> Iterator[FileRows]:
        for start in range(0, len(files), PAGES_AT_ONCE):
            yield from read_share(line, files[start : start + PAGES_AT_ONCE])
