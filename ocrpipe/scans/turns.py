"""Which way writing runs (reliable) and which way is up (a guess), from the pieces of ink that look like signs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrpipe.geometry import rotation
from ocrpipe.marks import Marks

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
    """The ink without specks, rules and boxes."""

    marks: Marks
    dpi: float

    def __bool__(self) -> bool:
        """Whether there are enough to conclude anything from."""
        return len(self.marks.places) >= _LEAST_SIGNS


def signs_of(marks: Marks, dpi: float) -> Signs:
    """Those of the pieces of ink that may be signs."""
    extent = marks.places[:, 2:4].max(axis=1) / dpi
    return Signs(marks.only((extent >= _SIGN_IN[0]) & (extent <= _SIGN_IN[1])), dpi)


def runs_sideways(signs: Signs) -> bool:
    """Whether gaps between signs are bridged rather from top to bottom than from left to right.

    Bridging along the lines joins the signs of a word; bridging across them joins few.
    """
    reach = 1 + 2 * max(1, round(_BRIDGE_IN * signs.dpi / 2))
    along, across = 3 + signs.marks.bridged(reach, 1), 3 + signs.marks.bridged(1, reach)
    return float(np.log(along / across)) > _SIDEWAYS


def is_upside_down(signs: Signs, skew_deg: float) -> bool:
    """Sums two logarithms: words begin, rather than end, below each other; signs stand, rather than hang, on a line."""
    return _left_aligned(signs, skew_deg) + _standing(signs, skew_deg) < -_UPSIDE_DOWN


def _left_aligned(signs: Signs, skew_deg: float) -> float:
    """The columns in which words begin against those in which they end: alignment peaks a profile (Σ counts²)."""
    (height, width), runs = signs.marks.shape, signs.marks.runs
    frame = rotation(-skew_deg, ((width - 1) / 2, (height - 1) / 2))
    wide = runs[:, 2] - runs[:, 1]
    middle, row = np.stack([runs[:, 1] + (wide - 1) / 2, runs[:, 0]])
    x, row = (frame[i, 0] * middle + frame[i, 1] * row + frame[i, 2] for i in (0, 1))
    left, row = np.rint(x - (wide - 1) / 2).astype(np.int32), np.rint(row).astype(np.int32)
    order = np.flatnonzero((row >= 0) & (row < height))
    if not order.size:
        return 0.0  # every sign lies beyond the straightened page
    order = order[np.argsort(row[order] * 4 * width + left[order], kind="stable")]  # no run lies so far beside the page
    left, right, row = left[order], (left + wide)[order], row[order]
    apart = (row[1:] != row[:-1]) | (left[1:] - right[:-1] >= _WORD_GAP_PX)
    begins, ends = left[np.concatenate(([True], apart))], right[np.concatenate((apart, [True]))]
    rim = _WORD_GAP_PX // 2  # what comes so near to it may be cut off there
    begins, ends = (
        np.convolve(np.bincount(at[(at > rim) & (at < width - rim)], minlength=1), np.ones(3) / 3)
        for at in (begins, ends)
    )
    return float(np.log(((begins**2).sum() + 1) / ((ends**2).sum() + 1)))


def _standing(signs: Signs, skew_deg: float) -> float:
    """Neighbours of unequal height: whether they share their foot (as letters do) or their head."""
    places = signs.marks.places[:, :4]
    boxes = places[np.argsort(places[:, 1], kind="stable")[:_MOST_PAIRED]].astype(np.float32)
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
