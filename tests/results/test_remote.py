"""Folders in S3 keep the promises of folders."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ocrpipe.errors import BusyError
from ocrpipe.records import ScanFile, Version
from ocrpipe.remote import Remote
from ocrpipe.results import remote_lock
from ocrpipe.results.folders import Folder
from ocrpipe.results.output import Output
from ocrpipe.results.remote import Place, RemoteFolder
from ocrpipe.results.remote_lock import remotely_locked
from ocrpipe.results.schema import Stamp
from ocrpipe.results.store import Store
from ocrpipe.scans.decode import decode
from ocrpipe.settings import Settings
from tests.builders import files_of, row_of
from tests.s3 import objects

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(params=["local", "remote"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, bucket: Remote) -> Place:
    return Folder(tmp_path) if request.param == "local" else RemoteFolder(bucket.below("out"))


def test_a_file_appears_whole_or_not_at_all(folder: Place) -> None:
    with folder.write("a") as sink:
        sink.write(b"first")
    with pytest.raises(ValueError, match="half"), folder.write("a") as sink:
        sink.write(b"sec")
        raise ValueError("half")
    with folder.open("a") as file:
        assert file.read() == b"first"
    assert folder.names() == ["a"] and folder.has("a") and not folder.has("b")


def test_folders_below(folder: Place) -> None:
    below = folder.below("parts")
    assert below.names() == [] and not folder.has_folder("parts")
    below.make()
    for name in ("b", "a"):
        with below.write(name) as sink:
            sink.write(b"1")
    assert below.names() == ["a", "b"] and folder.names() == ["parts/a", "parts/b"] and folder.has_folder("parts")
    below.remove("a")
    below.remove("a")
    assert below.names() == ["b"]
    below.clear()
    below.clear()
    assert below.names() == []


def test_what_is_open_stays_readable(folder: Place) -> None:
    with folder.write("a") as sink:
        sink.write(b"1" * 10_000)
    with folder.open("a") as file:
        folder.remove("a")
        assert file.read() == b"1" * 10_000


def test_a_killed_run_is_gone_on_with(bucket: Remote) -> None:
    def store() -> Store:
        output = Output.named(f"{bucket}/r.parquet")
        return Store(output, Stamp.now(0.01, "m", "c"), crops="all", fingerprint={"model": "m"}, overwrite=False)

    killed = store()
    killed.add(files_of([row_of("a")])[0])
    killed.commit()
    killed.add(files_of([row_of("b")])[0])  # in memory alone when the process dies
    resumed = store()
    assert resumed.ledger.entries["source"].to_pylist() == ["a"]
    resumed.add(files_of([row_of("c")])[0])
    resumed.finish()
    with bucket.below("r.parquet").open() as file:
        assert pq.read_table(file)["source"].to_pylist() == ["a", "c"]
    assert objects(bucket) == ["r.crops.parquet", "r.ledger.parquet", "r.parquet"]


def test_a_lock_is_refreshed_while_it_is_held(bucket: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_lock, "SETTLE_S", 0.0)
    monkeypatch.setattr(remote_lock, "BEAT_S", 0.05)
    place = bucket.below("r.lock")
    with remotely_locked(place, "run-1"):
        place.remove()
        deadline = time.monotonic() + 20
        while place.status() is None:
            assert time.monotonic() < deadline, "no beat came"
        with pytest.raises(BusyError, match="run-1"), remotely_locked(place, "run-2"):
            pass
    assert place.status() is None


def test_of_two_that_begin_together_one_gives_way(bucket: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked before either has written."""
    place, looked = bucket.below("r.lock"), threading.Barrier(2)
    real, outcomes = remote_lock._refuse_if_held, []

    def look_together(where: Remote) -> None:
        real(where)
        looked.wait(20)

    def take(run: str) -> None:
        try:
            with remotely_locked(place, run):
                outcomes.append("held")
                time.sleep(3)
        except (BusyError, threading.BrokenBarrierError):
            outcomes.append("busy")

    monkeypatch.setattr(remote_lock, "_refuse_if_held", look_together)
    threads = [threading.Thread(target=take, args=(run,)) for run in ("run-1", "run-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["busy", "held"]


@pytest.mark.parametrize("name", ["forms/two-pages.tif", "checks/colour.jpg"])
def test_an_object_decodes_as_the_file_does(bucket: Remote, name: str) -> None:
    place = bucket.below("scan")
    place.write((SAMPLES / name).read_bytes())
    local = list(decode(ScanFile(SAMPLES / name, name), Settings()))
    remote = list(decode(ScanFile(place, name), Settings()))
    assert [(p.source_sha256, p.pixels.tobytes()) for p in remote] == [
        (p.source_sha256, p.pixels.tobytes()) for p in local
    ]


def test_bad_objects_are_rows(bucket: Remote) -> None:
    bucket.below("empty").write(b"")
    bucket.below("large").write(b"x" * 2_000)
    settings = Settings(max_file_bytes=1_000)
    reasons = {
        name: [page.failure.reason for page in decode(ScanFile(bucket.below(name), name), settings)]
        for name in ("empty", "large", "absent")
    }
    assert reasons == {"empty": ["unreadable"], "large": ["too_large"], "absent": ["unreadable"]}
    assert Version.of(bucket.below("absent")) is None
    assert Version.of(Remote("no-such-bucket/x")) is None
