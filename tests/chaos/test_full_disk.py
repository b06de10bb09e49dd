"""A real file system without room: exit 5, the old results as they were, and a way on once there is room."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.chaos.kills import ROOT

_RUN = """
import sys
from tests.builders import row_of, write_results
from tests.chaos.test_full_disk import noise
from ocrpipe.errors import OutputError
try:
    write_results(sys.argv[1], [row_of(name, picture=noise(name)) for name in sys.argv[2:]], crops="all")
except OutputError as error:
    sys.exit(f"{error.exit_code} {error}")
"""


def noise(name: str) -> np.ndarray:
    """A picture of 160 kB that does not compress."""
    return np.random.default_rng(sum(name.encode())).integers(0, 256, (400, 400)).astype(np.uint8)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """One megabyte."""
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", tmp_path], capture_output=True).returncode
    ):
        pytest.skip("only root may mount a file system here")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def write(out: Path, *names: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(out), *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stderr.strip()


def test_a_full_disk_costs_nothing_that_was_there(small_disk: Path) -> None:
    out, ballast = small_disk / "r.parquet", small_disk / "ballast"
    assert write(out, "a") == ""
    ballast.write_bytes(bytes(300_000))
    words = write(out, "b", "c", "d", "e")
    assert words.startswith("5 ") and "r.parquet: cannot be written: No space left on device" in words
    assert pq.read_table(out)["source"].to_pylist() == ["a"]
    assert pq.read_table(small_disk / "r.crops.parquet")["source"].to_pylist() == ["a"]
    ballast.unlink()
    assert write(out, "b") == ""
    assert pq.read_table(out)["source"].to_pylist()[:2] == ["a", "b"]
