"""How a run goes (a bar on stderr, where there is a terminal) and how it went (a small table)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

import rich.progress
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ocrpipe.codes import Status
from ocrpipe.rows import FileRows


@dataclass(slots=True)
class Totals:
    """Counts of a run so far."""

    other_files: Mapping[str, int]
    """Files that are no scans, by suffix."""
    done_before: int = 0
    """Files that an earlier run has read, and that are as they were."""
    left: int = 0
    """Files that are too young or changed while they were read, for the next run."""
    pages: int = 0
    fields: int = 0
    rows: Counter[Status] = field(default_factory=Counter)
    seconds: float = 0.0
    interrupted: bool = False

    def add(self, done: FileRows) -> None:
        self.pages += done.pages
        self.fields += sum(row.spec is not None for row in done.rows)
        self.rows.update(row.decision.status for row in done.rows)


class Progress:
    """A bar over the files, with pages per second; silent when quiet or away from a terminal."""

    def __init__(self, files: int, *, quiet: bool) -> None:
        console = Console(stderr=True)
        self._bar = rich.progress.Progress(
            rich.progress.TextColumn("{task.completed:.0f} of {task.total:.0f} files"),
            rich.progress.BarColumn(),
            rich.progress.TextColumn("{task.fields[pages]} pages"),
            _PagesPerSecond(),
            rich.progress.TimeRemainingColumn(),
            console=console,
            disable=quiet or not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("", total=files, pages=0)

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def file_done(self, pages: int) -> None:
        """One file more is done; `pages` is how many pages there were in all so far."""
        self._bar.update(self._task, advance=1, pages=pages)


class _PagesPerSecond(rich.progress.ProgressColumn):
    def render(self, task: rich.progress.Task) -> str:
        return f"{task.fields['pages'] / task.elapsed:.1f} pages/s" if task.elapsed else ""


def print_totals(totals: Totals, out: str) -> None:
    """The table at the end of a run, on stderr."""
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    rate = f" ({totals.pages / totals.seconds:.1f}/s)" if totals.seconds else ""
    for name, count in (
        ("pages", f"{totals.pages}{rate}"),
        ("fields", str(totals.fields)),
        ("accepted", str(totals.rows["accepted"])),
        ("to review", str(totals.rows["review"])),
        ("blank", str(totals.rows["blank"])),
        ("skipped", str(totals.rows["skipped"])),
        ("failed", str(totals.rows["failed"])),
        ("read before", f"{totals.done_before} files"),
        ("left for the next run", f"{totals.left} files"),
        ("time", f"{totals.seconds:.1f} s"),
    ):
        table.add_row(name, count)
    console = Console(stderr=True, highlight=False)
    console.print(table)
    if totals.other_files:
        kinds = ", ".join(f"{n} × {escape(suffix) or 'no suffix'}" for suffix, n in totals.other_files.items())
        console.print(f"{sum(totals.other_files.values())} other files were passed over: {kinds}", soft_wrap=True)
    console.print(f"results: {escape(out)}", soft_wrap=True)
