"""The record: append-only, on disk at every moment, and plain about trouble."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ocrpipe.errors import UsageError
from ocrpipe.review.record import Entry, FieldKey, Record, record_path

KEY = FieldKey("f00d", 0, 0, "amount")


def test_what_was_keyed_is_read_back(tmp_path: Path) -> None:
    path = record_path(tmp_path / "r.parquet")
    record = Record(path)
    told = Entry(
        KEY, "Ann", "value", "12.00", seconds=1.25, blind=True, source="ä/<b>.png", kind="amount", before="17.00",
        before_status="review", confidence=0.5, model="m", run_id="r",
    )  # fmt: skip
    first, second = record.append(told), record.append(Entry(KEY, "Ann", "undo", undoes=1))
    record.close()
    assert list(Record(path).entries()) == [first, second]
    assert (first.number, first.key, first.value, second.undoes) == (1, KEY, "12.00", 1)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["UPDATE entries SET who = 'Bob'", "DELETE FROM entries"])
def test_nothing_can_be_changed_afterwards(tmp_path: Path, change: str) -> None:
    record = Record(tmp_path / "r.sqlite")
    record.append(Entry(KEY, "Ann", "blank"))
    record.close()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        sqlite3.connect(tmp_path / "r.sqlite").execute(change)


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    writer = (
        "import sys; from pathlib import Path; from ocrpipe.review.record import *\n"
        "record = Record(Path(sys.argv[1]))\n"
        "while True: print(record.append(Entry(FieldKey('a', 0, 0, 'f'), 'Ann', 'blank')).number, flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", writer, str(tmp_path / "r.sqlite")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGKILL)
    acknowledged = len(process.stdout.readlines()) + 1
    kept = [entry.number for entry in Record(tmp_path / "r.sqlite").entries()]
    assert kept[:acknowledged] == list(range(1, acknowledged + 1)) and len(kept) - acknowledged in (0, 1)


def test_what_is_no_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.sqlite").write_text("not a database, but long enough for SQLite to look at its header" * 4)
    with pytest.raises(UsageError, match=r"r\.sqlite"):
        Record(tmp_path / "r.sqlite")
    later = sqlite3.connect(tmp_path / "later.sqlite")
    later.execute("PRAGMA user_version = 2")
    later.close()
    with pytest.raises(UsageError, match="later version"):
        Record(tmp_path / "later.sqlite")
