"""Where a field has printed lines: its box, the comb between its cells, a rule under the writing.

Ink that lies on a line is kept where the stroke goes on at the other side, so a removed line cuts no digit in two.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.fields.rule_erasing import Darkness, Mask, Rules, erased, sides_of
from ocrpipe.geometry import Box
from ocrpipe.marks import Runs, marks_of_runs, mended, runs_of

Floats = NDArray[np.float64]

_SHORTEST = 8
"""No line is shorter than this, px."""
_BREAK, _ASTRAY = 7, 3
"""Gaps that a line may have, and how far its pieces may lie apart sideways and up or down, px."""
_SLOPES = np.array([0.0, -0.015, 0.015, -0.03, 0.03])
"""How a form's lines may lean, the straight one first."""


def without_rules(darkness: Darkness, ink: Mask, box: Box, cells: int = 0) -> Darkness:
    """The darkness (H, W) with none where `ink` (H, W) has printed lines, or next to them, but where a stroke crosses;
    the very same where there are no lines.

    Horizontal rules run over most of the crop, above or below its middle. Vertical ones stand at the sides of `box`
    from rule to rule (or from edge to edge of the crop: a 1 may be as tall as a free field) or between its `cells`.
    """
    height, width = ink.shape
    turned = np.asarray(cv2.transpose(ink.view(np.uint8)), np.uint8).view(np.bool_)
    across = _rules(ink, reach=max(0.8 * width, height))
    # through the middle goes a closing stroke, unless it runs from edge to edge
    across = across[
        [
            abs(centre / height - 0.5) > 0.2 or last - first > max(0.95 * width, 3 * height)
            for centre, (_, _, first, last, _) in zip(_centres(across, width), across.tolist(), strict=True)
        ]
    ]
    if cells:
        edges = _rules_at(turned, [box.y0, box.y1], 0.1 * height, 0.8, (round(box.x0) + 2, round(box.x1) - 1))
        across = np.concatenate([across, edges])
    centres = _centres(across, width)
    top, bottom = max(pairwise(sorted([-1.0, *centres, float(height)])), key=lambda pair: pair[1] - pair[0])
    parts = max(cells, 1)
    slack = 0.1 * box.width / cells if cells else 0.15 * height
    share = 0.8
    if box.x0 > 0 or cells:  # a form's field, shown with a margin: only what stands between its own lines counts
        top, bottom = max(top, box.y0), min(bottom, box.y1)
    else:  # somebody else's crop, perhaps as tall as a 1
        share = 0.97
    sides = [box.x0 + box.width * i / parts for i in range(parts + 1)]
    down = _rules_at(ink, sides, slack, share, (max(0, round(top) + 2), min(height, round(bottom) - 1)))
    bare = erased(darkness, ink, across, upright=False)
    return erased(bare, turned, down, upright=True)


def _centres(rules: Rules, width: int) -> list[float]:
    """Their rows in the middle of the picture."""
    return [slope * (width / 2) + offset for slope, offset, *_ in rules.tolist()]


def _rules(ink: Mask, reach: float) -> Rules:
    """Straight, thin, nearly horizontal runs at least `reach` long, much of which touches no other ink."""
    width = ink.shape[1]
    step = max(9, int(min(reach, width) / 4))
    runs = mended(runs_of(ink.view(np.uint8)), width, _BREAK, step)
    lines = marks_of_runs(runs, ink.shape, _ASTRAY, _ASTRAY)
    left, right = lines.places[:, 0] - 1, lines.places[:, 0] + lines.places[:, 2] + 1
    long = np.flatnonzero(np.minimum(right, width) - np.maximum(left, 0) >= max(reach, _SHORTEST)).tolist()
    rules, count = np.empty((len(long), 5), np.float64), 0
    for label in long:
        count += _fitted(ink, runs, lines.piece, label, reach, rules[count]) and _is_free(ink, rules[count])
    return rules[:count]


@compiled
def _fitted(
    ink: Mask, runs: Runs, piece: NDArray[np.int32], label: int, reach: float, rule: Floats
) -> bool:  # pragma: no cover - compiled
    """Whether there is a thin line, at least half of `reach` long, through most of the pixels of the runs that the
    piece of this label has; it is written to `rule` (5,)."""
    height, top, left, right, total = ink.shape[0], 0, ink.shape[1], 0, 0
    for i in range(len(runs) - 1, -1, -1):
        if piece[i] == label:
            top, left, right = runs[i, 0], min(left, runs[i, 1]), max(right, runs[i, 2])
            total += runs[i, 2] - runs[i, 1]
    width = right - left
    x, y = np.empty(total, np.int64), np.empty(total, np.int64)
    k = 0
    for i in range(len(runs)):
        for u in range(runs[i, 1], runs[i, 2] if piece[i] == label else 0):
            x[k], y[k] = u - left, runs[i, 0] - top
            k += 1
    slope, offset, first, last = 0.0, 0.0, 0, 0
    for slack in (1e9, 0.06 * height, 0.03 * height, 0.0):  # whole numbers are summed: the order does not matter
        reached = max(2.0, slack)
        n = sum_x = sum_y = squares = products = last = 0
        first = width
        for i in range(total):
            if abs(y[i] - (slope * x[i] + offset)) < reached:
                first, last = min(first, x[i]), max(last, x[i])
                n += 1
                sum_x += x[i]
                sum_y += y[i]
                squares += x[i] * x[i]
                products += x[i] * y[i]
        if n < 0.4 * total or last - first < 0.5 * reach:
            return False
        slope = (n * products - sum_x * sum_y) / (n * squares - sum_x * sum_x)
        offset = (sum_y - slope * sum_x) / n
    inked, columns = np.empty(width, np.int64), np.empty(height + 1, np.int64)
    for u in range(width):
        inked[u] = 0
    for k in range(height + 1):
        columns[k] = 0
    first, last = width, 0
    for i in range(total):
        first, last = min(first, x[i]), max(last, x[i])
        if abs(y[i] - (slope * x[i] + offset)) < max(4.0, 0.08 * height):  # all of a thick line
            inked[x[i]] += 1
    for u in range(width):
        columns[inked[u]] += 1
    thickness = _median_of(columns, 1)
    if thickness > max(7.0, 0.12 * height) or abs(slope) >= 0.1:
        return False
    rule[0], rule[1], rule[4] = slope, offset + top - slope * left, thickness
    rule[2], rule[3] = first + left, last + left
    return True


@compiled
def _median_of(counts: NDArray[np.int64], first: int) -> float:  # pragma: no cover - compiled
    """The median of whole numbers from `first` on, of which there are counts[i] of i."""
    total = 0
    for i in range(first, len(counts)):
        total += counts[i]
    below, twice = 0, 0
    for i in range(first, len(counts)):
        for rank in ((total - 1) // 2, total // 2):
            if below <= rank < below + counts[i]:
                twice += i
        below += counts[i]
    return twice / 2


def _rules_at(turned: Mask, rows: list[float], slack: float, share: float, span: tuple[int, int]) -> Rules:
    """Lines where a form prints them: near each of `rows`, inked over `share` of the columns in `span`.

    `turned` (W, H) holds the columns of the picture as rows.
    """
    rules = np.empty((len(rows), 5), np.float64)
    if span[1] - span[0] < 8:
        return rules[:0]
    counts = np.zeros((len(_SLOPES), turned.shape[1]), np.int32)
    _count_along(turned, _SLOPES, *span, counts)
    return rules[: _chosen(counts, _SLOPES, np.array(rows), slack, share, *span, rules)]


@compiled
def _chosen(
    counts: NDArray[np.int32],
    slopes: Floats,
    rows: Floats,
    slack: float,
    share: float,
    first: int,
    last: int,
    rules: Rules,
) -> int:  # pragma: no cover - compiled
    """Writes to `rules` the line near each of the rows, where there is one; how many there are."""
    height, length, middle, found = counts.shape[1], last - first, (first + last) / 2, 0
    reach = np.empty((len(rows), 2), np.int64)
    for row in rows:
        low, high = max(0, int(np.rint(row - slack))), min(height, int(np.rint(row + slack)) + 1)
        k, best = 0, low
        for j in range(len(slopes)):
            for i in range(low, high):
                if counts[j, i] > counts[k, best]:
                    k, best = j, i
        if low >= high or counts[k, best] / length < share:
            continue
        upper = lower = best
        least = 0.6 * (counts[k, best] / length)
        while upper > 0 and counts[k, upper - 1] / length > least:
            upper -= 1
        while lower < height - 1 and counts[k, lower + 1] / length > least:
            lower += 1
        if lower - upper >= max(8.0, 0.03 * height):
            continue
        at = 0
        while at < found and (reach[at, 0] != upper or reach[at, 1] != lower):
            at += 1
        found = max(found, at + 1)
        reach[at, 0], reach[at, 1] = upper, lower
        rules[at, 0], rules[at, 1] = slopes[k], (upper + lower) / 2 - slopes[k] * middle
        rules[at, 2], rules[at, 3], rules[at, 4] = first, last - 1, lower - upper + 1
    return found


@compiled
def _count_along(
    turned: Mask, slopes: Floats, first: int, last: int, inked: NDArray[np.int32]
) -> None:  # pragma: no cover - compiled
    """Counts into (slopes, H): how much of a line of that slope is inked between two columns, by the row where it
    passes between them in the middle.

    It keeps to one row over many columns: what these hold is the difference of two sums.
    """
    height, middle = turned.shape[1], (first + last) / 2
    sums = np.empty((last - first + 1, height), np.int32)
    for i in range(height):
        sums[0, i] = 0
    for x in range(last - first):
        before, after, seen = sums[x], sums[x + 1], turned[first + x]
        for i in range(height):
            after[i] = before[i] + seen[i]
    for k in range(len(slopes)):
        x, own = first, inked[k]
        while x < last:
            since, shift = x, int(np.rint(slopes[k] * (x - middle)))
            while x < last and int(np.rint(slopes[k] * (x - middle))) == shift:
                x += 1
            before, after = sums[since - first], sums[x - first]
            for i in range(height):
                at = min(max(i + shift, 0), height - 1)
                own[i] += after[at] - before[at]


@compiled
def _is_free(ink: Mask, rule: Floats) -> bool:  # pragma: no cover - compiled
    """A printed line is inked nearly throughout, and a third of it stands free of strokes on both sides;
    a row of touching digits does neither."""
    sides = sides_of(ink, rule)
    inked = free = 0
    first, after = max(0, int(rule[2])), min(ink.shape[1], int(rule[3]) + 1)
    for x in range(first, after):
        inked += sides[0, x]
        free += not (sides[1, x] or sides[2, x])
    return bool(inked / (after - first) > 0.75 and free / (after - first) > 0.35)
