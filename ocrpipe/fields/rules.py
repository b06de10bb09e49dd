"""Where a field has printed lines: its box, the comb between its cells, a rule under the writing.

Ink that lies on a line is kept where the stroke goes on at the other side, so a removed line cuts no digit in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.geometry import Box

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

_SHORTEST = 8
"""No line is shorter than this, px."""
_SLOPES = np.array([0.0, -0.015, 0.015, -0.03, 0.03])
"""How a form's lines may lean, the straight one first."""


def rule_mask(ink: Mask, box: Box, cells: int = 0) -> Mask:
    """Pixels of printed lines in `ink` (H, W), less those where a stroke crosses.

    Horizontal rules run over most of the crop, above or below its middle. Vertical ones stand at the sides of `box`
    from rule to rule (or from edge to edge of the crop: a 1 may be as tall as a free field) or between its `cells`.
    """
    height, width = ink.shape
    turned = np.ascontiguousarray(ink.T)
    across = _rules(ink, reach=max(0.8 * width, height))
    # through the middle goes a closing stroke, unless it runs from edge to edge
    across = [
        rule for rule in across
        if abs(rule.centre(width / 2) / height - 0.5) > 0.2 or rule.last - rule.first > max(0.95 * width, 3 * height)
    ]  # fmt: skip
    if cells:
        across += _rules_at(turned, [box.y0, box.y1], 0.1 * height, 0.8, (round(box.x0) + 2, round(box.x1) - 1))
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
    down = _rules_at(ink, edges, slack, share, (max(0, round(top) + 2), min(height, round(bottom) - 1)))
    return _erasable(ink, across) | _erasable(turned, down).T


@dataclass(frozen=True, slots=True)
class _Rule:
    """A line y = slope · x + offset over columns first … last, `thickness` rows thick."""

    slope: float
    offset: float
    first: int
    last: int
    thickness: float

    def centre(self, x: float) -> float:
        """Row of the line at column x."""
        return self.slope * x + self.offset

    @property
    def half(self) -> float:
        """How far from its centre the line's pixels may be."""
        return self.thickness / 2 + 1.0


def _rules(ink: Mask, reach: float) -> list[_Rule]:
    """Straight, thin, nearly horizontal runs at least `reach` long, much of which touches no other ink."""
    bridged = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 7), np.uint8))
    step = max(9, int(min(reach, ink.shape[1]) / 4))
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, step), np.uint8))
    if not runs.any():
        return []
    joined = cv2.dilate(runs, np.ones((3, 3), np.uint8))
    kind = cv2.CV_16U if joined.size < 100_000 else cv2.CV_32S  # twice as fast, but it must be able to count them all
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=kind)
    found = []
    for label in range(1, count):
        x0, y0, width, height, _ = stats[label].tolist()
        if width < max(reach, _SHORTEST):
            continue
        part = slice(y0, y0 + height), slice(x0, x0 + width)
        y, x = np.nonzero((labels[part] == label) & (runs[part] > 0))
        rule = _fitted(x + x0, y + y0, reach, ink.shape[0])
        if rule is not None and _is_free(ink, rule):
            found.append(rule)
    return found


def _fitted(x: NDArray[np.intp], y: NDArray[np.intp], reach: float, height: int) -> _Rule | None:
    """The thin line through most of the pixels, where there is one at least half of `reach` long."""
    slope, offset = np.polyfit(x, y, 1)
    near = np.ones(len(x), np.bool_)
    for slack in (0.06 * height, 0.03 * height, 0.0):
        before, near = near, np.abs(y - (slope * x + offset)) < max(2.0, slack)
        if np.array_equal(near, before):
            continue
        if near.mean() < 0.4 or np.ptp(x[near]) < 0.5 * reach:
            return None
        slope, offset = np.polyfit(x[near], y[near], 1)
    band = np.abs(y - (slope * x + offset)) < max(4.0, 0.08 * height)  # all of a thick line
    inked = np.bincount(x[band])
    thickness = float(np.median(inked[inked > 0]))
    if thickness > max(7.0, 0.12 * height) or abs(slope) >= 0.1:
        return None
    return _Rule(float(slope), float(offset), int(x.min()), int(x.max()), thickness)


def _rules_at(turned: Mask, rows: list[float], slack: float, share: float, span: tuple[int, int]) -> list[_Rule]:
    """Lines where a form prints them: near each of `rows`, inked over `share` of the columns in `span`.

    `turned` (W, H) holds the columns of the picture as rows.
    """
    height = turned.shape[1]
    if span[1] - span[0] < 8:
        return []
    found: dict[tuple[int, int], _Rule] = {}
    counts = np.zeros((len(_SLOPES), height), np.int32)
    _count_along(turned, _SLOPES, *span, counts)
    tilted = counts / (span[1] - span[0])
    middle = (span[0] + span[1]) / 2
    for row in rows:
        low, high = max(0, round(row - slack)), min(height, round(row + slack) + 1)
        if low >= high:
            continue
        near = tilted[:, low:high]
        k = int(near.max(axis=1).argmax())
        slope, inked = float(_SLOPES[k]), tilted[k]
        best = low + int(near[k].argmax())
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


@compiled
def _count_along(
    turned: Mask, slopes: Floats, first: int, last: int, inked: NDArray[np.int32]
) -> None:  # pragma: no cover - compiled
    """Counts into (slopes, H): how much of a line of that slope is inked between two columns, by the row where it
    passes between them in the middle."""
    height = turned.shape[1]
    middle = (first + last) / 2
    for k in range(len(slopes)):
        for x in range(first, last):
            shift = int(np.rint(slopes[k] * (x - middle)))
            low, high = max(0, -shift), min(height, height - shift)
            own, seen = inked[k, low:high], turned[x, low + shift : high + shift]
            for i in range(len(own)):  # no index of its own is negative: compiled to vectors
                own[i] += seen[i]
            for i in range(low):
                inked[k, i] += turned[x, 0]
            for i in range(high, height):
                inked[k, i] += turned[x, height - 1]


def _is_free(ink: Mask, rule: _Rule) -> bool:
    """A printed line is inked nearly throughout, and a third of it stands free of strokes on both sides;
    a row of touching digits does neither."""
    on, above, below = _sides(ink, rule)[:, max(0, rule.first) : rule.last + 1]
    return bool(on.mean() > 0.75 and (~above & ~below).mean() > 0.35)


def _sides(ink: Mask, rule: _Rule) -> Mask:
    """(3, W), for each column: ink on the line, just above it, just below it."""
    sides = np.zeros((3, ink.shape[1]), np.bool_)
    _look_around(ink, rule.slope, rule.offset, rule.half, sides)
    return sides


@compiled
def _look_around(
    ink: Mask, slope: float, offset: float, half: float, sides: Mask
) -> None:  # pragma: no cover - compiled
    height, width = ink.shape
    for x in range(width):
        centre = slope * x + offset
        for y in range(max(0, int(centre - half) - 3), min(height, int(centre + half) + 4)):
            if not ink[y, x]:
                continue
            if abs(y - centre) <= half:
                sides[0, x] = True
            elif centre - half - 2.5 <= y < centre - half:
                sides[1, x] = True
            elif centre + half < y <= centre + half + 2.5:
                sides[2, x] = True


def _erasable(ink: Mask, rules: list[_Rule]) -> Mask:
    """The rules' pixels, except in the few columns where a stroke goes on both above and below."""
    erasable = np.zeros_like(ink)
    for rule in rules:
        _, above, below = _sides(ink, rule)
        within = np.ones(len(above), np.bool_)
        _spare(above, below, 4 * rule.thickness + 6, within)
        _draw(erasable, within, rule.slope, rule.offset, rule.half, max(0, rule.first - 4), rule.last + 5)
    return erasable


@compiled
def _spare(above: Mask, below: Mask, widest: float, within: Mask) -> None:  # pragma: no cover - compiled
    """Takes out of `within` the columns (W,) in which a stroke goes through the line: with ink on both sides, or next
    to it.

    A stroke crosses in a short run of columns; a longer run is writing that leans on the line.
    """
    width = len(above)
    since = 0
    for x in range(width + 1):
        over = under = False
        for u in range(max(0, x - 1), min(width, x + 2)):
            over, under = over or above[u], under or below[u]
        if x < width and over and under:
            continue
        if x - since <= widest:
            for u in range(since, x):
                within[u] = False
        since = x + 1


@compiled
def _draw(
    mask: Mask, within: Mask, slope: float, offset: float, half: float, first: int, last: int
) -> None:  # pragma: no cover - compiled
    """A line's pixels in the columns from `first` to before `last` that are `within`."""
    height, width = mask.shape
    for x in range(first, min(last, width)):
        centre = slope * x + offset
        for y in range(max(0, int(centre - half) - 1), min(height, int(centre + half) + 2)):
            if within[x] and abs(y - centre) <= half:
                mask[y, x] = True
