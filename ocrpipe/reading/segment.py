"""From a clean field to a lattice of candidate characters: cut too often, join every way.

The field is brought to one frame first: characters 36 px tall and upright. Connected components are
cut along seams of least ink (Fenrich & Krishnamoorthy 1990; the over-segmentation of LeCun et al.
1998, section VI), pieces are ordered from left to right, and every run of pieces that could be one
character becomes an edge. Polarity flips here, once: paper is 0 from here on.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, Transform, apply, scaling, translation
from ocrpipe.reading.pieces import Piece, components, cut, in_cells, joined
from ocrpipe.records import FieldImage, Lattice

LINE_HEIGHT = 36.0
"""Height of a character in the frame where cuts are sought, px."""
MAX_PIECES = 11
MAX_WIDTH = 56
"""Widest candidate, px in that frame."""
MAX_GAP = 15
"""Widest gap inside a candidate, px in that frame."""
CROP = 32
CROP_SIDE = 22
"""Longest side of a character within its crop, px."""
CROP_FLOOR = 15
"""A character smaller than this (px in the frame) is not enlarged further, so that dots stay small."""

SHAPE_NAMES = (
    "height", "width", "top", "bottom", "ink", "gap_left", "gap_right", "cut_left", "cut_right", "pieces",
)  # fmt: skip
"""Sizes in line heights (36 px); top and bottom measured down from the top of the line; cut costs in pen widths."""


def segment(field: FieldImage) -> Lattice:
    """All candidate characters of a clean field (paper 255, threshold 128, ink 0)."""
    return lattice_with_pieces(field)[0]


def lattice_with_pieces(field: FieldImage) -> tuple[Lattice, list[Piece], Transform]:
    """The lattice, its pieces, and the map from field pixels to the frame of the pieces (for teaching)."""
    to_frame, width, height = _frame(field)
    drawn = cv2.warpAffine(255 - field.pixels, to_frame[:2], (width, height), flags=cv2.INTER_LINEAR)
    ink = np.asarray(drawn, np.uint8)
    share = float((field.pixels < 128).mean())
    box = _box_in_frame(field.box, to_frame)
    found = components(ink, box)
    if field.spec.cells:
        pieces, given = in_cells(found, box, field.spec.cells, field.spec.cents_cells)
    else:
        pieces, given = [piece for part in found for piece in cut(part)], None
        pieces.sort(key=lambda piece: piece.centre)
    return _lattice(field, pieces, given, to_frame, share), pieces, to_frame


def _frame(field: FieldImage) -> tuple[Transform, int, int]:
    """Field pixels → a frame in which characters are `LINE_HEIGHT` tall and upright; its width and height."""
    height, width = field.pixels.shape
    ink = np.ascontiguousarray(field.pixels < 128).astype(np.uint8)
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    heights = stats[1:, cv2.CC_STAT_HEIGHT].astype(float)
    inside = (centres[1:, 1] > field.box.y0) & (centres[1:, 1] < field.box.y1) & (stats[1:, cv2.CC_STAT_AREA] > 8)
    tall = heights[inside & (heights >= 0.35 * max(heights[inside], default=0.0))]
    line = float(np.percentile(tall, 70)) if tall.size else field.box.height * 0.7
    if field.spec.cells:
        line = max(line, 0.35 * field.box.height)
    scale = LINE_HEIGHT / max(line, 6.0)
    y, x = np.nonzero(ink)
    shear = _slant(x, y) if not field.spec.cells else 0.0
    centre = height / 2
    upright = np.array([(1.0, shear, -shear * centre), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
    margin = abs(shear) * height / 2
    to_frame = scaling(scale, scale) @ translation(margin, 0.0) @ upright
    return to_frame, max(1, round((width + 2 * margin) * scale)), max(1, round(height * scale))


def _slant(x: NDArray[np.intp], y: NDArray[np.intp]) -> float:
    """The shear (columns per row) that gathers the ink into the fewest columns."""
    if len(x) < 20:
        return 0.0
    middle = float(y.mean())
    best, best_score = 0.0, -1.0
    for shear in np.arange(-0.5, 0.95, 0.1):
        columns = np.floor(x + shear * (y - middle) + 0.5).astype(np.intp)
        profile = np.bincount(columns - columns.min())
        score = float((profile.astype(np.float64) ** 2).sum()) * (1.0 - 0.08 * abs(shear))
        if score > best_score:
            best, best_score = float(shear), score
    return best


def _box_in_frame(box: Box, to_frame: Transform) -> Box:
    corners = apply(to_frame, box.corners())
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return Box(float(x0), float(y0), float(x1), float(y1))


def _lattice(field: FieldImage, pieces: list[Piece], given: int | None, to_frame: Transform, share: float) -> Lattice:
    """Edges over every admissible run of pieces; `given` is the node where a decimal point is printed."""
    top, bottom = _line(pieces)
    spans = [
        (i, j) for i in range(len(pieces)) for j in range(i + 1, min(i + MAX_PIECES, len(pieces)) + 1)
        if _admissible(pieces[i:j], field.spec.cells)
    ]  # fmt: skip
    crops = np.zeros((len(spans), CROP, CROP), np.uint8)
    shapes = np.zeros((len(spans), len(SHAPE_NAMES)), np.float32)
    boxes = np.zeros((len(spans), 4), np.float32)
    back = np.linalg.inv(to_frame)
    for k, (i, j) in enumerate(spans):
        run = pieces[i:j]
        bounds = _bounds(run)
        crops[k] = _crop(run)
        corners = apply(np.asarray(back, np.float64), Box(*bounds).corners())
        boxes[k] = (*corners.min(axis=0), *corners.max(axis=0))
        gap_left = bounds[0] - max((p.x1 for p in pieces[:i]), default=bounds[0] - 2 * LINE_HEIGHT)
        gap_right = min((p.x0 for p in pieces[j:]), default=bounds[2] + 2 * LINE_HEIGHT) - bounds[2]
        shapes[k] = (
            (bounds[3] - bounds[1]) / LINE_HEIGHT,
            (bounds[2] - bounds[0]) / LINE_HEIGHT,
            (bounds[1] - top) / LINE_HEIGHT,
            (bounds[3] - top) / max(bottom - top, 1.0),
            sum(p.area for p in run) / LINE_HEIGHT**2,
            np.clip(gap_left / LINE_HEIGHT, -1, 2),
            np.clip(gap_right / LINE_HEIGHT, -1, 2),
            run[0].cut_left,
            run[-1].cut_right,
            len(run),
        )
    starts, ends = (np.array([s[i] for s in spans], np.int32) for i in (0, 1))
    return Lattice(field, len(pieces) + 1, starts, ends, crops, boxes, shapes, share, given)


def _line(pieces: list[Piece]) -> tuple[float, float]:
    """Top and bottom of the line of writing: medians over the tall pieces."""
    tall = [p for p in pieces if p.height >= 0.6 * LINE_HEIGHT] or pieces
    if not tall:
        return 0.0, LINE_HEIGHT
    return float(np.median([p.y0 for p in tall])), float(np.median([p.y1 for p in tall]))


def _admissible(run: list[Piece], cells: int) -> bool:
    """Not too wide, without a gap that no broken character has, and not swallowing a point at either end."""
    if len(run) == 1:
        return True
    if run[0].dot or run[-1].dot:
        return False
    if cells or run[-1].x1 - run[0].x0 > 2 * MAX_WIDTH:
        return False
    x0, _, x1, _ = _bounds(run)
    if x1 - x0 > MAX_WIDTH:
        return False
    reach = run[0].x1
    for piece in run[1:]:
        if piece.x0 - reach > MAX_GAP:
            return False
        reach = max(reach, piece.x1)
    return True


def _bounds(run: list[Piece]) -> tuple[int, int, int, int]:
    return min(p.x0 for p in run), min(p.y0 for p in run), max(p.x1 for p in run), max(p.y1 for p in run)


def _crop(run: list[Piece]) -> NDArray[np.uint8]:
    """The run's ink alone, dots between its pieces left out, in the middle of a (32, 32) crop."""
    whole = [piece for piece in run if len(run) == 1 or not piece.dot]
    return fit_crop(joined(whole).ink)


def fit_crop(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The one normalisation, in teaching and in reading: (h, w) ink → (32, 32), longest side `CROP_SIDE`,
    darkest ink 255."""
    height, width = ink.shape
    scale = CROP_SIDE / max(height, width, CROP_FLOOR)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    crop = np.zeros((CROP, CROP), np.uint8)
    x, y = (CROP - size[0]) // 2, (CROP - size[1]) // 2
    crop[y : y + size[1], x : x + size[0]] = cv2.convertScaleAbs(small, alpha=255 / max(int(small.max()), 1))
    return crop
