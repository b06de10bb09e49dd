from __future__ import annotations

import dataclasses
import datetime as dt
import os
import time
from pathlib import Path

import pyarrow as pa
import pytest

from ocrpipe.codes import Status
from ocrpipe.errors import UsageError
from ocrpipe.records import ScanFile, Version
from ocrpipe.results.ledger import Ledger, Sifted, entries_of, superseded
from ocrpipe.rows import FileRows
from tests.builders import row_of

LONG_AGO = time.time() - 1_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png"):
        put(tmp_path / name, name)
    return tmp_path


def put(path: Path, content: str, changed: float = LONG_AGO) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    os.utime(path, (changed, changed))


def scan(path: Path) -> ScanFile:
    return ScanFile(path, path.name)


def read(*paths: Path, status: Status = "accepted", fingerprint: str = "f") -> Ledger:
    """The ledger after a run over these files."""
    done = []
    for path in paths:
        row = row_of(path.name, status=status)
        row = dataclasses.replace(row, context=dataclasses.replace(row.context, source_sha256=scan(path).sha256()))
        done.append(FileRows(scan(path), [row], 1, {}, Version.of(path)))
    return Ledger([entries_of(done, fingerprint, "run", dt.datetime.now(dt.UTC))])


def sift(ledger: Ledger, *paths: Path, fingerprint: str = "f", retry: bool = False, min_age_s: float = 0) -> list[str]:
    return [
        file.name for file in sifted(ledger, *paths, fingerprint=fingerprint, retry=retry, min_age_s=min_age_s).todo
    ]


def sifted(ledger: Ledger, *paths: Path, fingerprint: str = "f", retry: bool = False, min_age_s: float = 0) -> Sifted:
    return ledger.sift([scan(path) for path in paths], fingerprint, retry_failed=retry, min_age_s=min_age_s)


def test_what_was_read_is_done_and_what_is_new_is_not(folder: Path) -> None:
    a, b = folder / "a.png", folder / "b.png"
    assert sift(Ledger([]), a, b) == ["a.png", "b.png"]
    assert sift(read(a), a, b) == ["b.png"]
    assert sifted(read(a, b), a, b) == Sifted([], done=2, young=0)


def test_content_counts_not_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a = folder / "a.png"
    ledger = read(a)
    put(a, "a.png", changed=LONG_AGO + 5)
    assert sift(ledger, a) == [], "touched"
    put(a, "A.png")
    os.utime(a, (LONG_AGO + 6, LONG_AGO + 6))
    assert sift(ledger, a) == ["a.png"], "changed"


def test_untouched_files_are_not_hashed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a = folder / "a.png"
    ledger = read(a)
    monkeypatch.setattr(ScanFile, "sha256", lambda file: pytest.fail("hashed"))
    assert sift(ledger, a) == []


def test_a_file_read_right_after_it_was_written_is_hashed(folder: Path) -> None:
    a = folder / "a.png"
    now = time.time()
    put(a, "one", changed=now)
    ledger = read(a)
    put(a, "two", changed=now)  # within the grain of the clock, and as long as before
    assert sift(ledger, a) == ["a.png"]


def test_other_settings_read_everything_again(folder: Path) -> None:
    a = folder / "a.png"
    assert sift(read(a, fingerprint="old"), a) == ["a.png"]


def test_failures_are_tried_again_on_request(folder: Path) -> None:
    a, b = folder / "a.png", folder / "b.png"
    ledger = read(a, status="failed")
    assert sift(ledger, a) == [] and sift(ledger, a, retry=True) == ["a.png"]
    assert sift(read(b), b, retry=True) == []


def test_what_could_not_be_opened_is_always_tried_again(folder: Path) -> None:
    gone = folder / "gone.png"
    ledger = read(gone, status="failed")
    put(gone, "here")
    assert sift(ledger, gone) == ["gone.png"]


def test_young_files_are_left(folder: Path) -> None:
    a, b = folder / "a.png", folder / "b.png"
    put(a, "new", changed=time.time() - 5)
    assert sifted(Ledger([]), a, b, min_age_s=60).young == 1
    assert sift(Ledger([]), a, b, min_age_s=60) == ["b.png"]
    assert sift(Ledger([]), a, b, min_age_s=2) == ["a.png", "b.png"]


def test_a_scanner_whose_clock_is_ahead_is_not_waited_for(folder: Path) -> None:
    a = folder / "a.png"
    put(a, "new", changed=time.time() + 3_600)
    assert sift(Ledger([]), a, min_age_s=60) == ["a.png"]


def test_two_files_of_one_name_are_not_mixed_up(folder: Path) -> None:
    a, other = folder / "a.png", folder / "day2" / "a.png"
    put(other, "another")
    with pytest.raises(UsageError, match=r"day2/a\.png: the results hold rows of .*/a\.png under the same name"):
        sift(read(a), other)
    put(other, "a.png")
    assert sift(read(a), other) == [], "a copy"
    put(other, "another")
    ledger = read(a)
    a.unlink()
    assert sift(ledger, other) == ["a.png"], "moved and changed"


def test_later_arrays_supersede_earlier_ones() -> None:
    found = superseded([pa.array(some) for some in (["a", "b"], ["c"], ["b", "c", "d"])])
    assert [(number, lost.to_pylist()) for number, lost in found] == [(0, ["b"]), (1, ["c"])]
    assert list(superseded([])) == []
