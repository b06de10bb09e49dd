"""Finds a row of cells for one character each: upright lines at one distance between two level rules.

The cells may share their sides, stand apart as little boxes, be a comb that is open above, or stand in groups (day,
month, year) with a gap between. What makes a row is that its lines are of one height and keep a pitch, that they are as
many as the cells need, and that no more follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.locate_lines import ruled
from ocrpipe.fields.locate_view import Boxes, View
from ocrpipe.geometry import Box
from ocrpipe.ranks import median

_PITCHES = (0.12, 0.36)
"""Inches from cell to cell: CTS-2010 (Reserve Bank of India) asks for about 5 mm."""
_GAPS = (0.035, 0.055, 0.075, 0.095, 0.115)
"""Between groups of cells, inches."""
_GROUPS = {8: (tuple(range(1, 8)), (2, 4), (4, 6)), 6: (tuple(range(1, 6)), (2, 4))}
"""Before which cells the gaps lie: before all where they are little boxes; the year stands last or first."""
_ON_PITCH = 0.024
_LEAST_LINES = 6
_ENOUGH, _ALL = 0.66, 0.95
"""Shares of the lines that must show, and that leave no doubt."""
_STEP = 0.005
_LEVEL, _CROSSED = 0.03, 0.15
"""How far the ends of lines of one row may lie apart, and how far writing across a line may lengthen it."""
_MOST_LINES = 40
_MOST_ROWS = 4
_TALLEST = 0.5
_STILL_DOUBT = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A row of cells: the inside of all of them and the middle of each (x), inches, and how sure it is (0 … 1)."""

    box: Box
    middles: NDArray[np.float64]
    pitch: float
    evidence: float
    groups: tuple[int, ...] = ()
    """Before which cells there is a gap."""

    @property
    def count(self) -> int:
        return len(self.middles)


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    """Lines of `count` cells: line i lies `cells[i]` pitches and `gaps[i]` gaps from the left end."""

    count: int
    groups: tuple[int, ...]
    cells: NDArray[np.int_]
    gaps: NDArray[np.int_]


def _pattern(count: int, groups: tuple[int, ...]) -> _Pattern:
    lines = sorted(
        [(k, sum(k > g for g in groups)) for k in range(count + 1)] + [(g, i + 1) for i, g in enumerate(groups)]
    )
    cells, gaps = np.array(lines).T
    return _Pattern(count, groups, cells, gaps)


def cells(view: View, lines: Boxes, counts: tuple[int, ...]) -> list[Cells]:
    """Rows of as many cells as one of `counts` (of 6 and 8) says among the upright `lines` (inches), surest first; one
    row may be found with several counts."""
    left = lines[lines[:, 3] - lines[:, 1] < _TALLEST]
    found: list[Cells] = []
    tried = 0
    while len(left) >= _LEAST_LINES and tried < _MOST_ROWS:
        # What is written across a line makes it longer, never shorter.
        upper, lower = left[:, None, 1] - left[None, :, 1], left[None, :, 3] - left[:, None, 3]
        alike = (np.minimum(upper, lower) > -_LEVEL) & (np.maximum(upper, lower) < _CROSSED)
        # Stems of letters may be more, but lines of cells are longer.
        row = alike[int(np.argmax(alike.sum(axis=1) * (left[:, 3] - left[:, 1]) ** 2))]
        if row.sum() < _LEAST_LINES:
            break
        found += _rows(view, left[row][:_MOST_LINES], counts)
        if max((one.evidence for one in found), default=0.0) > _STILL_DOUBT:
            break
        left = left[~row]
        tried += 1
    return sorted(found, key=lambda one: -one.evidence)


def _rows(view: View, lines: Boxes, counts: tuple[int, ...]) -> list[Cells]:
    x = (lines[:, 0] + lines[:, 2]) / 2
    y0, y1 = median(lines[:, 1]), median(lines[:, 3])
    found = [row for count in counts for row in _row(view, x, y0, y1, _pattern(count, ()))]
    if len(x) > _LEAST_LINES + 1 and max((row.evidence for row in found), default=0.0) < _STILL_DOUBT:
        patterns = [_pattern(count, groups) for count in counts for groups in _GROUPS[count]]
        found += [row for pattern in patterns for row in _row(view, x, y0, y1, pattern)]
    return found


def _row(view: View, x: NDArray[np.float64], y0: float, y1: float, pattern: _Pattern) -> list[Cells]:
    """The row of this pattern among lines at `x` that reach from `y0` to `y1`; none or one."""
    fit = _fitted(x, pattern)
    if fit is None or fit[3] <= _ENOUGH:
        return []
    start, pitch, gap, share = fit
    at = start + pattern.cells * pitch + pattern.gaps * gap
    end = float(at[-1])
    # Stems of heavy print stand on a line, too, but seldom hang from one as well.
    upper, lower = (float(np.clip(5 * ruled(view, y, start, end) - 3.5, 0, 1)) for y in (y0, y1))
    level = 0.6 * max(upper, lower) + 0.4 * min(upper, lower)
    # Where the lines above and below go on, so do the cells.
    for low, high in ((start - 0.9 * pitch, start - 0.2 * pitch), (end + 0.2 * pitch, end + 0.9 * pitch)):
        if low > 0 and high < view.width and min(ruled(view, y, low, high) for y in (y0, y1)) > 0.8:
            level *= 0.6
    # Of the lines of print, few keep any pitch.
    inside = x[(x > start - _ON_PITCH) & (x < end + _ON_PITCH)]
    kept = (abs(inside[:, None] - at) < _ON_PITCH).any(axis=1)
    level *= float(np.clip(2.5 * kept.mean() - 0.75, 0, 1))
    evidence = level * float(np.clip((share - _ENOUGH) / (_ALL - _ENOUGH), 0, 1))
    if evidence <= 0:
        return []
    if len(pattern.groups) == pattern.count - 1:  # evenly spaced again with half a gap on either side of each
        even: NDArray[np.float64] = np.arange(pattern.count, dtype=np.float64) + 0.5
        start, pitch = start - gap / 2, pitch + gap
        return [Cells(Box(start, y0, end + gap / 2, y1), start + even * pitch, pitch, evidence)]
    number = np.arange(pattern.count)
    passed = (number[:, None] >= np.array(pattern.groups, np.int_)).sum(axis=1)
    middles = start + (number + 0.5) * pitch + passed * gap
    return [Cells(Box(start, y0, end, y1), middles, pitch, evidence, pattern.groups)]


def _fitted(x: NDArray[np.float64], pattern: _Pattern) -> tuple[float, float, float, float] | None:
    """Left end, pitch, gap, and which share of the pattern's lines is there."""
    count, groups = pattern.count, len(pattern.groups)
    low = float(x.min()) - 2 * _PITCHES[1]
    reach = round(_ON_PITCH / _STEP)
    present = np.zeros(round((float(x.max()) + 2 * _PITCHES[1] - low) / _STEP) + 2 * reach, np.bool_)
    for at in np.rint((x - low) / _STEP).astype(int):
        present[at - reach : at + reach + 1] = True
    apart = x[None] - x[:, None]
    widest = _PITCHES[1] * count + _GAPS[-1] * groups
    first, last = np.nonzero((apart > _PITCHES[0] * (count - 2)) & (apart < widest))
    x0, across = x[first], apart[first, last]
    if groups:
        gaps = np.repeat(_GAPS, len(x0))
        x0, across = np.tile(x0, len(_GAPS)), np.tile(across, len(_GAPS))
        steps = (across - groups * gaps) / count
    else:
        # Both ends may be there, or but one where the cells are boxes that stand apart, or none in an open comb.
        missing = np.repeat(((0, 0), (0, 1), (1, 0), (1, 1)), len(x0), axis=0)
        steps = np.tile(across, 4) / (count - missing.sum(axis=1))
        x0 = np.tile(x0, 4) - missing[:, 0] * steps
        gaps = np.zeros(len(x0))
    fit = (steps > _PITCHES[0]) & (steps < _PITCHES[1])
    if not fit.any():
        return None
    x0, steps, gaps = x0[fit, None], steps[fit, None], gaps[fit, None]
    cells = np.concatenate(((-1,), pattern.cells, (count + 1,)))
    slots = x0 + cells * steps + np.concatenate(((0,), pattern.gaps, (groups,))) * gaps
    there = present[np.clip(np.rint((slots - low) / _STEP).astype(int), 0, len(present) - 1)]
    # Lines that go on at the same pitch belong to a longer row.
    share = there[:, 1:-1].mean(axis=1) - 0.3 * there[:, 0] - 0.3 * there[:, -1]
    best = int(np.argmax(share))
    return float(x0[best, 0]), float(steps[best, 0]), float(gaps[best, 0]), float(share[best])
