"""The direction of writing: rows of ink make a projection profile sharp when it is taken along them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.scans.ink import INK_CONTRAST

MOST_DEG = 10.0
_STAGES = ((0.5, 22, 1.0, 4_000), (0.1, 6, 0.5, 8_000), (0.04, 4, 0.33, 16_000))
"""From coarse to fine: step in degrees, steps to either side, height of a bin in pixels, most points."""
_SLOPE = np.array([[-1, -2, 0, 2, 1]], np.float32)
"""Derivative of a binomial: bins finer than a pixel and then smoothed, so that a score depends little on where on
the raster of bins a line falls."""
_LEAST_POINTS = 40
_LEAST_PROMINENCE = 2.2
"""The best score against the median of all coarse angles; specks and texture alone stay below 2."""
_BINS_OF_LINES = 6
"""Two reduced pixels in the bins of the last stage."""
_LONG_LINE_PX = 300
_EDGE_AGREES_DEG = 1.0


@dataclass(frozen=True, slots=True)
class Lean:
    """An angle (clockwise positive) and how many points lie on the profile's strongest lines."""

    degrees: float
    line_px: float


def skew_of(depth: NDArray[np.uint8], ink: NDArray[np.uint8], sheet: NDArray[np.uint8]) -> float:
    """By how many degrees (clockwise positive) the rows of writing lean; 0 where unsure.

    All are (h, w) uint8: how much darker than paper each pixel is, which pixels are ink (1), which are sheet (1).
    The lower edges of strokes count, since rules and base lines are straight there however thick the pen. A few
    words fix no second decimal: where there is no long rule or line of print, the sheet's own edge decides, if it
    is seen and agrees within 1°.
    """
    lean = _lean(*_lower_edges(ink, depth))
    if lean is None:
        return 0.0
    if lean.line_px < _LONG_LINE_PX and not sheet.all():
        below, above = _lower_edges(sheet), _lower_edges(sheet[::-1])
        edge = _lean(np.concatenate([below[0], above[0]]), np.concatenate([below[1], sheet.shape[0] - 1 - above[1]]))
        if edge is not None and edge.line_px >= _LONG_LINE_PX and abs(edge.degrees - lean.degrees) < _EDGE_AGREES_DEG:
            return edge.degrees
    return lean.degrees


def _lower_edges(
    mask: NDArray[np.uint8], depth: NDArray[np.uint8] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """x and y of the places where `mask` ends towards the row below; the picture's own rim is no edge.

    With `depth`, y is where the depth falls to half between the two rows: whole rows would make a small lean look
    like none.
    """
    rows, columns = np.divmod(np.flatnonzero(mask[:-1] > mask[1:]), mask.shape[1])
    y = rows.astype(np.float32)
    if depth is not None:
        dark, light = depth[rows, columns].astype(np.float32), depth[rows + 1, columns].astype(np.float32)
        level = np.maximum(INK_CONTRAST, light)
        y += np.clip((dark - level) / np.maximum(dark - light, 1), 0, 1)
    return columns.astype(np.float32), y


def _lean(x: NDArray[np.float32], y: NDArray[np.float32]) -> Lean | None:
    """The angle whose profile has the largest sum of squared slopes, found from coarse to fine."""
    if len(y) < _LEAST_POINTS:
        return None
    x = x - x.mean()  # near 0, so that float32 keeps its digits
    best = 0.0
    for stage, (step, reach, bin_px, most) in enumerate(_STAGES):
        angles = best + step * np.arange(-reach, reach + 1, dtype=np.float64)
        # every n-th point in reading order, n odd so that the raster of a pattern is not hit
        thinned = slice(None, None, max(1, len(y) // most) | 1)
        profiles = _profiles(x[thinned], y[thinned], angles, bin_px)
        slopes = cv2.filter2D(profiles, cv2.CV_32F, _SLOPE)
        scores = np.asarray((slopes**2).sum(axis=1), np.float64)
        if stage == 0 and scores.max() < _LEAST_PROMINENCE * np.median(scores):
            return None
        best = float(angles[scores.argmax()])
    strongest = np.sort(profiles[scores.argmax()])[-_BINS_OF_LINES:].sum() * thinned.step
    degrees = _vertex(angles, scores)
    return Lean(degrees, float(strongest)) if abs(degrees) <= MOST_DEG + 0.1 else None


def _profiles(
    x: NDArray[np.float32], y: NDArray[np.float32], angles_deg: NDArray[np.float64], bin_px: float
) -> NDArray[np.float32]:
    """(A, bins) float32: how many points lie in each row of every angle."""
    tangents = np.tan(np.deg2rad(angles_deg)).astype(np.float32)
    # the greatest and the least place are those of the first or the last angle
    ends = (y[None, :] - tangents[[0, -1], None] * x[None, :]) * np.float32(1 / bin_px)
    first = ends.min() - 3
    profiles = np.zeros((len(tangents), int(ends.max() - first) + 4), np.float32)
    _count(x, y, tangents, np.float32(1 / bin_px), first, profiles)
    return profiles


@compiled
def _count(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    tangents: NDArray[np.float32],
    per_px: np.float32,
    first: np.float32,
    profiles: NDArray[np.float32],
) -> None:  # pragma: no cover - compiled
    for k in range(len(tangents)):
        for i in range(len(x)):
            profiles[k, int((y[i] - tangents[k] * x[i]) * per_px - first)] += 1


def _vertex(angles: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """The top of the parabola through the best score and its neighbours."""
    top = int(scores.argmax())
    if not 0 < top < len(scores) - 1:
        return float(angles[top])
    left, middle, right = scores[top - 1 : top + 2]
    bend = left - 2 * middle + right
    offset = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(angles[top] + offset * (angles[1] - angles[0]))
