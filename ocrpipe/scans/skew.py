"""The direction of writing: rows of ink make a projection profile sharp when it is taken along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_DEG = 10.0
_STAGES = ((0.5, 22, 2.0, 4_000), (0.1, 6, 1.0, 16_000), (0.03, 5, 1.0, 16_000))
"""From coarse to fine: step in degrees, steps to either side, height of a bin in pixels, most points."""
_LEAST_POINTS = 40
_LEAST_PROMINENCE = 2.2
"""The best score against the median of all coarse angles; specks and texture alone stay below 2."""
_LONG_LINE_PX = 250
_EDGE_AGREES_DEG = 1.0


@dataclass(frozen=True, slots=True)
class Lean:
    """An angle (clockwise positive) and how many points lie on the profile's strongest lines."""

    degrees: float
    line_px: float


def skew_of(ink: NDArray[np.uint8], sheet: NDArray[np.uint8]) -> float:
    """By how many degrees (clockwise positive) the rows of `ink` lean; 0 where unsure.

    Both are (h, w) uint8, 0 or 1. The lower edges of strokes count, since rules and base lines are straight there
    however thick the pen. A few words of writing fix no second decimal: where there is no long rule or line of
    print, the sheet's own edge decides, if it is seen and agrees within 1°.
    """
    lean = _lean(_lower_edges(ink))
    if lean is None:
        return 0.0
    if lean.line_px < _LONG_LINE_PX and not sheet.all():
        edge = _lean(_lower_edges(sheet) | _lower_edges(sheet[::-1])[::-1])
        if edge is not None and edge.line_px >= _LONG_LINE_PX and abs(edge.degrees - lean.degrees) < _EDGE_AGREES_DEG:
            return edge.degrees
    return lean.degrees


def _lower_edges(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 where `mask` ends towards the row below; the picture's own rim is no edge."""
    edges = np.zeros_like(mask)
    np.greater(mask[:-1], mask[1:], out=edges[:-1].view(np.bool_))
    return edges


def _lean(points: NDArray[np.uint8]) -> Lean | None:
    """The angle whose profile p has the largest Σ (p[i+1] − p[i])², found from coarse to fine."""
    rows, columns = np.nonzero(points)
    if len(rows) < _LEAST_POINTS:
        return None
    y = (rows - points.shape[0] / 2).astype(np.float32)
    x = (columns - points.shape[1] / 2).astype(np.float32)
    best = 0.0
    for stage, (step, reach, bin_px, most) in enumerate(_STAGES):
        angles = best + step * np.arange(-reach, reach + 1, dtype=np.float64)
        # every n-th point in reading order, n odd so that the raster of a pattern is not hit
        thinned = slice(None, None, max(1, len(y) // most) | 1)
        profiles = _profiles(x[thinned], y[thinned], angles, bin_px)
        scores = np.asarray((np.diff(profiles, axis=1) ** 2).sum(axis=1), np.float64)
        if stage == 0 and scores.max() < _LEAST_PROMINENCE * np.median(scores):
            return None
        best = float(angles[scores.argmax()])
    strongest = np.sort(profiles[scores.argmax()])[-2:].sum() * thinned.step
    degrees = _vertex(angles, scores)
    return Lean(degrees, float(strongest)) if abs(degrees) <= MOST_DEG + 0.1 else None


def _profiles(
    x: NDArray[np.float32], y: NDArray[np.float32], angles_deg: NDArray[np.float64], bin_px: float
) -> NDArray[np.float64]:
    """(A, bins) float64: how many points lie in each row of every angle, a point shared between two bins."""
    tangents = np.tan(np.deg2rad(angles_deg)).astype(np.float32)[:, None]
    places = (y[None, :] - tangents * x[None, :]) / np.float32(bin_px)
    places -= places.min() - 1
    bins = int(places.max()) + 3
    whole = places.astype(np.int32)
    flat = (whole + (np.arange(len(angles_deg), dtype=np.int32) * bins)[:, None]).ravel()
    size = bins * len(angles_deg)
    share = np.bincount(flat, (places - whole).ravel(), size)
    counts = np.bincount(flat, minlength=size) - share
    counts[1:] += share[:-1]
    return np.asarray(counts.reshape(len(angles_deg), bins), np.float64)


def _vertex(angles: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """The top of the parabola through the best score and its neighbours."""
    top = int(scores.argmax())
    if not 0 < top < len(scores) - 1:
        return float(angles[top])
    left, middle, right = scores[top - 1 : top + 2]
    bend = left - 2 * middle + right
    offset = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(angles[top] + offset * (angles[1] - angles[0]))
