"""Fields that are measured from something printed nearby: a text, a mark such as `$`, a rule."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.matching import match, softened
from ocrpipe.fields.patches import prepare, read_gray
from ocrpipe.fields.sheet import Sheet
from ocrpipe.fields.template import Anchor, Template
from ocrpipe.geometry import Transform, apply, resample, scaling, translation

LEAST_SCORE = 0.6
LOOSE_SCALES = (0.94, 0.97, 1.0, 1.03, 1.06)
"""Sizes tried where no registration has told the page's scale."""
LEAST_RULE = 0.3
"""Share of the search region's length that a rule must run."""

Origins = list[tuple[float, float] | None]


def origins(template: Template, sheet: Sheet, to_upright: Transform, *, loose: bool = False) -> Origins:
    """For each field what is to be added to its box, in template pixels; None where its anchor is not found.

    `loose`: the page is not registered, so its scale is only about known.
    """
    return [
        (0.0, 0.0) if field.anchor is None else _origin(template, i, field.anchor, sheet, to_upright, loose)
        for i, field in enumerate(template.fields)
    ]


def _origin(
    template: Template, index: int, anchor: Anchor, sheet: Sheet, to_upright: Transform, loose: bool
) -> tuple[float, float] | None:
    box = anchor.search
    corner = translation(round(box.x0), round(box.y0))
    window = sheet.sharp(to_upright @ corner, max(1, round(box.width)), max(1, round(box.height)))
    at = (
        _rule(window, anchor.direction == "horizontal")
        if anchor.kind == "line"
        else _picture(
            softened(window),
            [softened(_scaled(_shown(template, index, anchor), s)) for s in (LOOSE_SCALES if loose else (1.0,))],
        )
    )
    if at is None:
        return None
    x, y = apply(corner, np.array([at]))[0]
    return float(x), float(y)


@lru_cache(maxsize=64)
def _shown(template: Template, index: int, anchor: Anchor) -> NDArray[np.uint8]:
    """The anchor's picture in template pixels."""
    if anchor.snippet is not None:
        blank = prepare(template)
        assert blank is not None, "the template's check asks for a blank beside text"
        return np.ascontiguousarray(blank.pixels[anchor.snippet.slices(blank.pixels.shape)])
    picture = read_gray(template, f"fields[{index}].anchor.mark", str(anchor.picture))
    return _scaled(picture, template.dpi / anchor.picture_dpi)


def _scaled(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1.0:
        return picture
    rows, columns = picture.shape
    return resample(picture, scaling(1 / scale, 1 / scale), max(1, round(columns * scale)), max(1, round(rows * scale)))


def _picture(window: NDArray[np.uint8], sizes: list[NDArray[np.uint8]]) -> tuple[float, float] | None:
    fitting = [p for p in sizes if p.shape[0] <= window.shape[0] and p.shape[1] <= window.shape[1]]
    found = max((match(window, picture) for picture in fitting), key=lambda one: one[2], default=(0.0, 0.0, 0.0))
    return found[:2] if found[2] >= LEAST_SCORE else None


def _rule(window: NDArray[np.uint8], horizontal: bool) -> tuple[float, float] | None:
    """The left (upper) end of the longest rule, on the middle of its thickness."""
    if not horizontal:
        found = _rule(np.ascontiguousarray(window.T), True)
        return None if found is None else (found[1], found[0])
    dark = cv2.adaptiveThreshold(window, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 12)
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, 7), np.uint8))
    run = max(9, round(LEAST_RULE * window.shape[1] / 2))  # half: a leaning rule is cut into steps
    runs = cv2.dilate(cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, run), np.uint8)), np.ones((3, 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs)
    if len(stats) < 2:
        return None
    longest = 1 + int(stats[1:, cv2.CC_STAT_WIDTH].argmax())
    if stats[longest, cv2.CC_STAT_WIDTH] < LEAST_RULE * window.shape[1]:
        return None
    rows, columns = np.nonzero(labels == longest)
    left = int(columns.min())
    return float(left), float(rows[columns <= left + run].mean())
