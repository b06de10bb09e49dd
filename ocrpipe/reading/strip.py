"""The field as the second reader sees it: one strip of gray pixels, nothing cut and nothing thresholded.

Only the frame comes from the lattice: where the line of writing lies, how tall it is and how it leans.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.reading.segment import LINE_HEIGHT
from ocrpipe.records import Lattice

STRIP_HEIGHT = 48
STRIP_LINE = 28.0
"""Height of a character in the strip, px: room for slashes and raised cents above and below."""
STRIP_STEP = 32
"""Strips are as wide as a multiple of this, px, so that few widths occur and batches are large."""
_MARGIN = 12
_WIDEST = 1024
_SATURATED = 1.25
"""Ink this many times as dark as the pen is black."""


def uncleaned(darkness: NDArray[np.float32], pen: float) -> NDArray[np.uint8]:
    """Gray for `strip` of a field written freely, before anything is cleaned away: `darkness` (H, W) is the share by
    which each pixel is darker than its paper, `pen` that of a stroke's middle."""
    return np.asarray(cv2.convertScaleAbs(darkness, alpha=255 / max(_SATURATED * pen, 0.02)), np.uint8)


def cleared(lattice: Lattice) -> NDArray[np.uint8]:
    """Gray for `strip` of a field in cells: only what the lattice takes for writing, without lines, printed points and
    dirt, which a swept network would read."""
    gray = np.zeros_like(lattice.field.pixels)
    _show(lattice.field.pixels, lattice.boxes, gray)
    return gray


@compiled
def _show(
    pixels: NDArray[np.uint8], boxes: NDArray[np.float32], gray: NDArray[np.uint8]
) -> None:  # pragma: no cover - compiled
    """Draws what is in the boxes, ink high."""
    height, width = pixels.shape
    for k in range(len(boxes)):
        first, after = max(0, int(np.rint(boxes[k, 0]))), min(width, int(np.rint(boxes[k, 2])))
        for y in range(max(0, int(np.rint(boxes[k, 1]))), min(height, int(np.rint(boxes[k, 3])))):
            for x in range(first, after):
                gray[y, x] = 255 - pixels[y, x]


def strip(gray: NDArray[np.uint8], lattice: Lattice, size: float = 1.0) -> NDArray[np.uint8]:
    """(48, W) uint8, ink high, W a multiple of 32: what `gray` (H, W), ink high, shows where the `lattice` found
    writing, in characters `size` times as tall as usual."""
    scale = size * STRIP_LINE / LINE_HEIGHT
    x0, top, x1, bottom = lattice.span
    wide = min(_WIDEST, (x1 - x0) * scale + 2 * _MARGIN)
    width = int(np.ceil(wide / STRIP_STEP)) * STRIP_STEP
    edge = (scale - 1) / 2  # see `geometry.scaling`
    across, down = scale * -x0 + (edge + _MARGIN), scale * (-(top + bottom) / 2) + (edge + STRIP_HEIGHT / 2)
    to_line = np.array([(scale, 0.0, across), (0.0, scale, down), (0.0, 0.0, 1.0)])
    to_strip = to_line @ lattice.to_frame
    return np.asarray(
        cv2.warpAffine(gray, to_strip[:2], (width, STRIP_HEIGHT), flags=cv2.INTER_LINEAR, borderValue=0), np.uint8
    )
