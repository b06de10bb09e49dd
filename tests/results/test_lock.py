from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ocrpipe.errors import BusyError
from ocrpipe.results.lock import locked

HOLD = """
import sys
from pathlib import Path
from ocrpipe.results.lock import locked
with locked(Path(sys.argv[1]), "run-1"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "r.lock"
    with holder(path) as process:
        with pytest.raises(BusyError, match=rf"held by process {process.pid} on .*, run run-1"), locked(path, "run-2"):
            pass
        process.communicate("")
    with locked(path, "run-3"):
        assert f"process {os.getpid()}" in path.read_text()
    assert not path.exists()


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "r.lock"
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert "run-1" in path.read_text()
    with locked(path, "run-2"):
        assert "run-2" in path.read_text()


def test_a_lock_that_was_let_go_while_it_was_opened_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.lock"
    real, opened = os.open, []

    def open_and_lose(*arguments: object) -> int:
        opened.append(real(*arguments))  # type: ignore[arg-type]
        if len(opened) == 1:
            path.unlink()  # its holder ends between our opening and our locking
        return opened[-1]

    monkeypatch.setattr(os, "open", open_and_lose)
    with locked(path, "run-1"):
        assert len(opened) == 2 and path.exists()
