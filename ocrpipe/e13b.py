"""E-13B, the print that magnetic readers read: its published measures, and how a line of it shows among other ink.

ANSI X9.100-20 and X9.27 (ISO 1004-1): squares of 0.013 inch, characters 9 of them high and at most 7 wide, eight to the
inch, aligned on their right edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.ranks import median

MODULE_IN = 0.013
HEIGHT_IN = 9 * MODULE_IN
PITCH_IN = 0.125
SYMBOLS = "0123456789TAUD"
"""Transit, amount, on-us and dash are written with letters."""

_PITCHES = np.arange(0.110, 0.1405, 0.0004)
"""Pitches that are tried, inches: as far as the scan's resolution may be off."""
_HEIGHTS = 0.085, 0.155
_WIDEST = 0.125
"""Of a part that may be a character, inches; the same leeway, and bold or faint print."""
_SLOPES = np.arange(-0.028, 0.029, 0.004)
"""A line may lean by as much as straightening leaves, and a little more."""
_LEVEL = 0.016
"""How far from the middle of its line a character may lie, inches."""
_LEAST_PARTS = 6
_ROWS = 4
"""Level rows that are tried, the fullest first: other print may have more characters."""
_RANDOM, _SURE = 5.0, 16.0
"""Rayleigh's z = n R² of n edges whose phases have a resultant R: of edges at random places, the best of all pitches
comes to more than the first once in five times (30 exp(-z)). Print whose letters are nearly of one width keeps a pitch
for a while and comes to 10; twenty characters of E-13B come to 18."""


@dataclass(frozen=True, slots=True)
class Comb:
    """A line of E-13B: its middle is at y = `y` + `slope` · x, its characters lie between x0 and x1. Inches."""

    x0: float
    x1: float
    y: float
    slope: float
    pitch: float
    evidence: float
    """0 … 1: how sure it is that this is no chance, by how many characters keep the pitch and how well."""

    @property
    def height(self) -> float:
        """Of its characters: the standard's share of the pitch."""
        return self.pitch * HEIGHT_IN / PITCH_IN


def combs(parts: NDArray[np.float64], most: int = 1) -> list[Comb]:
    """The lines of E-13B among the bounding boxes (N, 4) x0, y0, x1, y1 (inches) of connected ink, surest first.

    Characters of one line are equally tall and level, and their right edges keep the pitch; what touches foreign ink
    drops out, the others still tell.
    """
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    left = parts[(high > _HEIGHTS[0]) & (high < _HEIGHTS[1]) & (wide < _WIDEST)]
    found: list[Comb] = []
    for _ in range(_ROWS):
        level, slope, y = _level(left)
        if level.sum() < _LEAST_PARTS:
            break
        comb = _comb(left[level], slope, y)
        if comb.evidence > 0:
            found.append(comb)
        left = left[~level]
    return sorted(found, key=lambda comb: -comb.evidence)[:most]


def _level(parts: NDArray[np.float64]) -> tuple[NDArray[np.bool_], float, float]:
    """Which of the parts lie on the fullest line, its slope, and its y at x = 0."""
    if len(parts) < _LEAST_PARTS:
        return np.zeros(len(parts), np.bool_), 0.0, 0.0
    x, y = (parts[:, 0] + parts[:, 2]) / 2, (parts[:, 1] + parts[:, 3]) / 2
    rest = y - _SLOPES[:, None] * x  # (S, N)
    high = parts[:, 3] - parts[:, 1]
    row, one = _fullest(rest, high)
    level = (abs(rest[row] - rest[row, one]) < _LEVEL) & (abs(high - high[one]) < 1.5 * _LEVEL)
    slope, offset = 0.0, median(y[level])
    if np.ptp(x[level]) > 8 * PITCH_IN:
        gone = x[level] - x[level].mean()
        slope = float(gone @ y[level] / (gone @ gone))
        offset = float(y[level].mean() - slope * x[level].mean())
    level = (abs(y - slope * x - offset) < _LEVEL) & (abs(high - median(high[level])) < 1.5 * _LEVEL)
    return level, slope, offset


@compiled
def _fullest(rest: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[int, int]:  # pragma: no cover - compiled
    """The row of `rest` (S, N), which are places across a slope, and the part in it that most are level with and as
    `high` (N,) as."""
    most, where, which = 0, 0, 0
    for row in range(rest.shape[0]):
        for one in range(len(high)):
            count = 0
            for other in range(len(high)):
                near = abs(rest[row, one] - rest[row, other]) < _LEVEL
                count += near and abs(high[one] - high[other]) < 1.5 * _LEVEL
            if count > most:
                most, where, which = count, row, one
    return where, which


def _comb(parts: NDArray[np.float64], slope: float, y: float) -> Comb:
    edges = parts[:, 2]
    phases = abs(np.exp(2j * np.pi * edges[None, :] / _PITCHES[:, None]).mean(axis=1))
    best = int(phases.argmax())
    z = len(edges) * float(phases[best]) ** 2
    evidence = float(np.clip((z - _RANDOM) / (_SURE - _RANDOM), 0, 1))
    return Comb(float(parts[:, 0].min()), float(edges.max()), y, slope, float(_PITCHES[best]), evidence)
