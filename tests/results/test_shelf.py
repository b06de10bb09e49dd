"""Parts that others write: again under the same name, or taken back."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ocrpipe.results.output import Output
from ocrpipe.results.schema import Stamp
from ocrpipe.results.shelf import Part
from ocrpipe.results.store import Store
from ocrpipe.rows import Row
from tests.builders import files_of, row_of

PICTURE = np.zeros((20, 30), np.uint8)


def store_at(out: str) -> Store:
    stamp = Stamp.now(0.01, "lenet5", "drawn")
    return Store(Output.named(out), stamp, crops="all", fingerprint={"model": "m"}, overwrite=False)


def write(store: Store, share: int, rows: list[Row]) -> str:
    """As a worker does on another machine."""
    part = Part(pickle.loads(pickle.dumps(store.shelf)))
    for done in files_of(rows):
        part.add(done)
    name = store.shelf.name(share, "-elsewhere")
    part.write(name)
    return name


def sources(out: Path) -> list[str]:
    files = sorted(out.rglob("*.parquet")) if out.is_dir() else [out]
    return sorted(source for file in files for source in pq.read_table(file, partitioning=None)["source"].to_pylist())


@pytest.mark.parametrize("out", ["r.parquet", "r/"])
def test_a_share_that_is_written_twice_counts_once(tmp_path: Path, out: str) -> None:
    store = store_at(f"{tmp_path}/{out}")
    for _ in "12":
        write(store, 0, [row_of("a", picture=PICTURE), row_of("b")])
    write(store, 1, [row_of("c")])
    store.add(files_of([row_of("d")])[0])
    store.finish()
    assert sources(tmp_path / out) == ["a", "b", "c", "d"]
    assert sorted(store_at(f"{tmp_path}/{out}").ledger.entries["source"].to_pylist()) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("out", ["r.parquet", "r/"])
def test_a_share_that_is_taken_back_was_never_written(tmp_path: Path, out: str) -> None:
    store = store_at(f"{tmp_path}/{out}")
    lost = write(store, 0, [row_of("a", picture=PICTURE), row_of("b")])
    store.shelf.journal.remove(lost, store.shelf.stamp.run_date)
    write(store, 1, [row_of("b")])
    store.shelf.journal.remove(store.shelf.name(7), store.shelf.stamp.run_date)
    store.finish()
    assert sources(tmp_path / out) == ["b"]
    assert len(sources(tmp_path / "r.crops.parquet" if out == "r.parquet" else tmp_path / "r.crops")) == 0


def test_parts_of_a_killed_run_come_first(tmp_path: Path) -> None:
    killed = store_at(f"{tmp_path}/r.parquet")
    write(killed, 0, [row_of("a", value="1.00")])
    write(killed, 1, [row_of("b", value="1.00")])
    resumed = store_at(f"{tmp_path}/r.parquet")
    write(resumed, 0, [row_of("b", value="2.00")])
    resumed.finish()
    rows = pq.read_table(tmp_path / "r.parquet", columns=["source", "value"]).to_pylist()
    assert [(row["source"], row["value"]) for row in rows] == [("a", "1.00"), ("b", "2.00")]
