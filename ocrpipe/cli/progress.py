"""How a run goes (a bar on stderr, where a person watches) and how it went (a small table)."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Literal

import rich.progress
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ocrpipe.operation.drift import Drift
from ocrpipe.operation.totals import Balance, Totals

_STEADY_S = 120.0
"""The time left is estimated from the last two minutes: files come in shares of a worker, and some are slow."""
_DRIFTED = (
    "What is accepted may hold more errors than --max-error says: measure a sample of it (ocrpipe evaluate) and "
    "calibrate on your own scans (ocrpipe calibrate)."
)


class Progress:
    """A bar over the files, with pages per second and the time left; silent when quiet, and where stderr is no terminal
    that can move its cursor, such as in cron and CI, even if colours are forced there. rich honours NO_COLOR."""

    def __init__(self, files: int, *, quiet: bool) -> None:
        console = Console(stderr=True)
        self._bar = rich.progress.Progress(
            rich.progress.TextColumn("{task.completed:,.0f} of {task.total:,.0f} files"),
            rich.progress.BarColumn(),
            rich.progress.TextColumn("{task.fields[pages]:,} pages"),
            _PagesPerSecond(),
            rich.progress.TimeRemainingColumn(),
            rich.progress.TextColumn("left"),
            console=console,
            disable=quiet or not sys.stderr.isatty() or console.is_dumb_terminal,
            transient=True,
            speed_estimate_period=_STEADY_S,
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


def print_totals(totals: Totals, seconds: float, drift: Drift, results: str) -> None:
    """The table at the end of a run, on stderr, and what is to be said below it."""
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    rate = f"{totals.pages / seconds:.1f}/s" if seconds else ""
    for name, count, words in (
        ("pages", totals.pages, rate),
        ("documents", totals.documents, ""),
        ("fields", totals.field_count, ""),
        ("accepted", totals.rows["accepted"], ""),
        ("to review", totals.rows["review"], _reasons(totals, "review")),
        ("blank", totals.rows["blank"], ""),
        ("skipped", totals.rows["skipped"], ""),
        ("failed", totals.rows["failed"], _reasons(totals, "failed")),
    ):
        table.add_row(name, f"{count:,}", Text(words))
    table.add_row("time", "", f"{seconds:.1f} s")
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    console.print(table, soft_wrap=False)
    _print_balances(console, totals)
    if totals.repeated_files:
        console.print(f"copies of other files, not in the control totals: {totals.repeated_files:,}")
    if totals.done_before:
        console.print(f"read before and unchanged: {totals.done_before:,} files")
    if totals.left:
        console.print(f"left for the next run, too young or still growing: {totals.left:,} files")
    if totals.passed_over:
        kinds = ", ".join(f"{n} × {suffix or 'no suffix'}" for suffix, n in totals.passed_over.items())
        console.print(f"{sum(totals.passed_over.values())} other files were passed over: {kinds}")
    for one in drift.notes:
        console.print(f"better than its calibration: {one.words}")
    for one in drift.warnings:
        console.print(f"warning: {one.words}")
    if drift.warnings:
        console.print(_DRIFTED)
    console.print(f"results: {results}")


def _reasons(totals: Totals, status: Literal["review", "failed"]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in totals.of_reason(status).items())


def _print_balances(console: Console, totals: Totals) -> None:
    """The control totals: one line an account."""
    if not totals.balances:
        return
    table = Table(box=None, title="control totals", title_justify="left", title_style="")
    for name in ("amounts of", "items", "accepted", "blank", "open", "sum accepted", ""):
        table.add_column(name, justify="right" if name not in ("amounts of", "") else "left", header_style="")
    for account, balance in sorted(totals.balances.items()):
        counts = sum(balance.items.values()), balance.items["accepted"], balance.items["blank"], balance.open
        table.add_row(
            Text(f"{account.template} {account.field}".strip()),
            *(f"{count:,}" for count in counts),
            _sum(balance),
            Text(account.currency or "currency unknown"),
        )
    console.print(table, soft_wrap=False)


def _sum(balance: Balance) -> str:
    return "not told" if balance.told_sum is None else f"{balance.told_sum:,.2f}"
