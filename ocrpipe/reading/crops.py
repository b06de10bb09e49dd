"""From ink to the pictures that the networks see. Compiled, since a field has dozens of candidates of a few hundred
pixels each; resizing is that of OpenCV, against which the tests hold it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.reading.pieces import BEGIN, DOT, X0, X1, Y0, Y1, Pieces

CROP = 32
CROP_SIDE = 22
"""Longest side of a character within its crop, px."""
CROP_FLOOR = 15
"""A character smaller than this (px in the frame) is not enlarged further, so that dots stay small."""

Ink = NDArray[np.uint8]
Floats = NDArray[np.float32]


def fit_crop(ink: Ink) -> Ink:
    """The one normalisation, in teaching and in reading: (h, w) ink → (32, 32), longest side `CROP_SIDE`,
    darkest ink 255."""
    crop = np.zeros((CROP, CROP), np.uint8)
    _fit(np.ascontiguousarray(ink.T, np.float32), crop)
    return crop


def crops_of(pieces: Pieces, runs: NDArray[np.int32]) -> Ink:
    """(E, 32, 32): the ink of each run (E, 2) of pieces, first to before last, dots between them left out."""
    crops = np.zeros((len(runs), CROP, CROP), np.uint8)
    _draw(pieces.ink, pieces.table.astype(np.int64), runs, crops)
    return crops


@compiled
def _draw(
    ink: Ink, places: NDArray[np.int64], runs: NDArray[np.int32], crops: Ink
) -> None:  # pragma: no cover - compiled
    """`ink` holds the pieces, and `places` (P, 9) says of each what the table of `Pieces` does, in whole numbers."""
    turned = np.empty(len(ink), np.uint8)
    for i in range(len(places)):
        height, width, begin = places[i, Y1] - places[i, Y0], places[i, X1] - places[i, X0], places[i, BEGIN]
        for y in range(height):
            for x in range(width):
                turned[begin + x * height + y] = ink[begin + y * width + x]
    for k in range(len(runs)):
        _fit(_joined(turned, places, runs[k, 0], runs[k, 1]), crops[k])


@compiled
def _joined(turned: Ink, places: NDArray[np.int64], first: int, after: int) -> Floats:  # pragma: no cover - compiled
    """The ink of all pieces but dots in one array that encloses it, of a dot where there is nothing else; both that and
    the pieces are turned, columns as rows."""
    left, top, right, bottom = places[first, X0], places[first, Y0], places[first, X1], places[first, Y1]
    for i in range(first + 1, after):  # a run of several begins with no dot
        if not places[i, DOT]:
            left, top = min(left, places[i, X0]), min(top, places[i, Y0])
            right, bottom = max(right, places[i, X1]), max(bottom, places[i, Y1])
    ink = np.empty((right - left, bottom - top), np.float32)
    for x in range(right - left):
        for y in range(bottom - top):
            ink[x, y] = 0
    for i in range(first, after):
        if places[i, DOT] and after - first > 1:
            continue
        begin, height, width = places[i, BEGIN], places[i, Y1] - places[i, Y0], places[i, X1] - places[i, X0]
        for x in range(width):
            part = turned[begin + x * height : begin + x * height + height]
            own = ink[places[i, X0] - left + x, places[i, Y0] - top :]
            for y in range(height):
                own[y] = max(own[y], np.float32(part[y]))
    return ink


@compiled
def _fit(turned: Floats, crop: Ink) -> None:  # pragma: no cover - compiled
    """Draws the ink, whose columns are rows here, into the middle of an empty crop."""
    width, height = turned.shape
    scale = CROP_SIDE / max(height, width, CROP_FLOOR)
    rows, columns = max(1, int(np.rint(height * scale))), max(1, int(np.rint(width * scale)))
    small = _shrunk(turned, rows, columns) if scale < 1 else _grown(turned, rows, columns)
    darkest = np.int32(1)
    for y in range(rows):
        for x in range(columns):
            darkest = max(darkest, np.int32(small[y, x]))  # a whole number; of these, many at once are compared
    gain = np.float32(255 / np.float64(darkest))
    top, left = (CROP - rows) // 2, (CROP - columns) // 2
    for y in range(rows):
        line, own = crop[top + y, left : left + columns], small[y]
        for x in range(len(line)):  # no index of its own is negative: compiled to vectors
            line[x] = np.int32(np.rint(own[x] * gain))


@compiled
def _shrunk(turned: Floats, rows: int, columns: int) -> Floats:  # pragma: no cover - compiled
    """cv2.INTER_AREA: the mean of what each target pixel covers, along the rows first."""
    width, height = turned.shape
    narrow = _means(turned, columns)
    upright = np.empty((height, columns), np.float32)
    for x in range(columns):
        for y in range(height):
            upright[y, x] = narrow[x, y]
    means = _means(upright, rows)
    covered, half = np.float32(1), np.float32(0)
    if height % rows == 0 and width % columns == 0:  # OpenCV adds up whole numbers here, and rounds halves of 2 by 2 up
        covered = np.float32(height // rows * (width // columns))
        if height == 2 * rows and width == 2 * columns:
            half = np.float32(0.125)
    for y in range(rows):
        for x in range(columns):
            mean = means[y, x]
            if covered > 1:
                mean = np.rint(mean * covered) * (np.float32(1) / covered)
            means[y, x] = np.rint(mean + half)
    return means


@compiled
def _means(values: Floats, count: int) -> Floats:  # pragma: no cover - compiled
    """(n, k) → (count, k): the first axis in `count` equal stretches, the mean over each."""
    size, width = values.shape
    step = 1.0 / (count / size)
    means = np.empty((count, width), np.float32)
    for i in range(count):
        for k in range(width):
            means[i, k] = 0
        low, high = i * step, i * step + step
        for j in range(int(low), min(size, int(np.ceil(high)))):
            overlap = min(j + 1.0, high) - max(float(j), low)
            if overlap > 1e-3:
                share = np.float32(overlap / min(step, size - low))
                for k in range(width):
                    means[i, k] += share * values[j, k]
    return means


@compiled
def _grown(turned: Floats, rows: int, columns: int) -> Floats:  # pragma: no cover - compiled
    """cv2.INTER_LINEAR, in its whole numbers: shares of 2048, and of 4 bits less where two are multiplied."""
    width, height = turned.shape
    beside, above = _neighbours(width, columns), _neighbours(height, rows)
    across = np.empty((height, columns), np.int64)
    for y in range(height):
        for x in range(columns):
            left, right, share = int(turned[beside[x, 0], y]), int(turned[beside[x, 1], y]), beside[x, 2]
            across[y, x] = ((2048 - share) * left + share * right) >> 4
    large = np.empty((rows, columns), np.float32)
    for y in range(rows):
        for x in range(columns):
            upper, lower, share = across[above[y, 0], x], across[above[y, 1], x], above[y, 2]
            large[y, x] = ((((2048 - share) * upper) >> 16) + ((share * lower) >> 16) + 2) >> 2
    return large


@compiled
def _neighbours(size: int, count: int) -> NDArray[np.int64]:  # pragma: no cover - compiled
    """(count, 3): for each of the pixels spread over `size`, the two pixels it lies between, and the second one's
    share."""
    found = np.empty((count, 3), np.int64)
    step = 1.0 / (count / size)
    for i in range(count):
        at = np.float32((i + 0.5) * step - 0.5)
        below = np.floor(at)
        found[i, 0] = min(max(int(below), 0), size - 1)
        found[i, 1] = min(max(int(below) + 1, 0), size - 1)
        found[i, 2] = int(np.rint((at - below) * np.float32(2048)))
    return found
