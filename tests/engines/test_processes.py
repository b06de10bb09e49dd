"""What only separate processes can promise: the death of one costs one file one row."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrpipe.engines.processes import ProcessesEngine
from tests.engines.fake import FakeLine
from tests.engines.test_engines import never, rows_of, scans


def test_a_file_that_kills_its_worker_costs_one_row(tmp_path: Path) -> None:
    names = [f"{i}.png" for i in range(12)] + ["die.tif"] + [f"{i}.tif" for i in range(12)]
    results = list(ProcessesEngine(2).run(FakeLine(tmp_path), scans(tmp_path, names), never))
    assert sorted(r.file.name for r in results) == sorted(names)
    failed = [row for row in rows_of(results) if row[3] == "failed"]
    assert failed == [("die.tif", 0, "", "failed")]
    [detail] = [r.rows[0].decision.detail for r in results if r.file.name == "die.tif"]
    assert detail == "the worker process ended with code -11, twice"


def test_only_the_file_in_hand_is_suspected(tmp_path: Path) -> None:
    """The others of its share go on together: each alone, they would be 60 batches."""
    names = [f"{i}.png" for i in range(15)] + ["die.tif"]
    results = list(ProcessesEngine(1).run(FakeLine(tmp_path), scans(tmp_path, names * 4), never))
    assert len(results) == 64
    batches = [line for notes in tmp_path.glob("batches-*") for line in notes.read_text().splitlines()]
    assert len(batches) <= 8


def test_a_page_that_hangs_costs_one_row(tmp_path: Path) -> None:
    names = ["a", "hang", "b"]
    results = list(ProcessesEngine(2, timeout_s=1).run(FakeLine(tmp_path), scans(tmp_path, names), never))
    assert sorted(r.file.name for r in results) == sorted(names)
    [row] = [r.rows[0] for r in results if r.file.name == "hang"]
    assert (row.decision.reason, row.decision.detail) == ("timeout", "no page was finished in 1 s, twice")


def test_a_long_file_does_not_hang(tmp_path: Path) -> None:
    engine = ProcessesEngine(1, timeout_s=1)
    [result] = engine.run(FakeLine(tmp_path), scans(tmp_path, ["slow-pages-6"]), never)
    assert result.pages == 6 and {row.decision.status for row in result.rows} == {"accepted"}


def test_a_worker_that_hangs_does_not_outlive_its_parent(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from ocrpipe.engines.processes import ProcessesEngine\n"
        "from tests.engines.fake import FakeLine; from tests.engines.test_engines import never, scans\n"
        f"if __name__ == '__main__': list(ProcessesEngine(1).run(FakeLine(Path({str(tmp_path)!r})), "
        f"scans(Path({str(tmp_path)!r}), ['hang']), never))"
    )
    (tmp_path / "run.py").write_text(script)
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, str(tmp_path / "run.py")], env={**os.environ, "PYTHONPATH": str(root)})
    try:
        wait_for(lambda: (tmp_path / "hanging").exists())
        worker = int((tmp_path / "hanging").read_text())
    finally:
        parent.kill()
        parent.wait()
    wait_for(lambda: not Path(f"/proc/{worker}").exists() or "zombie" in Path(f"/proc/{worker}/status").read_text())


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_worker_killed_once_costs_nothing(tmp_path: Path) -> None:
    names = ["a", "once", "b", "c"]
    results = list(ProcessesEngine(1).run(FakeLine(tmp_path), scans(tmp_path, names), never))
    assert {row[3] for row in rows_of(results)} == {"accepted"}
    assert sorted(r.file.name for r in results) == sorted(names)


def test_workers_keep_to_one_thread(tmp_path: Path) -> None:
    [result] = ProcessesEngine(1).run(FakeLine(tmp_path), scans(tmp_path, ["threads"]), never)
    assert result.rows[0].decision.detail == "1 1 1"


def test_an_interrupt_ends_the_workers(tmp_path: Path) -> None:
    def interrupt() -> None:
        while not (tmp_path / "hanging").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs behind `&` ignores it
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            list(ProcessesEngine(2).run(FakeLine(tmp_path), scans(tmp_path, ["hang", "a", "b"]), never))
    finally:
        signal.signal(signal.SIGINT, before)
    assert multiprocessing.active_children() == []


def test_a_line_that_cannot_start_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no interpreter can start from here
    with pytest.raises(RuntimeError, match="worker processes cannot begin"):
        list(ProcessesEngine(1).run(FakeLine(tmp_path), scans(tmp_path, ["a"]), never))
