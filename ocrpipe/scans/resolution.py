"""Pixels per inch: what the file says where it can be true, else what known paper sizes suggest."""

from __future__ import annotations

from dataclasses import dataclass
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
_ASPECT_TOLERANCE = 0.025
_PITCH_TOLERANCE = 0.06
_LONGEST_SHEET_IN = 48.0
_SCREEN_DPI = (72, 96)
"""Screen tools write these without having measured anything; they are believed where they make a known paper."""


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
    height, width = raster.pixels.shape
    longest_px = max(height, width)
    if raster.density and raster.absolute:
        dpi = max(raster.density)
        credible = 50 <= dpi <= 2400 and longest_px / dpi <= _LONGEST_SHEET_IN
        if credible and (round(dpi) not in _SCREEN_DPI or _misfit(width, height, dpi) < _SIZE_TOLERANCE):
            return round(dpi, 1), "file"  # PNG counts whole pixels per metre: 199.9996
    return inferred_dpi(width, height), "inferred"


def inferred_dpi(width: int, height: int) -> float:
    """The scanner resolution at which width × height is nearest to a known paper, in either direction.

    >>> inferred_dpi(1700, 2200), inferred_dpi(1650, 3600), inferred_dpi(123, 45)
    (200.0, 600.0, 200.0)
    """
    likeliest = min(SCANNER_DPI, key=lambda dpi: _misfit(width, height, dpi))
    return float(likeliest) if _misfit(width, height, likeliest) < _SIZE_TOLERANCE else DEFAULT_DPI


@dataclass(frozen=True, slots=True)
class Resolution:
    """Pixels per inch of a sheet and how sure that is, 0 … 1 (a judgement, not a measured probability)."""

    dpi: float
    sure: float


def sheet_resolution(width: int, height: int, assumed: float, pitch_dpi: float | None) -> Resolution:
    """For a sheet of width × height pixels whose file is silent.

    Known papers of its proportions are held against the pitch of its MICR line (`pitch_dpi`, None where there is no
    such line), which settles what proportions leave open: a personal check and an Indian cheque are alike but for
    their size. `assumed` is what the size of the whole picture suggests.

    >>> sheet_resolution(1600, 734, 200.0, 201.5)
    Resolution(dpi=200.0, sure=0.95)
    >>> sheet_resolution(1600, 734, 200.0, 268.0).dpi
    266.8
    """
    short, long = min(width, height), max(width, height)
    papers = [(min(p), max(p)) for p in PAPERS_IN if abs(long / short * min(p) / max(p) - 1) < _ASPECT_TOLERANCE]
    fits = [(short * long / (paper[0] * paper[1])) ** 0.5 for paper in papers]
    if pitch_dpi is not None:
        near = [dpi for dpi in fits if abs(dpi / pitch_dpi - 1) < _PITCH_TOLERANCE]
        if near:
            return Resolution(_scanner_dpi(min(near, key=lambda dpi: abs(dpi - pitch_dpi))), 0.95)
        return Resolution(_scanner_dpi(pitch_dpi), 0.8)
    if any(abs(dpi / assumed - 1) < _SIZE_TOLERANCE for dpi in fits):
        return Resolution(assumed, 0.7)
    if fits:
        return Resolution(_scanner_dpi(fits[0]), 0.6 if len(fits) == 1 else 0.3)
    return Resolution(assumed, 0.1)


def known_aspect(aspect: float) -> float:
    """The proportions of the nearest known paper where there is one within 3 %, else `aspect` itself.

    >>> known_aspect(1.3), round(known_aspect(0.46), 3), known_aspect(5.0)
    (1.2941176470588236, 0.459, 5.0)
    """
    known = [max(paper) / min(paper) for paper in PAPERS_IN]
    nearest = min((side for one in known for side in (one, 1 / one)), key=lambda one: abs(aspect / one - 1))
    return nearest if abs(aspect / nearest - 1) < _SIZE_TOLERANCE else aspect


def _scanner_dpi(dpi: float) -> float:
    """The resolution of a scanner within 1.5 %, else the figure itself to a tenth."""
    nearest = min(SCANNER_DPI, key=lambda one: abs(one - dpi))
    return float(nearest) if abs(dpi / nearest - 1) < 0.015 else round(dpi, 1)


def _misfit(width: int, height: int, dpi: float) -> float:
    """By what share the worse side differs from the nearest known paper, in either direction."""
    short, long = min(width, height) / dpi, max(width, height) / dpi
    return min(max(abs(short / min(paper) - 1), abs(long / max(paper) - 1)) for paper in PAPERS_IN)
