from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ocrpipe.operation.drift import Drift
from ocrpipe.operation.metrics import write_metrics
from tests.operation.reports import BEGAN, LESS_SURE, report_of

Samples = dict[tuple[str, tuple[str, ...]], float]
SUCCESS = ("ocrpipe_last_success_timestamp_seconds", ())
CLEAN = ("ocrpipe_last_clean_timestamp_seconds", ())


def samples_of(path: Path) -> Samples:
    """What Prometheus makes of a file: (name, values of its labels in the order of their names) → value."""
    families = list(text_string_to_metric_families(path.read_text()))
    assert all(family.documentation and family.type == "gauge" for family in families)
    samples = [sample for family in families for sample in family.samples]
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value for sample in samples
    }


def test_what_prometheus_reads(tmp_path: Path) -> None:
    path = tmp_path / "ocrpipe.prom"
    write_metrics(path, report_of(4, drift=Drift((LESS_SURE,), (LESS_SURE,))))
    told = samples_of(path)
    assert told["ocrpipe_pages", ()] == 4 and told["ocrpipe_failed_files", ()] == 2
    assert told["ocrpipe_fields", ("amount", "accepted")] == 2 and told["ocrpipe_fields", ("zip", "blank")] == 0
    assert told["ocrpipe_failures", ("truncated",)] == 1 and told["ocrpipe_reviews", ("low_confidence",)] == 1
    assert told["ocrpipe_stage_seconds", ("decode",)] == 1.5
    assert told["ocrpipe_control_amount", ("USD", "amount", "check")] == 30.3
    assert told["ocrpipe_control_items", ("USD", "due", "review", "form")] == 1
    assert told["ocrpipe_drift_distance_ratio", ("less_sure", "amount")] == pytest.approx(0.32)
    assert told["ocrpipe_drift_warning", ("less_sure", "amount")] == 1
    assert told["ocrpipe_last_run_duration_seconds", ()] == 300
    assert told["ocrpipe_run_info", ("drawn fields", "lenet5@1", "0.1.0")] == 1


def test_a_run_that_failed_does_not_forget_the_last_success(tmp_path: Path) -> None:
    path = tmp_path / "ocrpipe.prom"
    write_metrics(path, report_of(0, minute=1))
    write_metrics(path, report_of(4, minute=2))
    for status, minute in ((5, 3), (130, 4), (1, 5)):
        write_metrics(path, report_of(status, minute))
    told, began = samples_of(path), BEGAN.timestamp()
    assert told[CLEAN] == began + 60 and told[SUCCESS] == began + 120
    assert told["ocrpipe_last_run_timestamp_seconds", ()] == began + 300
    assert told["ocrpipe_last_run_exit_status", ()] == 1


def test_without_any_success_there_is_no_time_of_one(tmp_path: Path) -> None:
    path = tmp_path / "ocrpipe.prom"
    write_metrics(path, report_of(2))
    assert SUCCESS not in samples_of(path) and CLEAN not in samples_of(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe no text", b"}{ no metrics", b"ocrpipe_last_success{ 1"])
def test_a_file_of_something_else_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ocrpipe.prom"
    path.write_bytes(content)
    write_metrics(path, report_of(0))
    assert samples_of(path)[SUCCESS] == BEGAN.timestamp() + 300


def test_everybody_may_read_it_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "ocrpipe.prom"
    before = os.umask(0o077)
    try:
        write_metrics(path, report_of(0))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]
