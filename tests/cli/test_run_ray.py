"""`ocrpipe run --engine ray`, on a Ray that is started for the run."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import ray

from ocrpipe.cli.stopping import Stopping
from tests.cli.conftest import Outcome
from tests.engines.shelves import brisk_workers

Run = Callable[..., Outcome]


def test_scans_in_rows_out_and_nothing_new_after(
    ocrpipe: Run, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers, real = [], ray.wait

    def wait(*arguments: object, **options: object) -> object:
        handlers.append(signal.getsignal(signal.SIGTERM))
        return real(*arguments, **options)

    monkeypatch.setattr(ray, "wait", wait)
    out = tmp_path / "r.parquet"
    command = ("run", scans, "--out", out, "--engine", "ray", "--jobs", "1")
    with brisk_workers():
        done = ocrpipe(*command)
    assert done.code == 0 and done.out == ""
    words = done.err.split()
    assert words[words.index("accepted") + 1] == "4" and words[words.index("fields") + 1] == "4"
    assert pq.read_table(out)["source"].to_pylist() == ["a.png", "a.png", "sub/b.png", "sub/b.png"]
    assert all(isinstance(getattr(handler, "__self__", None), Stopping) for handler in handlers) and handlers
    assert not ray.is_initialized()
    again = ocrpipe(*command)
    assert again.code == 0 and "2 files" in again.err


def test_where_ray_is_missing_the_cure_is_named(
    ocrpipe: Run, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("ocrpipe.engines.ray")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    done = ocrpipe("run", scans, "--out", tmp_path / "r.parquet", "--engine", "ray")
    assert done.code == 2 and 'pip install "ocrpipe[ray]"' in done.err
