"""The resolution that a check tells itself: E-13B is printed eight characters to the inch, 0.117 inch high.

A measure of the row as a comb, not a reading of it (ANSI X9.27, ISO 1004-1: pitch 0.125, height 0.117 inch; the
right edges of all characters keep the pitch; the clear band lies at the lower edge of the check).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.e13b import HEIGHT_IN, PITCH_IN
from ocrpipe.geometry import Box
from ocrpipe.marks import marks_of
from ocrpipe.ranks import median
from ocrpipe.records import Upright
from ocrpipe.scans.ink import INK_CONTRAST

_VIEW_PX = 1100
"""Length of the view: at this a check's characters are 13 to 20 px high."""
_LEAST_PX = 80
_BAND = 0.36
"""Share of the height, at the lower or (upside down) the upper edge, in which the line is looked for."""
_HIGH_PX = (7, 40)
_LEAST_MARKS = 9
_FROM_EDGE_IN = (0.12, 0.55)
"""Distance of the line's middle from the edge."""
_RATIOS = np.arange(0.90, 1.12, 0.0025)
"""Pitches tried, as shares of the one that the marks' height suggests."""
_LEAST_REGULAR = 0.72
"""Mean resultant length of the right edges' phases; print in other founts stays below."""


def pitch_dpi(upright: Upright) -> float | None:
    """Pixels per inch of an upright sheet by its MICR line; None where there is no row that could be one."""
    if min(upright.width, upright.height) < _LEAST_PX:
        return None
    scale = min(1.0, _VIEW_PX / max(upright.width, upright.height))
    for lower in (True, False):
        dpi = _comb(_ink(upright, scale, lower))
        if dpi is not None:
            return dpi / scale
    return None


def _ink(upright: Upright, scale: float, lower: bool) -> NDArray[np.uint8]:
    """(h, w) 255 on ink: the band along the lower edge, or that along the upper one, upside down."""
    band = _BAND * upright.height
    top = upright.height - band if lower else 0.0
    gray = upright.region(Box(0, top, upright.width, top + band), scale)
    mean = cv2.blur(gray, (41, 41), borderType=cv2.BORDER_REFLECT)
    ink = cv2.threshold(cv2.subtract(mean, gray), INK_CONTRAST, 255, cv2.THRESH_BINARY)[1]
    return np.ascontiguousarray(ink if lower else ink[::-1, ::-1], np.uint8)


def _comb(ink: NDArray[np.uint8]) -> float | None:
    """Pixels per inch of the band `ink`, (h, w) uint8, 255 on ink, the sheet's edge at its lower side."""
    x, y, wide, high = marks_of(ink).places[:, :4].T.astype(np.float64)
    fit = (high >= _HIGH_PX[0]) & (high <= _HIGH_PX[1]) & (wide < 1.1 * high) & (wide > 0.2 * high)
    x, y, wide, high = x[fit], y[fit], wide[fit], high[fit]
    if not _LEAST_MARKS <= len(x) <= 1000:
        return None
    middle = y + high / 2
    alike = np.abs(middle[:, None] - middle) < 0.25 * high
    alike &= np.abs(high[:, None] - high) < np.maximum(1.1, 0.1 * high)
    row = alike[int(alike.sum(axis=1).argmax())]
    if row.sum() < _LEAST_MARKS:
        return None
    tall = median(high[row])
    pitches = tall * PITCH_IN / HEIGHT_IN * _RATIOS
    phases = 2j * np.pi * (x[row] + wide[row])[None, :] / pitches[:, None]
    regular = np.abs(np.exp(phases).mean(axis=1))
    best = int(regular.argmax())
    dpi = float(pitches[best]) / PITCH_IN
    from_edge = (ink.shape[0] - median(middle[row])) / dpi
    if regular[best] < _LEAST_REGULAR or not _FROM_EDGE_IN[0] <= from_edge <= _FROM_EDGE_IN[1]:
        return None
    return dpi
