"""Where a picture, or each of many small ones, lies in its surroundings: by the normalised correlation of gray values,
which shading, the paper's colour and the strength of ink leave alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled

FAINTEST = 2.0
"""Standard deviation of a page's part, in gray levels, below which it shows nothing: prints fade."""
_SOFT = 10, 61, 114
"""A normal curve of 0.9 px over five pixels, in 256ths, as OpenCV rounds it."""
_HALF = 1 << 15

Gray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Small pictures that are looked for together, each in a window that has `reach` more pixels on every side."""

    reach: int
    shape: tuple[int, int]
    """(H, W) of the largest window, in which all are drawn."""
    pictures: Gray
    """(N, L): the rows of each, 0 up to where the next row of its window begins. Picture and window then are two lines
    of numbers, and what they have in common is one sum."""
    sizes: NDArray[np.int64]
    """(N, 4): rows, columns, the sum of all gray values and that of their squares."""

    def first(self, few: int | None) -> Patches:
        """The `few` first of them, or all."""
        return Patches(self.reach, self.shape, self.pictures[:few], self.sizes[:few])


def patches_of(pictures: Sequence[Gray], reach: int) -> Patches:
    """Prepares pictures, (h, w) uint8 each and not all of one size."""
    wholes = [picture.astype(np.int64) for picture in pictures]
    sizes = np.array([(*whole.shape, whole.sum(), (whole**2).sum()) for whole in wholes])
    high, wide = (sizes[:, :2].max(axis=0) + 2 * reach).tolist()
    spread = np.zeros((len(pictures), high - 2 * reach, wide), np.uint8)
    for picture, rows in zip(pictures, spread, strict=True):
        rows[: picture.shape[0], : picture.shape[1]] = picture
    flat = spread.reshape(len(pictures), -1)[:, : spread[0].size - 2 * reach]
    return Patches(reach, (high, wide), np.ascontiguousarray(flat), sizes)


def match_all(windows: Gray, patches: Patches) -> NDArray[np.float64]:
    """(N, 3): what `match` says of each patch in its window, `softened` here; `windows` is (N, H, W)."""
    high, wide = patches.shape
    found, scores = np.empty((len(windows), 3)), np.empty((2 * patches.reach + 1,) * 2)
    soft, sums = np.empty(high * wide, np.uint8), np.empty((2, wide), np.int64)
    across, line = np.empty((high, wide), np.int32), np.empty(wide + 4, np.int32)
    flat = windows.reshape(len(windows), -1)
    _match_all(flat, patches.pictures, patches.sizes, wide, found, scores, soft, sums, across, line)
    return found


def match(window: Gray, patch: Gray) -> tuple[float, float, float]:
    """Where in `window` the `patch` fits best: x and y of its first pixel, to a fraction of a pixel by a
    parabola through the peak's neighbours, and the correlation there, 0 where nothing is printed."""
    scores = cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    found = window[y : y + patch.shape[0], x : x + patch.shape[1]]
    if not 0 < best <= 1.001 or float(cv2.meanStdDev(found)[1][0, 0]) < FAINTEST:
        return float(x), float(y), 0.0
    return x + _vertex(scores[y], x), y + _vertex(scores[:, x], y), float(best)


def softened(pixels: Gray) -> Gray:
    """A little blur, so that bitonal and gray, sharp and soft scans of the same print agree."""
    return np.asarray(cv2.GaussianBlur(pixels, (5, 5), 0.9), np.uint8)


def _vertex(scores: NDArray[Any], peak: int) -> float:
    return _top(*(float(v) for v in scores[peak - 1 : peak + 2])) if 0 < peak < len(scores) - 1 else 0.0


@compiled
def _top(before: float, here: float, after: float) -> float:  # pragma: no cover - compiled
    """How far from the middle one of three scores their parabola has its top."""
    bend = before - 2 * here + after
    return 0.0 if bend >= 0 else 0.5 * (before - after) / bend


@compiled
def _match_all(
    windows: Gray,
    pictures: Gray,
    sizes: NDArray[np.int64],
    wide: int,
    found: NDArray[np.float64],
    scores: NDArray[np.float64],
    soft: Gray,
    sums: NDArray[np.int64],
    across: NDArray[np.int32],
    line: NDArray[np.int32],
) -> None:  # pragma: no cover - compiled
    """Writes to `found`; of the other arrays, which hold what is known of one window, only the sizes matter."""
    side = len(scores)
    totals, squares = sums[0], sums[1]
    for one in range(len(pictures)):
        picture = pictures[one]
        rows, columns, total, energy = sizes[one, 0], sizes[one, 1], sizes[one, 2], sizes[one, 3]
        _soften(windows[one], rows + side - 1, columns + side - 1, wide, line, across, soft)
        size = rows * columns
        contrast = float(size * energy - total * total)
        best, x, y, deviation = 0.0, 0, 0, 0.0
        for x0 in range(columns + side - 1):  # sums over columns as high as the patch, and later over as many of them
            totals[x0] = squares[x0] = 0
            for row in range(rows - 1):
                value = np.int64(soft[row * wide + x0])
                totals[x0] += value
                squares[x0] += value * value
        for y0 in range(side):
            for x0 in range(columns + side - 1):
                value = np.int64(soft[(y0 + rows - 1) * wide + x0])
                totals[x0] += value
                squares[x0] += value * value
            whole, square = 0, 0
            for x0 in range(columns - 1):
                whole += totals[x0]
                square += squares[x0]
            for x0 in range(side):
                whole += totals[x0 + columns - 1]
                square += squares[x0 + columns - 1]
                spread = float(size * square - whole * whole)
                common = float(size * _product(soft[y0 * wide + x0 :], picture) - whole * total)
                score = common / np.sqrt(spread * contrast) if spread * contrast > 0 else 0.0
                scores[y0, x0] = score
                if score > best or x0 + y0 == 0:
                    best, x, y, deviation = score, x0, y0, np.sqrt(spread) / size
                whole -= totals[x0]
                square -= squares[x0]
            for x0 in range(columns + side - 1):
                value = np.int64(soft[y0 * wide + x0])
                totals[x0] -= value
                squares[x0] -= value * value
        found[one, 0], found[one, 1], found[one, 2] = x, y, 0.0
        if best > 0 and deviation >= FAINTEST:
            found[one, 2] = best
            if 0 < x < side - 1:
                found[one, 0] += _top(scores[y, x - 1], best, scores[y, x + 1])
            if 0 < y < side - 1:
                found[one, 1] += _top(scores[y - 1, x], best, scores[y + 1, x])


@compiled
def _product(part: Gray, picture: Gray) -> np.int32:  # pragma: no cover - compiled
    """The sum of products of as many numbers as `picture` has: of 32 bits, since a processor adds many such at once."""
    common = np.int32(0)
    for i in range(len(picture)):
        common += np.int32(part[i]) * np.int32(picture[i])
    return np.int32(common)


@compiled
def _soften(
    window: Gray, high: int, wide: int, step: int, line: NDArray[np.int32], across: NDArray[np.int32], soft: Gray
) -> None:  # pragma: no cover - compiled
    """`softened` of the (high, wide) window at the upper left of one whose rows are `step` long."""
    far, near, middle = _SOFT
    for y in range(high):
        row = window[y * step :]
        for x in range(wide):
            line[x + 2] = row[x]
        line[0], line[1], line[wide + 2], line[wide + 3] = row[2], row[1], row[wide - 2], row[wide - 3]
        sums = across[y]
        for x in range(wide):
            sums[x] = far * (line[x] + line[x + 4]) + near * (line[x + 1] + line[x + 3]) + middle * line[x + 2]
    for y in range(high):
        up, down = abs(y - 2), high - 1 - abs(high - 3 - y)
        above, below = across[abs(y - 1)], across[high - 1 - abs(high - 2 - y)]
        first, here, last, row = across[up], across[y], across[down], soft[y * step :]
        for x in range(wide):
            row[x] = (far * (first[x] + last[x]) + near * (above[x] + below[x]) + middle * here[x] + _HALF) >> 16
