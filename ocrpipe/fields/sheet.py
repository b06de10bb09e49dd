"""A page as registration looks at it: reduced once for all templates, and turned where need be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.template import Template
from ocrpipe.geometry import Transform, identity, means, quarter_turn, resample, resampled_parts, scaling, translation
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
    times = max(1, int(finer + _FINER))
    reduced = page.smaller(times)
    half = means(reduced, 2)  # OpenCV halves twice faster than it takes means of sixteen
    coarse = means(half, 2)
    to_reduced = _between(page.pixels, reduced, times) @ upright.to_page
    to_coarse = _between(half, coarse, 2) @ _between(reduced, half, 2) @ to_reduced
    return Sheet(upright, reduced, to_reduced, coarse, to_coarse)


def _between(pixels: NDArray[np.uint8], smaller: NDArray[np.uint8], times: int) -> Transform:
    """Pixels → pixels of their `means`, which are themselves where there are too few of them."""
    return identity() if smaller is pixels else scaling(1 / times, 1 / times)


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
