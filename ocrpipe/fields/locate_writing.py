"""What is written in a field: parts in one run, and rows of figures that stand alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ocrpipe.fields.locate_view import Boxes, View, parts_inside, union
from ocrpipe.geometry import Box

_TALL = 0.06
"""Points, commas and dashes are lower, inches."""
_WIDEST_GAP = 0.6
"""On a bare rule; a printed box holds nothing but its field."""
_OVERSHOOT = 0.35
"""How far a hand runs out of a box."""
_FIGURES = (0.07, 0.26)


def writing(view: View, room: Box, sides: tuple[float, ...] = ()) -> Boxes:
    """Parts that belong to what is written in `room` (inches): tall ones in one run, and the points and dashes among
    them; the upright lines at `sides` are taken out."""
    around = Box(room.x0, max(0.0, room.y0 - 0.2), min(view.width, room.x1 + 0.5), room.y1 + 0.2)
    parts = parts_inside(view, around, erase=sides)
    middle = (parts[:, 1] + parts[:, 3]) / 2
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    fit = (middle > room.y0) & (middle < room.y1) & (high < 0.5) & (wide < 2.0)
    if sides:
        fit &= parts[:, 2] < room.x1 + _OVERSHOOT
        # what is left of a frame's sides where the frame leans
        fit &= (wide > 0.07) | (parts[:, 1] > room.y0 + 0.04) | (parts[:, 3] < room.y1 - 0.04)
    parts, high = parts[fit], high[fit]
    run = _run(parts[high > _TALL], room, view.width if sides else _WIDEST_GAP)
    if not len(run):
        return run
    small = parts[high <= _TALL]
    box = union(run)
    middle = (small[:, 1] + small[:, 3]) / 2
    small = small[(middle > box.y0 - 0.02) & (middle < box.y1 + 0.02)]
    if sides:
        small = small[small[:, 2] < room.x1 + 0.02]
    x0, x1 = _with_stars(small, box)
    return np.concatenate((run, small[(small[:, 0] >= x0) & (small[:, 2] <= x1)]))


def _run(tall: Boxes, room: Box, widest: float) -> Boxes:
    """The parts from the left end of the room as far as no gap wider than `widest` parts them; writing that runs out of
    its room is followed to its end."""
    inside = tall[:, 0] < room.x1
    if not inside.any():
        return tall[:0]
    # What is much lower, such as the bars of a bar code, is no writing that runs on.
    high = tall[:, 3] - tall[:, 1]
    tall = tall[inside | (high > 0.5 * high[inside].mean())]
    tall = tall[np.argsort(tall[:, 0])]
    kept, end = 0, room.x0 + 0.3
    for part in tall:
        reach = widest if part[0] < room.x1 - 0.02 else 0.15
        if part[0] - end > reach:
            break
        kept, end = kept + 1, max(end, float(part[2]))
    return tall[:kept]


def _with_stars(small: Boxes, box: Box) -> tuple[float, float]:
    """From where to where the run reaches with stars and dashes at its ends, one after the other; lone specks are
    left."""
    x0, x1 = box.x0, box.x1
    large = small[(small[:, 2:] - small[:, :2]).max(axis=1) > 0.035]
    for part in large[np.argsort(-large[:, 2])]:
        if x0 - 0.2 < part[2] <= x0 + 0.02:
            x0 = float(part[0])
    for part in large[np.argsort(large[:, 0])]:
        if x1 - 0.02 <= part[0] < x1 + 0.25:
            x1 = float(part[2])
    return x0, x1


def rows_of_figures(view: View, room: Box) -> Iterator[tuple[Boxes, float]]:
    """Rows of equally tall parts in `room` that may be printed amounts, and how much (0 … 1): two figures behind a
    point at the end, stars before."""
    parts = view.parts
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    near = (parts[:, 0] > room.x0) & (parts[:, 1] > room.y0) & (parts[:, 3] < room.y1) & (parts[:, 2] < room.x1)
    tall = parts[near & (high > _FIGURES[0]) & (high < _FIGURES[1]) & (wide < 1.1 * high)]
    small = parts[near & (high <= 0.09) & (wide <= 0.12)]
    tall = tall[np.argsort(tall[:, 0])]
    while len(tall) >= 3:
        level = (abs(tall[:, 1::2] - tall[0, 1::2]) < 0.03).all(axis=1)
        if level.sum() < 3:
            tall = tall[~level]
            continue
        row = tall[level]
        gaps = np.flatnonzero(row[1:, 0] - row[:-1, 2] > 0.2)
        row = row[: gaps[0] + 1] if len(gaps) else row
        tail = _as_amount(row, small) if 3 <= len(row) <= 12 else 0.0
        if tail > 0:
            yield _with_small(row, small), tail
        tall = tall[(tall[:, 0] > row[-1, 0]) | ~level]


def _as_amount(row: Boxes, small: Boxes) -> float:
    """A point low before the last two figures, and stars before the first."""
    base = float(row[:, 3].mean())
    letter = base - float(row[:, 1].mean())
    low = small[(small[:, 3] > base - 0.03) & (small[:, 1] > base - 0.4 * letter) & (small[:, 3] < base + 0.04)]
    middle = (low[:, 0] + low[:, 2]) / 2
    point = bool(((middle > row[-3, 2] - 0.02) & (middle < row[-2, 0] + 0.02)).any())
    stars = small[(small[:, 1] > base - 1.3 * letter) & (small[:, 3] < base - 0.1 * letter)]
    before = row[0, 0] - stars[:, 2]
    return 0.7 * point + 0.3 * bool(((before > -0.01) & (before < 0.1)).any())


def _with_small(row: Boxes, small: Boxes) -> Boxes:
    box = union(row)
    level = small[(small[:, 3] > box.y0) & (small[:, 1] < box.y1)]
    x0, x1 = _with_stars(level, box)
    return np.concatenate((row, level[(level[:, 0] >= x0) & (level[:, 2] <= x1)]))
