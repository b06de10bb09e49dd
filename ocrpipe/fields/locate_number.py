"""Finds the printed number of a check: figures alone at the upper right corner (ANSI X9.100-160, X9.100-20)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrpipe.fields.locate_view import View, union
from ocrpipe.geometry import Box

_HEIGHTS = (0.08, 0.22)
_FIGURES = (3, 10)
_LOWEST = 0.7
"""Inches from the upper edge."""
_WIDEST_GAP = 0.1
_MARGIN = 0.04


@dataclass(frozen=True, slots=True)
class Number:
    """Where the number is, inches, and how sure it is (0 … 1)."""

    box: Box
    evidence: float


def find_number(view: View, taken: Box | None) -> Number | None:
    """The last of the rows of equally tall, evenly set parts near the upper edge; `taken` belongs to another field."""
    parts = view.parts
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    fit = (parts[:, 0] > 0.6 * view.width) & (parts[:, 3] < _LOWEST) & (high > _HEIGHTS[0]) & (high < _HEIGHTS[1])
    if taken is not None:
        fit &= (parts[:, 2] < taken.x0) | (parts[:, 0] > taken.x1) | (parts[:, 3] < taken.y0) | (parts[:, 1] > taken.y1)
    row = parts[fit & (wide < 4 * high)]
    if not len(row):
        return None
    last = row[np.argmax(row[:, 2])]
    row = row[(abs(row[:, 1] - last[1]) < 0.025) & (abs(row[:, 3] - last[3]) < 0.025)]
    row = row[np.argsort(-row[:, 2])]
    apart = np.flatnonzero(row[:-1, 0] - row[1:, 2] > _WIDEST_GAP)
    row = row[: apart[0] + 1] if len(apart) else row
    # Figures that touch are one part.
    count = int(np.maximum(1, np.rint((row[:, 2] - row[:, 0]) / (0.7 * (row[:, 3] - row[:, 1])))).sum())
    if not _FIGURES[0] <= count <= _FIGURES[1] or last[2] < 0.82 * view.width:
        return None
    box = union(row)
    level = (parts[:, 1] < box.y1) & (parts[:, 3] > box.y0)
    gap = box.x0 - parts[:, 2]
    before = level & (high > 0.5 * box.height) & (gap > -0.01) & (gap < 0.06)
    dashes = level & (parts[:, 0] > box.x0) & (parts[:, 2] < box.x1) & (wide > high) & (high < 0.4 * box.height)
    if before.any() or dashes.any():  # the end of a word; a sort code or date
        return None
    even = float(np.clip(1.5 - 40 * row[:, 3].std() - 40 * row[:, 1].std(), 0, 1))
    return Number(box.expanded(_MARGIN, _MARGIN), even)
