"""A page as registration looks at it: reduced once for all templates, and turned where need be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.template import Template
from ocrpipe.geometry import Transform, identity, quarter_turn, resample, resampled_parts, scaling, translation
from ocrpipe.records import Upright

REDUCED_DPI = 100.0
LEAST_SIDE = 1000
"""A page whose resolution is overstated keeps about this many pixels along its longest side."""
_FINER = 0.25
"""By how much of a whole number a page is left finer than that, rather than made coarser."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """`reduced` and the four times coarser `coarse` show the page as it was scanned; `to_reduced` and `to_coarse` map
    upright pixels to their pixels. Nothing is turned before a part is drawn."""

    upright: Upright
    reduced: NDArray[np.uint8]
    to_reduced: Transform
    coarse: NDArray[np.uint8]
    to_coarse: Transform

    def sketched(self, to_upright: Transform, width: int, height: int) -> NDArray[np.uint8]:
        """The coarsest view: point p shows the page at `to_upright(p)`."""
        return resample(self.coarse, self.to_coarse @ to_upright, width, height)

    def drawn_parts(
        self, to_upright: Transform, corners: NDArray[np.float64], shape: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """(N, *shape): parts of such a picture at 100 dpi, which begin at its `corners` (N, 2)."""
        return resampled_parts(self.reduced, self.to_reduced @ to_upright, corners, shape)

    def sharp_parts(
        self, to_upright: Transform, corners: NDArray[np.float64], shape: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """As `drawn_parts`, from the page's own pixels."""
        return resampled_parts(self.upright.page.pixels, self.upright.to_page @ to_upright, corners, shape)

    def sharp(self, to_upright: Transform, width: int, height: int) -> NDArray[np.uint8]:
        """As `sketched`, from the page's own pixels; meant for small parts."""
        return resample(self.upright.page.pixels, self.upright.to_page @ to_upright, width, height)


def sheet_of(upright: Upright) -> Sheet:
    page = upright.page
    finer = min(page.dpi / REDUCED_DPI, max(upright.width, upright.height) / LEAST_SIDE)
    reduced, smaller = _reduced(page.pixels, max(1, int(finer + _FINER)))
    half, halved = _reduced(reduced, 2)  # OpenCV halves twice faster than it takes means of sixteen
    coarse, quartered = _reduced(half, 2)
    to_reduced = smaller @ upright.to_page
    return Sheet(upright, reduced, to_reduced, coarse, quartered @ halved @ to_reduced)


def _reduced(pixels: NDArray[np.uint8], times: int) -> tuple[NDArray[np.uint8], Transform]:
    """Means of `times` × `times` pixels, what is over at the right and below dropped, and pixels → pixels of those."""
    height, width = pixels.shape[0] // times, pixels.shape[1] // times
    if times == 1 or min(height, width) < 1:
        return pixels, identity()
    whole = pixels[: height * times, : width * times]
    small = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return small, scaling(1 / times, 1 / times)


def turned(sheet: Sheet, degrees: int) -> Sheet:
    """The sheet turned counter-clockwise by further quarter turns; nothing is drawn anew."""
    upright = sheet.upright
    back, width, height = quarter_turn(upright.width, upright.height, degrees)
    upright = replace(
        upright, rotation_deg=(upright.rotation_deg + degrees) % 360, to_page=upright.to_page @ back,
        width=width, height=height,
    )  # fmt: skip
    return replace(sheet, upright=upright, to_reduced=sheet.to_reduced @ back, to_coarse=sheet.to_coarse @ back)


def centred(upright: Upright, template: Template, scale: float) -> Transform:
    """Template → upright pixels at `scale`, with the sheets' centres on each other."""
    middle = translation((upright.width - 1) / 2, (upright.height - 1) / 2)
    return middle @ np.diag((scale, scale, 1.0)) @ translation(-(template.width - 1) / 2, -(template.height - 1) / 2)
