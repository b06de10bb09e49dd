"""Pixels per inch: what the file says where it can be true, else what known paper sizes suggest."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from ocrpipe.scans.raster import Raster, check_size
from ocrpipe.settings import Settings

PAPERS_IN = (
    (8.5, 11.0),  # US letter
    (8.5, 14.0),  # US legal
    (8.27, 11.69),  # A4
    (5.83, 8.27),  # A5
    (6.0, 2.75),  # US personal check
    (8.5, 3.5),  # US business check
    (9.5, 4.125),  # envelope #10
    (6.5, 3.625),  # envelope #6¾
    (8.0, 3.67),  # Indian cheque (CTS-2010)
)
SCANNER_DPI = (100, 150, 200, 204, 240, 300, 400, 600)
DEFAULT_DPI = 200.0
_SIZE_TOLERANCE = 0.03
_LONGEST_SHEET_IN = 48.0
_LONGEST_OFFICE_SHEET_IN = 14.5
"""Screen tools write 72 or 96 without having measured anything; a sheet larger than legal paper betrays them."""


def squared(raster: Raster, settings: Settings) -> Raster:
    """Resamples unequal densities (a fax in standard mode has 204 × 98) to the larger of the two."""
    if raster.density is None:
        return raster
    x, y = raster.density
    if min(x, y) <= 0 or not 0.25 <= x / y <= 4:
        return Raster(raster.pixels)
    if abs(x / y - 1) <= 0.01:
        return raster
    dpi = max(x, y)
    height, width = raster.pixels.shape
    size = max(1, round(width * dpi / x)), max(1, round(height * dpi / y))
    check_size(*size, settings)
    pixels = cv2.resize(raster.pixels, size, interpolation=cv2.INTER_LINEAR)
    return Raster(np.asarray(pixels, np.uint8), (dpi, dpi), raster.absolute)


def resolution_of(raster: Raster) -> tuple[float, Literal["file", "inferred"]]:
    """The dpi of a raster with square pixels and where it comes from."""
    longest_px = max(raster.pixels.shape)
    if raster.density and raster.absolute:
        dpi = max(raster.density)
        longest_in = longest_px / dpi if dpi > 0 else float("inf")
        limit = _LONGEST_OFFICE_SHEET_IN if dpi <= 100 else _LONGEST_SHEET_IN
        if 50 <= dpi <= 2400 and longest_in <= limit:
            return round(dpi, 1), "file"  # PNG counts whole pixels per metre: 199.9996
    return inferred_dpi(raster.pixels.shape[1], raster.pixels.shape[0]), "inferred"


def inferred_dpi(width: int, height: int) -> float:
    """The scanner resolution at which width × height is nearest to a known paper, in either direction.

    >>> inferred_dpi(1700, 2200), inferred_dpi(1650, 3600), inferred_dpi(123, 45)
    (200.0, 600.0, 200.0)
    """
    best, best_error = DEFAULT_DPI, _SIZE_TOLERANCE
    for short, long in (sorted(paper) for paper in PAPERS_IN):
        for dpi in SCANNER_DPI:
            error = max(abs(min(width, height) / (short * dpi) - 1), abs(max(width, height) / (long * dpi) - 1))
            if error < best_error:
                best, best_error = float(dpi), error
    return best
