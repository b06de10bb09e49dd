"""Upright lines and the boxes that they make with level rules: amount boxes, cells, shaded fields."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.locate_view import VIEW_DPI, Boxes, View, boxes_of
from ocrpipe.geometry import Box

UPRIGHT_LENGTH = 0.11
"""Shortest upright line: cells are about 5 mm high, letters of print mostly less than 3 mm. Inches, as all here."""
_THICKEST = 0.06
_FRAME_HEIGHTS, _FRAME_WIDTHS = (0.17, 0.62), (0.7, 2.9)
_ON_LINE = 0.04
_LONGER = 0.12
_RULED = 0.7
"""Least share of a box's upper and lower edge that shows as ink."""
_WIDEST_MARK_CELL = 0.6
"""A cell at the left end of a box that holds nothing but the currency mark."""
_TINTS = (0.94, 0.6)
"""Tone of a tinted and of a dark panel as a share of the paper's."""
_SOLID = 0.8
"""Share of its box that a panel fills."""
_TONE_STEP = 4
"""Pixels of the view for one of its tone."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The inside of a printed box and, where it has a cell of its own for the currency mark, where that ends."""

    box: Box
    divider: float | None = None
    in_table: bool = False
    """Others of its width stand above or below it."""


def uprights(view: View, room: Box) -> Boxes:
    """Upright lines of `room`, a few hundredths of an inch thick."""
    rows, columns = room.scaled(VIEW_DPI).slices(view.dark.shape)
    dark = view.dark[rows, columns]
    if not dark.size:
        return np.zeros((0, 4))
    mended = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    length = round(UPRIGHT_LENGTH * VIEW_DPI)
    lines = boxes_of(np.asarray(cv2.morphologyEx(mended, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8)), np.uint8), 0)
    lines = lines[lines[:, 2] - lines[:, 0] < _THICKEST]
    return lines + np.array((columns.start, rows.start, columns.start, rows.start)) / VIEW_DPI


def ruled(view: View, y: float, x0: float, x1: float) -> float:
    """Which share of the way from `x0` to `x1` a level line at `y` covers, 0 … 1; it may lean a little."""
    strip = Box(x0, y - _ON_LINE, x1, y + _ON_LINE).scaled(VIEW_DPI)
    rows, columns = strip.slices(view.dark.shape)
    dark = view.dark[rows, columns]
    if not dark.shape[0] or dark.shape[1] < 8:
        return 0.0
    shares = cv2.resize(dark, (8, len(dark)), interpolation=cv2.INTER_AREA)
    return float(shares.max(axis=0).mean()) / 255


def frames(view: View, room: Box, lines: Boxes) -> list[Frame]:
    """Printed boxes of an amount's size in `room`; `lines` are the upright lines there."""
    found = _between_rules(view, room)
    found += _between_uprights(view, lines, found)
    found.sort(key=lambda box: -box.width)
    kept: list[Box] = []
    for box in found:
        if not any(_is_within(box, other) for other in kept):
            kept.append(box)
    return [Frame(box, _divider(box, lines), _in_column(box, kept)) for box in kept]


def _in_column(box: Box, others: list[Box]) -> bool:
    """Whether boxes of one width stand above and below one another: the lines of a table, such as a deposit slip's."""
    alike = [abs(one.x0 - box.x0) + abs(one.x1 - box.x1) < 0.1 and one is not box for one in others]
    near = [one for one, same in zip(others, alike, strict=True) if same]
    return any(min(abs(one.y0 - box.y1), abs(box.y0 - one.y1)) < 0.12 for one in near)


def _is_within(box: Box, other: Box) -> bool:
    level = abs(box.y0 - other.y0) < 0.08 and abs(box.y1 - other.y1) < 0.08
    return level and box.x0 > other.x0 - 0.08 and box.x1 < other.x1 + 0.08


def _divider(box: Box, lines: Boxes) -> float | None:
    inner = (lines[:, 0] > box.x0 + 0.12) & (lines[:, 2] < box.x0 + _WIDEST_MARK_CELL)
    whole = (lines[:, 1] < box.y0 + _ON_LINE) & (lines[:, 3] > box.y1 - _ON_LINE)
    at = lines[inner & whole]
    return float(at[:, 2].max()) if len(at) and box.x1 - at[:, 2].max() > 0.6 else None


def _between_uprights(view: View, lines: Boxes, known: list[Box]) -> list[Box]:
    """Two upright lines of one height, joined above and below by level ones; boxes within one that is `known` are left
    out."""
    high = lines[:, 3] - lines[:, 1]
    sides = lines[(high > _FRAME_HEIGHTS[0]) & (high < _FRAME_HEIGHTS[1] + _ON_LINE)]
    apart = sides[None, :, 0] - sides[:, None, 2]
    # A side may go on as that of another box, or touch what is printed above.
    upper, lower = sides[:, None, 1] - sides[None, :, 1], sides[:, None, 3] - sides[None, :, 3]
    alike = (abs(upper) < _LONGER) & (abs(lower) < _LONGER)
    pairs = np.argwhere(alike & (apart > _FRAME_WIDTHS[0]) & (apart < _FRAME_WIDTHS[1]))
    found: list[Box] = []
    for i, j in pairs[np.argsort(-apart[pairs[:, 0], pairs[:, 1]])]:
        top, bottom = float(max(sides[i, 1], sides[j, 1])), float(min(sides[i, 3], sides[j, 3]))
        box = Box(float(sides[i, 2]), top + 0.02, float(sides[j, 0]), bottom - 0.02)
        if box.height < _FRAME_HEIGHTS[0] or any(_is_within(box, other) for other in (*known, *found)):
            continue
        if ruled(view, top, box.x0, box.x1) > _RULED and ruled(view, bottom, box.x0, box.x1) > _RULED:
            found.append(box)
    return found


def _between_rules(view: View, room: Box) -> list[Box]:
    """Two rules that end alike, or between which the sides show where one runs on as another line."""
    rules = view.rules
    inside = (rules[:, 2] > room.x0) & (rules[:, 3] < room.y1) & (rules[:, 1] > room.y0)
    rules = rules[inside & (rules[:, 2] - rules[:, 0] > _FRAME_WIDTHS[0])]
    gap = rules[None, :, 1] - rules[:, None, 3]
    found = [frame_of(view, rules[i], rules[j]) for i, j in np.argwhere((gap > _FRAME_HEIGHTS[0]) & (gap < 0.6))]
    return [box for box in found if box is not None]


def frame_of(view: View, top: Boxes, bottom: Boxes) -> Box | None:
    """The box between two rules, (4,) each; None where they do not make one."""
    box = Box(float(max(top[0], bottom[0])), float(top[3]), float(min(top[2], bottom[2])), float(bottom[1]))
    if not _FRAME_WIDTHS[0] < box.width < _FRAME_WIDTHS[1]:
        return None
    alike = abs(top[0] - bottom[0]) < 0.06 and abs(top[2] - bottom[2]) < 0.06
    return box if alike or (_is_side(view, box.x0, box) and _is_side(view, box.x1, box)) else None


def _is_side(view: View, x: float, box: Box) -> bool:
    """Whether an upright line runs from rule to rule at `x`."""
    rows, columns = Box(x - 0.05, box.y0, x + 0.05, box.y1).scaled(VIEW_DPI).slices(view.dark.shape)
    part = view.dark[rows, columns]
    return bool(part.size) and float(part.mean(axis=0).max()) > 0.8 * 255


def panels(view: View) -> list[Box]:
    """Tinted or dark fields of an amount's size: there, the paper's own tone and texture hide what is written."""
    paper = cv2.blur(cv2.dilate(view.tone, np.ones((15, 15), np.uint8)), (15, 15)).astype(np.float32)
    found: list[Box] = []
    for tint in _TINTS:
        field = np.where(view.tone < tint * paper, np.uint8(255), np.uint8(0))
        field = np.asarray(cv2.morphologyEx(field, cv2.MORPH_OPEN, np.ones((3, 9), np.uint8)), np.uint8)
        boxes = boxes_of(field, 1) * _TONE_STEP
        wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        fit = (wide > _FRAME_WIDTHS[0]) & (wide < _FRAME_WIDTHS[1])
        fit &= (high > _FRAME_HEIGHTS[0]) & (high < _FRAME_HEIGHTS[1])
        for row in boxes[fit]:
            box = Box(*(float(v) for v in row))
            filled = field[box.scaled(VIEW_DPI / _TONE_STEP).slices(field.shape)].mean() > _SOLID * 255
            if filled and not any(_is_within(box, other) for other in found):
                found.append(box)
    return found


def relit(view: View, panel: Box) -> tuple[View, bool]:
    """The view with the panel's own shade for paper, and whether it is dark and what is brighter is ink."""
    rows, columns = panel.expanded(-0.02, -0.02).scaled(VIEW_DPI).slices(view.shade.shape)
    around = panel.expanded(0.04, 0.04).scaled(VIEW_DPI).slices(view.shade.shape)
    soft = cv2.GaussianBlur(view.gray[rows, columns], (0, 0), 0.7).astype(np.float32)
    low, base, high = np.percentile(soft, (1, 55, 99))
    inverse = bool(high - base > base - low)
    depth, reach = (soft - base, high - base) if inverse else (base - soft, base - low)
    # Half way between the panel and what is written, but above the panel's own texture.
    texture = float(np.percentile(abs(soft - base), 50))
    level = max(0.45 * float(reach), 3 * texture, 12.0)
    shade, ink, dark = view.shade.copy(), view.ink.copy(), view.dark.copy()
    shade[around] = ink[around] = dark[around] = 0
    shade[rows, columns] = np.clip(255 / max(float(reach), 24.0) * depth, 0, 255).astype(np.uint8)
    ink[rows, columns] = dark[rows, columns] = np.where(depth > level, np.uint8(255), np.uint8(0))
    return replace(view, shade=shade, ink=ink, dark=dark, parts=_parts_with(view, ink, panel)), inverse


def _parts_with(view: View, ink: NDArray[np.uint8], panel: Box) -> Boxes:
    rows, columns = panel.expanded(0.04, 0.04).scaled(VIEW_DPI).slices(ink.shape)
    inner = (
        boxes_of(ink[rows, columns], 2) + np.array((columns.start, rows.start, columns.start, rows.start)) / VIEW_DPI
    )
    middle = (view.parts[:, :2] + view.parts[:, 2:]) / 2
    inside = (middle > (panel.x0, panel.y0)).all(axis=1) & (middle < (panel.x1, panel.y1)).all(axis=1)
    return np.concatenate((view.parts[~inside], inner))
