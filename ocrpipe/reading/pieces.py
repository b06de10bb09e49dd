"""The pieces of a field's ink: connected components, cut along seams of least ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box
from ocrpipe.reading.compiled import compiled

_MIN_AREA = 5
_UNCUT_WIDTH = 13
"""A component narrower or lower than this (characters are 36 px tall) is one piece."""
_CUT_STEP = 4
"""Least distance between two cuts, px."""
_DOT = 11
"""A component with both sides (and their soft edges) no longer than this, px, is a dot."""
_MAX_CUT = 2.6
"""A seam through more ink than this many pen widths is no candidate."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of the ink: (h, w) uint8 at (x0, y0), 0 outside the part."""

    x0: int
    y0: int
    ink: NDArray[np.uint8]
    area: int
    cut_left: float = 0.0
    """What the cut at its left went through, in pen widths; 0 where nothing was cut."""
    cut_right: float = 0.0
    dot: bool = False
    """A component of its own, too small to be part of a digit: a point, or dirt."""

    @property
    def x1(self) -> int:
        return self.x0 + int(self.ink.shape[1])

    @property
    def y1(self) -> int:
        return self.y0 + int(self.ink.shape[0])

    @property
    def height(self) -> int:
        return int(self.ink.shape[0])

    @property
    def centre(self) -> float:
        return (self.x0 + self.x1) / 2


def components(ink: NDArray[np.uint8], box: Box) -> list[Piece]:
    """Connected components of `ink` (H, W; ink above 127) whose middle lies in `box`.

    Each keeps the soft edge that belongs to it, one pixel around its core.
    """
    core = (ink > 127).astype(np.uint8)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(core, connectivity=8, ltype=cv2.CV_16U)
    found = []
    height, width = ink.shape
    for label in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[label])
        cx, cy = centres[label]
        if area < _MIN_AREA or not (box.x0 <= cx <= box.x1 and box.y0 <= cy <= box.y1):
            continue
        x0, y0, x1, y1 = max(0, x - 1), max(0, y - 1), min(width, x + w + 1), min(height, y + h + 1)
        own = (labels[y0:y1, x0:x1] == label).astype(np.uint8)
        soft = cv2.dilate(own, np.ones((3, 3), np.uint8)) & ((labels[y0:y1, x0:x1] == 0) | (own > 0))
        found.append(Piece(x0, y0, ink[y0:y1, x0:x1] * soft.astype(np.uint8), area, dot=max(x1 - x0, y1 - y0) <= _DOT))
    return found


def cut(part: Piece) -> list[Piece]:
    """The component in pieces, from left to right; one piece where it is narrow."""
    height, width = part.ink.shape
    if width < _UNCUT_WIDTH or height < _UNCUT_WIDTH:
        return [part]
    pen = _pen_width(part)
    seams, costs = _seams(part.ink, 255.0 * pen * _MAX_CUT, _CUT_STEP)
    if not len(seams):
        return [part]
    columns = np.arange(width)
    side = (columns[None, None, :] >= seams[:, :, None]).sum(axis=0)  # (h, w): how many seams lie to the left
    strength = [0.0, *(costs / (255.0 * pen)), 0.0]
    pieces = []
    for index in range(len(seams) + 1):
        ink = np.where(side == index, part.ink, 0).astype(np.uint8)
        piece = _trimmed(ink, part.x0, part.y0, float(strength[index]), float(strength[index + 1]))
        if piece is not None:
            pieces.append(piece)
    return pieces


def in_cells(parts: list[Piece], box: Box, cells: int, cents_cells: int) -> tuple[list[Piece], int | None]:
    """One piece for each inked cell, and the node before which a printed decimal point stands.

    A component goes to the cell that holds most of it; only what reaches over more than a third of the
    next cell is cut at the line between them.
    """
    pitch = box.width / cells
    by_cell: dict[int, list[Piece]] = {}
    for part in parts:
        if part.dot:  # dirt, the rest of a line, a decimal point printed between cells
            continue
        first = int(np.clip((part.x0 - box.x0) / pitch, 0, cells - 1))
        last = int(np.clip((part.x1 - 1 - box.x0) / pitch, 0, cells - 1))
        home = int(np.clip((part.centre - box.x0) / pitch, 0, cells - 1))
        if first == last:
            by_cell.setdefault(home, []).append(part)
            continue
        columns = part.x0 + np.arange(part.ink.shape[1])
        owner = np.clip((columns - box.x0) / pitch, 0, cells - 1).astype(int)
        for cell in range(first, last + 1):
            reach = int((owner == cell).sum())
            if cell != home and reach <= pitch / 3:
                owner[owner == cell] = home
        for cell in np.unique(owner):
            piece = _trimmed(np.where(owner == cell, part.ink, 0).astype(np.uint8), part.x0, part.y0, 0.0, 0.0)
            if piece is not None:
                by_cell.setdefault(int(cell), []).append(piece)
    order = sorted(by_cell)
    point = sum(cell < cells - cents_cells for cell in order) if cents_cells else None
    if point is not None and point == len(order):
        point = None
    return [joined(by_cell[cell]) for cell in order], point


def joined(parts: list[Piece]) -> Piece:
    """Several pieces as one, as if nothing had been cut between them."""
    x0, y0 = min(p.x0 for p in parts), min(p.y0 for p in parts)
    ink = np.zeros((max(p.y1 for p in parts) - y0, max(p.x1 for p in parts) - x0), np.uint8)
    for p in parts:
        view = ink[p.y0 - y0 : p.y1 - y0, p.x0 - x0 : p.x1 - x0]
        np.maximum(view, p.ink, out=view)
    return Piece(x0, y0, ink, sum(p.area for p in parts))


def _trimmed(ink: NDArray[np.uint8], x0: int, y0: int, cut_left: float, cut_right: float) -> Piece | None:
    """The part of `ink` that holds something; None where less than a speck is left."""
    core = ink > 127
    area = int(core.sum())
    if area < _MIN_AREA:
        return None
    rows, columns = np.flatnonzero((ink > 32).any(axis=1)), np.flatnonzero((ink > 32).any(axis=0))
    part = np.ascontiguousarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return Piece(x0 + int(columns[0]), y0 + int(rows[0]), part, area, cut_left, cut_right)


def _pen_width(part: Piece) -> float:
    """Twice the mean distance from ink to paper along the stroke's middle, about 2 · area / outline."""
    core = np.pad((part.ink > 127).astype(np.uint8), 1)
    outline = int((core - cv2.erode(core, np.ones((3, 3), np.uint8))).sum())
    return float(np.clip(2.0 * part.area / max(outline, 1), 2.0, 9.0))


@compiled
def _seams(
    ink: NDArray[np.uint8], limit: float, step: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:  # pragma: no cover - compiled
    """Seams of least ink from top to bottom, one through the middle row at each local minimum.

    Returns (K, h) columns and (K,) costs; a step aside costs a little, so that seams stay steep.
    """
    height, width = ink.shape
    aside = 24.0
    middle = height // 2
    down = np.empty((height, width), np.float64)
    up = np.empty((height, width), np.float64)
    for x in range(width):
        down[0, x] = ink[0, x]
        up[height - 1, x] = ink[height - 1, x]
    for y in range(1, height):
        for x in range(width):
            best = down[y - 1, x]
            if x > 0:
                best = min(best, down[y - 1, x - 1] + aside)
            if x + 1 < width:
                best = min(best, down[y - 1, x + 1] + aside)
            down[y, x] = best + ink[y, x]
            z = height - 1 - y
            best = up[z + 1, x]
            if x > 0:
                best = min(best, up[z + 1, x - 1] + aside)
            if x + 1 < width:
                best = min(best, up[z + 1, x + 1] + aside)
            up[z, x] = best + ink[z, x]
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
    costs = np.empty(count, np.float64)
    for k in range(count):
        costs[k] = cost[columns[k]]
        x = columns[k]
        paths[k, middle] = x
        for y in range(middle - 1, -1, -1):
            x = _nearest(down[y], x, aside)
            paths[k, y] = x
        x = columns[k]
        for y in range(middle + 1, height):
            x = _nearest(up[y], x, aside)
            paths[k, y] = x
    return paths, costs


@compiled
def _nearest(row: NDArray[np.float64], x: int, aside: float) -> int:  # pragma: no cover - compiled
    best, where = row[x], x
    if x > 0 and row[x - 1] + aside < best:
        best, where = row[x - 1] + aside, x - 1
    if x + 1 < row.shape[0] and row[x + 1] + aside < best:
        where = x + 1
    return where
