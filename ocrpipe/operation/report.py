"""A run as it is told to whoever was not there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ocrpipe.errors import EXIT_SOME_INPUTS_FAILED
from ocrpipe.operation.drift import Drift
from ocrpipe.operation.totals import Totals

SUCCESSES = (0, EXIT_SOME_INPUTS_FAILED)
"""A run has succeeded when it has come to its end and its results are in place. A scan that is beyond reading is no
failure of the run: else one torn envelope a night would hide that the job has not run for a week."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is."""

    run_id: str
    results: str
    model: str
    calibration: str
    max_error: float


@dataclass(frozen=True, slots=True)
class Report:
    """How it went."""

    run: Run | None
    """None where it ended before it began: a wrong option, no input."""
    began: dt.datetime
    ended: dt.datetime
    exit_status: int
    error: str | None
    totals: Totals
    drift: Drift

    @property
    def seconds(self) -> float:
        return (self.ended - self.began).total_seconds()
