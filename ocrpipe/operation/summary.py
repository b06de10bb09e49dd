"""A run as JSON, for the job that comes after it. The keys are an interface; docs/operating.md tells of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from ocrpipe import __version__
from ocrpipe.codes import Status
from ocrpipe.operation.drift import Comparison
from ocrpipe.operation.report import Report
from ocrpipe.operation.totals import Totals
from ocrpipe.results.atomic import whole_file

SUMMARY_VERSION = 1


def write_summary(path: Path, report: Report) -> None:
    """Writes the summary, whole or not at all; OSError where that cannot be."""
    with whole_file(path) as file:
        file.write((json.dumps(summary_of(report), indent=1) + "\n").encode())


def summary_of(report: Report) -> dict[str, Any]:
    """Plain values alone; sums of money are strings, since a float holds no cents."""
    run, totals = report.run, report.totals
    return {
        "summary_version": SUMMARY_VERSION,
        "version": __version__,
        "run_id": run and run.run_id,
        "results": run and run.results,
        "model": run and run.model,
        "calibration": run and run.calibration,
        "max_error": run and run.max_error,
        "began": report.began.isoformat(timespec="seconds"),
        "ended": report.ended.isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 3),
        "exit_status": report.exit_status,
        "error": report.error,
        **counts_of(totals),
        "control_totals": control_totals_of(totals),
        "stage_seconds": {stage: round(taken, 3) for stage, taken in sorted(totals.stage_seconds.items())},
        "drift": {
            "warnings": [one.words for one in report.drift.warnings],
            "notes": [one.words for one in report.drift.notes],
            "compared": [comparison_of(one) for one in report.drift.compared],
        },
    }


def counts_of(totals: Totals) -> dict[str, Any]:
    """Everything that is counted."""
    return {
        "files": {
            "read": totals.files,
            "failed": totals.failed_files,
            "repeated": totals.repeated_files,
            "read_before": totals.done_before,
            "left": totals.left,
            "passed_over": dict(totals.passed_over),
        },
        "pages": totals.pages,
        "documents": totals.documents,
        "rows": statuses_of(totals.rows),
        "fields": {kind: statuses_of(counts) for kind, counts in totals.of_kind().items()},
        "reasons": {status: totals.of_reason(status) for status in ("review", "failed", "skipped")},
    }


def statuses_of(counts: Mapping[Status, int]) -> dict[Status, int]:
    """All statuses, those that did not occur, too."""
    return {status: counts.get(status, 0) for status in get_args(Status)}


def control_totals_of(totals: Totals) -> list[dict[str, Any]]:
    """What the batch is balanced by."""
    return [
        {
            "currency": account.currency or None,
            "template": account.template or None,
            "field": account.field,
            "items": sum(balance.items.values()),
            "accepted": balance.items["accepted"],
            "blank": balance.items["blank"],
            "open": balance.open,
            "accepted_sum": None if balance.told_sum is None else str(balance.told_sum),
        }
        for account, balance in sorted(totals.balances.items())
    ]


def comparison_of(one: Comparison) -> dict[str, Any]:
    """One comparison with the calibration sample."""
    return {
        "profile": one.profile,
        "measure": one.measure,
        "fields": one.fields,
        "sheets": one.sheets,
        "seen": round(one.seen, 4),
        "expected": round(one.expected, 4),
        "confidence": one.level,
        "sample": one.sample,
    }
