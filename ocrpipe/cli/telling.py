"""Tells whoever watches a run how it goes: the person at the terminal, the log, and those who come in the morning."""

from __future__ import annotations

import datetime as dt
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ocrpipe.errors import BusyError, Interrupted, OcrpipeError, OutputError

if TYPE_CHECKING:
    from ocrpipe.cli.progress import Progress
    from ocrpipe.operation.drift import Watch
    from ocrpipe.operation.report import Report, Run
    from ocrpipe.results.ledger import Sifted
    from ocrpipe.rows import FileRows
    from ocrpipe.scans.sources import Found

_log = logging.getLogger(__name__)


class LogFormat(StrEnum):
    text = "text"
    json = "json"


@contextmanager
def telling(log_format: LogFormat, quiet: bool, metrics: Path | None, summary: Path | None) -> Iterator[Telling]:
    """A block around a whole run: however that ends, its end is told."""
    from ocrpipe.operation.log import listening

    for path in (metrics, summary):
        _check(path)
    run = Telling(log_format is LogFormat.json, quiet, metrics, summary)
    with listening(json=log_format is LogFormat.json, quiet=quiet):
        try:
            yield run
        except BaseException as error:
            run.end(error)
            raise
        run.end(None)


class Telling:
    """Counts what a run does, and says so."""

    def __init__(self, json: bool, quiet: bool, metrics: Path | None, summary: Path | None) -> None:
        from ocrpipe.operation.totals import Totals

        self.totals = Totals()
        self._json = json
        self._quiet = quiet or json
        self._metrics, self._summary = metrics, summary
        self._began = dt.datetime.now(dt.UTC)
        self._run: Run | None = None
        self._watch: Watch | None = None
        self._progress: Progress | None = None

    def begin(self, run: Run, watch: Watch, found: Found, sifted: Sifted) -> None:
        """It is known what is to be read, and with what."""
        from ocrpipe.cli.progress import Progress
        from ocrpipe.operation.log import tell_run

        self._run, self._watch = run, watch
        self.totals.passed_over, self.totals.done_before = found.skipped, sifted.done
        self.totals.left = sifted.young
        if self._json:
            tell_run(run, len(sifted.todo))
        self._progress = Progress(len(sifted.todo), quiet=self._quiet)
        self._progress.__enter__()

    def file_left(self) -> None:
        """A file has changed while it was read."""
        self.totals.left += 1
        if self._progress:
            self._progress.file_done(self.totals.pages)

    def file_done(self, done: FileRows) -> None:
        """A file has been read."""
        from ocrpipe.operation.log import tell_file

        self.totals.add_file(done.rows, done.pages, done.seconds)
        if self._watch:
            self._watch.add(done.rows)
        if self._progress:
            self._progress.file_done(self.totals.pages)
        if self._json:
            tell_file(done.file.name, done.rows, done.pages, done.seconds)

    def end(self, error: BaseException | None) -> None:
        """Writes metrics and summary, and says how it went. With a JSON log an error of the run becomes an event and
        its exit status here, since its words for people would stand between the events."""
        from ocrpipe.cli.progress import print_totals
        from ocrpipe.operation.log import tell_done
        from ocrpipe.operation.report import SUCCESSES

        if self._progress:
            self._progress.__exit__(None, None, None)
        report = self._report(error)
        if report.run and report.exit_status in SUCCESSES and not self._quiet:
            print_totals(self.totals, report.seconds, report.drift, report.run.results)
        unwritten = self._write(report)
        if unwritten is not None and report.exit_status in SUCCESSES:
            report = replace(report, exit_status=unwritten.exit_code, error=str(unwritten))
            if not self._json:
                raise unwritten
        elif unwritten is not None:
            _log.error("%s", unwritten)
        if self._json:
            tell_done(report)
            if report.error:
                raise typer.Exit(report.exit_status)

    def _report(self, error: BaseException | None) -> Report:
        from ocrpipe.operation.drift import Drift
        from ocrpipe.operation.report import Report

        status, words = _ending(error)
        drift = self._watch.drift() if self._watch else Drift()
        return Report(self._run, self._began, dt.datetime.now(dt.UTC), status, words, self.totals, drift)

    def _write(self, report: Report) -> OutputError | None:
        from ocrpipe.operation.metrics import write_metrics
        from ocrpipe.operation.summary import write_summary

        if report.exit_status == BusyError.exit_code:
            return None  # it is the other run which has something to tell
        writers: list[tuple[Path | None, Callable[[Path, Report], None]]]
        writers = [(self._metrics, write_metrics), (self._summary, write_summary)]
        unwritten = None
        for path, write in writers:
            try:
                if path is not None:
                    write(path, report)
            except OSError as error:
                unwritten = OutputError(f"{path}: cannot be written: {error.strerror or error}")
        return unwritten


def _ending(error: BaseException | None) -> tuple[int, str | None]:
    """The exit status that an error becomes, and what is to be said of it."""
    if error is None:
        return 0, None
    if isinstance(error, typer.Exit):
        return error.exit_code, None
    if isinstance(error, OcrpipeError):
        return error.exit_code, str(error)
    if isinstance(error, KeyboardInterrupt):
        return Interrupted.exit_code, "interrupted"
    return 1, "".join(traceback.format_exception(error))


def _check(path: Path | None) -> None:
    """Raises OutputError before any scan is read."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}; make it first")
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file in it")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: the folder {path.parent} is not writable")
