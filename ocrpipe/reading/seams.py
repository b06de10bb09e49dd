"""Where a component of the ink may be cut: along seams of least ink, and from notch to notch of its outline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled

_MAX_CUT = 2.4
"""A seam through more ink than this many pen widths is no candidate."""
_STRAIGHT_CUT = 3.4
"""What a straight cut costs, in pen widths: more than any seam."""
_NOTCH, _REACH, _LEAN = 1, 14, 10
"""A notch lies this much nearer to the middle than the outline on both of its sides within reach; one above may
belong to any below that is at most so far to a side. All in px, characters 36 px tall."""
_BESIDE = 5
"""A seam that keeps within this of a straight cut spares it, px."""


def seams_of(ink: NDArray[np.uint8], pen: float, step: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Seams (K, h), columns from left to right, and what each costs (K,), in widths of the `pen`. No two seams of
    least ink are within `step` in the middle.

    Where walls lie on each other, as those of two zeros or of a 1 and a 5 do, a seam of least ink goes around them,
    through one of the characters: there, a straight cut is a candidate whatever it goes through.
    """
    seams, through = _seams(ink, 255.0 * pen * _MAX_CUT, step)
    costs = np.asarray(through / (255.0 * pen), np.float64)
    straight = [line for line in _straight(ink, step) if (np.abs(seams - line).max(axis=1) > _BESIDE).all()]
    if not straight:
        return seams, costs
    seams = np.vstack([seams, *straight])
    costs = np.concatenate([costs, np.full(len(straight), _STRAIGHT_CUT)])
    order = np.argsort(seams[:, ink.shape[0] // 2], kind="stable")
    return np.ascontiguousarray(seams[order]), costs[order]


@compiled
def _straight(ink: NDArray[np.uint8], step: int) -> NDArray[np.int32]:  # pragma: no cover - compiled
    """(K, h): columns of straight cuts from notches above to those below that may belong to them."""
    height, width = ink.shape
    above, below = np.full(width, height), np.full(width, height)
    for y in range(height):
        for x in range(width):
            if ink[y, x] > 127:
                above[x] = min(above[x], y)
                below[x] = height - 1 - y
    upper, lower = _notches(above, step), _notches(below, step)
    lines = np.empty((len(upper) * len(lower), height), np.int32)
    count = 0
    for x in upper:
        for other in lower:
            if abs(other - x) > _LEAN:
                continue
            first, last = above[x], height - 1 - below[other]
            for y in range(height):
                way = min(max((y - first) / max(last - first, 1), 0.0), 1.0)
                lines[count, y] = int(np.rint(x + (other - x) * way))
            count += 1
    return lines[:count]


@compiled
def _notches(depth: NDArray[np.int64], step: int) -> NDArray[np.int64]:  # pragma: no cover - compiled
    """Columns where an outline, its depth from outside, draws in deepest; the middle of those within a `step`."""
    width = len(depth)
    found = np.empty(width, np.int64)
    count, since, last = 0, 0, -width
    for x in range(3, width - 3):
        beside = max(depth[max(0, x - _REACH) : x].min(), depth[x + 1 : x + _REACH + 1].min())
        if depth[x] - beside < _NOTCH or depth[x] < depth[max(0, x - step) : x + step + 1].max():
            continue
        if x > last + step:
            since = x
            count += 1
        last = x
        found[count - 1] = (since + last) // 2
    return found[:count]


@compiled
def _seams(
    ink: NDArray[np.uint8], limit: float, step: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:  # pragma: no cover - compiled
    """Seams of least ink from top to bottom, one through the middle row at each local minimum.

    Returns (K, h) columns and (K,) costs; a step aside costs a little, so that seams stay steep.
    """
    height, width = ink.shape
    aside = 24
    middle = height // 2
    down, up = _sums(ink, aside), _sums(np.ascontiguousarray(ink[::-1]), aside)[::-1]
    cost = down[middle] + up[middle] - ink[middle]
    taken = np.zeros(width, np.bool_)
    count = 0
    while True:
        least = -1  # the cheapest local minimum that is still free
        for x in range(3, width - 3):
            if cost[x] > limit or cost[x] > cost[x - 1] or cost[x] > cost[x + 1]:
                continue
            if (least < 0 or cost[x] < cost[least]) and not taken[max(0, x - step + 1) : x + step].any():
                least = x
        if least < 0:
            break
        taken[least] = True
        count += 1
    columns = np.flatnonzero(taken)
    paths = np.empty((count, height), np.int32)
    for k in range(count):
        paths[k, middle] = columns[k]
        for y in range(middle - 1, -1, -1):
            paths[k, y] = _nearest(down[y], paths[k, y + 1], aside)
        for y in range(middle + 1, height):
            paths[k, y] = _nearest(up[y], paths[k, y - 1], aside)
    return paths, cost[columns]


@compiled
def _sums(ink: NDArray[np.uint8], aside: int) -> NDArray[np.int32]:  # pragma: no cover - compiled
    """(h, w): the least ink on a way from the first row to each pixel, with `aside` for every step to a side."""
    height, width = ink.shape
    sums = np.full((height, width + 2), 1 << 30, np.int32)  # nothing comes in from beyond the sides
    sums[0, 1:-1] = ink[0]
    for y in range(1, height):
        for x in range(width):
            beside = min(sums[y - 1, x], sums[y - 1, x + 2]) + aside
            sums[y, x + 1] = min(sums[y - 1, x + 1], beside) + ink[y, x]
    return sums[:, 1:-1]


@compiled
def _nearest(row: NDArray[np.int32], x: int, aside: int) -> int:  # pragma: no cover - compiled
    best, where = row[x], x
    if x > 0 and row[x - 1] + aside < best:
        best, where = row[x - 1] + aside, x - 1
    if x + 1 < row.shape[0] and row[x + 1] + aside < best:
        where = x + 1
    return where
