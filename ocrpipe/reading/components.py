"""The connected components of a field's ink, told by the ends of its runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.geometry import Box
from ocrpipe.marks import Marks, Places, Runs, marks_of
from ocrpipe.reading.pieces import AREA, BEGIN, CUT_LEFT, CUT_RIGHT, DOT, MIN_AREA, X0, X1, Y0, Y1, Ink, Pieces, Table

_DOT = 11
"""A component with both sides (and their soft edges) no longer than this, px, is a dot."""


def middles(marks: Marks) -> NDArray[np.float64]:
    """(C, 2): the mean x and y of each mark."""
    found = np.zeros((len(marks.places), 2), np.float64)
    _find_middles(marks.runs, marks.piece, marks.places, found)
    return found


@compiled
def _find_middles(
    runs: Runs, piece: NDArray[np.int32], places: Places, found: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    for run in range(len(runs)):
        row, left, right = runs[run, 0], runs[run, 1], runs[run, 2]
        found[piece[run], 0] += (left + right - 1) * (right - left) / 2
        found[piece[run], 1] += row * (right - left)
    for i in range(len(places)):
        found[i, 0] /= places[i, 4]
        found[i, 1] /= places[i, 4]


def components(ink: Ink, box: Box) -> Pieces:
    """Connected components of `ink` (H, W; ink above 127) whose middle lies in `box`.

    Each keeps the soft edge that belongs to it, one pixel around its core.
    """
    marks = marks_of((ink > 127).view(np.uint8))
    x, y = middles(marks).T
    inside = (box.x0 <= x) & (x <= box.x1) & (box.y0 <= y) & (y <= box.y1) & (marks.places[:, 4] >= MIN_AREA)
    order = _numbered(marks.runs, marks.piece, inside)
    return Pieces(*_components(ink, marks.runs, marks.piece, marks.places, order))


@compiled
def _components(
    ink: Ink, runs: Runs, piece: NDArray[np.int32], places: Places, order: NDArray[np.int64]
) -> tuple[Table, Ink]:  # pragma: no cover - compiled
    """What lies next to a run and is dark belongs to it: with the soft edge it is copied from there."""
    height, width = ink.shape
    number = np.empty(len(places), np.int64)
    table = np.empty((len(order), 9), np.float64)
    size = 0
    for i in range(len(places)):
        number[i] = -1
    for k in range(len(order)):
        i = order[k]
        x0, y0 = max(0, places[i, 0] - 1), max(0, places[i, 1] - 1)
        x1 = min(width, places[i, 0] + places[i, 2] + 1)
        y1 = min(height, places[i, 1] + places[i, 3] + 1)
        number[i] = k
        table[k, X0], table[k, Y0], table[k, X1], table[k, Y1] = x0, y0, x1, y1
        table[k, DOT], table[k, AREA] = max(x1 - x0, y1 - y0) <= _DOT, places[i, 4]
        table[k, CUT_LEFT], table[k, CUT_RIGHT], table[k, BEGIN] = 0, 0, size
        size += (x1 - x0) * (y1 - y0)
    pictures = np.empty(size, np.uint8)
    for i in range(size):
        pictures[i] = 0
    for run in range(len(runs)):
        k = number[piece[run]]
        if k < 0:
            continue
        x0, y0, x1, begin = int(table[k, X0]), int(table[k, Y0]), int(table[k, X1]), int(table[k, BEGIN])
        for y in range(max(0, runs[run, 0] - 1), min(height, runs[run, 0] + 2)):
            row = begin + (y - y0) * (x1 - x0) - x0
            for x in range(max(0, runs[run, 1] - 1), min(width, runs[run, 2] + 1)):
                pictures[row + x] = ink[y, x]
    return table, pictures


@compiled
def _numbered(
    runs: Runs, piece: NDArray[np.int32], kept: NDArray[np.bool_]
) -> NDArray[np.int64]:  # pragma: no cover - compiled
    """Those that are `kept` as OpenCV numbers them: by the first pair of rows, then by the first pair of columns that
    they reach. So pieces that stand above each other come in one order."""
    first = np.empty(len(kept), np.int64)
    for i in range(len(kept)):
        first[i] = 1 << 62
    for run in range(len(runs)):
        first[piece[run]] = min(first[piece[run]], (runs[run, 0] // 2 << 32) + runs[run, 1] // 2)
    order, count = np.empty(len(kept), np.int64), 0
    for i in range(len(kept)):
        if kept[i]:
            k = count
            while k > 0 and first[order[k - 1]] > first[i]:
                order[k] = order[k - 1]
                k -= 1
            order[k] = i
            count += 1
    return order[:count]
