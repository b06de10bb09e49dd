"""Finds a check's courtesy amount by evidence put together.

ANSI X9.100-160 keeps for the convenience amount an area at the right, above the middle, behind a currency mark and
inside a box or on a rule; CTS-2010 and the banks of other countries have a box with the mark inside. No single sign
decides: each hypothesis starts from a currency mark, a box, a shaded panel or a row of figures, and is scored by what
else is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ocrpipe.fields.locate_lines import Frame, frame_of, frames, panels, relit
from ocrpipe.fields.locate_marks import Mark, marks_in
from ocrpipe.fields.locate_view import Boxes, View, plateau, union
from ocrpipe.fields.locate_writing import rows_of_figures, writing
from ocrpipe.geometry import Box

MARGIN = 0.05
"""Room around the writing, inches: taking rules out also takes what crosses them."""
_LEFTMOST = 0.45
"""Of the width: nothing before it is an amount."""
_ABOVE_MICR = 0.6
_ELSEWHERE = 0.8
"""How much a place counts on a check whose layout is not known."""
_RIVAL = 0.5
"""Evidence of a rival as a share of the best one's; a rival costs a reading."""
_MOST_RIVALS = 3
_SURE_MARK = 0.6
"""Likeness of a mark inside a box from which it is certain not to be a figure."""
_MARK_BEFORE, _MARK_INSIDE = 0.4, 0.55
"""How far before a box and inside it its mark may lie, inches."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Where an amount may be, inches: `room` is where it was looked for, `box` the writing, `frame` the printed box
    with its mark where there is one."""

    room: Box
    box: Box
    evidence: float
    frame: Box | None = None
    currency: str | None = None
    headless: bool = False
    """Without what may be an unknown mark at its left end; the same place with it is a rival."""
    inverse: bool = False
    """Light on a dark panel."""


def find_amounts(view: View, lines: Boxes, floor: float, taken: Box | None, anywhere: bool = False) -> list[Amount]:
    """At most three places, best first. `lines` are the upright lines, `floor` the lower edge of the check as its MICR
    line tells it, `taken` what belongs to another field. `anywhere` is for checks of other standards: the amount may
    then stand at the left, too."""
    room = Box(0.0 if anywhere else _LEFTMOST * view.width, 0.0, view.width, floor - _ABOVE_MICR)
    marks = marks_in(view, room)
    boxes = [frame for frame in frames(view, room, lines) if not _within(frame.box, taken)]
    free = [mark for mark in marks if not any(_belongs(mark.box, frame.box) for frame in boxes)]
    found = [_behind_mark(view, mark) for mark in free]
    for frame in boxes:
        if frame.in_table:
            continue
        found += _in_frame(view, frame, marks)
    for panel in panels(view):
        if panel.x0 < room.x0 or panel.y1 > room.y1 or _within(panel, taken):
            continue
        lit, inverse = relit(view, panel)
        inside = _in_frame(lit, Frame(panel), marks_in(lit, panel.expanded(_MARK_BEFORE, 0.0)))
        found += [replace(one, inverse=inverse) for one in inside]
    found += [_alone(row, tail) for row, tail in rows_of_figures(view, room)]
    tables = [frame.box for frame in boxes if frame.in_table]
    found = [one for one in found if not any(_within(one.box, other) for other in (taken, *tables))]
    placed = [_placed(view, one, floor, anywhere) for one in found]
    return _rivals(placed)


def _within(box: Box, other: Box | None) -> bool:
    return other is not None and box.intersection(other).area > 0.3 * min(box.area, other.area)


def _rivals(found: list[Amount]) -> list[Amount]:
    kept: list[Amount] = []
    for one in sorted(found, key=lambda amount: -amount.evidence):
        if len(kept) == _MOST_RIVALS or (kept and one.evidence < _RIVAL * kept[0].evidence):
            break
        if not any(_same(one, other) for other in kept):
            kept.append(one)
    return kept


def _same(one: Amount, other: Amount) -> bool:
    """Whether two places show one writing: most of the smaller lies in the larger."""
    if one.headless != other.headless and one.frame == other.frame:
        return False
    return one.box.intersection(other.box).area > 0.5 * min(one.box.area, other.box.area)


def _behind_mark(view: View, mark: Mark) -> Amount:
    """The amount to the right of a currency mark, bounded by the rules above and below where there are any."""
    at, y = mark.box, mark.box.centre[1]
    rules = view.rules[(view.rules[:, 2] > at.x1 + 0.5) & (view.rules[:, 0] < at.x1 + 0.45)]
    below = rules[(rules[:, 1] > y + 0.02) & (rules[:, 1] < y + 0.4)]
    above = rules[(rules[:, 3] < y - 0.02) & (rules[:, 3] > y - 0.4)]
    bottom = below[np.argmin(below[:, 1])] if len(below) else None
    top = above[np.argmax(above[:, 3])] if len(above) else None
    support = 0.35 * mark.likeness * _stands_alone(view, at)
    upper = min(y - 0.16, at.y0 - 0.05)
    if bottom is None:
        room = Box(at.x1, upper, min(view.width, at.x1 + 2.3), y + max(0.16, at.height))
        return _judged(room, writing(view, room), support, currency=mark.currency)
    # A rule that begins near the mark tells where the field begins, even if the mark was a false one inside it;
    # one that begins far before it is some other field's.
    own = abs(bottom[0] - at.x1) < 0.45
    start = float(bottom[0]) if own else at.x1
    frame = frame_of(view, top, bottom) if top is not None else None
    if frame is not None and frame.x0 > at.x1 - 0.05:
        found = writing(view, frame, (frame.x0, frame.x1))
        return _judged(frame, found, support + 0.3, frame, mark.currency)
    if at.x0 - start > 0.0 and _is_clear(view, Box(start, at.y0, at.x0, at.y1)):
        start = at.x1
    right = min(view.width, at.x1 + 2.3, float(bottom[2]) + 0.1)
    room = Box(min(start, at.x1), upper, right, float(bottom[1]))
    return _judged(room, writing(view, room), support + (0.2 if own else 0.0), currency=mark.currency)


def _is_clear(view: View, box: Box) -> bool:
    """Whether no tall part lies in `box`, so that what follows is the first on its rule."""
    parts = view.parts
    middle = (parts[:, :2] + parts[:, 2:]) / 2
    inside = (middle > (box.x0, box.y0)).all(axis=1) & (middle < (box.x1, box.y1)).all(axis=1)
    return not (inside & (parts[:, 3] - parts[:, 1] > 0.06)).any()


def _stands_alone(view: View, mark: Box) -> float:
    """1 where nothing on the mark's level stands right before it, else a half: letters of a word have neighbours."""
    parts = view.parts
    level = (parts[:, 1] < mark.y1 - 0.03) & (parts[:, 3] > mark.y0 + 0.03)
    before = level & (parts[:, 2] > mark.x0 - 0.09) & (parts[:, 0] < mark.x0 - 0.01)
    return 0.5 if before.any() else 1.0


def _in_frame(view: View, frame: Frame, marks: list[Mark]) -> list[Amount]:
    """The amount in a box, once with and once without what stands at its left end where that may be a mark or not."""
    box = frame.box
    whole = _sorted(writing(view, box, (box.x0, box.x1)))
    near = [mark for mark in marks if _belongs(mark.box, box)]
    before = max((m for m in near if m.box.centre[0] < box.x0), key=lambda m: m.likeness, default=None)
    inside = max((m for m in near if _leads(m.box, whole, box)), key=lambda m: m.likeness, default=None)
    mark = inside if before is None or (inside is not None and inside.likeness > before.likeness + 0.3) else before
    support = 0.3 + (0.35 * mark.likeness if mark is not None else 0.0)
    currency = mark.currency if mark is not None else None
    if mark is None or mark is before:
        amounts = [_judged(box, whole, support, box, currency)]
        head = _head(whole, frame) if mark is None else 0
        if head:
            # Rather the writing than a mark: what is left out cannot be read.
            amounts.append(_headless(_judged(box, whole[head:], 0.9 * support, box)))
        return amounts
    own = frame.divider if mark.box.x0 < (frame.divider or 0.0) else None
    room = Box(max(own or 0.0, mark.box.x1), box.y0, box.x1, box.y1)
    rest = writing(view, room, (box.x0, box.x1) if own is None else (box.x0, box.x1, own))
    shown = union(np.array([_row(box), _row(mark.box)]))
    amounts = [_headless(_judged(room, rest, support, shown, currency))]
    if mark.likeness < _SURE_MARK and own is None:
        amounts.append(_judged(box, whole, 0.3, shown))
    return amounts


def _sorted(parts: Boxes) -> Boxes:
    return parts[np.argsort(parts[:, 0])]


def _headless(amount: Amount) -> Amount:
    return replace(amount, headless=True)


def _leads(mark: Box, whole: Boxes, frame: Box) -> bool:
    """Whether a mark inside a box is the first that stands there."""
    tall = whole[whole[:, 3] - whole[:, 1] > 0.06]
    return mark.centre[0] > frame.x0 and not (tall[:, 2] < mark.x0 + 0.02).any()


def _row(box: Box) -> tuple[float, float, float, float]:
    return box.x0, box.y0, box.x1, box.y1


def _belongs(mark: Box, frame: Box) -> bool:
    level = frame.y0 - 0.05 < mark.centre[1] < frame.y1 + 0.05
    return level and frame.x0 - _MARK_BEFORE < mark.x0 and mark.x1 < frame.x0 + _MARK_INSIDE


def _head(order: Boxes, frame: Frame) -> int:
    """How many parts at the left end stand before a line of their own, or apart from the rest and close to the side,
    as a printed mark does."""
    if len(order) < 3 or order[0, 0] > frame.box.x0 + 0.15:
        return 0
    ends = np.maximum.accumulate(order[:, 2])
    far = order[1:, 0] - ends[:-1] > 0.12
    if frame.divider is not None:
        far |= (ends[:-1] < frame.divider + 0.02) & (order[1:, 0] > frame.divider - 0.04)
    apart = np.flatnonzero(far & (ends[:-1] < frame.box.x0 + _MARK_INSIDE))
    return int(apart[0]) + 1 if len(apart) and len(order) - int(apart[0]) > 2 else 0


def _alone(row: Boxes, tail: float) -> Amount:
    """A row of figures that nothing announces; `tail` 0 … 1 is how much it ends or begins as printed amounts do."""
    return _judged(union(row), row, 0.25 * tail)


def _judged(
    room: Box,
    found: Boxes,
    support: float,
    frame: Box | None = None,
    currency: str | None = None,
) -> Amount:
    """`support` 0 … 0.65 from mark and rules, the rest from digits and place."""
    tall = found[:, 3] - found[:, 1] > 0.06
    digits = min(1.0, float(tall.sum()) / 3)
    box = union(found).expanded(MARGIN, MARGIN) if len(found) else room.expanded(-0.02, -0.02)
    return Amount(room, box, min(1.0, support + 0.3 * digits + 0.1), frame, currency)


def _placed(view: View, amount: Amount, floor: float, anywhere: bool) -> Amount:
    """With the evidence of where its room lies on the check."""
    x, y = amount.room.centre
    lies = plateau(x / view.width, 0.66, 0.97, 0.2)
    lies = (_ELSEWHERE if anywhere else lies) * plateau(floor - y, 0.95, 2.6, 0.4)
    return replace(amount, evidence=lies * amount.evidence)
