"""The fourteen characters of E-13B, drawn here from the standard's squares of 0.013 inch; no font file is behind them.

ANSI X9.100-20 (ISO 1004-1), figures of the characters: bars one or two squares wide between lines of a grid of 9 rows
and up to 7 columns. 1 and 2 are 4 squares wide, 3, 5 and 7 have 5, 4, 6 and 9 have 6, 0, 8 and the symbols have 7;
on-us is 7 squares high, the dash 4, all others 9.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 9, 7
FINE = 5
"""Pixels to a square of the grid in the drawings."""

_Bars = tuple[tuple[float, float, float, float], ...]
"""Rectangles x0, y0, x1, y1 in squares, from the top left of the character's own width."""

_WIDTHS = dict(zip("0123456789TAUD", (7, 4, 4, 5, 6, 5, 6, 5, 7, 6, 7, 7, 7, 7), strict=True))
_BARS: dict[str, _Bars] = {
    "1": ((0, 0, 2, 1), (1, 0, 2, 9), (0, 5, 4, 9)),
    "2": ((0, 0, 4, 1), (3, 0, 4, 5), (0, 4, 4, 5), (0, 4, 1, 9), (0, 8, 4, 9)),
    "3": ((0, 0, 4, 1), (3, 0, 4, 5), (0.5, 4, 5, 5), (3, 4, 5, 9), (0, 8, 5, 9)),
    "4": ((0, 0, 2, 8), (0, 7, 6, 8), (4, 5, 6, 9)),
    "5": ((0, 0, 5, 1), (0, 0, 1, 5), (0, 4, 5, 5), (4, 4, 5, 9), (0, 8, 5, 9)),
    "6": ((0, 0, 3.75, 1), (2.75, 0, 3.75, 2), (0, 0, 1, 9), (0, 4, 6, 5), (5, 4, 6, 9), (0, 8, 6, 9)),
    "7": ((0, 0, 5, 1), (0, 0, 1, 2), (4, 0, 5, 5), (2, 4, 5, 5), (2, 4, 3, 9)),
    "8": ((1, 0, 2, 5), (5, 0, 6, 5), (1, 0, 6, 1), (0, 4, 7, 5), (0, 4, 2, 9), (5, 4, 7, 9), (0, 8, 7, 9)),
    "9": ((0, 0, 1, 5), (0, 0, 6, 1), (0, 4, 6, 5), (5, 0, 6, 9), (4, 4, 6, 9)),
    "T": ((0, 1.5, 2, 7.5), (4, 0, 7, 3), (4, 6, 7, 9)),
    "A": ((0, 6, 2, 9), (3, 3, 4, 7), (5, 0, 7, 3)),
    "U": ((0, 0.75, 1, 7.5), (2, 0.75, 3, 7.5), (4, 0.5, 7, 4)),
    "D": ((0, 2.5, 2, 6.5), (3, 2.5, 5, 6.5), (6, 2.5, 7, 6.5)),
}  # fmt: skip


@cache
def glyph(symbol: str) -> NDArray[np.float32]:
    """(45, 35) float32, ink 1: nine rows and seven columns of `FINE` pixels, the character at their right edge."""
    drawn = np.zeros((ROWS * FINE, COLUMNS * FINE), np.float32)
    if symbol == "0":
        return np.asarray(_rounded(0, 2) - _rounded(1, 1.25), np.float32)
    left = COLUMNS - _WIDTHS[symbol]
    for x0, y0, x1, y1 in _BARS[symbol]:
        drawn[round(y0 * FINE) : round(y1 * FINE), round((left + x0) * FINE) : round((left + x1) * FINE)] = 1
    return drawn


def _rounded(inset: float, radius: float) -> NDArray[np.float32]:
    """(45, 35) the whole grid less `inset` squares on each side, 1 inside, with corners of `radius` squares."""
    y, x = (np.indices((ROWS * FINE, COLUMNS * FINE)) + 0.5) / FINE
    dx = np.maximum(abs(x - COLUMNS / 2) - (COLUMNS / 2 - inset - radius), 0)
    dy = np.maximum(abs(y - ROWS / 2) - (ROWS / 2 - inset - radius), 0)
    return np.asarray(np.hypot(dx, dy) <= radius, np.float32)
