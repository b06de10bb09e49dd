"""From a clean field to a lattice of candidate characters: cut too often, join every way.

The field is brought to one frame first: characters 36 px tall and upright. Connected components are
cut along seams of least ink (Fenrich & Krishnamoorthy 1990; the over-segmentation of LeCun et al.
1998, section VI), pieces are ordered from left to right, and every run of pieces that could be one
character becomes an edge. Polarity flips here, once: paper is 0 from here on.
"""

from __future__ import annotations

from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.geometry import Box, Transform, apply, scaling, translation
from ocrpipe.reading.crops import CROP, CROP_FLOOR, crops_of, fit_crop
from ocrpipe.reading.pieces import Piece, components, cut, in_cells, labelled
from ocrpipe.records import FieldImage, Lattice

__all__ = ["CROP", "CROP_FLOOR", "LINE_HEIGHT", "SHAPE_NAMES", "fit_crop", "lattice_with_pieces", "segment"]

LINE_HEIGHT = 36.0
"""Height of a character in the frame where cuts are sought, px."""
MAX_PIECES = 11
MAX_WIDTH = 56
"""Widest candidate, px in that frame."""
MAX_GAP = 15
"""Widest gap inside a candidate, px in that frame."""
SHAPE_NAMES = (
    "height", "width", "top", "bottom", "ink", "gap_left", "gap_right", "cut_left", "cut_right", "pieces",
)  # fmt: skip
"""Sizes in line heights (36 px); top and bottom measured down from the top of the line; cut costs in pen widths."""

Floats = NDArray[np.float64]
Runs = NDArray[np.int32]

_SHEARS = np.arange(-0.5, 0.95, 0.1)
_CORNERS = [0, 1, 2, 1, 2, 3, 0, 3]
"""x0, y0, x1, y1 as the corners of a box: their columns."""


def segment(field: FieldImage) -> Lattice:
    """All candidate characters of a clean field (paper 255, threshold 128, ink 0)."""
    return lattice_with_pieces(field)[0]


def lattice_with_pieces(field: FieldImage) -> tuple[Lattice, list[Piece], Transform]:
    """The lattice, its pieces, and the map from field pixels to the frame of the pieces (for teaching)."""
    dark = field.pixels < 128
    to_frame, width, height = _frame(field, dark)
    drawn = cv2.warpAffine(255 - field.pixels, to_frame[:2], (width, height), flags=cv2.INTER_LINEAR)
    ink = np.asarray(drawn, np.uint8)
    share = float(dark.mean())
    box = _box_in_frame(field.box, to_frame)
    found = components(ink, box)
    if field.spec.cells:
        pieces, given = in_cells(found, box, field.spec.cells, field.spec.cents_cells)
    else:
        pieces, given = [piece for part in found for piece in cut(part)], None
        pieces.sort(key=lambda piece: piece.centre)
    return _lattice(field, pieces, given, to_frame, share), pieces, to_frame


def _frame(field: FieldImage, ink: NDArray[np.bool_]) -> tuple[Transform, int, int]:
    """Field pixels → a frame in which characters are `LINE_HEIGHT` tall and upright; its width and height."""
    height, width = ink.shape
    _, stats, centres = labelled(ink)
    heights = stats[1:, cv2.CC_STAT_HEIGHT].astype(float)
    inside = (centres[1:, 1] > field.box.y0) & (centres[1:, 1] < field.box.y1) & (stats[1:, cv2.CC_STAT_AREA] > 8)
    tall = heights[inside & (heights >= 0.35 * max(heights[inside], default=0.0))]
    line = float(np.percentile(tall, 70)) if tall.size else field.box.height * 0.7
    if field.spec.cells:
        line = max(line, 0.35 * field.box.height)
    scale = LINE_HEIGHT / max(line, 6.0)
    shear = _slant(ink, _SHEARS) if not field.spec.cells else 0.0
    centre = height / 2
    upright = np.array([(1.0, shear, -shear * centre), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
    margin = abs(shear) * height / 2
    to_frame = scaling(scale, scale) @ translation(margin, 0.0) @ upright
    return to_frame, max(1, round((width + 2 * margin) * scale)), max(1, round(height * scale))


@compiled
def _slant(ink: NDArray[np.bool_], shears: NDArray[np.float64]) -> float:  # pragma: no cover - compiled
    """The shear (columns per row) that gathers the ink into the fewest columns."""
    y, x = np.nonzero(ink)
    if len(x) < 20:
        return 0.0
    middle = y.mean()
    reach = int(np.abs(shears).max() * ink.shape[0]) + 2
    best, best_score = 0.0, -1.0
    for shear in shears:
        profile = np.zeros(ink.shape[1] + 2 * reach, np.int64)
        for i in range(len(x)):
            profile[reach + int(np.floor(x[i] + shear * (y[i] - middle) + 0.5))] += 1
        score = (profile**2).sum() * (1.0 - 0.08 * abs(shear))
        if score > best_score:
            best, best_score = shear, score
    return best


def _box_in_frame(box: Box, to_frame: Transform) -> Box:
    corners = apply(to_frame, box.corners())
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return Box(float(x0), float(y0), float(x1), float(y1))


def _lattice(field: FieldImage, pieces: list[Piece], given: int | None, to_frame: Transform, share: float) -> Lattice:
    """Edges over every admissible run of pieces; `given` is the node where a decimal point is printed."""
    top, bottom = _line(pieces)
    table = _table(pieces)
    runs = _runs(table, 1 if field.spec.cells else MAX_PIECES)
    bounds = _bounds(table, runs)
    shapes = _shapes(table, runs, bounds, top, bottom)
    to_field = np.asarray(np.linalg.inv(to_frame), np.float64)
    corners = apply(to_field, bounds[:, _CORNERS].reshape(-1, 2)).reshape(-1, 4, 2)
    boxes = np.hstack([corners.min(axis=1), corners.max(axis=1)]).astype(np.float32)
    starts, ends = np.ascontiguousarray(runs.T)
    span = min((p.x0 for p in pieces), default=0), top, max((p.x1 for p in pieces), default=0), bottom
    crops = crops_of(pieces, runs)
    return Lattice(field, len(pieces) + 1, starts, ends, crops, boxes, shapes, share, to_frame, span, given)


def _line(pieces: list[Piece]) -> tuple[float, float]:
    """Top and bottom of the line of writing: medians over the tall pieces."""
    tall = [p for p in pieces if p.height >= 0.6 * LINE_HEIGHT] or pieces
    if not tall:
        return 0.0, LINE_HEIGHT
    return float(median(p.y0 for p in tall)), float(median(p.y1 for p in tall))


def _table(pieces: list[Piece]) -> Floats:
    """(P, 8): the pieces for compiled code: x0, y0, x1, y1, whether a dot, area, and the cuts at both sides."""
    rows = [(p.x0, p.y0, p.x1, p.y1, p.dot, p.area, p.cut_left, p.cut_right) for p in pieces]
    return np.array(rows, np.float64).reshape(-1, 8)


@compiled
def _runs(table: Floats, most: int) -> Runs:  # pragma: no cover - compiled
    """(E, 2), first piece and the one after the last: each piece alone, and all runs of up to `most` of them that are
    not too wide, without a gap that no broken character has, and not swallowing a point at either end."""
    runs = np.empty((len(table) * most, 2), np.int32)
    count = 0
    for first in range(len(table)):
        left, reach = table[first, 0], table[first, 2]
        for last in range(first, min(first + most, len(table))):
            x0, x1 = table[last, 0], table[last, 2]
            gap = x0 - reach
            left, reach = min(left, x0), max(reach, x1)
            if last > first and (table[first, 4] or reach - left > MAX_WIDTH or gap > MAX_GAP):
                break
            if last == first or not table[last, 4]:
                runs[count] = first, last + 1
                count += 1
    return runs[:count]


@compiled
def _bounds(table: Floats, runs: Runs) -> Floats:  # pragma: no cover - compiled
    """(E, 4): x0, y0, x1, y1 of the runs."""
    bounds = np.empty((len(runs), 4))
    for k in range(len(runs)):
        bounds[k] = table[runs[k, 0], :4]
        for i in range(runs[k, 0] + 1, runs[k, 1]):
            for side in range(2):
                bounds[k, side] = min(bounds[k, side], table[i, side])
                bounds[k, side + 2] = max(bounds[k, side + 2], table[i, side + 2])
    return bounds


@compiled
def _shapes(
    table: Floats, runs: Runs, bounds: Floats, top: float, bottom: float
) -> NDArray[np.float32]:  # pragma: no cover - compiled
    """(E, S): see `SHAPE_NAMES`."""
    shapes = np.empty((len(runs), len(SHAPE_NAMES)), np.float32)
    for k in range(len(runs)):
        first, after = runs[k]
        x0, y0, x1, y1 = bounds[k]
        gap_left = x0 - table[:first, 2].max() if first > 0 else np.inf
        gap_right = table[after:, 0].min() - x1 if after < len(table) else np.inf
        shapes[k] = (
            (y1 - y0) / LINE_HEIGHT,
            (x1 - x0) / LINE_HEIGHT,
            (y0 - top) / LINE_HEIGHT,
            (y1 - top) / max(bottom - top, 1.0),
            table[first:after, 5].sum() / LINE_HEIGHT**2,
            min(max(gap_left / LINE_HEIGHT, -1.0), 2.0),
            min(max(gap_right / LINE_HEIGHT, -1.0), 2.0),
            table[first, 6],
            table[after - 1, 7],
            float(after - first),
        )
    return shapes
