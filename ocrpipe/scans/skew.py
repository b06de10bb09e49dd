"""The direction of writing: rows of ink make a projection profile sharp when it is taken along them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.marks import Runs, runs_of
from ocrpipe.ranks import median
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


def skew_of(depth: NDArray[np.uint8], ink: Runs, sheet: NDArray[np.uint8]) -> float:
    """By how many degrees (clockwise positive) the rows of writing lean; 0 where unsure.

    `depth` and `sheet` are (h, w) uint8: how much darker than paper each pixel is, and 1 where paper is.
    The lower edges of strokes count, since rules and base lines are straight there however thick the pen. A few
    words fix no second decimal: where there is no long rule or line of print, the sheet's own edge decides, if it
    is seen and agrees within 1°.
    """
    lean = _lean(*_lower_edges(ink, len(sheet), depth))
    if lean is None:
        return 0.0
    if lean.line_px < _LONG_LINE_PX and not sheet.all():
        below, above = (_lower_edges(runs_of(part), len(sheet)) for part in (sheet, sheet[::-1]))
        edge = _lean(np.concatenate([below[0], above[0]]), np.concatenate([below[1], len(sheet) - 1 - above[1]]))
        if edge is not None and edge.line_px >= _LONG_LINE_PX and abs(edge.degrees - lean.degrees) < _EDGE_AGREES_DEG:
            return edge.degrees
    return lean.degrees


def _lower_edges(
    runs: Runs, height: int, depth: NDArray[np.uint8] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """x and y of the places where a mask of so many rows ends towards the row below; the picture's own rim is no edge.

    With `depth`, y is where the depth falls to half between the two rows: whole rows would make a small lean look
    like none.
    """
    most = int((runs[:, 2] - runs[:, 1]).sum())
    x, y = np.empty(most, np.float32), np.empty(most, np.float32)
    count = _ends(runs, height, x, y)
    x, y = x[:count], y[:count]
    if depth is not None:
        _sink(np.ascontiguousarray(depth), x, y)
    return x, y


@compiled
def _ends(
    runs: Runs, height: int, x: NDArray[np.float32], y: NDArray[np.float32]
) -> int:  # pragma: no cover - compiled
    """Writes the pixels of `runs` below which there is none of another; how many they are."""
    count = below = 0
    for run in range(len(runs)):
        row, at, end = runs[run, 0], runs[run, 1], runs[run, 2]
        if row + 1 == height:
            break
        while below < len(runs) and (runs[below, 0] <= row or (runs[below, 0] == row + 1 and runs[below, 2] <= at)):
            below += 1
        other = below
        while at < end:
            covered = other < len(runs) and runs[other, 0] == row + 1 and runs[other, 1] < end
            stop, on = (runs[other, 1], runs[other, 2]) if covered else (end, end)
            while at < stop:
                x[count], y[count] = at, row
                count += 1
                at += 1
            at = on
            other += 1
    return count


@compiled
def _sink(
    depth: NDArray[np.uint8], x: NDArray[np.float32], y: NDArray[np.float32]
) -> None:  # pragma: no cover - compiled
    """Moves each y from the row that is the last of the ink to where the ink ends."""
    for i in range(len(x)):
        row, column = int(y[i]), int(x[i])
        dark, light = np.float32(depth[row, column]), np.float32(depth[row + 1, column])
        level = light if light > INK_CONTRAST else np.float32(INK_CONTRAST)
        fall = dark - light if dark - light > 1 else np.float32(1)
        share = (dark - level) / fall
        y[i] += share if share > 0 else np.float32(0)


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
        profiles = _profiles(np.ascontiguousarray(x[thinned]), np.ascontiguousarray(y[thinned]), angles, bin_px)
        slopes = cv2.filter2D(profiles, cv2.CV_32F, _SLOPE)
        scores = np.asarray((slopes**2).sum(axis=1), np.float64)
        if stage == 0 and scores.max() < _LEAST_PROMINENCE * median(scores):
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
    """One point after the other: neighbours fall into one bin of an angle, and adding to it again has to wait."""
    for i in range(len(x)):
        for k in range(len(tangents)):
            profiles[k, np.uint32((y[i] - tangents[k] * x[i]) * per_px - first)] += 1


def _vertex(angles: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """The top of the parabola through the best score and its neighbours."""
    top = int(scores.argmax())
    if not 0 < top < len(scores) - 1:
        return float(angles[top])
    left, middle, right = scores[top - 1 : top + 2]
    bend = left - 2 * middle + right
    offset = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(angles[top] + offset * (angles[1] - angles[0]))
