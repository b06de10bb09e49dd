"""From ink to the pictures that the networks see. Compiled, since a field has dozens of candidates of a few hundred
pixels each; resizing is that of OpenCV, against which the tests hold it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.reading.pieces import Piece

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
    _fit(np.ascontiguousarray(ink), crop)
    return crop


def crops_of(pieces: list[Piece], runs: NDArray[np.int32]) -> Ink:
    """(E, 32, 32): the ink of each run (E, 2) of pieces, first to before last, dots between them left out."""
    if not pieces:
        return np.zeros((0, CROP, CROP), np.uint8)
    inks = np.concatenate([piece.ink.ravel() for piece in pieces])
    places = np.array([(piece.x0, piece.y0, piece.x1, piece.y1, piece.dot) for piece in pieces])
    return _crops(inks, places, runs)


@compiled
def _crops(inks: Ink, places: NDArray[np.int64], runs: NDArray[np.int32]) -> Ink:  # pragma: no cover - compiled
    """`inks` holds the pieces one after another, row by row; places (P, 5) are x0, y0, x1, y1 and whether a dot."""
    offsets = np.zeros(len(places), np.int64)
    for i in range(1, len(places)):
        x0, y0, x1, y1, _ = places[i - 1]
        offsets[i] = offsets[i - 1] + (x1 - x0) * (y1 - y0)
    crops = np.zeros((len(runs), CROP, CROP), np.uint8)
    for k in range(len(runs)):
        first, last = runs[k]
        _fit(_joined(inks, offsets[first:last], places[first:last]), crops[k])
    return crops


@compiled
def _joined(inks: Ink, offsets: NDArray[np.int64], places: NDArray[np.int64]) -> Ink:  # pragma: no cover - compiled
    """The ink of all pieces but dots in one array that encloses it; of a dot where there is nothing else."""
    left, top, right, bottom = places[0, :4]  # a run of several begins with no dot
    for x0, y0, x1, y1, dot in places:
        if not dot:
            left, top, right, bottom = min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
    ink = np.zeros((bottom - top, right - left), np.uint8)
    for i in range(len(places)):
        x0, y0, x1, y1, dot = places[i]
        if dot and len(places) > 1:
            continue
        for y in range(y1 - y0):
            begin = offsets[i] + y * (x1 - x0)
            part, own = inks[begin : begin + x1 - x0], ink[y0 - top + y, x0 - left : x1 - left]
            for x in range(len(part)):
                own[x] = max(own[x], part[x])
    return ink


@compiled
def _fit(ink: Ink, crop: Ink) -> None:  # pragma: no cover - compiled
    """Draws the ink into the middle of an empty crop."""
    height, width = ink.shape
    scale = CROP_SIDE / max(height, width, CROP_FLOOR)
    rows, columns = max(1, int(np.rint(height * scale))), max(1, int(np.rint(width * scale)))
    small = _shrunk(ink, rows, columns) if scale < 1 else _grown(ink, rows, columns)
    gain = np.float32(255 / max(1.0, small.max()))
    top, left = (CROP - rows) // 2, (CROP - columns) // 2
    for y in range(rows):
        for x in range(columns):
            crop[top + y, left + x] = np.uint8(np.rint(small[y, x] * gain))


@compiled
def _shrunk(ink: Ink, rows: int, columns: int) -> Floats:  # pragma: no cover - compiled
    """cv2.INTER_AREA: the mean of what each target pixel covers."""
    height, width = ink.shape
    across = _means(np.ascontiguousarray(ink.T).astype(np.float32), columns)
    means = _means(np.ascontiguousarray(across.T), rows)
    if height % rows == 0 and width % columns == 0:  # OpenCV adds up whole numbers here, and rounds halves of 2 by 2 up
        count = height // rows * (width // columns)
        means = np.rint(means * np.float32(count)) * np.float32(1 / count)
        if height == 2 * rows and width == 2 * columns:
            means += np.float32(0.125)
    return np.rint(means, means)


@compiled
def _means(values: Floats, count: int) -> Floats:  # pragma: no cover - compiled
    """(n, k) → (count, k): the first axis in `count` equal stretches, the mean over each."""
    size = values.shape[0]
    step = 1.0 / (count / size)
    means = np.zeros((count, values.shape[1]), np.float32)
    for i in range(count):
        low, high = i * step, i * step + step
        for j in range(int(low), min(size, int(np.ceil(high)))):
            overlap = min(j + 1.0, high) - max(float(j), low)
            if overlap > 1e-3:
                share = np.float32(overlap / min(step, size - low))
                for k in range(values.shape[1]):
                    means[i, k] += share * values[j, k]
    return means


@compiled
def _grown(ink: Ink, rows: int, columns: int) -> Floats:  # pragma: no cover - compiled
    """cv2.INTER_LINEAR, in its whole numbers: shares of 2048, and of 4 bits less where two are multiplied."""
    left, right, share = _neighbours(ink.shape[1], columns)
    upper, lower, portion = _neighbours(ink.shape[0], rows)
    across = np.empty((ink.shape[0], columns), np.int64)
    for y in range(ink.shape[0]):
        for x in range(columns):
            across[y, x] = ((2048 - share[x]) * ink[y, left[x]] + share[x] * ink[y, right[x]]) >> 4
    large = np.empty((rows, columns), np.float32)
    for y in range(rows):
        for x in range(columns):
            above = ((2048 - portion[y]) * across[upper[y], x]) >> 16
            below = (portion[y] * across[lower[y], x]) >> 16
            large[y, x] = (above + below + 2) >> 2
    return large


@compiled
def _neighbours(
    size: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:  # pragma: no cover - compiled
    """For each of `count` pixels spread over `size`: the two pixels it lies between, and the second one's share."""
    first, second = np.empty(count, np.int64), np.empty(count, np.int64)
    share = np.empty(count, np.int64)
    step = 1.0 / (count / size)
    for i in range(count):
        at = np.float32((i + 0.5) * step - 0.5)
        below = np.floor(at)
        first[i] = min(max(int(below), 0), size - 1)
        second[i] = min(max(int(below) + 1, 0), size - 1)
        share[i] = int(np.rint((at - below) * np.float32(2048)))
    return first, second, share
