"""A reduced view of a page: where the sheet lies in the picture and where on it there is ink.

Everything here works on a picture of about 100 pixels per inch, since that is enough to find a sheet, its lines of
writing and their direction; nothing of it is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.marks import Marks, marks_of
from ocrpipe.ranks import gray_levels, median, quantile
from ocrpipe.records import Page

WORK_DPI = 100.0
_LONGEST_PX = 2400
_SHADE_BOX = 31
"""Side of the window, in reduced pixels, whose mean is the local paper: wider than strokes, narrower than shading."""
INK_CONTRAST = 28
"""How much darker than the local mean ink is (gray levels); background patterns and bleed-through stay below."""
_BED_STEP = 14
"""Least difference (gray levels) between paper and a lighter scanner bed."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """Pictures are (h, w) uint8, `ink` and `sheet` 0 or 1; a pixel of theirs is `factor` page pixels wide and high."""

    factor: float
    gray: NDArray[np.uint8]
    depth: NDArray[np.uint8]
    """How much darker than the paper around it each pixel is."""
    ink: NDArray[np.uint8]
    """Ink on the sheet, its outermost rim left out."""
    sheet: NDArray[np.uint8]
    """1 where paper is, 0 on the scanner bed."""
    dpi: float

    @cached_property
    def marks(self) -> Marks:
        """The pieces of `ink`."""
        return marks_of(self.ink)


def reduced(page: Page) -> Reduced:
    gray, factor = shrunk(page)
    sheet = _sheet(gray)
    depth = _depth(gray)
    return Reduced(factor, gray, depth, _ink(depth, sheet), sheet, page.dpi / factor)


def reduced_sheet(gray: NDArray[np.uint8], sheet: NDArray[np.uint8], factor: float, dpi: float) -> Reduced:
    """The view of a sheet whose place is known: `gray` (h, w) at `dpi`, `sheet` 1 on the paper; beside it there is
    nothing to see."""
    inside = sheet[::4, ::4] > 0
    paper = median(gray[::4, ::4][inside]) if inside.any() else 255
    only = np.asarray(cv2.copyTo(gray, sheet, np.full_like(gray, paper)), np.uint8)
    depth = _depth(only)
    return Reduced(factor, only, depth, _ink(depth, sheet), sheet, dpi)


def shrunk(page: Page) -> tuple[NDArray[np.uint8], float]:
    """The page at about `WORK_DPI` and by which factor it is smaller. Area means by a whole factor: an ink line of one
    pixel stays visible as gray."""
    factor = max(1, round(page.dpi / WORK_DPI), -(-max(page.width, page.height) // _LONGEST_PX))
    gray = page.smaller(factor)
    return gray, 1.0 if gray is page.pixels else float(factor)


def _depth(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    mean = cv2.blur(gray, (_SHADE_BOX, _SHADE_BOX), borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.subtract(mean, gray), np.uint8)


def _ink(depth: NDArray[np.uint8], sheet: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ink = _above(depth, INK_CONTRAST)
    if not sheet.all():
        ink &= np.asarray(cv2.erode(sheet, np.ones((9, 9), np.uint8), borderValue=1), np.uint8)
    return ink


def _above(gray: NDArray[np.uint8], level: float) -> NDArray[np.uint8]:
    """1 where it is more than `level`, else 0; a comparison by numpy takes twenty times as long."""
    return np.asarray(cv2.threshold(gray, level, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _sheet(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Paper against bed. The bed reaches the picture's rim and differs from the paper in one of two ways:
    far darker than the paper, or a good step lighter than it."""
    small = gray
    if min(gray.shape) > 64:
        small = np.asarray(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = small.shape
    inner = small[height // 4 : height - height // 4, width // 4 : width - width // 4]
    paper = _median(inner[::2, ::2])
    rim = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    bed = np.zeros_like(small)
    if (rim < 0.5 * paper).mean() > 0.02:
        bed |= _reaching_rim(1 - _above(small, math.ceil(0.5 * paper) - 1))
    light = quantile(rim, 0.9)
    if light > paper + _BED_STEP:
        lighter = _reaching_rim(_above(small, (light + paper) / 2))
        if _is_empty_step(small, lighter, light - paper):
            bed |= lighter
    sheet = np.asarray(1 - bed, np.uint8)
    if not 0.05 * sheet.size <= cv2.countNonZero(sheet) < sheet.size:
        return np.ones_like(gray)
    return np.asarray(cv2.resize(sheet, gray.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def _median(gray: NDArray[np.uint8]) -> float:
    return sum(gray_levels(gray, (gray.size - 1) // 2, gray.size // 2)) / 2


def _reaching_rim(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Those parts of a mask that touch the rim and are thicker than a stroke of writing."""
    thick = cv2.morphologyEx(
        cv2.copyMakeBorder(mask, 4, 4, 4, 4, cv2.BORDER_REPLICATE), cv2.MORPH_OPEN, np.ones((4, 4), np.uint8)
    )[4:-4, 4:-4]
    marks = marks_of(np.asarray(thick, np.uint8))
    left, top, wide, high = marks.places[:, :4].T
    height, width = mask.shape
    return marks.only((left == 0) | (top == 0) | (left + wide == width) | (top + high == height)).mask()


def _is_empty_step(gray: NDArray[np.uint8], bed: NDArray[np.uint8], step: float) -> bool:
    """Whether the border of the bed is an edge and not the gentle slope of uneven light, and the bed bears no ink."""
    ground = np.asarray(cv2.morphologyEx(gray, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), np.uint8)
    near, far = np.ones((3, 3), np.uint8), np.ones((7, 7), np.uint8)
    outside = (cv2.dilate(bed, far) > 0) & (cv2.dilate(bed, near) == 0)
    inside = (cv2.erode(bed, near, borderValue=1) > 0) & (cv2.erode(bed, far, borderValue=1) == 0)
    if not outside.any() or not inside.any():
        return False
    written = (cv2.subtract(ground, gray) > INK_CONTRAST) & (bed > 0)
    if written.sum() > 0.002 * bed.sum():
        return False
    return median(ground[inside]) - median(ground[outside]) > 0.5 * step
