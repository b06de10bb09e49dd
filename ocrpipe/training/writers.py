"""Hands to learn from: pen trajectories and glyphs, grouped by who wrote them.

A writer belongs to one split for good, by a hash of the name, so that no hand that teaches is ever measured.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ocrpipe.errors import UsageError

Split = Literal["train", "validation", "calibration"]
Strokes = list[NDArray[np.float32]]
"""Each (N, 2): x right, y down, the character's box scaled to height 1."""

_SHARES: tuple[tuple[Split, float], ...] = (("validation", 0.1), ("calibration", 0.2), ("train", 0.7))
_COARSE_SOURCES = ("apa", "apb", "app")
"""UNIPEN sources captured at screen resolution; they are smoothed."""
_MNIST_FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "writers.csv.gz", "bench_writers.csv")


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """One hand: for each digit the samples it left, as strokes or as (20, 20)-ish uint8 glyphs."""

    name: str
    strokes: dict[str, list[Strokes]]
    glyphs: dict[str, list[NDArray[np.uint8]]]

    @property
    def digits(self) -> set[str]:
        return set(self.strokes) | set(self.glyphs)


def split_of(writer: str) -> Split:
    """Where a writer belongs: by hash, so that a new sample never moves a hand."""
    position = int.from_bytes(hashlib.sha256(writer.encode()).digest()[:4], "big") / 2**32
    for split, share in _SHARES:
        if position < share:
            return split
        position -= share
    return "train"


def load(folder: Path, split: Split) -> list[Writer]:
    """All writers of a split under `folder` (mnist/, unipen/, pendigits/), sorted by name.

    Raises UsageError naming the files that are missing. The test parts of MNIST and Pendigits stay closed,
    and so do the writers of `mnist/bench_writers.csv`.
    """
    names = [folder / "mnist" / name for name in _MNIST_FILES]
    names += [folder / "unipen" / "digits.jsonl.gz", folder / "pendigits" / "pendigits-orig.tra.gz"]
    missing = [str(name) for name in names if not name.is_file()]
    if missing:
        raise UsageError(f"{folder}: training digits are missing; put there: {', '.join(missing)}")
    pens = _unipen(folder / "unipen" / "digits.jsonl.gz") | _pendigits(folder / "pendigits" / "pendigits-orig.tra.gz")
    writers = [
        Writer(name, samples, {}) for name, samples in pens.items() if split_of(name) == split and len(samples) >= 8
    ]
    writers += [
        Writer(name, {}, samples)
        for name, samples in _mnist(folder / "mnist").items()
        if split_of(name) == split and len(samples) >= 8
    ]
    return sorted(writers, key=lambda writer: writer.name)


def _unipen(path: Path) -> dict[str, dict[str, list[Strokes]]]:
    found: dict[str, dict[str, list[Strokes]]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(path, "rt") as lines:
        for line in lines:
            sample = json.loads(line)
            aspect = sample["y_ppi"] / sample["x_ppi"] if sample.get("x_ppi") and sample.get("y_ppi") else 1.0
            strokes = _normalised(sample["strokes"], aspect, smooth=sample["source"] in _COARSE_SOURCES)
            if strokes:
                found[f"unipen:{sample['writer']}"][sample["label"]].append(strokes)
    return found


def _pendigits(path: Path) -> dict[str, dict[str, list[Strokes]]]:
    found: dict[str, dict[str, list[Strokes]]] = defaultdict(lambda: defaultdict(list))
    writer, label, pen_down = "", "", False
    strokes: list[list[list[float]]] = []

    def close() -> None:
        drawn = _normalised(strokes, 1.0, smooth=False) if label else []
        if drawn:
            found[f"pendigits:{writer}"][label].append(drawn)

    with gzip.open(path, "rt") as lines:
        for line in lines:
            words = line.split()
            if not words:
                continue
            if words[0] == ".COMMENT" and len(words) >= 3 and words[1].isdigit():
                close()
                label, writer, strokes = words[1], words[2], []
            elif words[0] == ".PEN_DOWN":
                strokes.append([])
                pen_down = True
            elif words[0] == ".PEN_UP":
                pen_down = False
            elif pen_down and len(words) == 2:
                strokes[-1].append([int(words[0]), int(words[1])])
    close()
    return found


def _normalised(strokes: list[list[list[float]]], aspect: float, smooth: bool) -> Strokes:
    """Height 1, y down, origin at the top left; nothing where the trace is only a dot."""
    lines = [np.array(stroke, np.float32) for stroke in strokes if len(stroke)]
    if not lines:
        return []
    every = np.concatenate(lines)
    low, high = every.min(axis=0), every.max(axis=0)
    height = float(high[1] - low[1])
    if height <= 0 or (high[0] - low[0]) * aspect > 4 * height:
        return []
    scaled = [
        np.stack([(line[:, 0] - low[0]) * aspect / height, (high[1] - line[:, 1]) / height], axis=1) for line in lines
    ]
    return [_smoothed(line) for line in scaled] if smooth else scaled


def _smoothed(line: NDArray[np.float32]) -> NDArray[np.float32]:
    """A moving mean over three points, ends kept: takes the stairs out of a screen-resolution trace."""
    if len(line) < 5:
        return line
    inner = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    return np.concatenate([line[:1], inner, line[-1:]]).astype(np.float32)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes (LeCun, Cortes & Burges), gzipped or not."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08":
        raise UsageError(f"{path}: not an IDX file of unsigned bytes")
    try:
        shape = tuple(int(v) for v in np.frombuffer(raw, ">u4", raw[3], 4))
        return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)
    except ValueError as error:
        raise UsageError(f"{path}: ends before the {raw[3]}-dimensional array that it announces does") from error


def _mnist(folder: Path) -> dict[str, dict[str, list[NDArray[np.uint8]]]]:
    images = read_idx(folder / "train-images-idx3-ubyte.gz")
    labels = read_idx(folder / "train-labels-idx1-ubyte.gz")
    closed = {row["writer"] for row in csv.DictReader((folder / "bench_writers.csv").open())}
    found: dict[str, dict[str, list[NDArray[np.uint8]]]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(folder / "writers.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            if row["split"] == "train" and row["writer"] not in closed:
                index = int(row["index"])
                found[f"mnist:{row['writer']}"][str(labels[index])].append(ink_box(images[index]))
    return found


def ink_box(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The part of a glyph's picture that holds ink."""
    rows, columns = np.flatnonzero((image > 40).any(axis=1)), np.flatnonzero((image > 40).any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
