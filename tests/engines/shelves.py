"""Ray for tests: a shelf for the engine to write to, what it has put there, and workers that get their turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ocrpipe.results.output import Output
from ocrpipe.results.schema import Stamp
from ocrpipe.results.store import Store


def store_at(out: Path | str) -> Store:
    """As a run opens it. A path with a slash at its end is a dataset."""
    stamp = Stamp.now(0.01, "fake", "none")
    return Store(Output.named(str(out)), stamp, crops="all", fingerprint={"model": "fake"}, overwrite=False)


def rows_at(out: Path) -> list[dict[str, Any]]:
    """All rows of the results, without the columns that differ from run to run, in their order."""
    files = sorted(out.rglob("*.parquet")) if out.is_dir() else [out]
    rows = [
        row
        for file in files
        for row in pq.read_table(file, partitioning=None).drop_columns(["run_id", "processed_at"]).to_pylist()
    ]
    return sorted(rows, key=lambda row: (row["source"], row["page"], row["document"], row["field"] or ""))


@contextmanager
def brisk_workers(environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """The environment for a Ray whose workers have their turn, and `environment`, too. Else they give way to everybody
    (nice 15): on a busy machine a test would wait for minutes."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0", **(environment or {})}.items():
            patch.setenv(name, value)
        yield
