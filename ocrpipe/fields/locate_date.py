"""Finds a check's date: in cells, or written on a rule at the upper right.

CTS-2010 (Reserve Bank of India) and CPA Standard 006 (Payments Canada) put a row of eight cells at the top right, with
the order of day, month and year in letters below them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.locate_amount import MARGIN
from ocrpipe.fields.locate_cells import Cells, cells
from ocrpipe.fields.locate_marks import correlation
from ocrpipe.fields.locate_view import Boxes, View, plateau, union
from ocrpipe.fields.locate_writing import writing
from ocrpipe.geometry import Box
from ocrpipe.records import FieldSpec

_ORDERS = {8: ("DDMMYYYY", "MMDDYYYY", "YYYYMMDD"), 6: ("DDMMYY", "MMDDYY", "YYMMDD")}
"""The first is the likeliest where no legend tells."""
_LEGEND = (0.04, 0.15)
"""Height of its letters, inches."""
_LEAST = 0.55
_LEAST_FREE = 0.6
_LOWEST = 0.5
"""Of the height: cells for the date lie above."""
_RULES = (0.6, 2.8)


@dataclass(frozen=True, slots=True)
class Date:
    """Where a date may be, inches: `box` is read, `shown` has the label and the legend."""

    box: Box
    shown: Box
    evidence: float
    spec: FieldSpec


def find_date_cells(view: View, lines: Boxes) -> Date | None:
    """The row of cells for a date among the upright `lines`."""
    best: Date | None = None
    upper = lines[(lines[:, 3] < _LOWEST * view.height) & (lines[:, 0] > 0.4 * view.width)]
    for row in cells(view, upper, (8, 6)):
        letters = _legend(view, row)
        x, y = row.box.centre
        lies = plateau(x / view.width, 0.6, 0.95, 0.2) * plateau(y / view.height, 0.05, 0.4, 0.12)
        told = len(letters) / row.count
        evidence = lies * row.evidence * (0.75 + 0.25 * told)
        if evidence > max(_LEAST, best.evidence if best else 0.0):
            order = _order(view, letters, row)
            # Cells in groups are not evenly spaced: their figures are read as they stand.
            spec = FieldSpec("date", "date", cells=0 if row.groups else row.count, format=order)
            best = Date(row.box, _with_legend(row), evidence, spec)
    return best


def _with_legend(row: Cells) -> Box:
    """With the label before the cells and the legend below (or above) them.

    On drawn checks, the least room that holds nine tenths of this block when it is drawn a twentieth of an inch loose.
    """
    box, pitch = row.box, row.pitch
    return Box(box.x0 - 2.5 * pitch, box.y0 - box.height, box.x1 + 0.6 * pitch, box.y1 + box.height)


def _legend(view: View, row: Cells) -> dict[int, NDArray[np.float64]]:
    """The letter (4,) below (or else above) the middle of each cell that has one."""
    parts = view.parts
    high = parts[:, 3] - parts[:, 1]
    x, y = (parts[:, 0] + parts[:, 2]) / 2, (parts[:, 1] + parts[:, 3]) / 2
    away = abs(x[:, None] - row.middles)
    slot = away.argmin(axis=1)
    fit = (high > _LEGEND[0]) & (high < _LEGEND[1]) & (away.min(axis=1) < 0.3 * row.pitch)
    for low, top in ((row.box.y1, row.box.y1 + 0.3), (row.box.y0 - 0.3, row.box.y0)):
        there = np.flatnonzero(fit & (y > low) & (y < top))
        letters = {int(slot[i]): parts[i] for i in there}
        if 2 * len(letters) >= row.count:
            return letters
    return {}


def _order(view: View, letters: dict[int, NDArray[np.float64]], row: Cells) -> str:
    """The order of day, month and year by the legend's letters, among those that the groups allow."""
    orders = [order for order in _ORDERS[row.count] if not row.groups or (order[0] == "Y") == (row.groups[0] == 4)]
    orders = orders or list(_ORDERS[row.count])
    if 3 * len(letters) < 2 * row.count:
        return orders[0]
    like = correlation(view, np.stack(list(letters.values())), "DMY")
    columns = {order: ["DMY".index(order[slot]) for slot in letters] for order in orders}
    return max(orders, key=lambda order: float(like[np.arange(len(letters)), columns[order]].sum()))


def find_free_date(view: View, amount: Box, order: str) -> Date | None:
    """What is written on a rule of its own above the amount, mostly behind a small label; `order` as people write."""
    best: Date | None = None
    wide = view.rules[:, 2] - view.rules[:, 0]
    fit = (wide > _RULES[0]) & (wide < _RULES[1]) & (view.rules[:, 0] > 0.4 * view.width)
    fit &= (
        (view.rules[:, 3] < amount.y0 + 0.02) & (view.rules[:, 1] > 0.25) & (view.rules[:, 1] < _LOWEST * view.height)
    )
    for x0, y0, x1, _ in view.rules[fit]:
        room = Box(float(x0), float(y0) - 0.3, float(x1), float(y0) + 0.04)
        found = writing(view, room)
        count = _characters(found, 0.07, 0.4)
        if count < 3:
            continue
        label = min(
            1.0, _characters(_within(view, Box(room.x0 - 0.7, y0 - 0.15, room.x0 + 0.1, y0 + 0.1)), 0.03, 0.13) / 4
        )
        lies = plateau(room.centre[0] / view.width, 0.6, 0.95, 0.2)
        evidence = lies * (0.4 + 0.35 * min(1.0, count / 6) + 0.25 * label)
        if evidence > max(_LEAST_FREE, best.evidence if best else 0.0):
            box = union(found).expanded(MARGIN, MARGIN)
            shown = Box(min(box.x0, room.x0), box.y0, max(box.x1, room.x1), max(box.y1, room.y1))
            best = Date(box, shown, evidence, FieldSpec("date", "date", format=order))
    return best


def _characters(parts: Boxes, low: float, high: float) -> float:
    """About how many characters of a height between `low` and `high` the parts are; some touch."""
    tall = parts[:, 3] - parts[:, 1]
    fit = (tall > low) & (tall < high)
    return float(np.maximum(1, np.rint((parts[fit, 2] - parts[fit, 0]) / (0.8 * tall[fit]))).sum())


def _within(view: View, room: Box) -> Boxes:
    middle = (view.parts[:, :2] + view.parts[:, 2:]) / 2
    inside = (middle > (room.x0, room.y0)).all(axis=1) & (middle < (room.x1, room.y1)).all(axis=1)
    return view.parts[inside]
