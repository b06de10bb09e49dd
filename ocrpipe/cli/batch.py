"""What `ocrpipe run` does once its options are understood: engine → writer, while it is told how that goes."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from ocrpipe.cli.telling import Telling
from ocrpipe.engines.base import Engine, FileRows, Line
from ocrpipe.errors import OutputError
from ocrpipe.operation.drift import Watch
from ocrpipe.operation.report import Run
from ocrpipe.records import BadPage, Page
from ocrpipe.results.schema import Stamp
from ocrpipe.results.writer import ResultsWriter
from ocrpipe.rows import Context, Decision, Row
from ocrpipe.scans.sources import Found
from ocrpipe.settings import Settings


@dataclass(frozen=True, slots=True)
class Batch:
    """One run over what was found."""

    line: Line
    found: Found
    settings: Settings
    engine: Engine
    out: Path
    overwrite: bool
    debug: Path | None
    watch: Watch
    telling: Telling

    def run(self) -> None:
        """Reads everything and writes the results, and lets it be told."""
        if self.debug:
            _make_folder(self.debug)
        stamp = self._stamp()
        with self._writer(stamp) as writer:
            run = Run(stamp.run_id, self.out, stamp.model, stamp.calibration, stamp.max_error)
            self.telling.begin(run, self.watch, self.found)
            unreadable = [_row_of(bad) for bad in self.found.unreadable]
            writer.add(unreadable)
            self.telling.no_file(unreadable)
            for done in self.engine.run(self.line, self.found.files):
                if self.debug:
                    _draw(done, self.settings, self.debug)
                writer.add(done.rows)
                self.telling.file_done(done)
            writer.finish()

    def _stamp(self) -> Stamp:
        fingerprint = self.line.fingerprint
        return Stamp(
            run_id=f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
            max_error=self.settings.max_error,
            model=fingerprint["model"],
            calibration=fingerprint["calibration"],
        )

    def _writer(self, stamp: Stamp) -> ResultsWriter:
        fingerprint = self.line.fingerprint
        return ResultsWriter(
            self.out, stamp, crops=self.settings.crops, fingerprint=fingerprint, overwrite=self.overwrite
        )


def _row_of(bad: BadPage) -> Row:
    """A folder that could not be listed is a row, as a bad file is."""
    decision = Decision("failed", bad.failure.reason, bad.failure.detail, None, None, None)
    return Row(Context(bad.source, bad.source_sha256, bad.index), None, decision)


def _draw(done: FileRows, settings: Settings, folder: Path) -> None:
    """Decodes the file again: pages do not travel from the workers, and drawing is for debugging alone."""
    from ocrpipe.results.overlay import write_overlays
    from ocrpipe.scans.decode import decode

    rows: defaultdict[int, list[Row]] = defaultdict(list)
    for row in done.rows:
        rows[row.context.page].append(row)
    for page in decode(done.file, settings):
        if isinstance(page, Page):
            write_overlays(folder, page.pixels, rows[page.index])


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error
