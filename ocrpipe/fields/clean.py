"""From a field's crop to its writing alone: paper flattened, box lines, combs and rules taken out.

Nothing is learned here.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.rules import rule_mask
from ocrpipe.records import FieldImage

_FAINTEST = 0.15
"""Nothing less dark than this, as a share of the paper's brightness, is ink, unless a threshold asks for more."""
_DARKEST = 0.85
"""What is as dark as this, as a share of the pen, is ink under any threshold."""


def clean(field: FieldImage) -> FieldImage:
    """The field with paper at 255, the threshold between paper and ink at 128, ink near 0, and without printed lines;
    same shape."""
    return cleaned(field, darkness_of(field.pixels))


def cleaned(field: FieldImage, darkness: NDArray[np.float32], threshold: float = 1.0) -> FieldImage:
    """`clean` for whoever needs the `darkness_of` the field, too, or sees ink only where it is darker, or already where
    it is fainter, by `threshold` times.

    Print is often darker than the pen, so the pen's darkness is measured once more when the lines are gone.
    """
    levels = _levels(darkness, threshold)
    lines = rule_mask(darkness >= levels[0], field.box, field.spec.cells)
    if lines.any():
        near = cv2.dilate(lines.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
        darkness = np.where(near, np.float32(0), darkness)
        levels = _levels(darkness, threshold)
    return replace(field, pixels=_stretched(darkness, *levels))


def darkness_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) share by which each pixel is darker than the paper around it, whose level a wide closing and blur
    follow."""
    height, width = pixels.shape
    smooth = cv2.GaussianBlur(pixels, (0, 0), 0.7)
    reach = max(9, min(height, width, 75) // 2 * 2 + 1)
    paper = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((min(reach, 25), min(reach, 25)), np.uint8))
    paper = cv2.blur(cv2.blur(paper, (reach, reach)), (reach, reach))
    return np.asarray(1 - np.minimum(smooth / np.maximum(paper, 1).astype(np.float32), 1), np.float32)


def _levels(darkness: NDArray[np.float32], times: float) -> tuple[float, float]:
    """`times` the threshold between paper and ink, and the pen's darkness: half of that, or above the paper's own
    texture (waves, grain) where that is dark too."""
    pen = pen_darkness(darkness)
    level = max(0.5 * pen, _FAINTEST)
    if 2 * np.count_nonzero(darkness > level / 2) >= darkness.size:  # spares most fields the median
        low, high, _ = _around(darkness, 0.5)
        level = max(level, min(float(low + high), 0.7 * pen))
    return min(times * level, max(level, _DARKEST * pen)), pen


def _stretched(darkness: NDArray[np.float32], threshold: float, pen: float) -> NDArray[np.uint8]:
    """Grays with paper at 255, the threshold at 128, the pen at 0."""
    below = 255 - 127 * (darkness / threshold)
    above = 128 - 128 * (darkness - threshold) / max(pen - threshold, 0.02)
    return np.clip(np.where(darkness < threshold, below, above), 0, 255).astype(np.uint8)


def pen_darkness(darkness: NDArray[np.float32]) -> float:
    """How much darker than paper a stroke is, 0 … 1: taken inside the strongest edges, where about half the pixels are
    ink (the idea of Otsu, 1979, on a balanced sample)."""
    across, down = (cv2.Sobel(darkness, cv2.CV_32F, dx, 1 - dx, ksize=3) for dx in (1, 0))
    gradient = np.asarray(cv2.magnitude(across, down), np.float32)
    low, high, between = _around(gradient, 0.96)
    edges = gradient >= max(float(low + between * (high - low)), 1e-6)
    inside = np.asarray(cv2.dilate(darkness, np.ones((3, 3), np.uint8)), np.float32)[edges]
    if not inside.size:
        return 0.0
    low, high, _ = _around(inside, 0.5)
    return float((low + high) / 2)


def _around(values: NDArray[np.float32], share: float) -> tuple[np.float32, np.float32, float]:
    """The largest of the lowest `share` of the values, the one after it, and how far between the two the share ends:
    what np.median and np.percentile spend half of their time around."""
    at = share * (values.size - 1)
    rank = int(at)
    ranked = np.partition(values.ravel(), (rank, min(rank + 1, values.size - 1)))
    return ranked[rank], ranked[math.ceil(at)], at - rank
