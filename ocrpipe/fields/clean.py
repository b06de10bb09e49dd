"""From a field's crop to its writing alone: paper flattened, box lines, combs and rules taken out.

Nothing is learned here. Ink that lies on a line is kept where the stroke goes on at the other side,
so a removed line cuts no digit in two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box
from ocrpipe.records import FieldImage

Mask = NDArray[np.bool_]

_SHORTEST = 8
"""No line is shorter than this, px."""
_FAINTEST = 0.15
"""Nothing less dark than this, as a share of the paper's brightness, is ink."""


def clean(field: FieldImage) -> FieldImage:
    """The field with paper at 255, the threshold between paper and ink at 128, ink near 0, and without printed lines;
    same shape.

    Print is often darker than the pen, so the pen's darkness is measured once more when the lines are gone.
    """
    darkness = darkness_of(field.pixels)
    lines = rule_mask(darkness >= _threshold(darkness), field.box, field.spec.cells)
    darkness[cv2.dilate(lines.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0.0
    return replace(field, pixels=_stretched(darkness))


def darkness_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) share by which each pixel is darker than the paper around it, whose level a wide closing and blur
    follow."""
    height, width = pixels.shape
    smooth = cv2.GaussianBlur(pixels, (0, 0), 0.7)
    reach = max(9, min(height, width, 75) // 2 * 2 + 1)
    paper = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((min(reach, 25), min(reach, 25)), np.uint8))
    paper = cv2.blur(cv2.blur(paper, (reach, reach)), (reach, reach))
    return np.asarray(1 - np.minimum(smooth / np.maximum(paper, 1).astype(np.float32), 1), np.float32)


def _threshold(darkness: NDArray[np.float32]) -> float:
    """Half the pen's darkness, or above the paper's own texture (waves, grain) where that is dark too."""
    pen = _pen_darkness(darkness)
    texture = 2 * float(np.median(darkness))
    return max(0.5 * pen, min(texture, 0.7 * pen), _FAINTEST)


def _stretched(darkness: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grays with paper at 255, the threshold at 128, the pen at 0."""
    threshold, pen = _threshold(darkness), _pen_darkness(darkness)
    below = 255 - 127 * (darkness / threshold)
    above = 128 - 128 * (darkness - threshold) / max(pen - threshold, 0.02)
    return np.clip(np.where(darkness < threshold, below, above), 0, 255).astype(np.uint8)


def _pen_darkness(darkness: NDArray[np.float32]) -> float:
    """How much darker than paper a stroke is, 0 … 1: taken inside the strongest edges, where about half the pixels are
    ink (the idea of Otsu, 1979, on a balanced sample)."""
    gradient = cv2.magnitude(
        cv2.Sobel(darkness, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(darkness, cv2.CV_32F, 0, 1, ksize=3)
    )
    edges = gradient >= max(float(np.percentile(gradient, 96)), 1e-6)
    inside = cv2.dilate(darkness, np.ones((3, 3), np.uint8))[edges]
    return float(np.median(inside)) if inside.size else 0.0


def rule_mask(ink: Mask, box: Box, cells: int = 0) -> Mask:
    """Pixels of printed lines in `ink` (H, W), less those where a stroke crosses.

    Horizontal rules run over most of the crop, above or below its middle. Vertical ones stand at the sides of `box`
    from rule to rule (or from edge to edge of the crop: a 1 may be as tall as a free field) or between its `cells`.
    """
    height, width = ink.shape
    across = _rules(ink, reach=max(0.8 * width, height))
    across = [rule for rule in across if abs(rule.centre(width / 2) / height - 0.5) > 0.2]
    if cells:
        across += _rules_at(ink, [box.y0, box.y1], 0.1 * height, 0.8, (round(box.x0) + 2, round(box.x1) - 1))
    rows = sorted([-1.0, *(rule.centre(width / 2) for rule in across), float(height)])
    top, bottom = max(pairwise(rows), key=lambda pair: pair[1] - pair[0])
    parts = max(cells, 1)
    slack = 0.1 * box.width / cells if cells else 0.15 * height
    share = 0.8
    if box.x0 > 0 or cells:  # a form's field, shown with a margin: only what stands between its own lines counts
        top, bottom = max(top, box.y0), min(bottom, box.y1)
    else:  # somebody else's crop, perhaps as tall as a 1
        share = 0.97
    edges = [box.x0 + box.width * i / parts for i in range(parts + 1)]
    down = _rules_at(ink.T, edges, slack, share, (max(0, round(top) + 2), min(height, round(bottom) - 1)))
    return _erasable(ink, across) | _erasable(ink.T, down).T


@dataclass(frozen=True, slots=True)
class _Rule:
    """A line y = slope · x + offset over columns first … last, `thickness` rows thick."""

    slope: float
    offset: float
    first: int
    last: int
    thickness: float

    def centre(self, x: Any) -> Any:
        """Row of the line at column x (number or array)."""
        return self.slope * x + self.offset


def _rules(ink: Mask, reach: float) -> list[_Rule]:
    """Straight, thin, nearly horizontal runs at least `reach` long, much of which touches no other ink."""
    height, width = ink.shape
    bits = np.ascontiguousarray(ink).astype(np.uint8)
    bridged = cv2.morphologyEx(bits, cv2.MORPH_CLOSE, np.ones((1, 7), np.uint8))
    step = max(9, int(min(reach, width) / 4))
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, step), np.uint8))
    joined = cv2.dilate(runs, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_WIDTH] < max(reach, _SHORTEST):
            continue
        y, x = np.nonzero((labels == label) & (runs > 0))
        slope, offset = np.polyfit(x, y, 1)
        for slack in (0.06 * height, 0.03 * height, 0.0):
            near = np.abs(y - (slope * x + offset)) < max(2.0, slack)
            if near.mean() < 0.4 or np.ptp(x[near]) < 0.5 * reach:
                break
            slope, offset = np.polyfit(x[near], y[near], 1)
        else:
            thickness = float(np.median(np.bincount(x[near])[np.unique(x[near])]))
            rule = _Rule(float(slope), float(offset), int(x.min()), int(x.max()), thickness)
            if thickness <= max(7.0, 0.12 * height) and abs(slope) < 0.1 and _is_free(ink, rule):
                found.append(rule)
    return found


def _rules_at(ink: Mask, rows: list[float], slack: float, share: float, span: tuple[int, int]) -> list[_Rule]:
    """Lines where a form prints them: near each of `rows`, inked over `share` of the columns in `span`."""
    height = ink.shape[0]
    columns = np.arange(*span)
    if len(columns) < 8:
        return []
    found: dict[tuple[int, int], _Rule] = {}
    tilted = []
    middle = (span[0] + span[1]) / 2
    for slope in (0.0, -0.015, 0.015, -0.03, 0.03):
        shift = np.round(slope * (columns - middle)).astype(int)
        at = np.clip(np.arange(height)[:, None] + shift, 0, height - 1)
        tilted.append((slope, ink[at, columns].mean(axis=1)))
    for row in rows:
        low, high = max(0, round(row - slack)), min(height, round(row + slack) + 1)
        if low >= high:
            continue
        slope, inked = max(tilted, key=lambda one: float(one[1][low:high].max()))
        best = low + int(inked[low:high].argmax())
        if inked[best] < share:
            continue
        first = last = best
        while first > 0 and inked[first - 1] > 0.6 * inked[best]:
            first -= 1
        while last < height - 1 and inked[last + 1] > 0.6 * inked[best]:
            last += 1
        if last - first < max(8.0, 0.03 * height):
            offset = (first + last) / 2 - slope * middle
            found[first, last] = _Rule(slope, offset, span[0], span[1] - 1, float(last - first + 1))
    return list(found.values())


def _is_free(ink: Mask, rule: _Rule) -> bool:
    """A printed line is inked nearly throughout, and a third of it stands free of strokes on both sides;
    a row of touching digits does neither."""
    on, above, below = _sides(ink, rule)
    within = slice(max(0, rule.first), rule.last + 1)
    return bool(on[within].mean() > 0.75 and (~above & ~below)[within].mean() > 0.35)


def _sides(ink: Mask, rule: _Rule) -> tuple[Mask, Mask, Mask]:
    """For each column: ink on the line, just above it, just below it; three of (W,)."""
    height, width = ink.shape
    rows = np.arange(height)[:, None]
    centre = rule.centre(np.arange(width))
    half = rule.thickness / 2 + 1.0
    on = (ink & (np.abs(rows - centre) <= half)).any(axis=0)
    above = (ink & (rows < centre - half) & (rows >= centre - half - 2.5)).any(axis=0)
    below = (ink & (rows > centre + half) & (rows <= centre + half + 2.5)).any(axis=0)
    return on, above, below


def _erasable(ink: Mask, rules: list[_Rule]) -> Mask:
    """The rules' pixels, except in the few columns where a stroke goes on both above and below.

    A stroke crosses in a short run of columns; a longer run is writing that leans on the line.
    """
    height, width = ink.shape
    erasable = np.zeros_like(ink)
    rows = np.arange(height)[:, None]
    columns = np.arange(width)
    for rule in rules:
        _, above, below = _sides(ink, rule)
        crossing = np.convolve(above, np.ones(3), "same").astype(bool) & np.convolve(below, np.ones(3), "same").astype(
            bool
        )
        edges = np.flatnonzero(np.diff(np.concatenate([[0], crossing.astype(np.int8), [0]])))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            if last - first > 4 * rule.thickness + 6:
                crossing[first:last] = False
        within = (columns >= rule.first - 4) & (columns <= rule.last + 4)
        band = np.abs(rows - rule.centre(columns)) <= rule.thickness / 2 + 1.0
        erasable |= band & (within & ~crossing)
    return erasable
