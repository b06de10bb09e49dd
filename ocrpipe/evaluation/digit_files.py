"""Sets of digits in files: IDX pairs as MNIST has them, and lines of text as USPS has them."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrpipe.digits import content, idx
from ocrpipe.errors import UsageError

Numbers = NDArray[np.uint8] | NDArray[np.float64]

_SIDES = (8, 16, 28, 32)
"""Of pictures that are handed round: LIBSVM's form leaves zeros out, and thus does not tell where a picture ends."""
_MOST_VALUES = 1 << 16
"""Of a picture in LIBSVM's form, so that a slip of the pen does not take all memory."""
FORMS = (
    "expected an IDX file of pictures (MNIST), text with a label and the values of a square picture on each line "
    "(USPS, LIBSVM), either of them plain, .gz or .bz2, or a folder with pictures in the folders 0 … 9"
)


def idx_pair(path: Path, data: bytes, labels: Path | None) -> tuple[NDArray[np.uint8], Numbers]:
    """Pictures (N, h, w) of the file `path`, whose content is `data`, and the (N,) labels of the file beside it."""
    images = idx(path, data)
    if images.ndim != 3 or not all(images.shape[1:]):
        raise UsageError(
            f"{path}: an IDX file of shape {images.shape}, not (count, height, width); give the file of the pictures"
        )
    beside = labels or _labels_beside(path)
    found = idx(beside, content(beside))
    if found.shape != images.shape[:1]:
        raise UsageError(
            f"{beside}: an IDX file of shape {found.shape}, but {path} has {len(images)} pictures; "
            "give the labels of these pictures with --labels FILE"
        )
    return images, found


def _labels_beside(path: Path) -> Path:
    """`x-images-idx3-ubyte` → `x-labels-idx1-ubyte`, packed like the pictures or otherwise."""
    name = path.name.removesuffix(".gz").removesuffix(".bz2")
    named = name.replace("images", "labels").replace("idx3", "idx1")
    for ending in (path.name[len(name) :], "", ".gz", ".bz2"):
        candidate = path.with_name(named + ending)
        if named != name and candidate.is_file():
            return candidate
    wanted = f"no labels in {path.with_name(named)}" if named != name else "its name does not tell where its labels are"
    raise UsageError(f"{path}: {wanted}; give them with --labels FILE")


def text_set(path: Path, data: bytes) -> tuple[NDArray[np.uint8], Numbers]:
    """Each line a label and the values of a square picture; the least and greatest value of the set are 0 and 255."""
    try:
        text = data.decode("ascii").strip()
        if not text:
            raise ValueError("it is empty")
        table = _libsvm(text) if ":" in text.split("\n", 1)[0] else np.loadtxt(io.StringIO(text), ndmin=2)
        if not np.isfinite(table).all():
            raise ValueError("some values are no numbers")
    except ValueError as error:
        raise UsageError(f"{path}: not a set of digits ({error}); {FORMS}") from error
    values = table[:, 1:]
    side = math.isqrt(values.shape[1])
    if not side or side * side != values.shape[1]:
        raise UsageError(
            f"{path}: {values.shape[1]} values after the label make no square picture; bring the lines to "
            "'label v1 v2 …', row by row, with as many rows as columns"
        )
    low, high = float(values.min()), float(values.max())
    grays = ((values - low) * (255 / (high - low or 1.0))).round().astype(np.uint8)
    return grays.reshape(-1, side, side), table[:, 0]


def _libsvm(text: str) -> NDArray[np.float64]:
    """Lines `label i:v …` as a full table; absent values are 0. Labels 1 … 10 are digit + 1, as in LIBSVM's usps."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    pairs = [[pair.split(":") for pair in line[1:]] for line in lines]
    places = [[int(place) for place, _ in line] for line in pairs]
    if min((min(line, default=1) for line in places), default=1) < 1:
        raise ValueError("LIBSVM counts from 1")
    last = max((max(line, default=1) for line in places), default=1)
    if last > _MOST_VALUES:
        raise ValueError(f"a line has a value number {last}")
    table = np.zeros((len(lines), 1 + next((s for s in _SIDES if s * s >= last), math.ceil(math.sqrt(last))) ** 2))
    for row, words, at, line in zip(table, lines, places, pairs, strict=True):
        row[0] = float(words[0])
        row[at] = [float(value) for _, value in line]
    if table[:, 0].min() >= 1 and table[:, 0].max() == 10:
        table[:, 0] -= 1
    return table
