"""Which way writing runs (reliable) and which way is up (a guess), from the pieces of ink that look like signs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import rotation
from ocrpipe.scans.ink import Reduced

_SIGN_IN = (0.04, 0.40)
"""Extent of a sign: larger than a speck, smaller than a rule or a box."""
_BRIDGE_IN = 0.06
"""A gap that lies between the signs of a word but seldom between two lines."""
_WORD_GAP_PX = 15
_LEAST_SIGNS = 6
_MOST_PAIRED = 600
_SIDEWAYS = 0.12
_UPSIDE_DOWN = 0.2
"""How strong the evidence (a logarithm of a ratio) must be before a page is turned."""


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """`mask` is (h, w) uint8, 0 or 1; `boxes` is (N, 4) int32: x, y, width, height of each piece in it."""

    mask: NDArray[np.uint8]
    boxes: NDArray[np.int32]
    dpi: float

    def __bool__(self) -> bool:
        """Whether there are enough to conclude anything from."""
        return len(self.boxes) >= _LEAST_SIGNS

    def turned(self) -> Signs:
        """A quarter turn counter-clockwise."""
        x, y, width, height = self.boxes.T
        boxes = np.stack([y, self.mask.shape[1] - x - width, height, width], axis=1)
        return Signs(np.ascontiguousarray(np.rot90(self.mask)), boxes, self.dpi)


def signs_of(view: Reduced) -> Signs:
    """The ink without specks, rules and boxes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(view.ink, connectivity=8, ltype=cv2.CV_16U)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) / view.dpi
    kept = (extent >= _SIGN_IN[0]) & (extent <= _SIGN_IN[1])
    kept[0] = False
    return Signs(kept.astype(np.uint8)[labels], np.asarray(stats[kept, :4], np.int32), view.dpi)


def runs_sideways(signs: Signs) -> bool:
    """Whether gaps between signs are bridged rather from top to bottom than from left to right.

    Dilating along the lines joins the signs of a word; dilating across them joins few.
    """
    reach = 1 + 2 * max(1, round(_BRIDGE_IN * signs.dpi / 2))
    along, across = (
        2 + cv2.connectedComponents(cv2.dilate(signs.mask, np.ones(shape, np.uint8)), ltype=cv2.CV_16U)[0]
        for shape in ((1, reach), (reach, 1))
    )
    return float(np.log(along / across)) > _SIDEWAYS


def is_upside_down(signs: Signs, skew_deg: float) -> bool:
    """Sums two logarithms: words begin, rather than end, below each other; signs stand, rather than hang, on a line."""
    return _left_aligned(signs, skew_deg) + _standing(signs, skew_deg) < -_UPSIDE_DOWN


def _left_aligned(signs: Signs, skew_deg: float) -> float:
    """The columns in which words begin against those in which they end: alignment peaks a profile (Σ counts²)."""
    height, width = signs.mask.shape
    frame = rotation(skew_deg, ((width - 1) / 2, (height - 1) / 2))
    straight = cv2.warpAffine(signs.mask, frame[:2], (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    words = cv2.morphologyEx(straight, cv2.MORPH_CLOSE, np.ones((1, _WORD_GAP_PX), np.uint8))
    begins, ends = (
        cv2.blur(cv2.reduce(edges, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F), (3, 1))
        for edges in (cv2.subtract(words[:, 1:], words[:, :-1]), cv2.subtract(words[:, :-1], words[:, 1:]))
    )
    return float(np.log(((begins**2).sum() + 1) / ((ends**2).sum() + 1)))


def _standing(signs: Signs, skew_deg: float) -> float:
    """Neighbours of unequal height: whether they share their foot (as letters do) or their head."""
    boxes = signs.boxes[np.argsort(signs.boxes[:, 1], kind="stable")[:_MOST_PAIRED]].astype(np.float32)
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    x, y, width, height = boxes.T
    y = y - np.float32(np.tan(np.deg2rad(skew_deg))) * (x + width / 2)
    gap = x[None, :] - (x + width)[:, None]
    foot = y + height
    overlap = np.minimum(foot[None, :], foot[:, None]) - np.maximum(y[None, :], y[:, None])
    beside = (gap >= -1) & (gap < 1.2 * height[:, None])
    beside &= overlap > 0.4 * np.minimum(height[None, :], height[:, None])
    right = beside.argmax(axis=1)  # boxes are sorted by x, so the first one is the nearest
    left = np.flatnonzero(beside[np.arange(len(right)), right])
    right = right[left]
    heads, feet = np.abs(y[left] - y[right]), np.abs(foot[left] - foot[right])
    same_foot = int(((feet <= 1.5) & (heads > 2.5)).sum())
    same_head = int(((heads <= 1.5) & (feet > 2.5)).sum())
    return float(np.log((same_foot + 3) / (same_head + 3)))
