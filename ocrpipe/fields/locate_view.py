"""What the locators look at: the page at 100 pixels an inch, its ink as parts and rules.

A locator asks where things lie, not what they say, so a hundredth of an inch is fine enough and four
times cheaper than the scan. Everything here is in inches from the top left of the upright page.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, is_affine, translation
from ocrpipe.marks import Marks, Runs, marks_of, marks_of_runs, mended, runs_of
from ocrpipe.ranks import gray_levels
from ocrpipe.records import FieldSpec, Place, Upright

VIEW_DPI = 100
RULE_LENGTH = 0.5
"""Shortest rule: neither letters nor what joins them in a hand run straight and level for so long."""
_RULE_STEPS = ((3, 20), (13, round(RULE_LENGTH * VIEW_DPI)))
"""Mend small breaks and keep long pieces, join those and keep what is a rule, pixels: joining at once would make rules
of close print."""
_CROWDED = 0.1
"""Share of ink on both sides of a level line that makes it part of a line of print if the line is uneven, too; three
times as much if it is not."""
_UNEVEN = 0.4
"""Standard deviation of a line's ink from column to column as a share of its mean."""
WIDEST_SHEET = 14.0
NARROWEST_SHEET = 2.0

CEILING = 0.9
"""Evidence of a locator at its best: it knows a kind of paper, a template that fits knows the very sheet."""

Boxes = NDArray[np.float64]
"""(N, 4): x0, y0, x1, y1 of each box, inches."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """An upright page as the locators see it."""

    width: float
    height: float
    gray: NDArray[np.uint8]
    """(H, W): as scanned, 0 black … 255 white."""
    shade: NDArray[np.uint8]
    """(H, W): 0 paper … 255 black, the background taken out."""
    dark: NDArray[np.uint8]
    """(H, W): 255 on all ink."""
    ink: NDArray[np.uint8]
    """(H, W): 255 on ink that belongs to no level rule."""
    parts: Boxes
    """Connected parts of `ink`, specks left out."""
    rules: Boxes
    """Level rules."""
    tone: NDArray[np.uint8]
    """(H / 4, W / 4), 0 black … 255 white: the paper without what is written, tints and panels kept."""


def look(upright: Upright) -> View | None:
    """Prepares the page for the locators; None where it has no size that a check or an envelope may have."""
    scale = VIEW_DPI / upright.page.dpi
    width, height = upright.width * scale / VIEW_DPI, upright.height * scale / VIEW_DPI
    if not (NARROWEST_SHEET < width < WIDEST_SHEET and 1.0 < height < WIDEST_SHEET):
        return None
    gray = _reduced(upright, scale)
    shade, dark, tone = _ink(gray)
    level = marks_of_runs(_level_runs(dark), dark.shape)
    at = _corners(level)
    rules = at / VIEW_DPI
    thick = rules[:, 3] - rules[:, 1] >= 0.035 + 0.015 * (rules[:, 2] - rules[:, 0])
    bare = np.array([not stout and _is_bare(dark, rule) for stout, rule in zip(thick, at, strict=True)], np.bool_)
    thin = level.only(bare).mask(255)
    ink = np.asarray(cv2.subtract(dark, cv2.dilate(thin, np.ones((3, 3), np.uint8))), np.uint8)
    return View(width, height, gray, shade, dark, ink, boxes_of(ink, 2), rules[bare][::-1], tone)


def _level_runs(dark: NDArray[np.uint8]) -> Runs:
    """Where level lines run in rows of `dark`."""
    runs = runs_of(dark)
    for gap, length in _RULE_STEPS:
        runs = mended(runs, dark.shape[1], gap, length)
    return runs


def _is_bare(dark: NDArray[np.uint8], rule: NDArray[np.int_]) -> bool:
    """Whether little lies close above or close below a rule (4,), pixels: what runs level through the middle of stars
    and heavy letters is none, the less so where it is uneven."""
    x0, y0, x1, y1 = rule
    sides = dark[max(0, y0 - 3) : y0, x0:x1], dark[y1 : y1 + 3, x0:x1]
    crowd = min(np.count_nonzero(side) / side.size if side.size else 0.0 for side in sides)
    if crowd < _CROWDED:
        return True
    columns = dark[y0:y1, x0:x1].mean(axis=0)
    return crowd < 3 * _CROWDED and float(columns.std()) < _UNEVEN * float(columns.mean())


def _reduced(upright: Upright, scale: float) -> NDArray[np.uint8]:
    """The whole page, `scale` times as large.

    Between a half and one, interpolation at pixel corners is as good as averaging, and three times faster.
    """
    box = Box(0, 0, upright.width, upright.height)
    to_page = upright.to_page @ upright.region_to_upright(box, scale)
    if scale < 0.45 or not is_affine(to_page):
        return upright.region(box, scale)
    size = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    # read in order, the page comes into the cache ahead of time; along rows that lean, every line would be waited for
    cv2.countNonZero(upright.page.pixels)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(upright.page.pixels, to_page[:2], size, flags=flags, borderValue=255), np.uint8)


def _ink(gray: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Darkness relative to the paper around, where it is ink, and the tone of the paper.

    The paper's shade is a dilation of the reduced picture, which swallows strokes but keeps the slow
    shadows of a scan. The threshold lies above the paper's own texture (security patterns, noise),
    estimated by the darkest quarter of the page, most of which is paper.
    """
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.blur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (9, 9))
    shade = np.asarray(cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    cv2.max(shade, np.full_like(shade, 24), shade)  # numpy's takes five times as long
    cv2.bitwise_not(cv2.divide(gray, shade, shade, 255), shade)
    texture = _upper_quartile(shade[::3, ::3])
    _, dark = cv2.threshold(shade, max(30.0, texture * 1.5 + 18), 255, cv2.THRESH_BINARY)
    return shade, np.asarray(dark, np.uint8), np.asarray(cv2.medianBlur(small, 5), np.uint8)


def _upper_quartile(gray: NDArray[np.uint8]) -> float:
    """Of a gray level, no parts."""
    return gray_levels(gray, round(0.75 * (gray.size - 1)))[0]


def boxes_of(mask: NDArray[np.uint8], least_side: int) -> Boxes:
    """Bounding boxes of the connected parts whose longer side has more than `least_side` pixels, inches, from below."""
    boxes = _corners(marks_of(mask))[::-1]
    large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) > least_side
    return np.asarray(boxes[large] / VIEW_DPI, np.float64)


def _corners(marks: Marks) -> NDArray[np.int32]:
    """(N, 4): x0, y0, x1, y1 of each piece, pixels."""
    places = marks.places
    return np.column_stack((places[:, :2], places[:, :2] + places[:, 2:4]))


def parts_inside(view: View, box: Box, erase: tuple[float, ...] = ()) -> Boxes:
    """Parts of the ink within `box` once the upright lines at each x of `erase` are gone."""
    rows, columns = box.scaled(VIEW_DPI).slices(view.ink.shape)
    ink = view.ink[rows, columns].copy()
    for x in erase:
        at = round(x * VIEW_DPI) - columns.start
        ink[:, max(0, at - 3) : max(0, at + 3)] = 0
    found = boxes_of(ink, 1)
    return found + np.array((columns.start, rows.start, columns.start, rows.start)) / VIEW_DPI


def union(boxes: Boxes) -> Box:
    """The smallest box around all."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def place(spec: FieldSpec, box: Box, upright: Upright, shown: Box | None = None, evidence: float = 1.0) -> Place:
    """The field at `box` (inches), clipped to the page, one field pixel for each page pixel; `shown` (inches) is the
    field as people see it."""
    clipped = _on_page(box, upright)
    x0, y0 = clipped.x0, clipped.y0
    seen = _on_page(shown, upright).moved(-x0, -y0) if shown is not None else None
    return Place(spec, clipped.moved(-x0, -y0), translation(x0, y0), shown=seen, evidence=evidence)


def _on_page(box: Box, upright: Upright) -> Box:
    """A box in inches as whole pixels of the upright page."""
    clipped = box.scaled(upright.page.dpi).intersection(Box(0, 0, upright.width, upright.height))
    return Box(round(clipped.x0), round(clipped.y0), round(clipped.x1), round(clipped.y1))


def plateau(value: float, low: float, high: float, shoulder: float) -> float:
    """1 between `low` and `high`, falling to 0 over `shoulder` on either side."""
    away = max(low - value, value - high, 0.0)
    return max(0.0, 1.0 - away / shoulder)
