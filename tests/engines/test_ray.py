"""What only a cluster can promise: machines and workers may die, and the rows are those of the serial engine.

Three nodes on this machine; a node that a test kills is replaced before the next.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import ray
from ray.cluster_utils import Cluster

from ocrpipe.engines import base
from ocrpipe.engines import ray as ray_engine
from ocrpipe.engines.ray import RayEngine
from ocrpipe.engines.ray_cluster import check_nodes, connected
from ocrpipe.engines.ray_worker import Work
from ocrpipe.engines.serial import SerialEngine
from ocrpipe.errors import UsageError
from ocrpipe.pipeline import Line
from ocrpipe.records import ScanFile, Version
from ocrpipe.remote import Remote
from ocrpipe.results import ledger
from ocrpipe.rows import FileRows
from ocrpipe.scans.sources import find
from ocrpipe.settings import Settings
from tests.engines.fake import FakeLine
from tests.engines.shelves import brisk_workers, rows_at, store_at
from tests.engines.test_engines import never, rows_of, scans
from tests.s3 import environment, objects

NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}


@pytest.fixture(scope="module")
def started(s3_server: str) -> Iterator[Cluster]:
    with brisk_workers(environment(s3_server)):
        cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        try:
            with connected(cluster.address, jobs=0):
                yield cluster
        finally:
            cluster.shutdown()


@pytest.fixture
def cluster(started: Cluster) -> Cluster:
    """Three nodes that live."""
    while len(started.list_all_nodes()) < 3:
        started.add_node(**NODE)
    started.wait_for_nodes()
    return started


def read(line: Any, files: Sequence[ScanFile], out: Path | str, timeout_s: float = 300.0) -> list[FileRows]:
    """As `ocrpipe run` does."""
    store = store_at(out)
    results = []
    for done in RayEngine(store.shelf, timeout_s=timeout_s).run(line, files, never):
        results.append(done)
        if not done.stored:
            store.add(done)
    store.finish()
    return results


def serial_rows(line: base.Line, files: Sequence[ScanFile], out: Path) -> list[dict[str, Any]]:
    store = store_at(out)
    for done in SerialEngine().run(line, files, never):
        store.add(done)
    store.finish()
    return rows_at(out)


def test_no_cluster_at_the_address() -> None:
    with (
        pytest.raises(UsageError, match=r"--address 127\.0\.0\.1:1: this machine is part of no cluster"),
        connected("127.0.0.1:1", jobs=0),
    ):
        pass


@pytest.mark.parametrize("out", ["r.parquet", "r/"])
def test_rows_equal_those_of_the_serial_engine(cluster: Cluster, tmp_path: Path, out: str) -> None:
    files = scans(tmp_path, [f"{i}-pages-{1 + i % 3}" for i in range(60)] + ["raise-pages-3", "poison"])
    results = read(FakeLine(tmp_path), files, f"{tmp_path}/{out}")
    assert sorted(done.file.name for done in results) == sorted(file.name for file in files)
    assert all(done.stored and not any(row.reading or row.quad for row in done.rows) for done in results)
    assert rows_at(tmp_path / out) == serial_rows(FakeLine(tmp_path), files, tmp_path / "serial.parquet")
    assert not list(tmp_path.glob("*.journal"))


def test_a_dataset_has_a_bounded_number_of_files(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_engine, "FILES_A_SHARD", 8)
    read(FakeLine(tmp_path), scans(tmp_path, [f"{i}" for i in range(120)]), f"{tmp_path}/r/")
    assert len(list((tmp_path / "r").rglob("*.parquet"))) == 15
    assert len(rows_at(tmp_path / "r")) == 240


@pytest.mark.parametrize("out", [pytest.param("r.parquet", marks=pytest.mark.prove), "r/"])
def test_a_node_that_dies_costs_retries_and_no_rows(cluster: Cluster, tmp_path: Path, out: str) -> None:
    files = scans(tmp_path, [f"{i}-slow" if i % 3 == 0 else f"{i}-pages-2" for i in range(108)])
    store = store_at(f"{tmp_path}/{out}")
    victim = next(node for node in cluster.list_all_nodes() if node is not cluster.head_node)
    in_its_second_share = threading.Timer(0.7, cluster.remove_node, [victim], {"allow_graceful": False})
    results = []
    for done in RayEngine(store.shelf).run(FakeLine(tmp_path), files, never):
        if not results:
            in_its_second_share.start()
        results.append(done)
    in_its_second_share.join()
    parts = list((tmp_path / "r.journal").glob("*.ledger.arrow"))
    assert len(parts) == 12, "its share was read again as it was: no file was suspected"
    store.finish()
    assert sorted(done.file.name for done in results) == sorted(file.name for file in files)
    assert rows_at(tmp_path / out) == serial_rows(FakeLine(tmp_path), files, tmp_path / "serial.parquet")


@pytest.mark.parametrize("out", [pytest.param("r.parquet", marks=pytest.mark.prove), "r/"])
def test_a_file_that_kills_its_worker_costs_one_row(cluster: Cluster, tmp_path: Path, out: str) -> None:
    names = [f"{i}.png" for i in range(40)] + ["die.tif"] + [f"{i}.tif" for i in range(40)]
    results = read(FakeLine(tmp_path), scans(tmp_path, names), f"{tmp_path}/{out}")
    assert sorted(done.file.name for done in results) == sorted(names)
    assert [row for row in rows_of(results) if row[3] == "failed"] == [("die.tif", 0, "", "failed")]
    rows = rows_at(tmp_path / out)
    assert len(rows) == 80 * 2 + 1
    assert [(row["source"], row["reason"], row["detail"]) for row in rows if row["status"] == "failed"] == [
        ("die.tif", "crashed", "the worker process died, twice")
    ]


def test_only_the_file_in_hand_is_suspected(cluster: Cluster, tmp_path: Path) -> None:
    """The others of its share go on together: one share more, and one of a file alone, which leaves no part."""
    names = ["0", "1", "die", *(f"{i}" for i in range(3, 36))]
    read(FakeLine(tmp_path), scans(tmp_path, names), f"{tmp_path}/r/")
    shares, of_the_failed_row = 36 // 3, 1
    assert len(list((tmp_path / "r").rglob("*.parquet"))) == shares + of_the_failed_row


def test_a_page_that_hangs_costs_one_row(cluster: Cluster, tmp_path: Path) -> None:
    results = read(FakeLine(tmp_path), scans(tmp_path, ["a", "hang", "b"]), tmp_path / "r.parquet", timeout_s=2)
    assert sorted(done.file.name for done in results) == ["a", "b", "hang"]
    [row] = [done.rows[0] for done in results if done.file.name == "hang"]
    assert (row.decision.reason, row.decision.detail) == ("timeout", "no page was finished in 2 s, twice")


def test_a_long_file_does_not_hang(cluster: Cluster, tmp_path: Path) -> None:
    [result] = read(FakeLine(tmp_path), scans(tmp_path, ["slow-pages-8"]), tmp_path / "r.parquet", timeout_s=2)
    assert result.pages == 8 and {row.decision.status for row in result.rows} == {"accepted"}


def test_a_worker_killed_once_costs_nothing(cluster: Cluster, tmp_path: Path) -> None:
    results = read(FakeLine(tmp_path), scans(tmp_path, ["a", "once", "b", "c"]), tmp_path / "r.parquet")
    assert {row[3] for row in rows_of(results)} == {"accepted"} and len(results) == 4


def test_workers_keep_to_one_thread(cluster: Cluster, tmp_path: Path) -> None:
    [result] = read(FakeLine(tmp_path), scans(tmp_path, ["threads"]), tmp_path / "r.parquet")
    assert result.rows[0].decision.detail == "1 1 1"


def test_what_a_killed_run_has_stored_is_not_read_again(cluster: Cluster, tmp_path: Path) -> None:
    files = scans(tmp_path, [f"{i}-slow" for i in range(24)])
    for file in files:
        file.path.write_text("a scan")
    killed = RayEngine(store_at(tmp_path / "r.parquet").shelf).run(FakeLine(tmp_path), files, never)
    next(killed)
    killed.close()
    store = store_at(tmp_path / "r.parquet")
    stored = set(store.ledger.entries["source"].to_pylist())
    assert 0 < len(stored) < 24
    left = [file for file in files if file.name not in stored]
    list(RayEngine(store.shelf).run(FakeLine(tmp_path), left, never))
    store.finish()
    assert [row["source"] for row in rows_at(tmp_path / "r.parquet")] == sorted(f.name for f in files for _ in "12")


@pytest.mark.prove
def test_the_real_line_reads_the_same(cluster: Cluster, tmp_path: Path) -> None:
    """Reading may differ in the last digits of a probability, as batches have other sizes."""
    line = Line.build(Settings(), (), builtin=True, field=None, model="lenet5")
    files = find([str(Path(__file__).parents[2] / "samples")]).files
    results = read(line, files, f"{tmp_path}/r/")
    assert len(results) == len(files)
    columns = "source", "page", "document", "field", "value", "status", "reason"
    ours, serial = (
        [[row[name] for name in columns] for row in rows]
        for rows in (rows_at(tmp_path / "r"), serial_rows(line, files, tmp_path / "serial.parquet"))
    )
    assert ours == serial and len(ours) > 2 * len(files)


def test_sources_and_results_in_s3(
    cluster: Cluster, tmp_path: Path, bucket: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(12):
        bucket.below(f"in/{i}.png").write(b"a scan")
    files = find([f"{bucket}/in"]).files
    store = store_at(f"{bucket}/out/")
    assert len(list(RayEngine(store.shelf).run(FakeLine(tmp_path), files, never))) == 12
    store.finish()
    for name in objects(bucket.below("out")):
        target = tmp_path / "r" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(bucket.below("out").below(name).read())
    assert rows_at(tmp_path / "r") == serial_rows(FakeLine(tmp_path), files, tmp_path / "serial.parquet")
    monkeypatch.setattr(ledger, "_SETTLED_NS", 0)  # the objects are new, and the fake line tells no hashes
    assert store_at(f"{bucket}/out/").ledger.sift(files, "fake", retry_failed=False, min_age_s=0).done == 12


def test_a_node_that_sees_other_files_is_named(cluster: Cluster, tmp_path: Path) -> None:
    shelf = store_at(tmp_path / "r.parquet").shelf
    (tmp_path / "a").write_text("a scan")
    [file] = scans(tmp_path, ["a"])
    with pytest.raises(UsageError, match=r"node .* does not see .*/a as this machine does"):
        check_nodes([ray.put(Work(FakeLine(tmp_path), shelf, 300.0, file, Version(1, 1)))])
    shelf.journal.clear()
    with pytest.raises(UsageError, match=r"node .* does not see .*r\.journal; share the folder of --out"):
        list(RayEngine(shelf).run(FakeLine(tmp_path), [file], never))
    with pytest.raises(UsageError, match=r"node .* has ocrpipe .*, this machine 0\.0\.1"):
        check_nodes([ray.put(Work(FakeLine(tmp_path), shelf, 300.0, file, Version.of(file.path), "0.0.1"))])
