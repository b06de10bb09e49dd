"""A page as registration looks at it: reduced once for all templates, and turned where need be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.template import Template
from ocrpipe.geometry import Box, Transform, identity, resample, scaling, translation
from ocrpipe.records import Upright

REDUCED_DPI = 100.0
LEAST_SIDE = 1000
"""A page whose resolution is overstated keeps this many pixels along its longest side."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """`reduced` shows the upright page; `to_reduced` maps upright pixels to its pixels."""

    upright: Upright
    reduced: NDArray[np.uint8]
    to_reduced: Transform

    def drawn(self, to_upright: Transform, width: int, height: int) -> NDArray[np.uint8]:
        """A coarse view: point p shows the page at `to_upright(p)`."""
        return resample(self.reduced, self.to_reduced @ to_upright, width, height)

    def sharp(self, to_upright: Transform, width: int, height: int) -> NDArray[np.uint8]:
        """As `drawn`, from the page's own pixels; meant for small parts."""
        return resample(self.upright.page.pixels, self.upright.to_page @ to_upright, width, height)


def sheet_of(upright: Upright) -> Sheet:
    shrink = min(1.0, max(REDUCED_DPI / upright.page.dpi, LEAST_SIDE / max(upright.width, upright.height)))
    reduced = upright.region(Box(0, 0, upright.width, upright.height), shrink)
    rows, columns = reduced.shape
    return Sheet(upright, reduced, scaling(columns / upright.width, rows / upright.height))


def turned(sheet: Sheet, degrees: int) -> Sheet:
    """The sheet turned counter-clockwise by further quarter turns; nothing is drawn anew."""
    upright, reduced, to_reduced = sheet.upright, sheet.reduced, identity()
    for _ in range(degrees // 90 % 4):
        # a turned point (x, y) shows what was at (width - 1 - y, x)
        back = np.array([(0.0, -1.0, upright.width - 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)])
        upright = replace(
            upright, rotation_deg=(upright.rotation_deg + 90) % 360, to_page=upright.to_page @ back,
            width=upright.height, height=upright.width,
        )  # fmt: skip
        reduced = np.rot90(reduced)
    rows, columns = reduced.shape
    to_reduced = scaling(columns / upright.width, rows / upright.height)
    return Sheet(upright, np.ascontiguousarray(reduced), to_reduced)


def centred(upright: Upright, template: Template, scale: float) -> Transform:
    """Template → upright pixels at `scale`, with the sheets' centres on each other."""
    middle = translation((upright.width - 1) / 2, (upright.height - 1) / 2)
    return middle @ np.diag((scale, scale, 1.0)) @ translation(-(template.width - 1) / 2, -(template.height - 1) / 2)
