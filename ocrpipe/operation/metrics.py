"""Metrics of the last run, for the textfile collector of Prometheus's node exporter.

All are gauges: each run tells of itself alone, and the file is written anew. What must survive a run that fails, when
the last good one ended, is read back from the old file.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ocrpipe import __version__
from ocrpipe.codes import Status
from ocrpipe.operation.report import SUCCESSES, Report
from ocrpipe.results.atomic import whole_file

_MODE = 0o644
"""Whatever the umask says: the node exporter is another user."""
_SUCCESS = "ocrpipe_last_success_timestamp_seconds"
_CLEAN = "ocrpipe_last_clean_timestamp_seconds"
_TOLD: tuple[Status, ...] = ("accepted", "review", "blank", "failed")
_ACCOUNT = ("currency", "template", "field")

_log = logging.getLogger(__name__)


def write_metrics(path: Path, report: Report) -> None:
    """Puts the metrics of a run in place of those of the run before, by renaming; OSError where that cannot be."""
    registry = CollectorRegistry()
    _tell_run(registry, report, _lasting(path))
    _tell_counts(registry, report)
    _tell_balances(registry, report)
    _tell_drift(registry, report)
    with whole_file(path, _MODE) as file:
        os.fchmod(file.fileno(), _MODE)
        file.write(generate_latest(registry))


def _lasting(path: Path) -> dict[str, float]:
    """The times of the last good runs, from the file that is there."""
    try:
        families = list(text_string_to_metric_families(path.read_text("utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError as error:  # also what is no UTF-8
        _log.warning("%s: not a file of metrics (%s); it is replaced, and the last success is forgotten", path, error)
        return {}
    samples = [sample for family in families for sample in family.samples]
    return {sample.name: sample.value for sample in samples if sample.name in (_SUCCESS, _CLEAN)}


def _tell_run(registry: CollectorRegistry, report: Report, lasting: dict[str, float]) -> None:
    ended = report.ended.timestamp()
    told = {"version": __version__}
    if report.run:
        told |= {
            "model": report.run.model,
            "calibration": report.run.calibration,
        }  # no run_id: a new series every night
    Info("ocrpipe_run", "The last run, and what it read with.", registry=registry).info(told)
    _gauge(registry, "ocrpipe_last_run_timestamp_seconds", "When the last run ended, however it went.", ended)
    _gauge(registry, "ocrpipe_last_run_exit_status", "Its exit status.", report.exit_status)
    _gauge(registry, "ocrpipe_last_run_duration_seconds", "How long it took.", report.seconds)
    for name, words, good in (
        (_SUCCESS, "When a run last came to its end (exit status 0 or 4).", report.exit_status in SUCCESSES),
        (_CLEAN, "When a run last came to its end and no input failed (exit status 0).", report.exit_status == 0),
    ):
        when = ended if good else lasting.get(name)
        if when is not None:
            _gauge(registry, name, words, when)


def _gauge(registry: CollectorRegistry, name: str, words: str, value: float) -> None:
    Gauge(name, words, registry=registry).set(value)


def _tell_counts(registry: CollectorRegistry, report: Report) -> None:
    totals = report.totals
    for name, words, count in (
        ("ocrpipe_files", "Files that the last run read.", totals.files),
        ("ocrpipe_failed_files", "Of those, the ones with a failure.", totals.failed_files),
        ("ocrpipe_repeated_files", "Of those, copies of another file of the run.", totals.repeated_files),
        ("ocrpipe_passed_over_files", "Files that are no scans.", sum(totals.passed_over.values())),
        ("ocrpipe_pages", "Pages that the last run read.", totals.pages),
        ("ocrpipe_documents", "Sheets with fields.", totals.documents),
    ):
        _gauge(registry, name, words, count)
    fields = Gauge("ocrpipe_fields", "Fields by kind and status.", ("kind", "status"), registry=registry)
    for kind, statuses in totals.of_kind().items():
        for status in _TOLD:
            fields.labels(kind, status).set(statuses[status])
    failures = Gauge("ocrpipe_failures", "Failed rows by reason, also of whole files.", ("reason",), registry=registry)
    for reason, count in totals.of_reason("failed").items():
        failures.labels(reason).set(count)
    reviews = Gauge("ocrpipe_reviews", "Rows that a person must see, by reason.", ("reason",), registry=registry)
    for reason, count in totals.of_reason("review").items():
        reviews.labels(reason).set(count)
    stages = Gauge("ocrpipe_stage_seconds", "What all workers together took, by stage.", ("stage",), registry=registry)
    for stage, seconds in sorted(totals.stage_seconds.items()):
        stages.labels(stage).set(seconds)


def _tell_balances(registry: CollectorRegistry, report: Report) -> None:
    items = Gauge("ocrpipe_control_items", "Amounts, each once.", (*_ACCOUNT, "status"), registry=registry)
    amounts = Gauge("ocrpipe_control_amount", "What the accepted amounts add up to.", _ACCOUNT, registry=registry)
    for account, balance in sorted(report.totals.balances.items()):
        for status in _TOLD:
            items.labels(*account, status).set(balance.items[status])
        if balance.told_sum is not None:
            amounts.labels(*account).set(float(balance.told_sum))


def _tell_drift(registry: CollectorRegistry, report: Report) -> None:
    about = ("profile", "measure")
    for name, words, values in (
        (
            "ocrpipe_drift_distance_ratio",
            "Share of the fields by which the run differs from the calibration sample.",
            [(one, one.distance) for one in report.drift.compared],
        ),
        (
            "ocrpipe_drift_warning",
            "1 where the run has left the calibration sample for the worse.",
            [(one, float(one in report.drift.warnings)) for one in report.drift.compared],
        ),
    ):
        gauge = Gauge(name, words, about, registry=registry)
        for one, value in values:
            gauge.labels(one.profile, one.measure).set(value)
