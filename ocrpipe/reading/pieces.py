"""The pieces of a field's ink: connected components, cut along seams of least ink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.geometry import Box
from ocrpipe.reading.seams import seams_of

_MIN_AREA = 5
_UNCUT_WIDTH = 13
"""A component narrower or lower than this (characters are 36 px tall) is one piece."""
_CUT_STEP = 4
"""Least distance between two cuts, px."""
_DOT = 11
"""A component with both sides (and their soft edges) no longer than this, px, is a dot."""

_BAR = 8
"""Most rows, px, of a bar that may be what is left of a printed line, its soft edges included."""
_EDGE = 0.1
"""How far from the edge of the cells such a bar may lie, as a share of their height; half as far from the line between
two cells, as a share of their pitch."""


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


def labelled(
    core: NDArray[np.bool_],
) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.float64]]:
    """8-connected components: labels (H, W), statistics and centres of each, of which the first is the background.

    OpenCV counts in 16 bits in half the time, but not beyond: with a component in every other place of every other
    row it would fail.
    """
    height, width = core.shape
    most = ((height + 1) // 2) * ((width + 1) // 2)
    kind = cv2.CV_16U if most < np.iinfo(np.uint16).max else cv2.CV_32S
    _, labels, stats, centres = cv2.connectedComponentsWithStats(core.view(np.uint8), connectivity=8, ltype=kind)
    return np.asarray(labels), np.asarray(stats, np.int32), np.asarray(centres, np.float64)


def components(ink: NDArray[np.uint8], box: Box) -> list[Piece]:
    """Connected components of `ink` (H, W; ink above 127) whose middle lies in `box`.

    Each keeps the soft edge that belongs to it, one pixel around its core.
    """
    labels, stats, centres = labelled(ink > 127)
    large = stats[:, cv2.CC_STAT_AREA] >= _MIN_AREA
    inside = (box.x0 <= centres[:, 0]) & (centres[:, 0] <= box.x1)
    inside &= (box.y0 <= centres[:, 1]) & (centres[:, 1] <= box.y1)
    height, width = ink.shape
    found = []
    places = stats.tolist()
    for label in (1 + np.flatnonzero((large & inside)[1:])).tolist():
        x, y, w, h, area = places[label]
        x0, y0, x1, y1 = max(0, x - 1), max(0, y - 1), min(width, x + w + 1), min(height, y + h + 1)
        soft = np.zeros((y1 - y0, x1 - x0), np.uint8)
        _soften(ink[y0:y1, x0:x1], labels[y0:y1, x0:x1], label, soft)
        found.append(Piece(x0, y0, soft, area, dot=max(x1 - x0, y1 - y0) <= _DOT))
    return found


def cut(part: Piece) -> list[Piece]:
    """The component in pieces, from left to right; one piece where it is narrow."""
    height, width = part.ink.shape
    if width < _UNCUT_WIDTH or height < _UNCUT_WIDTH:
        return [part]
    seams, costs = seams_of(part.ink, _pen_width(part.ink, part.area), _CUT_STEP)
    if not len(seams):
        return [part]
    sides = np.zeros((height, width), np.int32)
    _count_seams(seams, sides)
    strength = [0.0, *costs.tolist(), 0.0]
    pieces = (_trimmed(part, sides, i, strength[i], strength[i + 1]) for i in range(len(seams) + 1))
    return [piece for piece in pieces if piece is not None]


def in_cells(parts: list[Piece], box: Box, cells: int, cents_cells: int) -> tuple[list[Piece], int | None]:
    """One piece for each inked cell, and the node before which a printed decimal point stands.

    A component goes to the cell that holds most of it; only what reaches over more than a third of the
    next cell is cut at the line between them. What a printed line has left is no writing.
    """
    pitch = box.width / cells
    by_cell: dict[int, list[Piece]] = {}
    for part in parts:
        if part.dot or _is_edge(part, box):  # dirt, the rest of a line, a decimal point printed between cells
            continue
        first, last, home = (
            int(min(max((x - box.x0) / pitch, 0), cells - 1)) for x in (part.x0, part.x1 - 1, part.centre)
        )
        if first == last:
            by_cell.setdefault(home, []).append(part)
            continue
        columns = np.arange(part.x0, part.x1)
        owner = np.minimum(np.maximum((columns - box.x0) / pitch, 0), cells - 1).astype(np.int32)
        reach = np.bincount(owner, minlength=cells).tolist()
        for cell in range(first, last + 1):
            if cell != home and reach[cell] <= pitch / 3:
                owner[owner == cell] = home
        owners = np.repeat(owner[None], part.ink.shape[0], axis=0)
        for cell in np.flatnonzero(np.bincount(owner)).tolist():
            piece = _trimmed(part, owners, cell)
            if piece is not None:
                by_cell.setdefault(cell, []).append(piece)
    for cell, inside in by_cell.items():
        written = [p for p in inside if not _is_side(p, box.x0 + cell * pitch, pitch)]
        if sum(p.area for p in written) > 0.5 * sum(p.area for p in inside):
            by_cell[cell] = written
    order = sorted(by_cell)
    point = sum(cell < cells - cents_cells for cell in order) if cents_cells else None
    if point is not None and point == len(order):
        point = None
    return [joined(by_cell[cell]) for cell in order], point


def _is_edge(part: Piece, box: Box) -> bool:
    """A thin bar that lies along the upper or lower edge of the cells: what a box drawn a little off has left."""
    height, width = part.ink.shape
    middle = (part.y0 + part.y1) / 2
    near = min(abs(middle - box.y0), abs(middle - box.y1)) < _EDGE * box.height
    return near and height <= _BAR and width >= 3 * height


def _is_side(part: Piece, left: float, pitch: float) -> bool:
    """A thin bar that stands along the line between two cells, `left` being that before its own."""
    height, width = part.ink.shape
    near = min(abs(part.centre - left), abs(part.centre - left - pitch)) < _EDGE / 2 * pitch
    return near and width <= _BAR and height >= 3 * width


def joined(parts: list[Piece]) -> Piece:
    """Several pieces as one, as if nothing had been cut between them."""
    if len(parts) == 1:
        return Piece(parts[0].x0, parts[0].y0, parts[0].ink, parts[0].area)
    x0, y0 = min(p.x0 for p in parts), min(p.y0 for p in parts)
    ink = np.zeros((max(p.y1 for p in parts) - y0, max(p.x1 for p in parts) - x0), np.uint8)
    for p in parts:
        view = ink[p.y0 - y0 : p.y1 - y0, p.x0 - x0 : p.x1 - x0]
        np.maximum(view, p.ink, out=view)
    return Piece(x0, y0, ink, sum(p.area for p in parts))


def _trimmed(
    part: Piece, owners: NDArray[np.int32], owner: int, cut_left: float = 0.0, cut_right: float = 0.0
) -> Piece | None:
    """What one of the `owners` (h, w) has of the part; None where it is less than a speck."""
    x0, y0, x1, y1, area = _extent(part.ink, owners, owner)
    if area < _MIN_AREA:
        return None
    ink = part.ink[y0:y1, x0:x1] * (owners[y0:y1, x0:x1] == owner)
    return Piece(part.x0 + x0, part.y0 + y0, ink, area, cut_left, cut_right)


@compiled
def _soften(
    ink: NDArray[np.uint8], labels: NDArray[Any], label: int, soft: NDArray[np.uint8]
) -> None:  # pragma: no cover - compiled
    """Draws the ink of one component and of the soft pixels, nobody's own, that touch it."""
    height, width = ink.shape
    for y in range(height):
        for x in range(width):
            if labels[y, x] == label:
                soft[y, x] = ink[y, x]
            elif ink[y, x] and labels[y, x] == 0:
                for v in range(max(0, y - 1), min(height, y + 2)):
                    for u in range(max(0, x - 1), min(width, x + 2)):
                        if labels[v, u] == label:
                            soft[y, x] = ink[y, x]


@compiled
def _pen_width(ink: NDArray[np.uint8], area: int) -> float:  # pragma: no cover - compiled
    """Twice the mean distance from ink to paper along the stroke's middle, about 2 · area / outline."""
    height, width = ink.shape
    outline = 0
    for y in range(height):
        for x in range(width):
            if ink[y, x] > 127:
                inner = 0 < y < height - 1 and 0 < x < width - 1
                for v in range(y - 1, y + 2):
                    for u in range(x - 1, x + 2):
                        inner = inner and ink[v, u] > 127
                outline += not inner
    return min(max(2.0 * area / max(outline, 1), 2.0), 9.0)


@compiled
def _count_seams(seams: NDArray[np.int32], sides: NDArray[np.int32]) -> None:  # pragma: no cover - compiled
    """Adds to (h, width) how many of the seams (K, h) lie to the left of each pixel, or on it."""
    for k in range(seams.shape[0]):
        for y in range(sides.shape[0]):
            for x in range(seams[k, y], sides.shape[1]):
                sides[y, x] += 1


@compiled
def _extent(
    ink: NDArray[np.uint8], owners: NDArray[np.int32], owner: int
) -> tuple[int, int, int, int, int]:  # pragma: no cover - compiled
    """x0, y0, x1, y1 of an owner's ink, its faint edges left out, and how many pixels of it are dark."""
    height, width = ink.shape
    x0, y0, x1, y1, area = width, height, 0, 0, 0
    for y in range(height):
        for x in range(width):
            if owners[y, x] == owner and ink[y, x] > 32:
                x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x + 1), y + 1
                area += ink[y, x] > 127
    return x0, y0, x1, y1, area
