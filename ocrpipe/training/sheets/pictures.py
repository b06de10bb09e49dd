"""Pictures that are no paper at all: photographs that come with scikit-image, and noise of many grains."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training.sheets.chance import between, odds, pick

_NAMES = (
    "astronaut", "brick", "camera", "cell", "chelsea", "clock", "coffee", "coins", "grass", "gravel", "horse",
    "hubble_deep_field", "immunohistochemistry", "logo", "moon", "page", "retina", "rocket", "text",
)  # fmt: skip
"""Those whose files lie in the package itself."""


def photograph(rng: Generator) -> NDArray[np.uint8]:
    """(H, W) one of scikit-image's own, a part of it, enlarged, turned or mirrored; seldom black and white only."""
    import skimage.data

    found = getattr(skimage.data, pick(rng, _NAMES))()
    if found.dtype == bool:
        found = found.astype(np.uint8) * 255
    if found.ndim == 3:
        found = cv2.cvtColor(np.ascontiguousarray(found[:, :, :3]), cv2.COLOR_RGB2GRAY)
    rows, columns = found.shape
    y, x = (int(rng.integers(0, max(1, side // 3))) for side in (rows, columns))
    part = found[y : y + int(rows * between(rng, 0.5, 1)), x : x + int(columns * between(rng, 0.5, 1))]
    scale = between(rng, 700, 1700) / max(part.shape)
    large = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    large = np.rot90(large[:, ::-1] if odds(rng, 0.5) else large, int(rng.integers(4)))
    if odds(rng, 0.15):
        large = np.where(large > np.median(large), 255, 0)
    return np.ascontiguousarray(large, np.uint8)


def noise(rng: Generator) -> NDArray[np.uint8]:
    """(H, W) blots or grains of one size or of several."""
    shape = int(rng.integers(500, 1800)), int(rng.integers(700, 2000))
    total = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        grain = int(rng.choice((1, 2, 4, 12, 40)))
        coarse = rng.standard_normal((shape[0] // grain + 2, shape[1] // grain + 2), np.float32)
        total += cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    if odds(rng, 0.3):
        return np.where(total > between(rng, -1.5, 1.5), 255, 0).astype(np.uint8)
    return np.asarray(np.clip(between(rng, 60, 200) + between(rng, 10, 60) * total, 0, 255), np.uint8)
