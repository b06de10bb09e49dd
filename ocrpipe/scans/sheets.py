"""The sheets on a scan: what lies on the bed, has four straight sides and the size of a document."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.ranks import median, quantile
from ocrpipe.scans.bed import Bed, Outline, beds, outlines, search_picture
from ocrpipe.scans.edges import Edges, refine, scaled
from ocrpipe.scans.outline import Corners, Shape, shape_of
from ocrpipe.scans.parting import is_one, may_be_one, parted

_LEAST_IN = (1.7, 3.2)
"""Short and long side of the smallest sheet, a little under those of a small check or card."""
_LEAST_SHARE = 0.03
"""Of the picture's area."""
_CLEAR, _LEAST_CLEAR = 0.5, 0.3
"""Share of the seen sides on which their edges must show, all together and each."""
_LEAST_SEEN = 2
"""One straight edge across a picture may be a printed band."""
_LEAST_POINTS = 16
"""An outline with fewer is a speck."""
_LEAST_HULL = 0.6
"""Sheets that touch fill at least this share of the hull around all of them."""
_FRAME_STROKE = 12.0
_LEAST_BED = 0.25
"""A narrower bed counts as this share of the picture, since on it a speck or two would weigh much."""
_MOST_LEFT = 0.006
"""Share of the bed that may hold something that is no sheet, where the bed could be paper itself."""
_DARK_BED = 45.0
"""A bed that is darker than its sheets by this is no paper."""
_MOST_SHEETS = 12
_LEAST_PICTURE_PX = 24


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet as it lies in the picture."""

    corners: Corners
    """Clockwise as seen, pixels; where the picture cuts the sheet off, on that cut."""
    clear: NDArray[np.float64]
    """(4,) how clear the side after each corner is, 0 … 1; 0 where it is not in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Trouble:
    """A sheet that is surely there and cannot be flattened: its middle (x, y) in pixels, and why."""

    middle: tuple[float, float]
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What one reading of the bed comes to; both empty where the whole picture is one sheet."""

    sheets: tuple[Sheet, ...] = ()
    troubles: tuple[Trouble, ...] = ()


def find_sheets(gray: NDArray[np.uint8], dpi: float, sized: bool) -> Found:
    """The sheets in `gray`, (h, w) uint8 at about 100 pixels an inch, in its pixels.

    `sized`: whether `dpi` is known, so that what is too small for a document can be told. Of two readings of the
    bed, a darker and a lighter one, the first that leaves nothing unexplained is taken.
    """
    small, factor = search_picture(gray, dpi)
    if min(small.shape) < _LEAST_PICTURE_PX:
        return Found()
    doubtful = Found()
    for bed in beds(small):
        found = _on(bed, gray, factor, dpi / factor if sized else None)
        if found.sheets:
            return found
        doubtful = doubtful if doubtful.troubles else found
    return doubtful


def _on(bed: Bed, gray: NDArray[np.uint8], factor: int, search_dpi: float | None) -> Found:
    area = float(bed.gray.size)
    lines = outlines(bed)
    long = [line for line in lines if len(line) >= _LEAST_POINTS]
    extents = np.array([cv2.boundingRect(line)[2:] for line in long], np.int32).reshape(-1, 2)
    large = [long[i] for i in np.flatnonzero(_are_large(extents, area, search_dpi))]
    if not large or len(large) > _MOST_SHEETS:
        return Found()
    littered = _left_over(bed, lines, large) > _MOST_LEFT
    if littered and bed.level > 255 - _DARK_BED:
        return Found()
    size = bed.gray.shape[1], bed.gray.shape[0]
    sheets: list[Sheet] = []
    troubled: list[Outline] = []
    contrast: list[float] = []
    for line in large:
        edged = [_edged(shape, gray, factor) for shape in _shapes(line, size, search_dpi)]
        good = [edges for edges in edged if edges is not None]
        if not edged or len(good) < len(edged):
            troubled.append(line)
            continue
        sheets += [Sheet(edges.corners, edges.clear) for edges, _ in good]
        contrast += [median(edges.jump[edges.clear > 0]) for edges, _ in good]
        if any(framed for _, framed in good):
            return Found()
    darker = bool(contrast) and min(contrast) > _DARK_BED
    if littered and not darker:
        return Found()
    if len(sheets) == 1 and not troubled and _fills(sheets[0].corners, gray.shape):
        return Found()
    found = tuple(_trouble(line, bed, factor) for line in troubled)
    troubles = tuple(trouble for trouble in found if trouble is not None)
    if troubled and not darker and not troubles:
        return Found()
    return Found(tuple(sheets), troubles)


def _are_large(extents: NDArray[np.int32], area: float, search_dpi: float | None) -> NDArray[np.bool_]:
    """(N,) whether something of an extent (N, 2) may be a document: its box may be larger, never smaller."""
    short, long = extents.min(axis=1), extents.max(axis=1)
    large = short * long >= _LEAST_SHARE * area
    if search_dpi is not None:
        large &= (short >= _LEAST_IN[0] * search_dpi) & (long >= _LEAST_IN[1] * search_dpi)
    return np.asarray(large, np.bool_)


def _shapes(line: Outline, size: tuple[int, int], search_dpi: float | None) -> list[Shape]:
    """The outline as one sheet, or as several that touch; empty where it is neither."""
    shape = shape_of(line, size)
    if shape is not None and sum(shape.seen) < _LEAST_SEEN:
        return []
    if shape is not None and is_one(shape):
        return [shape]
    if cv2.contourArea(line) < _LEAST_HULL * cv2.contourArea(cv2.convexHull(line)):
        return []
    least = _LEAST_IN[0] * search_dpi if search_dpi is not None else 0.12 * min(size)
    parts = parted(line, size, least)
    return parts or ([shape] if shape is not None and may_be_one(shape) else [])


def _edged(shape: Shape, gray: NDArray[np.uint8], factor: int) -> tuple[Edges, bool] | None:
    """The shape with its sides on their edges, and whether it is a printed frame; None where edges do not show."""
    if not any(shape.seen):
        return None
    grown = _grown(shape.corners, 0.5)
    edges = refine(gray, scaled(grown, factor), shape.seen)
    seen = np.array(shape.seen)
    if edges.clear[seen].min() < _LEAST_CLEAR or edges.clear[seen].mean() < _CLEAR:
        return None
    level = np.abs(edges.jump[seen]) < 0.35 * edges.stroke[seen]
    framed = bool((edges.stroke[seen] > _FRAME_STROKE).all() and level.all())
    return edges, framed


def _grown(corners: Corners, by: float) -> Corners:
    """The corners moved outwards so that each side moves by about `by`."""
    middle = corners.mean(axis=0)
    reach = corners - middle
    return np.asarray(corners + np.sign(reach) * by, np.float64)


def _left_over(bed: Bed, lines: list[Outline], large: list[Outline]) -> float:
    """Share of the bed that holds something else than sheets, specks left out."""
    known = {id(line) for line in large}
    others = [line for line in lines if len(line) >= 6 and id(line) not in known]
    ink = sum(max(cv2.contourArea(line), 0.5 * len(line)) for line in others)
    free = bed.gray.size - sum(cv2.contourArea(line) for line in large)
    return ink / max(free, _LEAST_BED * bed.gray.size)


def _fills(corners: Corners, shape: tuple[int, ...]) -> bool:
    """Whether a sheet is the whole picture, but for a rim of 2 %."""
    frame = np.array([(0, 0), (shape[1], 0), (shape[1], shape[0]), (0, shape[0])], np.float32)
    common, _ = cv2.intersectConvexConvex(corners.astype(np.float32), frame)
    return bool(common > 0.995 * shape[0] * shape[1])


def _trouble(line: Outline, bed: Bed, factor: int) -> Trouble | None:
    """What is wrong with something large on a bed that is surely one; None where it need not be a sheet."""
    area = cv2.contourArea(line)
    if area < 0.08 * bed.gray.size or bed.rim_share < 0.6:
        return None
    mask = np.zeros_like(bed.gray)
    cv2.drawContours(mask, [line], -1, 1, -1)
    paper = quantile(bed.gray[mask > 0], 0.7)
    if paper < bed.level + 30:
        return None
    hull = cv2.contourArea(cv2.convexHull(line))
    quad = cv2.approxPolyN(cv2.convexHull(line), 4, ensure_convex=True).reshape(-1, 2).astype(np.float64)
    middle = tuple(float(value) for value in scaled(quad.mean(axis=0)[None], factor)[0])
    if area < 0.85 * hull:
        return Trouble((middle[0], middle[1]), "its outline has gaps: another sheet, a shadow or a hand hides an edge")
    return Trouble((middle[0], middle[1]), "no straight lines fit its edges: it is curled, crumpled or in shadow")
