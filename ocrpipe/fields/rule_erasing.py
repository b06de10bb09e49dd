"""Printed lines taken out of a field, but where strokes cross them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled

Darkness = NDArray[np.float32]
Mask = NDArray[np.bool_]
Rules = NDArray[np.float64]
"""(n, 5), each a line y = slope · x + offset: slope, offset, first and last column, how many rows it is thick."""
Spans = NDArray[np.int32]

_SOFT = 1.0
"""How far beyond its thickness a line's pixels may be from its centre, px."""


def erased(darkness: Darkness, ink: Mask, rules: Rules, *, upright: bool) -> Darkness:
    """The darkness without what the rules in `ink` take up; the very same where they take up nothing. Of `upright` ones
    `ink` holds the columns of the picture as rows."""
    spans = np.empty((len(rules), ink.shape[1], 2), np.int32)
    if not len(rules) or not _trace(ink, rules, spans):
        return darkness
    bare = darkness.copy()
    _erase(spans, upright, bare)
    return bare


@compiled
def sides_of(ink: Mask, rule: Rules) -> Mask:  # pragma: no cover - compiled
    """(3, W), for each column: ink on the line, just above it, just below it."""
    height, width = ink.shape
    half = rule[4] / 2 + _SOFT
    sides = np.empty((3, width), np.bool_)
    for x in range(width):
        centre = rule[0] * x + rule[1]
        sides[0, x] = sides[1, x] = sides[2, x] = False
        for y in range(max(0, int(centre - half) - 3), min(height, int(centre + half) + 4)):
            if not ink[y, x]:
                continue
            if abs(y - centre) <= half:
                sides[0, x] = True
            elif centre - half - 2.5 <= y < centre - half:
                sides[1, x] = True
            elif centre + half < y <= centre + half + 2.5:
                sides[2, x] = True
    return sides


@compiled
def _trace(ink: Mask, rules: Rules, spans: Spans) -> bool:  # pragma: no cover - compiled
    """Writes the rows (n, W, 2), first and the one after the last, that rules take up in each column, but in the few
    where a stroke goes through: with ink on both sides, or next to it. Whether there are any.

    A stroke crosses in a short run of columns; a longer run is writing that leans on the line.
    """
    height, width = ink.shape
    within = np.empty(width, np.bool_)
    found = False
    for k in range(len(rules)):
        rule = rules[k]
        sides, half, since = sides_of(ink, rule), rule[4] / 2 + _SOFT, 0
        for x in range(width + 1):
            over = under = False
            for u in range(max(0, x - 1), min(width, x + 2)):
                over, under = over or sides[1, u], under or sides[2, u]
            if x < width and over and under:
                continue
            for u in range(since, x):
                within[u] = x - since > 4 * rule[4] + 6
            if x < width:
                within[x] = True
            since = x + 1
        begin, end = max(0, int(rule[2]) - 4), min(int(rule[3]) + 5, width)
        for x in range(width):
            spans[k, x, 0] = spans[k, x, 1] = 0
            if begin <= x < end and within[x]:
                centre = rule[0] * x + rule[1]
                top, bottom = max(0, int(np.ceil(centre - half))), min(height, int(np.floor(centre + half)) + 1)
                spans[k, x, 0], spans[k, x, 1] = top, bottom
                found = found or top < bottom
    return found


@compiled
def _erase(spans: Spans, upright: bool, darkness: Darkness) -> None:  # pragma: no cover - compiled
    """Sets to 0 what the rules take up, and the pixels next to it; the columns of `upright` rules are rows."""
    length, height = spans.shape[1], darkness.shape[1 if upright else 0]
    for k in range(len(spans)):
        for x in range(length):
            top, bottom = spans[k, x, 0], spans[k, x, 1]
            if top >= bottom:
                continue
            for y in range(max(0, top - 1), min(height, bottom + 1)):
                for u in range(max(0, x - 1), min(length, x + 2)):
                    if upright:
                        darkness[u, y] = 0
                    else:
                        darkness[y, u] = 0
