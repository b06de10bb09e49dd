"""From a clean field to a lattice of candidate characters: cut too often, join every way.

The field is brought to one frame first: characters 36 px tall and upright. Connected components are
cut along seams of least ink (Fenrich & Krishnamoorthy 1990; the over-segmentation of LeCun et al.
1998, section VI), pieces are ordered from left to right, and every run of pieces that could be one
character becomes an edge. Polarity flips here, once: paper is 0 from here on.
"""

from __future__ import annotations

from math import ceil
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.geometry import Box, Transform
from ocrpipe.marks import Marks, Places, Runs, marks_of
from ocrpipe.reading.cells import in_cells
from ocrpipe.reading.components import components, middles
from ocrpipe.reading.crops import CROP, CROP_FLOOR, crops_of, fit_crop
from ocrpipe.reading.pieces import X0, X1, Y0, Y1, Piece, Pieces, cut
from ocrpipe.records import FieldImage, Lattice

__all__ = ["CROP", "CROP_FLOOR", "LINE_HEIGHT", "SHAPE_NAMES", "fit_crop", "lattice_with_pieces", "segment"]

LINE_HEIGHT = 36.0
"""Height of a character in the frame where cuts are sought, px."""
_STANDING_OUT, _FAR, _FARTHEST, _LEVEL = 3, 1.4, 3.5, 3
"""At most so many components may stand out, by at least and at most so many times as tall as the next, above at least
so many level ones."""
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

_SHEARS = np.arange(-0.5, 0.95, 0.1)


def segment(field: FieldImage) -> Lattice:
    """All candidate characters of a clean field (paper 255, threshold 128, ink 0)."""
    return _cut_up(field)[0]


def lattice_with_pieces(field: FieldImage) -> tuple[Lattice, list[Piece], Transform]:
    """The lattice, its pieces, and the map from field pixels to the frame of the pieces (for teaching)."""
    lattice, pieces = _cut_up(field)
    return lattice, pieces.each(), lattice.to_frame


def _cut_up(field: FieldImage) -> tuple[Lattice, Pieces]:
    dark = (field.pixels < 128).view(np.uint8)
    to_frame, width, height = _frame(field, marks_of(dark))
    drawn = cv2.warpAffine(cv2.bitwise_not(field.pixels), to_frame[:2], (width, height), flags=cv2.INTER_LINEAR)
    box = _box_in_frame(field.box, to_frame)
    parts = components(np.asarray(drawn, np.uint8), box)
    if field.spec.cells:
        pieces, given = in_cells(parts, box, field.spec.cells, field.spec.cents_cells)
    else:
        pieces, given = cut(parts), None
    share = np.count_nonzero(dark) / dark.size
    return _lattice(field, pieces, given, to_frame, share), pieces


def _frame(field: FieldImage, ink: Marks) -> tuple[Transform, int, int]:
    """Field pixels → a frame in which characters are `LINE_HEIGHT` tall and upright; its width and height."""
    height, width = ink.shape
    rows = middles(ink)[:, 1]
    inside = (rows > field.box.y0) & (rows < field.box.y1) & (ink.places[:, 4] > 8)
    line = _line_height(ink.places[inside]) or field.box.height * 0.7
    if field.spec.cells:
        line = max(line, 0.35 * field.box.height)
    scale = LINE_HEIGHT / max(line, 6.0)
    shear = _slant(ink) if not field.spec.cells else 0.0
    centre = height / 2
    margin = abs(shear) * height / 2
    edge = (scale - 1) / 2  # see `geometry.scaling`
    across = (scale, scale * shear, scale * (-shear * centre) + (scale * margin + edge))
    to_frame = np.array([across, (0.0, scale, edge), (0.0, 0.0, 1.0)])
    return to_frame, max(1, round((width + 2 * margin) * scale)), max(1, round(height * scale))


def _line_height(places: Places) -> float:
    """How tall characters are, where components have these `places`; 0 where there are none.

    What stands out far above several that are level is no character, if it is as slender as a long slash or as empty
    as what is left of a box.
    """
    ranked = sorted(places[:, 3].tolist())
    for end in range(max(len(ranked) - _STANDING_OUT, _LEVEL), len(ranked)):
        is_far = _FAR * ranked[end - 1] < ranked[end] and ranked[-1] < _FARTHEST * ranked[end - 1]
        is_far = is_far and ranked[end - _LEVEL] > 0.7 * ranked[end - 1]
        if is_far and not _like_characters(places[places[:, 3] >= ranked[end]]).any():
            ranked = ranked[:end]
            break
    tall = [float(height) for height in ranked if height >= 0.35 * ranked[-1]]
    return _percentile(tall, 0.7) if tall else 0.0


def _like_characters(places: Places) -> NDArray[np.bool_]:
    width, height, area = places[:, 2], places[:, 3], places[:, 4]
    return np.asarray((width > 0.4 * height) & (area > 0.15 * width * height))


def _percentile(ranked: list[float], share: float) -> float:
    """What np.percentile says of a few numbers in thirty times the time, to the last bit."""
    at = share * (len(ranked) - 1)
    low, high, behind = ranked[int(at)], ranked[ceil(at)], at - int(at)
    return low + (high - low) * behind if behind < 0.5 else high - (high - low) * (1 - behind)


def _slant(ink: Marks) -> float:
    """The shear (columns per row) that gathers the ink into the fewest columns."""
    long = ink.runs[:, 2] - ink.runs[:, 1]
    pixels = int(long.sum())
    if pixels < 20:
        return 0.0
    reach = int(np.abs(_SHEARS).max() * ink.shape[0]) + 2
    profile = np.empty(ink.shape[1] + 2 * reach + 1, np.int64)
    return float(_sharpest(ink.runs, int(ink.runs[:, 0] @ long) / pixels, _SHEARS, reach, profile))


@compiled
def _sharpest(
    runs: Runs, middle: float, shears: Floats, reach: int, profile: NDArray[np.int64]
) -> float:  # pragma: no cover - compiled
    """The one of the shears, about the row in the `middle`, whose profile of the runs has the largest sum of squares,
    less a little the more it shears."""
    best, best_score = 0.0, -1.0
    for shear in shears:
        for column in range(len(profile)):
            profile[column] = 0
        for i in range(len(runs)):  # where the profile rises and falls
            aside = shear * (runs[i, 0] - middle)
            profile[reach + int(np.floor(runs[i, 1] + aside + 0.5))] += 1
            profile[reach + int(np.floor(runs[i, 2] - 1 + aside + 0.5)) + 1] -= 1
        inked = squares = 0
        for column in range(len(profile)):
            inked += profile[column]
            squares += inked * inked
        score = squares * (1.0 - 0.08 * abs(shear))
        if score > best_score:
            best, best_score = shear, score
    return best


def _box_in_frame(box: Box, to_frame: Transform) -> Box:
    """What encloses the box, which shears along the rows alone."""
    (scale, shear, dx), (_, _, dy) = to_frame[:2].tolist()
    aside = shear * box.y0, shear * box.y1
    left, right = scale * box.x0 + min(aside) + dx, scale * box.x1 + max(aside) + dx
    return Box(left, scale * box.y0 + dy, right, scale * box.y1 + dy)


def _lattice(field: FieldImage, pieces: Pieces, given: int | None, to_frame: Transform, share: float) -> Lattice:
    """Edges over every admissible run of pieces; `given` is the node where a decimal point is printed."""
    table, rows = pieces.table, pieces.table.tolist()
    top, bottom = _line(rows)
    runs = _runs(table, 1 if field.spec.cells else MAX_PIECES)
    bounds = _bounds(table, runs)
    shapes = _shapes(table, runs, bounds, top, bottom)
    boxes = _boxes(bounds, to_frame)
    starts, ends = np.ascontiguousarray(runs.T)
    span = min((row[X0] for row in rows), default=0), top, max((row[X1] for row in rows), default=0), bottom
    crops = crops_of(pieces, runs)
    return Lattice(field, len(table) + 1, starts, ends, crops, boxes, shapes, share, to_frame, span, given)


def _line(rows: list[list[float]]) -> tuple[float, float]:
    """Top and bottom of the line of writing: medians over the tall ones of a table's rows."""
    tall = [row for row in rows if row[Y1] - row[Y0] >= 0.6 * LINE_HEIGHT] or rows
    if not tall:
        return 0.0, LINE_HEIGHT
    return median(row[Y0] for row in tall), median(row[Y1] for row in tall)


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
                runs[count, 0], runs[count, 1] = first, last + 1
                count += 1
    return runs[:count]


@compiled
def _bounds(table: Floats, runs: Runs) -> Floats:  # pragma: no cover - compiled
    """(E, 4): x0, y0, x1, y1 of the runs."""
    bounds = np.empty((len(runs), 4), np.float64)
    for k in range(len(runs)):
        for side in range(2):
            low, high = table[runs[k, 0], side], table[runs[k, 0], side + 2]
            for i in range(runs[k, 0] + 1, runs[k, 1]):
                low, high = min(low, table[i, side]), max(high, table[i, side + 2])
            bounds[k, side], bounds[k, side + 2] = low, high
    return bounds


@compiled
def _boxes(bounds: Floats, to_frame: Transform) -> NDArray[np.float32]:  # pragma: no cover - compiled
    """(E, 4): what encloses the bounds in the field, x0, y0, x1, y1."""
    boxes = np.empty((len(bounds), 4), np.float32)
    scale, shear, dx, dy = to_frame[0, 0], to_frame[0, 1], to_frame[0, 2], to_frame[1, 2]
    for k in range(len(bounds)):
        top, bottom = (bounds[k, 1] - dy) / scale, (bounds[k, 3] - dy) / scale
        upper, lower = shear * top, shear * bottom
        boxes[k, 0] = (bounds[k, 0] - dx - max(upper, lower)) / scale
        boxes[k, 2] = (bounds[k, 2] - dx - min(upper, lower)) / scale
        boxes[k, 1], boxes[k, 3] = top, bottom
    return boxes


@compiled
def _shapes(
    table: Floats, runs: Runs, bounds: Floats, top: float, bottom: float
) -> NDArray[np.float32]:  # pragma: no cover - compiled
    """(E, S): see `SHAPE_NAMES`."""
    shapes = np.empty((len(runs), len(SHAPE_NAMES)), np.float32)
    for k in range(len(runs)):
        reach, next_left, area = -np.inf, np.inf, 0.0
        for i in range(len(table)):
            if i < runs[k, 0]:
                reach = max(reach, table[i, 2])
            elif i < runs[k, 1]:
                area += table[i, 5]
            else:
                next_left = min(next_left, table[i, 0])
        shapes[k, 0] = (bounds[k, 3] - bounds[k, 1]) / LINE_HEIGHT
        shapes[k, 1] = (bounds[k, 2] - bounds[k, 0]) / LINE_HEIGHT
        shapes[k, 2] = (bounds[k, 1] - top) / LINE_HEIGHT
        shapes[k, 3] = (bounds[k, 3] - top) / max(bottom - top, 1.0)
        shapes[k, 4] = area / LINE_HEIGHT**2
        shapes[k, 5] = min(max((bounds[k, 0] - reach) / LINE_HEIGHT, -1.0), 2.0)
        shapes[k, 6] = min(max((next_left - bounds[k, 2]) / LINE_HEIGHT, -1.0), 2.0)
        shapes[k, 7] = table[runs[k, 0], 6]
        shapes[k, 8] = table[runs[k, 1] - 1, 7]
        shapes[k, 9] = runs[k, 1] - runs[k, 0]
    return shapes
