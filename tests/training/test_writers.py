"""Who teaches, who validates, who calibrates, and who is never seen."""

from __future__ import annotations

import csv
import gzip
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrpipe.digits import read_idx
from ocrpipe.errors import UsageError
from ocrpipe.training import writers
from ocrpipe.training.drawing import Drawer
from ocrpipe.training.writers import load, sources, split_of, writers_are_known
from tests.training.drawn import TRACES, digits_folder, glyph_of, idx

DIGITS = Path(__file__).parents[3] / "shared" / "digits"
SPLITS = ("train", "validation", "calibration")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digits_folder(tmp_path_factory.mktemp("digits"))


@pytest.mark.parametrize(
    ("kinds", "pinned", "shares"),
    [
        (("unipen", "pendigits"), "addf38637015053f", {"train": 0.7, "validation": 0.1, "calibration": 0.2}),
        (("mnist",), "965ea08d531d88c2", {"train": 0.85, "validation": 0.06, "calibration": 0.09}),
    ],
)
def test_a_writer_never_changes_sides(kinds: tuple[str, ...], pinned: str, shares: dict[str, float]) -> None:
    """The first of each kind by name, as they were split on the first day; many more MNIST writers teach."""
    splits = "".join(split_of(f"{kind}:{i}")[0] for kind in kinds for i in range(400))
    assert hashlib.sha256(splits.encode()).hexdigest()[:16] == pinned
    assert {split: splits.count(split[0]) / len(splits) for split in SPLITS} == pytest.approx(shares, abs=0.04)


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


def test_unreadable_samples_are_left_out(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their place among the writer's own: the folder's writers left the ten digits in order."""
    (tmp_path / "list.csv").write_text(
        "sample,reason\nunipen:w3:4,label\npendigits:103:0,broken\nunipen:w3:12,broken\n"
    )
    monkeypatch.setattr(writers, "_UNREADABLE", tmp_path / "list.csv")
    short = {w.name: set(TRACES) - w.digits for split in SPLITS for w in load(folder, split) if len(w.digits) < 10}
    assert short == {"unipen:w3": {"4"}, "pendigits:103": {"0"}}


def test_the_list_of_unreadable_samples_is_in_order() -> None:
    with writers._UNREADABLE.open() as file:
        rows = list(csv.DictReader(file))
    places = [(writer, int(place)) for writer, place in (row["sample"].rsplit(":", 1) for row in rows)]
    assert places == sorted(set(places)) and len(places) > 100
    assert {row["reason"] for row in rows} == {"label", "broken"}
    assert {row["sample"].split(":")[0] for row in rows} == {"unipen", "pendigits"}


@pytest.mark.skipif(not DIGITS.is_dir(), reason="wants the digits of ../shared")
def test_every_unreadable_sample_is_one_of_the_real() -> None:
    """A list that has come apart from the files would leave out less, without a word."""
    with writers._UNREADABLE.open() as file:
        listed = {row["sample"] for row in csv.DictReader(file)}

    def samples(unreadable: set[str]) -> int:
        pens = writers._unipen(DIGITS / "unipen" / "digits.jsonl.gz", unreadable)
        pens |= writers._pendigits(DIGITS / "pendigits" / "pendigits-orig.tra.gz", unreadable)
        return sum(len(drawn) for chars in pens.values() for drawn in chars.values())

    assert samples(set()) - samples(listed) == len(listed)


def test_a_stray_touch_of_the_pen_is_no_part_of_the_digit() -> None:
    zero = [[0.0, 0.0], [40.0, 50.0], [0.0, 100.0], [0.0, 0.0]]
    alone = writers._normalised([zero], 1.0, smooth=False)
    for touch in ([[90.0, 150.0]], [[-30.0, 20.0], [-32.0, 22.0]]):
        (kept,) = writers._normalised([zero, touch], 1.0, smooth=False)
        assert np.array_equal(kept, alone[0])
    assert writers._normalised([[[0.0, 0.0]], [[0.0, 90.0], [1.0, 90.0]]], 1.0, smooth=False) == []


@pytest.mark.parametrize("near", [[[45.0, 50.0]], [[15.0, 120.0], [40.0, 125.0]]], ids=["dot", "bar"])
def test_a_dot_or_a_bar_close_by_stays(near: list[list[float]]) -> None:
    zero = [[0.0, 0.0], [40.0, 50.0], [0.0, 100.0], [0.0, 0.0]]
    assert len(writers._normalised([zero, near], 1.0, smooth=False)) == 2


@pytest.mark.skipif(not DIGITS.is_dir(), reason="wants the digits of ../shared")
def test_the_real_writers_of_the_bench_never_teach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "split_of", lambda name: "train")
    names = {writer.name for writer in load(DIGITS, "train")}
    with (DIGITS / "mnist" / "bench_writers.csv").open() as file:
        closed = {f"mnist:{row['writer']}" for row in csv.DictReader(file)}
    assert closed and not names & closed
    assert {name.split(":")[0] for name in names} == {"mnist", "unipen", "pendigits"} and len(names) > 500


def test_files_are_named_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"train-images.*train-labels.*unipen/digits\.jsonl\.gz.*pendigits-orig\.tra\.gz"
    ):
        load(tmp_path, "train")


@pytest.mark.parametrize("kept", ["mnist", "unipen", "pendigits"])
def test_one_collection_is_enough(tmp_path: Path, kept: str) -> None:
    folder = digits_folder(tmp_path)
    for name in {"mnist", "unipen", "pendigits"} - {kept}:
        shutil.rmtree(folder / name)
    names = {writer.name for split in SPLITS for writer in load(folder, split)}
    assert list(sources(folder)) == [kept] and writers_are_known(folder)
    assert len(names) >= 27 and {name.split(":")[0] for name in names} == {kept}


@pytest.mark.parametrize("half", ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"])
def test_half_of_mnist_is_no_reason_to_do_without_it(tmp_path: Path, half: str) -> None:
    folder = digits_folder(tmp_path)
    (folder / "mnist" / half).unlink()
    with pytest.raises(UsageError, match=f"{half}: is missing"):
        load(folder, "train")


def test_writers_held_back_must_be_known(tmp_path: Path) -> None:
    folder = digits_folder(tmp_path)
    (folder / "mnist" / "writers.csv.gz").unlink()
    with pytest.raises(UsageError, match=r"writers\.csv\.gz: is missing, and mnist/bench_writers\.csv"):
        load(folder, "train")


def test_nobody_is_held_back_without_a_list(tmp_path: Path) -> None:
    folder = digits_folder(tmp_path)
    assert "held for evaluation" in sources(folder)["mnist"]
    (folder / "mnist" / "bench_writers.csv").unlink()
    assert "held for evaluation" not in sources(folder)["mnist"]
    assert "mnist:0" in {writer.name for split in SPLITS for writer in load(folder, split)}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MNIST alone, 20 runs at odd and 20 at even places, and nobody knows who wrote them."""
    folder = tmp_path_factory.mktemp("runs")
    labels = (np.arange(4_000) // 2 % 10).astype(np.uint8)
    images = np.array([glyph_of(str(digit)) for digit in range(10)])[labels]
    (folder / "mnist").mkdir()
    (folder / "mnist" / "train-images-idx3-ubyte").write_bytes(idx(images))
    (folder / "mnist" / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    return folder


def test_runs_stand_for_writers_that_nobody_knows(runs: Path) -> None:
    found = {split: load(runs, split) for split in SPLITS}
    names = {split: [writer.name for writer in hands] for split, hands in found.items()}
    assert names["validation"] == [f"mnist:run-00{i}-odd" for i in range(3)]
    assert names["calibration"] == [f"mnist:run-00{i}-odd" for i in range(3, 6)]
    assert len(names["train"]) == 34 and sum(name.endswith("even") for name in names["train"]) == 20
    samples = {w.name: sum(map(len, w.glyphs.values())) for hands in found.values() for w in hands}
    assert set(samples.values()) == {100} and len(samples) == 40
    assert not writers_are_known(runs) and "not known" in sources(runs)["mnist"]


def test_fields_are_drawn_from_runs_alone(runs: Path) -> None:
    drawer, rng = Drawer(load(runs, "train"), []), np.random.default_rng(0)
    assert all((drawer.draw(rng).field.pixels < 128).any() for _ in range(20))


@pytest.mark.skipif(not DIGITS.is_dir(), reason="wants the digits of ../shared")
def test_hands_that_measure_hardly_teach_where_runs_stand_for_writers() -> None:
    with gzip.open(DIGITS / "mnist" / "writers.csv.gz", "rt") as rows:
        hand = {int(row["index"]): row["writer"] for row in csv.DictReader(rows) if row["split"] == "train"}
    placed = {split: [hand[index] for index, _ in writers._runs(len(hand), split)] for split in SPLITS}
    teach = set(placed["train"])
    assert {split: len(hands) for split, hands in placed.items()} == {
        "train": 51_000, "validation": 3_600, "calibration": 5_400,
    }  # fmt: skip
    known = [name in teach for name in placed["validation"] + placed["calibration"]]
    assert sum(known) / len(known) < 0.02


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
