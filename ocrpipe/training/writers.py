"""Hands to learn from: pen trajectories and glyphs, grouped by who wrote them.

A writer belongs to one split for good, by a hash of the name, so that no hand that teaches is ever measured.

`unreadable.csv` names the pen samples that no person would read as their label: `label` where another digit is
written, `broken` where none is, or half of one, or two (UNIPEN's ibm part files strokes of one digit as several).
Suspects were those to which the shipped network or one that had not seen the writer gave their label a low
probability, those it took for no digit, and those of odd extents or strokes; each was drawn and judged by eye.
What is unusual but legible stays: no other source teaches it.

Without `writers.csv.gz` nobody knows who wrote MNIST, but its order tells half of it: those of the 60,000 at odd places
are sorted by writer, some 104 in a row, and those at even places are nearly all shuffled among 250 others (QMNIST's
labels show it). Runs of 100 of either half then stand for writers: an odd run is of one or two hands, an even one of
eighty. Only odd runs validate and calibrate, those that adjoin together, so that fewer than 2 % of their samples are of
a hand that teaches too. But fields drawn from even runs mix hands, and the two halves that calibrate share some.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ocrpipe.digits import content, ink_box, packed_or_plain, read_idx
from ocrpipe.errors import UsageError

Split = Literal["train", "validation", "calibration"]
Strokes = list[NDArray[np.float32]]
"""Each (N, 2): x right, y down, the character's box scaled to height 1."""

_HELD = {"mnist": {"validation": 0.06, "calibration": 0.09}, "pen": {"validation": 0.1, "calibration": 0.2}}
"""Shares that do not teach: larger of the pen writers, who are few and differ more."""
_COARSE_SOURCES = ("apa", "apb", "app")
"""UNIPEN sources captured at screen resolution; they are smoothed."""
_UNREADABLE = Path(__file__).with_name("unreadable.csv")
"""`sample,reason`; a sample is its writer's name and its place, from 0, among all of that writer's in file order."""
_RUN = 100
"""Samples that stand for a writer where MNIST's are not known."""
_HELD_RUNS = {"validation": 0.12, "calibration": 0.18}
"""Shares of the odd runs, which are half of MNIST."""
_IMAGES, _LABELS = "mnist/train-images-idx3-ubyte.gz", "mnist/train-labels-idx1-ubyte.gz"
_WRITERS, _CLOSED = "mnist/writers.csv.gz", "mnist/bench_writers.csv"
_UNIPEN, _PENDIGITS = "unipen/digits.jsonl.gz", "pendigits/pendigits-orig.tra.gz"


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
    held = _HELD["mnist" if writer.startswith("mnist:") else "pen"]
    if position < held["validation"]:
        return "validation"
    return "calibration" if position < sum(held.values()) else "train"


def sources(folder: Path) -> dict[str, str]:
    """Which of the collections lie under `folder`, in the words of a model's card.

    Raises UsageError naming the files where there is none, or half of one.
    """
    images, labels = (packed_or_plain(folder / name).is_file() for name in (_IMAGES, _LABELS))
    if images != labels:
        raise UsageError(f"{folder / (_LABELS if images else _IMAGES)}: is missing, the other half of MNIST is there")
    found = {}
    if images:
        found["mnist"] = f"MNIST training set{_whose(folder)} (derived from NIST Special Databases 1 and 3)"
    if (folder / _UNIPEN).is_file():
        found["unipen"] = "UNIPEN train_r01_v07, isolated digits (CC BY 4.0)"
    if (folder / _PENDIGITS).is_file():
        found["pendigits"] = "Pen-Based Recognition of Handwritten Digits, UCI, training part (CC BY 4.0)"
    if not found:
        raise UsageError(
            f"{folder}: no digits to learn from; put there at least one of {_IMAGES} with {_LABELS}, "
            f"{_UNIPEN}, {_PENDIGITS}"
        )
    return found


def writers_are_known(folder: Path) -> bool:
    """Whether no run of MNIST stands for a writer."""
    return "mnist" not in sources(folder) or (folder / _WRITERS).is_file()


def _whose(folder: Path) -> str:
    closed = (folder / _CLOSED).is_file()
    if (folder / _WRITERS).is_file():
        return " without the writers held for evaluation" if closed else ""
    if closed:
        raise UsageError(
            f"{folder / _WRITERS}: is missing, and {_CLOSED} holds writers back by it; add the one or remove the other"
        )
    return f", its writers not known, runs of {_RUN} standing for them"


def load(folder: Path, split: Split) -> list[Writer]:
    """All writers of a split under `folder` (any of mnist/, unipen/, pendigits/), sorted by name.

    Raises UsageError naming the files that are missing. The test parts of MNIST and Pendigits stay closed,
    and so do the writers of `mnist/bench_writers.csv`; the pen samples of `unreadable.csv` are left out.
    """
    found = sources(folder)
    with _UNREADABLE.open(newline="") as rows:
        unreadable = {row["sample"] for row in csv.DictReader(rows)}
    pens = _unipen(folder / _UNIPEN, unreadable) if "unipen" in found else {}
    pens |= _pendigits(folder / _PENDIGITS, unreadable) if "pendigits" in found else {}
    writers = [
        Writer(name, samples, {}) for name, samples in pens.items() if split_of(name) == split and len(samples) >= 8
    ]
    scanned = _mnist(folder, split) if "mnist" in found else {}
    writers += [Writer(name, {}, samples) for name, samples in scanned.items() if len(samples) >= 8]
    return sorted(writers, key=lambda writer: writer.name)


def _unipen(path: Path, unreadable: set[str]) -> dict[str, dict[str, list[Strokes]]]:
    found: dict[str, dict[str, list[Strokes]]] = defaultdict(lambda: defaultdict(list))
    seen: Counter[str] = Counter()
    with gzip.open(path, "rt") as lines:
        for line in lines:
            sample = json.loads(line)
            writer = f"unipen:{sample['writer']}"
            place, seen[writer] = seen[writer], seen[writer] + 1
            aspect = sample["y_ppi"] / sample["x_ppi"] if sample.get("x_ppi") and sample.get("y_ppi") else 1.0
            strokes = _normalised(sample["strokes"], aspect, smooth=sample["source"] in _COARSE_SOURCES)
            if strokes and f"{writer}:{place}" not in unreadable:
                found[writer][sample["label"]].append(strokes)
    return found


def _pendigits(path: Path, unreadable: set[str]) -> dict[str, dict[str, list[Strokes]]]:
    found: dict[str, dict[str, list[Strokes]]] = defaultdict(lambda: defaultdict(list))
    seen: Counter[str] = Counter()
    writer, label, pen_down = "", "", False
    strokes: list[list[list[float]]] = []

    def close() -> None:
        if not label:
            return
        place, seen[writer] = seen[writer], seen[writer] + 1
        drawn = _normalised(strokes, 1.0, smooth=False)
        if drawn and f"{writer}:{place}" not in unreadable:
            found[writer][label].append(drawn)

    with gzip.open(path, "rt") as lines:
        for line in lines:
            words = line.split()
            if not words:
                continue
            if words[0] == ".COMMENT" and len(words) >= 3 and words[1].isdigit():
                close()
                label, writer, strokes = words[1], f"pendigits:{words[2]}", []
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
    """Height 1, y down, origin at the top left; nothing where the trace is only dots."""
    square = np.array([aspect, 1], np.float32)
    lines = _without_stray_touches([np.array(stroke, np.float32) * square for stroke in strokes if len(stroke)])
    if not lines:
        return []
    every = np.concatenate(lines)
    low, high = every.min(axis=0), every.max(axis=0)
    height = float(high[1] - low[1])
    if height <= 0 or high[0] - low[0] > 4 * height:
        return []
    corner, down = np.array([low[0], high[1]]), np.array([1, -1]) / height
    scaled = [np.asarray((line - corner) * down, np.float32) for line in lines]
    return [_smoothed(line) for line in scaled] if smooth else scaled


def _without_stray_touches(lines: Strokes) -> Strokes:
    """Drops a stroke farther from all others than three times its own extent and a tenth of theirs.

    There the pen only touched the tablet, and the one dot would shrink its digit. The detached bar of a 5 is nearer
    for its length.
    """
    if len(lines) < 2:
        return lines
    kept = []
    for i, line in enumerate(lines):
        others = np.concatenate(lines[:i] + lines[i + 1 :])
        if cdist(line, others).min() <= max(3 * np.ptp(line, axis=0).max(), 0.1 * np.ptp(others, axis=0).max()):
            kept.append(line)
    return kept


def _smoothed(line: NDArray[np.float32]) -> NDArray[np.float32]:
    """A moving mean over three points, ends kept: takes the stairs out of a screen-resolution trace."""
    if len(line) < 5:
        return line
    inner = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    return np.concatenate([line[:1], inner, line[-1:]]).astype(np.float32)


def _mnist(folder: Path, split: Split) -> dict[str, dict[str, list[NDArray[np.uint8]]]]:
    images = read_idx(packed_or_plain(folder / _IMAGES))
    labels = read_idx(packed_or_plain(folder / _LABELS))
    if len(images) != len(labels):
        raise UsageError(f"{folder / _LABELS}: {len(labels)} labels for {len(images)} pictures; fetch both files again")
    known = (folder / _WRITERS).is_file()
    names = _written_by(folder, split) if known else _runs(len(labels), split)
    found: dict[str, dict[str, list[NDArray[np.uint8]]]] = defaultdict(lambda: defaultdict(list))
    for index, name in names:
        found[name][str(labels[index])].append(ink_box(images[index]))
    return found


def _written_by(folder: Path, split: Split) -> Iterator[tuple[int, str]]:
    """(place, writer) of the split's samples, as the files tell."""
    closed = set()
    if (folder / _CLOSED).is_file():
        with (folder / _CLOSED).open(newline="") as rows:
            closed = {row["writer"] for row in csv.DictReader(rows)}
    for row in csv.DictReader(io.StringIO(content(folder / _WRITERS).decode())):
        name = f"mnist:{row['writer']}"
        if row["split"] == "train" and row["writer"] not in closed and split_of(name) == split:
            yield int(row["index"]), name


def _runs(count: int, split: Split) -> Iterator[tuple[int, str]]:
    """(place, run) of the split's samples, where a run stands for a writer."""
    runs = max(1, -(-count // (2 * _RUN)))
    for index in range(count):
        run, odd = index // 2 // _RUN, index % 2 == 1
        if split == (_split_of_run(run / runs) if odd else "train"):
            yield index, f"mnist:run-{run:03d}-{'odd' if odd else 'even'}"


def _split_of_run(place: float) -> Split:
    """Where an odd run belongs by its place among all, 0 … 1."""
    if place < _HELD_RUNS["validation"]:
        return "validation"
    return "calibration" if place < sum(_HELD_RUNS.values()) else "train"
