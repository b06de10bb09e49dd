"""Finds a check's courtesy amount without a template, by evidence put together.

A US check (ANSI X9.100-160, X9.100-20) carries a MICR line of characters 0.117 inch high, eight to
the inch, in a clear band along its lower edge, and its convenience amount at the right, in a band
above the middle, behind a currency mark and inside a box or on a rule. No single sign decides:
each hypothesis of an amount starts from a currency mark or a box and is scored by what else is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrpipe.fields.locate_marks import dollar_likeness
from ocrpipe.fields.locate_micr import micr_place
from ocrpipe.fields.locate_view import CEILING, VIEW_DPI, Boxes, View, look, parts_inside, place, plateau, union
from ocrpipe.geometry import Box, identity
from ocrpipe.records import Document, Failure, FieldSpec, Place, Upright

AMOUNT = FieldSpec(name="amount", kind="amount", currency="USD")
MICR_WEIGHT, AMOUNT_WEIGHT = 0.6, 0.4
LEAST_EVIDENCE = 0.33
"""More than an amount in mid-text can have without a MICR line."""
LEAST_AMOUNT = 0.5
"""Below this the amount counts as not found."""

_PITCHES = np.arange(0.117, 0.1335, 0.0005)
"""E-13B pitch in inches, as far as the scan's resolution may be off."""


@dataclass(frozen=True, slots=True)
class _Micr:
    y: float
    """Centre line, inches."""
    evidence: float


@dataclass(frozen=True, slots=True)
class _Amount:
    box: Box
    """Inches."""
    evidence: float


def locate_check(upright: Upright, view: View | None = None) -> Document | None:
    """The page as a check with its one field `amount`; None where it does not look like a check.

    `view` spares a second look at a page that another locator has seen.
    """
    view = view or look(upright)
    if view is None or len(view.parts) < 12:
        return None
    shape = 0.5 + 0.5 * plateau(view.width / view.height, 1.75, 3.2, 0.5)
    micr = _find_micr(view)
    amount = _find_amount(view, micr)
    evidence = shape * MICR_WEIGHT * (micr.evidence if micr else 0.0)
    evidence += shape * AMOUNT_WEIGHT * (amount.evidence if amount else 0.0)
    if evidence < LEAST_EVIDENCE:
        return None
    if amount is None or amount.evidence < LEAST_AMOUNT:
        failure = Failure("locate", "not_found", "a check, but no currency mark or box with an amount was found")
        where = Place(AMOUNT, None, identity(), failure)
    else:
        where = place(AMOUNT, amount.box, upright)
    return Document(0, "check", upright, (where, micr_place(view, upright)), float(CEILING * evidence))


def _find_micr(view: View) -> _Micr | None:
    """The row of equally tall parts near the lower edge whose right edges keep the E-13B pitch."""
    parts = view.parts
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    fit = (high > 0.09) & (high < 0.15) & (wide < 0.13) & (parts[:, 1] > 0.6 * view.height)
    parts, high = parts[fit], high[fit]
    if len(parts) < 8:
        return None
    middle = (parts[:, 1] + parts[:, 3]) / 2
    alike = (abs(middle[:, None] - middle) < 0.03) & (abs(high[:, None] - high) < 0.025)
    row = alike[int(np.argmax(alike.sum(axis=1)))]
    edges = parts[row, 2]
    phases = np.exp(2j * np.pi * edges[None, :] / _PITCHES[:, None])
    regular = float(np.abs(phases.mean(axis=1)).max())
    y = float(np.median(middle[row]))
    evidence = (
        float(np.clip((regular - 0.55) / 0.25, 0, 1))
        * float(np.clip((len(edges) - 5) / 9, 0, 1))
        * plateau(view.height - y, 0.15, 0.75, 0.6)
    )
    return _Micr(y, evidence) if evidence > 0.1 else None


def _find_amount(view: View, micr: _Micr | None) -> _Amount | None:
    """The best of the hypotheses that currency marks and boxes give rise to."""
    floor = micr.y + 0.25 if micr else view.height
    parts = view.parts
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    fit = (high > 0.07) & (high < 0.36) & (wide > 0.035) & (wide < 0.26) & (wide < 0.95 * high) & (wide > 0.3 * high)
    fit &= (parts[:, 0] > 0.4 * view.width) & (parts[:, 3] < floor - 0.6)
    marks = parts[fit]
    likeness = dollar_likeness(view, marks)
    best: _Amount | None = None
    for i in np.argsort(-likeness)[:8]:
        if likeness[i] > 0.15:
            best = _better(best, _behind_mark(view, Box(*marks[i]), float(likeness[i]), floor))
    for box in _frames(view, floor):
        best = _better(best, _in_frame(view, box, floor))
    return best


def _better(one: _Amount | None, other: _Amount | None) -> _Amount | None:
    if one is None or other is None:
        return one or other
    return one if one.evidence >= other.evidence else other


def _behind_mark(view: View, mark: Box, likeness: float, floor: float) -> _Amount | None:
    """The amount to the right of a currency mark, bounded by the rules above and below where there are any."""
    y = mark.centre[1]
    rules = view.rules[(view.rules[:, 2] > mark.x1 + 0.5) & (view.rules[:, 0] < mark.x1 + 0.45)]
    below = rules[(rules[:, 1] > y + 0.02) & (rules[:, 1] < y + 0.4)]
    above = rules[(rules[:, 3] < y - 0.02) & (rules[:, 3] > y - 0.4)]
    bottom = below[np.argmin(below[:, 1])] if len(below) else None
    top = above[np.argmax(above[:, 3])] if len(above) else None
    support = 0.35 * likeness * _stands_alone(view, mark)
    if bottom is None:
        room = Box(mark.x1, min(y - 0.16, mark.y0 - 0.05), min(view.width, mark.x1 + 2.3), y + max(0.16, mark.height))
        return _judged(view, room, _writing(view, room, ()), support, floor)
    # A rule that begins near the mark tells where the field begins, even if the mark was a false one inside it;
    # one that begins far before it is some other field's.
    own = abs(bottom[0] - mark.x1) < 0.45
    start = float(bottom[0]) if own else mark.x1
    frame = _frame(view, top, bottom) if top is not None else None
    if frame is not None:
        return _judged(view, frame, _writing(view, frame, (frame.x0, frame.x1)), support + 0.3, floor)
    right = min(view.width, mark.x1 + 2.3, float(bottom[2]) + 0.1)
    room = Box(min(start, mark.x1), min(y - 0.16, mark.y0 - 0.05), right, float(bottom[1]))
    return _judged(view, room, _writing(view, room, ()), support + (0.2 if own else 0.0), floor)


def _stands_alone(view: View, mark: Box) -> float:
    """1 where nothing on the mark's level stands right before it, else a half: letters of a word have neighbours."""
    parts = view.parts
    level = (parts[:, 1] < mark.y1 - 0.03) & (parts[:, 3] > mark.y0 + 0.03)
    before = level & (parts[:, 2] > mark.x0 - 0.09) & (parts[:, 0] < mark.x0 - 0.01)
    return 0.5 if before.any() else 1.0


def _in_frame(view: View, room: Box, floor: float) -> _Amount:
    """The amount in a box without a mark that was recognised."""
    return _judged(view, room, _writing(view, room, (room.x0, room.x1)), 0.3, floor)


def _judged(view: View, room: Box, writing: Boxes, support: float, floor: float) -> _Amount:
    """`support` 0 … 0.6 from mark and rules, the rest from digits and place."""
    tall = writing[:, 3] - writing[:, 1] > 0.06
    digits = min(1.0, float(tall.sum()) / 3)
    # Taking the rules out also takes what crosses them: the margin gives it back.
    box = union(writing).expanded(0.05, 0.05) if len(writing) else room.expanded(-0.02, -0.02)
    x, y = room.centre
    lies = plateau(x / view.width, 0.66, 0.97, 0.2) * plateau(floor - y, 0.95, 2.6, 0.4)
    return _Amount(box, lies * min(1.0, support + 0.3 * digits + 0.1))


def _writing(view: View, room: Box, sides: tuple[float, ...]) -> Boxes:
    """Parts that belong to the amount: tall ones in one run, and the points and dashes among them."""
    around = Box(room.x0, max(0.0, room.y0 - 0.2), min(view.width, room.x1 + 0.5), room.y1 + 0.2)
    parts = parts_inside(view, around, erase=sides)
    middle = (parts[:, 1] + parts[:, 3]) / 2
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    fit = (middle > room.y0) & (middle < room.y1) & (high < 0.5) & (wide < 2.0)
    if sides:  # what is left of a frame's sides where the frame leans
        fit &= (wide > 0.07) | (parts[:, 1] > room.y0 + 0.04) | (parts[:, 3] < room.y1 - 0.04)
    parts, high = parts[fit], high[fit]
    tall = parts[high > 0.06]
    tall = tall[np.argsort(tall[:, 0])]
    kept = 0
    end = room.x0 + 0.3
    for part in tall:
        # Writing that runs out of its room is followed to its end.
        reach = 0.6 if part[0] < room.x1 - 0.02 else 0.15
        if part[0] - end > reach:
            break
        kept, end = kept + 1, max(end, float(part[2]))
    run = tall[:kept]
    if not kept:
        return run
    small = parts[high <= 0.06]
    box = union(run)
    middle = (small[:, 1] + small[:, 3]) / 2
    small = small[(middle > box.y0 - 0.02) & (middle < box.y1 + 0.02)]
    # Stars and dashes at the ends, one after the other; lone specks are left.
    x0, x1 = box.x0, box.x1
    large = (small[:, 2:] - small[:, :2]).max(axis=1) > 0.035
    for part in small[large][np.argsort(-small[large][:, 2])]:
        if x0 - 0.2 < part[2] <= x0 + 0.02:
            x0 = float(part[0])
    for part in small[large][np.argsort(small[large][:, 0])]:
        if x1 - 0.02 <= part[0] < x1 + 0.25:
            x1 = float(part[2])
    return np.concatenate((run, small[(small[:, 0] >= x0) & (small[:, 2] <= x1)]))


def _frames(view: View, floor: float) -> list[Box]:
    """Boxes of an amount's size in its quarter of the check."""
    rules = view.rules
    rules = rules[(rules[:, 2] > 0.6 * view.width) & (rules[:, 3] < floor - 0.6)]
    pairs = [(top, bottom) for top in rules for bottom in rules if 0.18 < bottom[1] - top[3] < 0.6]
    found = [_frame(view, top, bottom) for top, bottom in pairs]
    return [box for box in found if box is not None]


def _frame(view: View, top: Boxes, bottom: Boxes) -> Box | None:
    """The box between two rules, (4,) each: they end alike, or its sides show where one runs on as another line."""
    box = Box(max(top[0], bottom[0]), float(top[3]), min(top[2], bottom[2]), float(bottom[1]))
    if not 0.7 < box.width < 2.6:
        return None
    alike = abs(top[0] - bottom[0]) < 0.06 and abs(top[2] - bottom[2]) < 0.06
    return box if alike or (_is_side(view, box.x0, box) and _is_side(view, box.x1, box)) else None


def _is_side(view: View, x: float, box: Box) -> bool:
    """Whether an upright line runs from rule to rule at `x`."""
    rows, columns = Box(x - 0.05, box.y0, x + 0.05, box.y1).scaled(VIEW_DPI).slices(view.dark.shape)
    part = view.dark[rows, columns]
    return bool(part.size) and float(part.mean(axis=0).max()) > 0.8 * 255
