"""How a run is told: to the terminal, to a log, and to those who come in the morning."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ocrpipe.results.lock import locked
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
SERIAL = ("--engine", "serial")
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3\d|9\d)(?:;\d+)*m")
BAR = """
import time
from ocrpipe.cli.progress import Progress
with Progress(4, quiet=False) as bar:
    for pages in (1, 2, 3):
        time.sleep(0.15)
        bar.file_done(pages)
    time.sleep(0.15)
"""


@pytest.fixture
def told(ocrpipe: Run, scans: Path, tmp_path: Path) -> Callable[..., tuple[Outcome, dict[str, float], dict[str, Any]]]:
    """A run with everything on: what it printed, its metrics without labels, and its summary."""

    def call(*options: object, source: Path = scans) -> tuple[Outcome, dict[str, float], dict[str, Any]]:
        metrics, summary = tmp_path / "m.prom", tmp_path / "s.json"
        done = ocrpipe(
            "run", source, "--out", tmp_path / "r.parquet", "--overwrite", "--metrics", metrics, "--summary", summary,
            *SERIAL, *options,
        )  # fmt: skip
        families = text_string_to_metric_families(metrics.read_text())
        samples = {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}
        return done, samples, json.loads(summary.read_text())

    return call


def events(err: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in err.splitlines()]


def test_the_table_balances_what_the_results_hold(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    done = ocrpipe("run", scans, "--out", out, *SERIAL)
    amounts = [row["amount"] for row in pq.read_table(out).to_pylist() if row["kind"] == "amount"]
    line = next(line.split() for line in done.err.splitlines() if line.strip().startswith("check amount"))
    assert line == ["check", "amount", "2", "2", "0", "0", str(sum(amounts)), "currency", "unknown"]


def test_metrics_and_summary_say_the_same(told: Any, scans: Path, tmp_path: Path) -> None:
    shutil.copy(scans / "a.png", scans / "bad.png")
    done, metrics, summary = told()
    assert done.code == 4 == metrics["ocrpipe_last_run_exit_status"] == summary["exit_status"]
    assert metrics["ocrpipe_files"] == summary["files"]["read"] == 3
    assert metrics["ocrpipe_failed_files"] == summary["files"]["failed"] == 1
    assert "ocrpipe_last_success_timestamp_seconds" in metrics
    assert "ocrpipe_last_clean_timestamp_seconds" not in metrics
    run_ids = set(pq.read_table(tmp_path / "r.parquet", columns=["run_id"])["run_id"].to_pylist())
    assert run_ids == {summary["run_id"]} and summary["control_totals"][0]["accepted_sum"] == "25.00"


def test_a_run_that_never_began_is_told_too(told: Any, tmp_path: Path) -> None:
    _, before, _ = told()
    done, metrics, summary = told(source=tmp_path / "absent")
    assert done.code == 3 == metrics["ocrpipe_last_run_exit_status"] == summary["exit_status"]
    assert "absent" in summary["error"] and metrics["ocrpipe_files"] == 0
    success = "ocrpipe_last_success_timestamp_seconds"
    assert metrics[success] == before[success] < metrics["ocrpipe_last_run_timestamp_seconds"]


def test_an_interrupt_is_told(told: Any, scans: Path) -> None:
    shutil.copy(scans / "a.png", scans / "interrupt.png")
    done, metrics, summary = told("--log-format", "json")
    assert done.code == 130 == metrics["ocrpipe_last_run_exit_status"] == summary["exit_status"]
    assert events(done.err)[-1]["event"] == "done"


def test_a_run_beside_another_one_leaves_that_ones_metrics(ocrpipe: Run, scans: Path, tmp_path: Path) -> None:
    metrics = tmp_path / "m.prom"
    with locked(tmp_path / "r.lock", "run-1"):
        assert ocrpipe("run", scans, "--out", tmp_path / "r.parquet", "--metrics", metrics, *SERIAL).code == 6
    assert not metrics.exists()


@pytest.mark.parametrize("engine", [SERIAL, ("--engine", "processes", "--jobs", "1")])
def test_a_json_log_is_json_alone(ocrpipe: Run, scans: Path, tmp_path: Path, engine: tuple[str, ...]) -> None:
    shutil.copy(scans / "a.png", scans / "bad.png")
    done = ocrpipe("run", scans, "--out", tmp_path / "r.parquet", "--log-format", "json", *engine)
    assert done.code == 4 and done.out == ""
    told = events(done.err)
    assert [one["event"] for one in told] == ["run", "file", "failure", "file", "file", "done"]
    assert told[2]["fields"] == ["amount", "zip"] and told[-1]["files"]["read"] == 3
    assert not {"12.50", "02139"} & set(re.findall(r"[\d.]+", "".join(done.err.splitlines()[:-1])))


@pytest.mark.parametrize(("source", "code"), [("absent", 3), ("scans", 5)])
def test_errors_are_events_of_a_json_log(ocrpipe: Run, scans: Path, tmp_path: Path, source: str, code: int) -> None:
    (tmp_path / "r.parquet").write_text("mine")
    if source == "absent":
        (tmp_path / "r.parquet").unlink()
    done = ocrpipe("run", tmp_path / source, "--out", tmp_path / "r.parquet", "--log-format", "json", *SERIAL)
    (last,) = events(done.err)
    assert done.code == code == last["exit_status"] and last["event"] == "done" and last["level"] == "error"


def test_a_bug_is_an_event_with_its_traceback(
    ocrpipe: Run, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocrpipe.scans.sources.find", lambda _: 1 / 0)
    done = ocrpipe("run", scans, "--out", tmp_path / "r.parquet", "--log-format", "json", *SERIAL)
    assert done.code == 1 and "ZeroDivisionError" in events(done.err)[-1]["error"]


@pytest.mark.parametrize("option", ["--metrics", "--summary"])
def test_what_cannot_be_written_is_said_before_the_first_scan(
    ocrpipe: Run, scans: Path, tmp_path: Path, option: str
) -> None:
    for path in (tmp_path / "absent" / "file", scans):
        done = ocrpipe("run", scans, "--out", tmp_path / "r.parquet", option, path, *SERIAL)
        assert done.code == 5 and str(path) in done.err and not (tmp_path / "r.parquet").exists()


def test_metrics_that_cannot_be_written_in_the_end_exit_5(
    ocrpipe: Run, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ocrpipe.operation.metrics.write_metrics", full)
    out, metrics = tmp_path / "r.parquet", tmp_path / "m.prom"
    done = ocrpipe("run", scans, "--out", out, "--metrics", metrics, *SERIAL)
    assert done.code == 5 and "No space left" in done.err and out.exists()


def bar(**environment: str) -> bytes:
    """What the progress bar shows on a terminal."""
    ours, theirs = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    variables |= {"TERM": "xterm-256color", "COLUMNS": "120"} | environment
    subprocess.run([sys.executable, "-c", BAR], stderr=theirs, env=variables, check=True, timeout=60)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # nobody writes any more
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return shown


def test_a_terminal_shows_rate_and_time_left() -> None:
    shown = bar()
    assert b"3 of 4 files" in shown and b"pages/s" in shown and re.search(rb"0:00:0\d", shown)
    assert COLOUR.search(shown)


def test_no_color_is_honoured() -> None:
    shown = bar(NO_COLOR="1")
    assert b"3 of 4 files" in shown and not COLOUR.search(shown)


def test_a_dumb_terminal_is_left_alone() -> None:
    assert b"files" not in bar(TERM="dumb")


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE", "TERM"])
def test_without_a_terminal_there_is_no_bar_whatever_ci_forces(variable: str) -> None:
    variables = os.environ | {variable: "1"}
    done = subprocess.run([sys.executable, "-c", BAR], capture_output=True, env=variables, check=True, timeout=60)
    assert done.stderr == done.stdout == b""
