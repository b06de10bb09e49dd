"""Reports of runs, for tests that care about one thing in them."""

from __future__ import annotations

import datetime as dt

from ocrpipe.operation.drift import Comparison, Drift
from ocrpipe.operation.report import Report, Run
from ocrpipe.operation.totals import Totals
from tests.builders import row_of

RUN = Run("20260801T020000Z-abc123", "r.parquet", "lenet5@1", "drawn fields", 0.01)
BEGAN = dt.datetime(2026, 8, 1, 2, tzinfo=dt.UTC)
LESS_SURE = Comparison("amount", "less_sure", 412, 400, 0.41, 0.73, 0.9, 1e-9, "drawn fields")


def totals_of_a_night() -> Totals:
    """Two checks and a form, of which one amount goes to a person, and a file that cannot be read."""
    totals = Totals({".txt": 2})
    seconds = {"decode": 0.5, "networks": 0.25}
    totals.add_file([row_of("a.png", value="10.10", sha256="a")], 1, seconds)
    totals.add_file([row_of("b.png", value="20.20", sha256="b")], 1, seconds)
    form = [
        row_of("c.tif", "due", "5.05", status="review", reason="low_confidence", template="form", sha256="c"),
        row_of("c.tif", "zip", None, kind="zip", status="failed", reason="not_found", template="form", sha256="c"),
    ]
    totals.add_file(form, 2, seconds)
    totals.add_file([row_of("d.tif", None, None, status="failed", reason="truncated", sha256="d")], 0, {})
    return totals


def report_of(exit_status: int, minute: int = 5, drift: Drift | None = None, totals: Totals | None = None) -> Report:
    """A run that ended some minutes after two."""
    ended = BEGAN + dt.timedelta(minutes=minute)
    return Report(
        RUN, BEGAN, ended, exit_status, None, totals_of_a_night() if totals is None else totals, drift or Drift()
    )
