"""Who teaches, who validates, who calibrates, and who is never seen."""

from __future__ import annotations

import csv
import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrpipe.errors import UsageError
from ocrpipe.training import writers
from ocrpipe.training.writers import load, read_idx, split_of
from tests.training.drawn import TRACES, digits_folder, idx

DIGITS = Path(__file__).parents[3] / "shared" / "digits"
SPLITS = ("train", "validation", "calibration")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digits_folder(tmp_path_factory.mktemp("digits"))


def test_a_writer_never_changes_sides() -> None:
    """The first of each kind by name, as they were split on the first day."""
    names = [f"{kind}:{i}" for kind in ("mnist", "unipen", "pendigits") for i in range(200)]
    splits = "".join(split_of(name)[0] for name in names)
    assert hashlib.sha256(splits.encode()).hexdigest()[:16] == "5634b9406ee68e41"
    counts = {split: sum(split_of(name) == split for name in names) / len(names) for split in SPLITS}
    assert counts == pytest.approx({"train": 0.7, "validation": 0.1, "calibration": 0.2}, abs=0.06)


@given(st.text())
def test_every_writer_has_one_split(name: str) -> None:
    assert split_of(name) in SPLITS and split_of(name) == split_of(name)


def test_splits_share_no_writer_and_leave_none_out(folder: Path) -> None:
    found = {split: [writer.name for writer in load(folder, split)] for split in SPLITS}
    every = [name for names in found.values() for name in names]
    assert len(set(every)) == len(every) == 30 + 30 + 27
    for split, names in found.items():
        assert names == sorted(names) and all(split_of(name) == split for name in names)


def test_writers_held_for_evaluation_are_left_out(folder: Path) -> None:
    names = {writer.name for split in SPLITS for writer in load(folder, split)}
    assert not names & {"mnist:0", "mnist:1", "mnist:2", "mnist:9999"} and "mnist:3" in names


def test_traces_are_brought_to_one_height(folder: Path) -> None:
    for writer in load(folder, "train"):
        assert writer.digits == set(TRACES)
        for char, samples in writer.strokes.items():
            for strokes in samples:
                points = np.concatenate(strokes)
                assert points.min(axis=0) == pytest.approx(0, abs=1e-6) and points[:, 1].max() == pytest.approx(1)
                expected = np.concatenate([np.array(line, float) for line in TRACES[char]])
                expected -= expected.min(axis=0)
                np.testing.assert_allclose(points, expected / expected[:, 1].max(), atol=1e-6)
        for samples in writer.glyphs.values():
            assert all((glyph > 40).any(axis=0)[[0, -1]].all() for glyph in samples)


@pytest.mark.skipif(not DIGITS.is_dir(), reason="wants the digits of ../shared")
def test_the_real_writers_of_the_bench_never_teach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "split_of", lambda name: "train")
    names = {writer.name for writer in load(DIGITS, "train")}
    with (DIGITS / "mnist" / "bench_writers.csv").open() as file:
        closed = {f"mnist:{row['writer']}" for row in csv.DictReader(file)}
    assert closed and not names & closed
    assert {name.split(":")[0] for name in names} == {"mnist", "unipen", "pendigits"} and len(names) > 500


def test_missing_files_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"writers\.csv\.gz.*unipen/digits\.jsonl\.gz.*pendigits-orig\.tra\.gz"):
        load(tmp_path, "train")


def test_idx_files_are_read_gzipped_or_not(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "plain").write_bytes(idx(array))
    (tmp_path / "packed.gz").write_bytes(gzip.compress(idx(array)))
    for name in ("plain", "packed.gz"):
        assert np.array_equal(read_idx(tmp_path / name), array)


@pytest.mark.parametrize("content", [b"", b"\0\0", b"\x89PNG\r\n", b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0"])
def test_what_is_no_idx_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(UsageError, match="odd: not an IDX file"):
        read_idx(tmp_path / "odd")


@pytest.mark.parametrize("kept", [5, 12, 20])
def test_an_idx_file_that_is_cut_short_is_named(tmp_path: Path, kept: int) -> None:
    (tmp_path / "short").write_bytes(idx(np.zeros((2, 3, 4), np.uint8))[:kept])
    with pytest.raises(UsageError, match="short"):
        read_idx(tmp_path / "short")
