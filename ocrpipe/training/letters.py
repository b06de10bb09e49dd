"""What stands in fields and is no figure: letters, taught as junk."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.reading.segment import CROP, fit_crop
from ocrpipe.reading.symbols import JUNK
from ocrpipe.training.pen import printed

LETTERS = "AEFHKMNRWXaefkmnwx"
"""Those that no hand's digit looks like: an h is many a hand's 4, a p its 9, a z its 2."""
_HEIGHT = 40
_SHEARS = (-0.1, 0.15, 0.4)
_PENS = (1, 3)
"""By how many pixels a letter is thinned or not: its pen, where print is heavy."""


def letters(fonts: list[Path]) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    """Crops (N, 32, 32) of letters, upright and leaning, each in a heavy and a light pen, with labels (N,): `JUNK`.

    They are printed ones, but bent as hard as digits are: no free collection of handwritten ones is at hand.
    """
    crops = [
        fit_crop(_leaning(np.asarray(cv2.erode(ink, np.ones((pen, pen), np.uint8)), np.uint8), shear))
        for font in fonts for char in LETTERS
        for ink in [np.pad((255 * printed(font, char, _HEIGHT).mask).astype(np.uint8), 1)]
        for pen in _PENS if pen == 1 or _stroke(ink) > 2 * pen
        for shear in _SHEARS
    ]  # fmt: skip
    return np.array(crops, np.uint8).reshape(-1, CROP, CROP), np.full(len(crops), JUNK, np.int8)


def _stroke(ink: NDArray[np.uint8]) -> float:
    """Width of the widest stroke, px."""
    return 2 * float(cv2.distanceTransform((ink > 127).astype(np.uint8), cv2.DIST_L2, 3).max())


def _leaning(ink: NDArray[np.uint8], shear: float) -> NDArray[np.uint8]:
    rows, columns = ink.shape
    matrix = np.array([(1, -shear, max(shear, 0) * rows), (0, 1, 0)], np.float32)
    return np.asarray(cv2.warpAffine(ink, matrix, (columns + int(abs(shear) * rows) + 1, rows)), np.uint8)
