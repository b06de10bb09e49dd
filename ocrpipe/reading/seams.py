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
_ASIDE, _BEYOND = 24, 1 << 30
"""What a seam's step to a side adds to its ink, and what lies outside the picture."""
_BESIDE = 5
"""A seam that keeps within this of a straight cut spares it, px."""


@compiled
def seams_of(
    ink: NDArray[np.uint8], pen: float, step: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:  # pragma: no cover - compiled
    """Seams (K, h), columns from left to right, and what each costs (K,), in widths of the `pen`. No two seams of
    least ink are within `step` in the middle.

    Where walls lie on each other, as those of two zeros or of a 1 and a 5 do, a seam of least ink goes around them,
    through one of the characters: there, a straight cut is a candidate whatever it goes through.
    """
    least, through = _seams(ink, 255.0 * pen * _MAX_CUT, step)
    straight = _straight(ink, step)
    height, count = ink.shape[0], len(least)
    seams, costs = np.empty((count + len(straight), height), np.int32), np.empty(count + len(straight), np.float64)
    for k in range(count):
        costs[k] = through[k] / (255.0 * pen)
        for y in range(height):
            seams[k, y] = least[k, y]
    for i in range(len(straight)):
        near = False  # a seam that keeps beside it
        for k in range(len(least)):
            apart = 0
            for y in range(height):
                apart = max(apart, abs(least[k, y] - straight[i, y]))
            near = near or apart <= _BESIDE
        if near:
            continue
        k = count
        while k > 0 and seams[k - 1, height // 2] > straight[i, height // 2]:
            costs[k] = costs[k - 1]
            for y in range(height):
                seams[k, y] = seams[k - 1, y]
            k -= 1
        costs[k] = _STRAIGHT_CUT
        for y in range(height):
            seams[k, y] = straight[i, y]
        count += 1
    return seams[:count], costs[:count]


@compiled
def _straight(ink: NDArray[np.uint8], step: int) -> NDArray[np.int32]:  # pragma: no cover - compiled
    """(K, h): columns of straight cuts from notches above to those below that may belong to them."""
    height, width = ink.shape
    above, below = np.empty(width, np.int64), np.empty(width, np.int64)
    for x in range(width):
        above[x] = below[x] = height
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
    """Columns where an outline, its depth from outside, draws in deepest; the middle of those within a `step`,
    at most `_REACH`."""
    width = len(depth)
    found = np.empty(width, np.int64)
    count, since, last = 0, 0, -width
    for x in range(3, width - 3):
        left = right = deepest = depth[x]
        for u in range(max(0, x - _REACH), min(width, x + _REACH + 1)):
            if u < x:
                left = min(left, depth[u])
            else:
                right = min(right, depth[u])
            if abs(u - x) <= step:
                deepest = max(deepest, depth[u])
        if depth[x] - max(left, right) < _NOTCH or depth[x] < deepest:
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
    middle = height // 2
    sums = np.empty((2, height, width + 2), np.int32)
    for way in range(2):
        _sum_up(ink, way, sums[way])
    down, up = sums[0], sums[1]
    cost = np.empty(width, np.int32)
    taken = np.empty(width, np.int64)
    for x in range(width):
        cost[x] = down[middle, x + 1] + up[middle, x + 1] - ink[middle, x]
        taken[x] = 0
    count = 0
    while True:
        least = -1  # the cheapest local minimum that is still free
        for x in range(3, width - 3):
            if cost[x] > limit or cost[x] > cost[x - 1] or cost[x] > cost[x + 1]:
                continue
            if least >= 0 and cost[x] >= cost[least]:
                continue
            near = 0
            for u in range(max(0, x - step + 1), min(width, x + step)):
                near += taken[u]
            if not near:
                least = x
        if least < 0:
            break
        taken[least] = 1
        count += 1
    paths, through = np.empty((count, height), np.int32), np.empty(count, np.int32)
    k = 0
    for x in range(width):
        if taken[x]:
            paths[k, middle], through[k] = x, cost[x]
            for y in range(middle - 1, -1, -1):
                paths[k, y] = _nearest(down[y], paths[k, y + 1])
            for y in range(middle + 1, height):
                paths[k, y] = _nearest(up[y], paths[k, y - 1])
            k += 1
    return paths, through


@compiled
def _sum_up(ink: NDArray[np.uint8], way: int, sums: NDArray[np.int32]) -> None:  # pragma: no cover - compiled
    """Into column x + 1 of `sums`: the least ink on a way to pixel x from the first row (`way` 0) or from the last one
    (1), with `_ASIDE` for every step to a side."""
    height, width = ink.shape
    for y in range(height):  # nothing comes in from beyond the sides
        sums[y, 0] = sums[y, width + 1] = _BEYOND
    first, step = way * (height - 1), 1 - 2 * way
    for x in range(width):
        sums[first, x + 1] = ink[first, x]
    for i in range(1, height):
        y = first + i * step
        own, last, through = sums[y], sums[y - step], ink[y]
        for x in range(width):
            beside = min(last[x], last[x + 2]) + _ASIDE
            own[x + 1] = min(last[x + 1], beside) + through[x]


@compiled
def _nearest(row: NDArray[np.int32], x: int) -> int:  # pragma: no cover - compiled
    best, where = row[x + 1], x
    if row[x] + _ASIDE < best:
        best, where = row[x] + _ASIDE, x - 1
    if row[x + 2] + _ASIDE < best:
        where = x + 1
    return where
