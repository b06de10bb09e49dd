from __future__ import annotations

import json
import logging
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from ocrpipe.operation.drift import Drift
from ocrpipe.operation.log import listening, tell_done, tell_file, tell_run
from tests.builders import row_of
from tests.operation.reports import LESS_SURE, RUN, report_of


def events(err: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in err.splitlines()]


def test_a_run_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with listening(json=True, quiet=False):
        tell_run(RUN, 3)
        tell_file("a.png", [row_of("a.png", status="review", reason="no_reading")], 1, {"decode": 0.12345})
        tell_done(report_of(0, drift=Drift((LESS_SURE,), (LESS_SURE,))))
    run, file, drift, done = events(capsys.readouterr().err)
    assert [one["event"] for one in (run, file, drift, done)] == ["run", "file", "drift", "done"]
    assert run["files"] == 3 and run["run_id"] == RUN.run_id
    assert file["rows"]["review"] == 1 and file["reasons"] == {"no_reading": 1}
    assert file["seconds"] == {"decode": 0.1235}
    assert drift["level"] == "warning" and drift["profile"] == "amount" and "41%" in drift["message"]
    assert done["exit_status"] == 0 and done["control_totals"][0]["accepted_sum"] == "30.30"


def test_fields_that_fail_alike_are_one_failure(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row_of(field=name, value=None, status="failed", reason="registration", detail="askew") for name in "ab"]
    with listening(json=True, quiet=False):
        tell_file("a.png", rows, 1, {})
    failure, file = events(capsys.readouterr().err)
    assert failure["event"] == "failure" and failure["level"] == "warning" and failure["fields"] == ["a", "b"]
    assert failure["reason"] == "registration" and failure["detail"] == "askew" and file["rows"]["failed"] == 2


def test_no_value_is_ever_logged(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        row_of(value="4711.11"),
        row_of(field="b", value="4711.11", status="review", reason="cross_check", detail="the MICR line says 4711.11"),
        row_of(field="c", value=None, status="failed", reason="crashed", detail="near 4711.11", sensitive=True),
    ]
    with listening(json=True, quiet=False):
        tell_file("a.png", rows, 1, {})
    err = capsys.readouterr().err
    assert "4711" not in err and len(events(err)) == 2


def test_what_libraries_say_is_an_event_too(capsys: pytest.CaptureFixture[str]) -> None:
    with listening(json=True, quiet=True):
        warnings.warn("a tag\nis odd", stacklevel=1)
        try:
            raise ValueError("no such thing: é")
        except ValueError:
            logging.getLogger("some.library").exception("it stopped")
    odd, stopped = events(capsys.readouterr().err)
    assert odd["event"] == "log" and "a tag\nis odd" in odd["message"]
    assert stopped["level"] == "error" and stopped["message"] == "it stopped" and "ValueError" in stopped["traceback"]


def test_people_get_words_and_in_quiet_errors_alone(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("ocrpipe.somewhere")
    for quiet in (False, True):
        with listening(json=False, quiet=quiet):
            logging.getLogger("some.library").error("tag 256 is odd")
            log.warning("odd")
            log.error("broken")
    assert capsys.readouterr().err == "ocrpipe: odd\nocrpipe: broken\nocrpipe: broken\n"


def test_a_worker_logs_as_its_parent_does() -> None:
    program = """
import logging, subprocess, sys
from ocrpipe.operation.log import listen_as_parent, listening
if len(sys.argv) > 1:
    listen_as_parent()
    logging.getLogger("ocrpipe.a").error("%r stopped the line", "b.tif")
else:
    for json in (True, False):
        with listening(json=json, quiet=False):
            subprocess.run([sys.executable, "-c", sys.argv[0], "worker"], check=True)
"""
    program = program.replace("sys.argv[0]", repr(program))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first, second = done.stderr.splitlines()
    assert json.loads(first)["message"] == "'b.tif' stopped the line" and second == "ocrpipe: 'b.tif' stopped the line"


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    with listening(json=True, quiet=False):
        assert logging.getLogger().handlers != before
    assert logging.getLogger().handlers == before
