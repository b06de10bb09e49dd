"""From an outline to the four sides of a sheet: which of them are seen, how straight they are, where they meet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.scans.bed import Outline

Corners = NDArray[np.float64]
"""(4, 2) x, y, clockwise as seen; corner i begins side i."""

_POLYGON_PX = 2.0
"""How far an outline may stray from its polygon, search pixels."""
_RIM_PX = 2.5
_ALONG_DEG = 24.0
"""Sides that lean further than this from the longest one, or from its normal, belong to no rectangle."""
_NEAR_PX = 2.5
_LEAST_SIDE_PX = 8.0


@dataclass(frozen=True, eq=False)
class Shape:
    """Four corners put through an outline, in the pixels of the outline."""

    corners: Corners
    seen: tuple[bool, bool, bool, bool]
    """Whether side i (corner i → i + 1) shows in the picture; the others are where the picture ends."""
    filled: float
    """Area of the outline over that of the four corners, as far as they lie in the picture; 1 for a rectangle."""
    points: NDArray[np.float64]
    """(N, 2) those of the outline."""

    @cached_property
    def bow(self) -> float:
        """How far the worst seen side strays from straight, as a share of its length."""
        return max((_bow(self.points, self.corners, side) for side in range(4) if self.seen[side]), default=0.0)


def polygon(outline: Outline) -> NDArray[np.float64]:
    """(P, 2): the outline's corners, in its own order."""
    found = cv2.approxPolyDP(outline, _POLYGON_PX, True)
    return np.zeros((0, 2)) if found is None else np.asarray(found, np.float64).reshape(-1, 2)


def shape_of(outline: Outline, size: tuple[int, int]) -> Shape | None:
    """Four sides through `outline`, None where it has none that make a rectangle, even one seen obliquely.

    `size` is width and height of the picture; what runs along its rim is where the picture cuts the sheet.
    """
    points = outline.reshape(-1, 2).astype(np.float64)
    corners = polygon(outline)
    if len(corners) < 4:
        return None
    ends = np.roll(corners, -1, axis=0)
    spans = ends - corners
    lengths = np.hypot(spans[:, 0], spans[:, 1])
    free = ~(_on_rim(corners, ends, size)) & (lengths >= _LEAST_SIDE_PX)
    if not free.any():
        return None
    longest = int(np.where(free, lengths, 0).argmax())
    axis = spans[longest] / lengths[longest]
    lines, seen = [], []
    for side, normal in enumerate((_left(axis), axis, -_left(axis), -axis)):  # outwards: up, right, down, left
        at = _best_edge(corners, ends, lengths, free, normal)
        seen.append(at is not None)
        along = axis if side % 2 == 0 else _left(axis)
        lines.append(_cut(points, normal, along) if at is None else _fitted(points, corners[at], ends[at]))
    met = [_meeting(lines[side - 1], lines[side]) for side in range(4)]
    if any(point is None for point in met):
        return None
    quad = np.array(met, np.float64)
    if not _is_fair(quad):
        return None
    return Shape(quad, (seen[0], seen[1], seen[2], seen[3]), _filled(outline, quad, size), points)


def _left(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """A quarter turn counter-clockwise as seen (y down): up, where `axis` runs to the right."""
    return np.array((axis[1], -axis[0]))


def _on_rim(starts: NDArray[np.float64], ends: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    on = np.zeros(len(starts), bool)
    for axis in (0, 1):
        both = np.stack([starts[:, axis], ends[:, axis]])
        on |= (both < _RIM_PX).all(axis=0) | (both > size[axis] - 1 - _RIM_PX).all(axis=0)
    return on


def _best_edge(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    lengths: NDArray[np.float64],
    free: NDArray[np.bool_],
    normal: NDArray[np.float64],
) -> int | None:
    """The longest edge of the polygon that faces `normal` and lies on that side of the middle."""
    middles = (starts + ends) / 2
    low, high = starts.min(axis=0), starts.max(axis=0)
    outward = (middles - (low + high) / 2) @ normal
    across = np.abs((ends - starts) @ normal) / np.maximum(lengths, 1e-9)
    facing = free & (outward > 0) & (across < np.sin(np.deg2rad(_ALONG_DEG)))
    if not facing.any():
        return None
    return int(np.where(facing, lengths, 0).argmax())


def _fitted(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Point and direction of the line through the outline's points near the edge start → end."""
    along = (end - start) / max(float(np.hypot(*(end - start))), 1e-9)
    off = np.abs((points - start) @ _left(along))
    near = points[off < _NEAR_PX].astype(np.float32)
    vx, vy, x, y = (float(value) for value in cv2.fitLine(near, cv2.DIST_L2, 0, 0.01, 0.01).ravel())
    return np.array((x, y)), np.array((vx, vy))


def _cut(
    points: NDArray[np.float64], normal: NDArray[np.float64], along: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line at which the picture ends a sheet: through the outermost point, parallel to its unseen side."""
    return points[int((points @ normal).argmax())], along


def _meeting(
    one: tuple[NDArray[np.float64], NDArray[np.float64]], other: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.float64] | None:
    (p, u), (q, v) = one, other
    cross = u[0] * v[1] - u[1] * v[0]
    if abs(cross) < 0.5:
        return None
    step = ((q - p)[0] * v[1] - (q - p)[1] * v[0]) / cross
    return np.asarray(p + step * u, np.float64)


def _is_fair(quad: Corners) -> bool:
    """Whether four corners can be a rectangle that is seen mildly from the side."""
    sides = np.roll(quad, -1, axis=0) - quad
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    if lengths.min() < _LEAST_SIDE_PX or not cv2.isContourConvex(quad.astype(np.float32)):
        return False
    units = sides / lengths[:, None]
    lean = np.abs((units * np.roll(units, -1, axis=0)).sum(axis=1)).max()
    apart = max(lengths[0] / lengths[2], lengths[2] / lengths[0], lengths[1] / lengths[3], lengths[3] / lengths[1])
    return bool(lean < np.sin(np.deg2rad(20)) and apart < 1.45)


def _filled(outline: Outline, quad: Corners, size: tuple[int, int]) -> float:
    """The outline's area over that of the corners; pixel centres enclose half a pixel less on each side."""
    frame = np.array([(0, 0), (size[0] - 1, 0), (size[0] - 1, size[1] - 1), (0, size[1] - 1)], np.float32)
    area, _ = cv2.intersectConvexConvex(quad.astype(np.float32), frame)
    return float(cv2.contourArea(outline) / max(area, 1.0))


def _bow(points: NDArray[np.float64], quad: Corners, side: int) -> float:
    """The 90th percentile of the distance from a side, among the outline's points nearest to it, over its length."""
    start, end = quad[side], quad[(side + 1) % 4]
    length = float(np.hypot(*(end - start)))
    along = (end - start) / length
    aside = _left(along)
    across = points @ aside
    off = np.abs(across - start @ aside)
    near = off < np.minimum(0.12 * length, np.abs(across - quad[(side + 2) % 4] @ aside))
    t = (points[near] - start) @ along / length
    off = off[near][(t > 0.08) & (t < 0.92)]
    if len(off) < 5:
        return 0.0
    at = round(0.9 * (len(off) - 1))
    return float(max(0.0, np.partition(off, at)[at] - 1.0) / length)
