"""From a field's crop to its writing alone: paper flattened, box lines, combs and rules taken out.

Nothing is learned here.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.fields.rules import without_rules
from ocrpipe.records import FieldImage

_FAINTEST = 0.15
"""Nothing less dark than this, as a share of the paper's brightness, is ink, unless a threshold asks for more."""
_DARKEST = 0.85
"""What is as dark as this, as a share of the pen, is ink under any threshold."""
_EDGES = 0.96
"""So many of the pixels, as a share, have no strong edge."""
_STEEPEST, _HALVINGS, _SAMPLED, _BLOCK = 8.0, 8, 4, 32
"""No gradient is greater; how closely, and by one in how many rows, the strong edges are told before they are ranked;
pixels that are looked at together."""

Floats = NDArray[np.float32]


def clean(field: FieldImage) -> FieldImage:
    """The field with paper at 255, the threshold between paper and ink at 128, ink near 0, and without printed lines;
    same shape."""
    return cleaned(field, darkness_of(field.pixels))


class Darkness(NamedTuple):
    """By which share each pixel of a field is darker than the paper around it (H, W), and the middle of a stroke."""

    shares: Floats
    pen: float


def cleaned(field: FieldImage, darkness: Darkness, threshold: float = 1.0) -> FieldImage:
    """`clean` for whoever needs the `darkness_of` the field, too, or sees ink only where it is darker, or already where
    it is fainter, by `threshold` times.

    Print is often darker than the pen, so the pen's darkness is measured once more when the lines are gone.
    """
    shares, pen = darkness
    level = _level(shares, pen, threshold)
    bare = without_rules(shares, shares >= level, field.box, field.spec.cells)
    if bare is not shares:
        shares, pen = bare, _pen_darkness(bare)
        level = _level(shares, pen, threshold)
    return replace(field, pixels=_stretched(shares, level, pen))


def darkness_of(pixels: NDArray[np.uint8]) -> Darkness:
    """How dark a field is against its paper, whose level a wide closing and blur follow."""
    height, width = pixels.shape
    smooth = cv2.GaussianBlur(pixels, (0, 0), 0.7)
    reach = max(9, min(height, width, 75) // 2 * 2 + 1)
    paper = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((min(reach, 25), min(reach, 25)), np.uint8))
    paper = cv2.blur(cv2.blur(paper, (reach, reach)), (reach, reach))
    shares = np.empty(pixels.shape, np.float32)
    _compare(np.asarray(smooth, np.uint8), np.asarray(paper, np.uint8), shares)
    return Darkness(shares, _pen_darkness(shares))


@compiled
def _compare(
    smooth: NDArray[np.uint8], paper: NDArray[np.uint8], darkness: Floats
) -> None:  # pragma: no cover - compiled
    one = np.float32(1)
    for y in range(darkness.shape[0]):
        for x in range(darkness.shape[1]):
            darkness[y, x] = one - min(np.float32(smooth[y, x]) / max(np.float32(paper[y, x]), one), one)


def _level(darkness: Floats, pen: float, times: float) -> float:
    """`times` the threshold between paper and ink: half of the pen's darkness, or above the paper's own texture (waves,
    grain) where that is dark too."""
    level = max(0.5 * pen, _FAINTEST)
    if 2 * np.count_nonzero(darkness > level / 2) >= darkness.size:  # spares most fields the median
        level = max(level, min(2 * float(_median(darkness)), 0.7 * pen))
    return min(times * level, max(level, _DARKEST * pen))


def _stretched(darkness: Floats, threshold: float, pen: float) -> NDArray[np.uint8]:
    """Grays with paper at 255, the threshold at 128, the pen at 0."""
    gray = np.empty(darkness.shape, np.uint8)
    _stretch(darkness, np.float32(threshold), np.float32(max(pen - threshold, 0.02)), gray)
    return gray


@compiled
def _stretch(
    darkness: Floats, threshold: np.float32, above: np.float32, gray: NDArray[np.uint8]
) -> None:  # pragma: no cover - compiled
    """`above` the threshold lies the pen."""
    paper, middle, steps, none = np.float32(255), np.float32(128), np.float32(127), np.float32(0)
    for y in range(gray.shape[0]):
        for x in range(gray.shape[1]):
            dark = darkness[y, x]
            fainter = paper - steps * (dark / threshold)
            darker = middle - middle * (dark - threshold) / above
            gray[y, x] = np.uint8(max(fainter if dark < threshold else darker, none))


def _pen_darkness(darkness: Floats) -> float:
    """How much darker than paper a stroke is, 0 … 1: taken inside the strongest edges, where about half the pixels are
    ink (the idea of Otsu, 1979, on a balanced sample)."""
    gradient = np.empty_like(darkness)
    _gradient(darkness, gradient)
    at = _EDGES * (gradient.size - 1)
    steep, places = np.empty(gradient.size, np.float32), np.empty((gradient.size, 2), np.int32)
    count = _steepest(gradient, gradient.size - int(at), steep, places)
    low, high = _ranked(steep[:count], at - (gradient.size - count))
    level = max(float(low + (at - int(at)) * (high - low)), 1e-6)
    inside = np.empty(count, np.float32)
    inside = inside[: _beside(darkness, steep[:count], places, np.float32(level), inside)]
    return float(_median(inside)) if inside.size else 0.0


@compiled
def _gradient(darkness: Floats, gradient: Floats) -> None:  # pragma: no cover - compiled
    """How steep the darkness is at each pixel, by Sobel's filters; the rim mirrors what lies within."""
    height, width = darkness.shape
    two, bottom, right = np.float32(2), height - 1, width - 1
    for y in range(height):
        above, own, below = (
            darkness[min(abs(y - 1), bottom)],
            darkness[y],
            darkness[max(bottom - abs(bottom - 1 - y), 0)],
        )
        upper, level, lower = above[2:], own[2:], below[2:]
        inner = gradient[y, 1:right]
        for x in range(len(inner)):  # no index of its own is negative: compiled to vectors
            across = (upper[x] - above[x]) + two * (level[x] - own[x]) + (lower[x] - below[x])
            down = (below[x] - above[x]) + two * (below[x + 1] - above[x + 1]) + (lower[x] - upper[x])
            inner[x] = np.sqrt(across * across + down * down)
        for x, beside in ((0, min(1, right)), (right, max(right - 1, 0))):
            gradient[y, x] = two * abs((below[x] - above[x]) + (below[beside] - above[beside]))


@compiled
def _steepest(
    gradient: Floats, least: int, found: Floats, places: NDArray[np.int32]
) -> int:  # pragma: no cover - compiled
    """Writes the `least` greatest gradients, and those hardly smaller, to `found`, and where they are, row and column,
    to `places`; how many there are.

    Most are flat paper. A level that is likely below `least` of them is found by halving on some of the rows, and what
    has none above it is passed over by the block: both are loops that are compiled to vectors.
    """
    height, width = gradient.shape
    low, high = np.float32(0), np.float32(_STEEPEST)
    for _ in range(_HALVINGS):
        level = (low + high) / np.float32(2)
        above = 0
        for y in range(0, height, _SAMPLED):
            for x in range(width):
                above += gradient[y, x] > level
        if above * _SAMPLED >= 1.2 * least:
            low = level
        else:
            high = level
    count = _above(gradient, low, found, places)
    return count if count >= least else _above(gradient, np.float32(-1), found, places)


@compiled
def _above(
    gradient: Floats, low: np.float32, found: Floats, places: NDArray[np.int32]
) -> int:  # pragma: no cover - compiled
    """`_steepest`, for what is above a level."""
    height, width = gradient.shape
    count = 0
    for y in range(height):
        for first in range(0, width, _BLOCK):
            block = gradient[y, first : first + _BLOCK]
            above = 0
            for i in range(len(block)):
                above += block[i] > low
            if above:
                for i in range(len(block)):
                    found[count], places[count, 0], places[count, 1] = block[i], y, first + i
                    count += block[i] > low
    return count


@compiled
def _beside(
    darkness: Floats, steep: Floats, places: NDArray[np.int32], level: np.float32, found: Floats
) -> int:  # pragma: no cover - compiled
    """Writes the greatest darkness about each of the `places` whose gradient, `steep`, reaches `level` to `found`; how
    many there are."""
    height, width = darkness.shape
    count = 0
    for i in range(len(steep)):
        y, x = places[i, 0], places[i, 1]
        left, right = max(0, x - 1), min(width - 1, x + 1)
        most = darkness[y, x]
        for v in range(y - 1, y + 2):
            row = darkness[min(max(v, 0), height - 1)]
            most = max(most, row[left], row[x], row[right])
        found[count] = most
        count += steep[i] >= level
    return count


def _median(values: Floats) -> np.float32:
    low, high = _ranked(values, 0.5 * (values.size - 1))
    return (low + high) / 2


def _ranked(values: Floats, at: float) -> tuple[np.float32, np.float32]:
    """The values, none below 0, before and behind the place `at` in ascending order; the same where it is a whole
    number."""
    found = np.empty(2, np.int32)
    _rank(values.ravel().view(np.int32), int(at), math.ceil(at), found)
    low, high = found.view(np.float32)
    return low, high


@compiled
def _rank(
    values: NDArray[np.int32], rank: int, other: int, found: NDArray[np.int32]
) -> None:  # pragma: no cover - compiled
    """Finds by halving what has `rank` values before it, and what has `other`, which is the same or one more. Floats
    from 0 on are in the order of their bits."""
    low, high = 0, 0x7F800000
    while low < high:
        level = (low + high) >> 1
        if _up_to(values, np.int32(level)) > rank:
            high = level
        else:
            low = level + 1
    above = 0x7F800000
    for i in range(len(values)):
        above = min(above, values[i] if values[i] > low else above)
    found[0], found[1] = low, low if _up_to(values, np.int32(low)) > other else above


@compiled
def _up_to(values: NDArray[np.int32], level: np.int32) -> np.int32:  # pragma: no cover - compiled
    """How many values are no greater: counted in as many bits as they have, so that the loop takes many at once."""
    count = np.int32(0)
    for i in range(len(values)):
        count = np.int32(count + np.int32(values[i] <= level))
    return count
