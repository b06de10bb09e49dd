"""From an outline to the four sides of a sheet: which of them are seen, how straight they are, where they meet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.scans.bed import Outline

Corners = NDArray[np.float64]
"""(4, 2) x, y, clockwise as seen; corner i begins side i."""

_POLYGON_PX = 2.0
"""How far an outline may stray from its polygon, search pixels."""
_RIM_PX = 2.5
_ACROSS = math.sin(math.radians(24))
"""Sides that lean further than this from the longest one, or from its normal, belong to no rectangle."""
_MOST_LEAN, _MOST_APART = math.sin(math.radians(20)), 1.45
"""How far corners may be from right ones, and a side from the one opposite, of a rectangle seen from the side."""
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
    corners = polygon(outline)
    if len(corners) < 4:
        return None
    points = outline.reshape(-1, 2).astype(np.float64)
    ends = np.concatenate([corners[1:], corners[:1]])
    spans = ends - corners
    lengths = np.hypot(spans[:, 0], spans[:, 1])
    free = ~(_on_rim(corners, ends, size)) & (lengths >= _LEAST_SIDE_PX)
    if not free.any():
        return None
    longest = int(np.where(free, lengths, 0).argmax())
    axis = spans[longest] / lengths[longest]
    normals = np.array((_left(axis), axis, -_left(axis), -axis))  # outwards: up, right, down, left
    lines = []
    edges = _best_edges(corners, ends, lengths, free, normals)
    for side, at in enumerate(edges):
        along = axis if side % 2 == 0 else _left(axis)
        lines.append(_cut(points, normals[side], along) if at is None else _fitted(points, corners[at], ends[at]))
    met = [_meeting(lines[side - 1], lines[side]) for side in range(4)]
    if any(point is None for point in met):
        return None
    quad = np.array(met, np.float64)
    if not _is_fair(quad):
        return None
    top, right, bottom, left = (at is not None for at in edges)
    return Shape(quad, (top, right, bottom, left), _filled(outline, quad, size), points)


def _left(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """A quarter turn counter-clockwise as seen (y down): up, where `axis` runs to the right."""
    return np.array((axis[1], -axis[0]))


def _on_rim(starts: NDArray[np.float64], ends: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    near, far = (np.maximum(starts, ends), np.minimum(starts, ends))
    return np.asarray(((near < _RIM_PX) | (far > np.array(size) - 1 - _RIM_PX)).any(axis=1), np.bool_)


def _best_edges(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    lengths: NDArray[np.float64],
    free: NDArray[np.bool_],
    normals: NDArray[np.float64],
) -> list[int | None]:
    """For each of the `normals` (N, 2) the longest edge of the polygon that faces it and lies on that side of the
    middle."""
    middle = (starts.min(axis=0) + starts.max(axis=0)) / 2
    outward = ((starts + ends) / 2 - middle) @ normals.T
    across = np.abs((ends - starts) @ normals.T) / np.maximum(lengths, 1e-9)[:, None]
    facing = free[:, None] & (outward > 0) & (across < _ACROSS)
    longest = np.where(facing, lengths[:, None], 0).argmax(axis=0).tolist()
    return [at if facing[at, side] else None for side, at in enumerate(longest)]


def _fitted(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Point and direction of the line through the outline's points near the edge start → end."""
    along = (end - start) / max(math.hypot(*(end - start)), 1e-9)
    aside = _left(along)
    near = points[np.abs(points @ aside - start @ aside) < _NEAR_PX].astype(np.float32)
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
    step = ((q[0] - p[0]) * v[1] - (q[1] - p[1]) * v[0]) / cross
    return np.asarray(p + step * u, np.float64)


def _is_fair(quad: Corners) -> bool:
    """Whether four corners can be a rectangle that is seen mildly from the side."""
    corners = quad.tolist()
    sides = [(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise([*corners, corners[0]])]
    lengths = [math.hypot(*side) for side in sides]
    if min(lengths) < _LEAST_SIDE_PX or not cv2.isContourConvex(quad.astype(np.float32)):
        return False
    (top, right, bottom, left), units = (
        lengths,
        [(x / far, y / far) for (x, y), far in zip(sides, lengths, strict=True)],
    )
    lean = max(abs(a * c + b * d) for (a, b), (c, d) in pairwise([*units, units[0]]))
    return lean < _MOST_LEAN and max(top / bottom, bottom / top, left / right, right / left) < _MOST_APART


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
