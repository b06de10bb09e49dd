"""Sheets that touch have one outline; its notches tell where one ends and the next begins."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.scans.bed import Outline
from ocrpipe.scans.outline import Shape, polygon, shape_of

_LEAST_NOTCH_PX = 1.5
_MOST_NOTCHES = 6
_MOST_CORNERS = 40
"""An outline with more is that of no sheets."""
_TRIED = 2
"""So many of the likeliest first parts are followed to the end."""
_MOST_PARTS = 6
_LEAST_POINTS = 16
_ONE, _PERHAPS_ONE = (0.985, 1.03), (0.93, 1.06)
"""Area of an outline over that of the rectangle through it."""
_MOST_BOW = 0.012
"""Of the worst side, as a share of its length."""


def is_one(shape: Shape) -> bool:
    """Whether an outline is so good a rectangle that nothing else is to be looked for in it."""
    return _ONE[0] <= shape.filled <= _ONE[1] and shape.bow <= _MOST_BOW


def may_be_one(shape: Shape) -> bool:
    """Whether an outline passes for one sheet where it cannot be parted: a corner torn off, dirt at an edge."""
    return _PERHAPS_ONE[0] <= shape.filled <= _PERHAPS_ONE[1] and shape.bow <= _MOST_BOW


def parted(outline: Outline, size: tuple[int, int], least_px: float, most: int = _MOST_PARTS) -> list[Shape]:
    """Cuts an outline from notch to notch until every part is a rectangle of at least `least_px` along its short
    side; empty where that does not come out. `size` is width and height of the picture.

    The best sheet is taken off first, then the rest is looked at in the same way.
    """
    tried = [(shape, rest) for part, rest in _cuts(outline, least_px) if (shape := _sheet(part, size, least_px))]
    for shape, rest in sorted(tried, key=lambda one: abs(1 - one[0].filled) + one[0].bow)[:_TRIED]:
        last = _sheet(rest, size, least_px)
        sure = last is not None and is_one(last)
        more = parted(rest, size, least_px, most - 1) if most > 2 and not sure else []
        if not more and last is not None:
            more = [last]
        if more:
            return [shape, *more]
    return []


def _sheet(outline: Outline, size: tuple[int, int], least_px: float) -> Shape | None:
    """The outline as one sheet, None where it is not one."""
    if len(outline) < _LEAST_POINTS:
        return None
    shape = shape_of(outline, size)
    if shape is None or not may_be_one(shape):
        return None
    sides = np.roll(shape.corners, -1, axis=0) - shape.corners
    return shape if np.hypot(sides[:, 0], sides[:, 1]).min() >= least_px else None


def _cuts(outline: Outline, least_px: float) -> list[tuple[Outline, Outline]]:
    """Every part that a cut between two notches, or from a notch along a side that ends in it, makes a rectangle of,
    and what is left."""
    corners = polygon(outline)
    if not 5 <= len(corners) <= _MOST_CORNERS:
        return []
    notches = _notches(corners)[:_MOST_NOTCHES]
    points = outline.reshape(-1, 2)
    index = [int(np.abs(points - corners[at]).sum(axis=1).argmin()) for at in notches]
    ends = list(combinations(index, 2))
    for at, here in zip(notches, index, strict=True):
        for neighbour in (corners[at - 1], corners[(at + 1) % len(corners)]):
            there = _ray(points, corners[at], corners[at] - neighbour, here)
            if there is not None:
                ends.append((min(here, there), max(here, there)))
    cuts = [_cut(points, a, b) for a, b in ends if 8 < abs(b - a) < len(points) - 8]
    both = [pair for one, other in cuts for pair in ((one, other), (other, one))]
    return [(part, rest) for part, rest in both if _is_box(part, least_px)]


def _is_box(part: Outline, least_px: float) -> bool:
    """Whether the part fills the narrowest box around it, and that is hardly smaller than a sheet may be."""
    _, (width, height), _ = cv2.minAreaRect(part)
    return bool(min(width, height) > 0.9 * least_px and cv2.contourArea(part) > 0.88 * width * height)


def _notches(corners: NDArray[np.float64]) -> list[int]:
    """Corners of the polygon that point inwards: the ends of slits, at which it turns back, then the deepest."""
    before, after = corners - np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0) - corners
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    orientation = np.sign(cv2.contourArea(corners.astype(np.float32), oriented=True))
    base = np.roll(corners, -1, axis=0) - np.roll(corners, 1, axis=0)
    depth = np.abs(turn) / np.maximum(np.hypot(base[:, 0], base[:, 1]), 1e-9)
    lengths = np.hypot(before[:, 0], before[:, 1]) * np.hypot(after[:, 0], after[:, 1])
    slit = (before * after).sum(axis=1) < -0.7 * lengths
    inward = (turn * orientation < 0) & (depth >= _LEAST_NOTCH_PX) | slit
    return [int(at) for at in np.argsort(-depth - _MOST_NOTCHES * slit) if inward[at]]


def _ray(points: NDArray[np.int32], start: NDArray[np.float64], towards: NDArray[np.float64], here: int) -> int | None:
    """Where a line on from `start` leaves the outline: the nearest of its points ahead, as an index."""
    unit = towards / max(float(np.hypot(*towards)), 1e-9)
    gone = points - start
    ahead, off = gone @ unit, np.abs(gone @ np.array((-unit[1], unit[0])))
    far = (ahead > 1.5) & (off < 1.0)
    far[max(0, here - 6) : here + 7] = False
    if not far.any():
        return None
    return int(np.where(far, ahead, np.inf).argmin())


def _cut(points: NDArray[np.int32], a: int, b: int) -> tuple[Outline, Outline]:
    one, other = points[a : b + 1], np.concatenate([points[b:], points[: a + 1]])
    return one.reshape(-1, 1, 2), other.reshape(-1, 1, 2)
