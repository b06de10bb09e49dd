"""Medians and other quantiles of few numbers, and of gray levels, for which numpy's own take ten times as long."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def median(values: NDArray[Any]) -> float:
    """As np.median of all values, of which there is at least one."""
    half = values.size // 2
    if values.size % 2:
        return float(np.partition(values, half, axis=None)[half])
    ranked = np.partition(values, (half - 1, half), axis=None)
    return (float(ranked[half - 1]) + float(ranked[half])) / 2


def quantile(values: NDArray[Any], share: float) -> float:
    """As np.quantile of all values: between two ranks a straight line."""
    at = share * (values.size - 1)
    below = int(at)
    above = min(below + 1, values.size - 1)
    ranked = np.partition(values, (below, above), axis=None)
    low, high = float(ranked[below]), float(ranked[above])
    part = at - below
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def gray_levels(gray: NDArray[np.uint8], *ranks: int) -> list[float]:
    """Of all pixels of a picture (H, W) in ascending order, those of these ranks, from 0 on.

    >>> gray_levels(np.array([[30, 10], [20, 255]], np.uint8), 0, 2)
    [10.0, 30.0]
    """
    import cv2  # whoever ranks numbers alone does without

    below = np.cumsum(cv2.calcHist([gray], [0], None, [256], [0, 256]))
    return [float(np.searchsorted(below, rank, side="right")) for rank in ranks]
