"""What `ocrpipe run` does once its options are understood: ledger → engine → store, with a word on how it goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocrpipe.cli.stopping import Stopping
from ocrpipe.cli.telling import Telling
from ocrpipe.engines.base import Engine, Line
from ocrpipe.errors import Interrupted, OutputError
from ocrpipe.operation.drift import Watch
from ocrpipe.operation.report import Run
from ocrpipe.records import BadPage, Page, ScanFile
from ocrpipe.results.output import Output
from ocrpipe.results.schema import Stamp
from ocrpipe.results.shelf import Shelf
from ocrpipe.results.store import Store
from ocrpipe.rows import Context, Decision, FileRows, Row
from ocrpipe.scans.sources import Found
from ocrpipe.settings import Settings


@dataclass(frozen=True, slots=True)
class Repeat:
    """What is read again, and what is left for later."""

    overwrite: bool
    retry_failed: bool
    min_age_s: float


@dataclass(frozen=True, slots=True)
class Batch:
    """One run over what was found."""

    line: Line
    found: Found
    settings: Settings
    engine: Callable[[Shelf], Engine]
    """An engine, which may write rows to the shelf itself."""
    output: Output
    repeat: Repeat
    debug: Path | None
    watch: Watch
    telling: Telling

    def run(self) -> None:
        """Reads what is new and writes the results; interrupted, it writes what is there and raises Interrupted."""
        if self.debug:
            _make_folder(self.debug)
        fingerprint = self.line.fingerprint
        stamp = Stamp.now(self.settings.max_error, fingerprint["model"], fingerprint["calibration"])
        with self.output.locked(stamp.run_id), Stopping() as stopping:
            store = Store(
                self.output, stamp, crops=self.settings.crops, fingerprint=fingerprint,
                overwrite=self.repeat.overwrite,
            )  # fmt: skip
            self._read(store, stamp, stopping)
            store.finish()
        if stopping.asked:
            raise Interrupted(f"interrupted; {self.output} holds what was read, and the same command goes on from here")

    def _read(self, store: Store, stamp: Stamp, stopping: Stopping) -> None:
        sifted = store.ledger.sift(
            self.found.files, store.fingerprint, retry_failed=self.repeat.retry_failed,
            min_age_s=self.repeat.min_age_s,
        )  # fmt: skip
        run = Run(stamp.run_id, str(self.output), stamp.model, stamp.calibration, stamp.max_error)
        self.telling.begin(run, self.watch, self.found, sifted)
        for unlisted in map(_rows_of, self.found.unreadable):
            store.add(unlisted)
            self.telling.file_done(unlisted)
        for done in self.engine(store.shelf).run(self.line, sifted.todo, stopping):
            if done.changed:
                self.telling.file_left()
                continue
            if self.debug:
                _draw(done, self.settings, self.debug)
            if not done.stored:
                store.add(done)
            self.telling.file_done(done)


def _rows_of(bad: BadPage) -> FileRows:
    """A folder that could not be listed is a row, as a bad file is."""
    decision = Decision("failed", bad.failure.reason, bad.failure.detail, None, None, None)
    row = Row(Context(bad.source, bad.source_sha256, bad.index), None, decision)
    return FileRows(ScanFile(Path(bad.source), bad.source), [row], pages=0, seconds={}, version=None)


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
