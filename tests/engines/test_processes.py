"""What only separate processes can promise: the death of one costs one file one row."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from ocrpipe.engines.processes import ProcessesEngine
from tests.engines.fake import FakeLine
from tests.engines.test_engines import rows_of, scans


def test_a_file_that_kills_its_worker_costs_one_row(tmp_path: Path) -> None:
    names = [f"{i}.png" for i in range(12)] + ["die.tif"] + [f"{i}.tif" for i in range(12)]
    results = list(ProcessesEngine(2).run(FakeLine(tmp_path), scans(tmp_path, names)))
    assert sorted(r.file.name for r in results) == sorted(names)
    failed = [row for row in rows_of(results) if row[3] == "failed"]
    assert failed == [("die.tif", 0, "", "failed")]
    [detail] = [r.rows[0].decision.detail for r in results if r.file.name == "die.tif"]
    assert detail == "the worker process ended with code -11, twice"


def test_a_worker_killed_once_costs_nothing(tmp_path: Path) -> None:
    names = ["a", "once", "b", "c"]
    results = list(ProcessesEngine(1).run(FakeLine(tmp_path), scans(tmp_path, names)))
    assert {row[3] for row in rows_of(results)} == {"accepted"}
    assert sorted(r.file.name for r in results) == sorted(names)


def test_workers_keep_to_one_thread(tmp_path: Path) -> None:
    [result] = ProcessesEngine(1).run(FakeLine(tmp_path), scans(tmp_path, ["threads"]))
    assert result.rows[0].decision.detail == "1 1"


def test_an_interrupt_ends_the_workers(tmp_path: Path) -> None:
    def interrupt() -> None:
        while not (tmp_path / "hanging").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        list(ProcessesEngine(2).run(FakeLine(tmp_path), scans(tmp_path, ["hang", "a", "b"])))
    assert multiprocessing.active_children() == []


def test_a_line_that_cannot_start_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no interpreter can start from here
    with pytest.raises(RuntimeError, match="before it could begin"):
        list(ProcessesEngine(1).run(FakeLine(tmp_path), scans(tmp_path, ["a"])))
