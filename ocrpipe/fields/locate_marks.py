"""Which parts are currency marks, and of which currency? By correlation with glyphs drawn here, against look-alikes.

A mark is one part ($ ₹ £ €), two letters (Rs, RM), or a dollar sign behind the letters of its country (US$, S$).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.locate_glyphs import Glyph, drawn_letters, drawn_marks, drawn_words, normalised
from ocrpipe.fields.locate_view import VIEW_DPI, Boxes, View
from ocrpipe.geometry import Box

_LIKENESS = (0.50, 0.80)
"""Correlation of no and of full likeness."""
_HEIGHTS, _WIDTHS = (0.07, 0.36), (0.035, 0.26)
_LEAST = 0.15
_MOST = 8
_BESIDE = 0.06
"""Widest gap between letters of one mark, inches."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A part that looks like a currency mark: where (inches), how much (0 … 1), and of which currency (ISO 4217)."""

    box: Box
    likeness: float
    currency: str


def marks_in(view: View, room: Box) -> list[Mark]:
    """The parts of `room` that look most like currency marks, likest first."""
    parts = view.parts
    high, wide = parts[:, 3] - parts[:, 1], parts[:, 2] - parts[:, 0]
    fit = (high > _HEIGHTS[0]) & (high < _HEIGHTS[1]) & (wide > _WIDTHS[0]) & (wide < _WIDTHS[1])
    fit &= (parts[:, 0] > room.x0) & (parts[:, 1] > room.y0) & (parts[:, 2] < room.x1) & (parts[:, 3] < room.y1)
    fit &= wide > 0.3 * high
    letters = _near_the_front(parts[fit])
    single = letters[letters[:, 2] - letters[:, 0] < 0.95 * (letters[:, 3] - letters[:, 1])]
    found = _likeliest(view, single, likeness(view, single))
    pairs = _pairs(letters)
    found += _likeliest(view, pairs, _compared(view, pairs, *drawn_words()))
    found = [_of_country(view, mark) for mark in found]
    return sorted(found, key=lambda mark: -mark.likeness)[:_MOST]


def likeness(view: View, boxes: Boxes) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """For each of `boxes` (N, 4; inches) how like it is to a mark of one part (N,), 0 … 1, and the currency (N,)."""
    return _compared(view, boxes, *drawn_marks())


def correlation(view: View, boxes: Boxes, letters: str) -> NDArray[np.float64]:
    """(N, len(letters)) how like the part in each of `boxes` (N, 4; inches) is to each letter, at most 1."""
    glyphs = normalised([_crop(view, box) for box in boxes])
    return np.asarray((drawn_letters(letters) @ glyphs.T).max(axis=1).T, np.float64)


def _compared(
    view: View, boxes: Boxes, marks: Glyph, currency: NDArray[np.str_], others: Glyph
) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    if not len(boxes):
        return np.zeros(0), currency[:0]
    glyphs = normalised([_crop(view, box) for box in boxes])
    like = glyphs @ marks.T
    mark, other = like.max(axis=1), (glyphs @ others.T).max(axis=1)
    low, high = _LIKENESS
    share = np.clip((mark - low) / (high - low), 0, 1) * np.clip(1 + (mark - other) * 5, 0, 1)
    return np.asarray(share, np.float64), currency[like.argmax(axis=1)]


def _likeliest(view: View, boxes: Boxes, like: tuple[NDArray[np.float64], NDArray[np.str_]]) -> list[Mark]:
    share, currency = like
    order = [i for i in np.argsort(-share)[:_MOST] if share[i] > _LEAST]
    return [Mark(Box(*(float(v) for v in boxes[i])), float(share[i]), str(currency[i])) for i in order]


def _near_the_front(letters: Boxes) -> Boxes:
    """Those with at most two letters right before them in their word."""
    gap = letters[:, None, 0] - letters[None, :, 2]
    level = np.minimum(letters[:, None, 3], letters[None, :, 3]) - np.maximum(letters[:, None, 1], letters[None, :, 1])
    behind = (gap > -0.02) & (gap < 0.04) & (level > 0.05)
    np.fill_diagonal(behind, False)
    second = behind.any(axis=1)
    third = (behind & second).any(axis=1)
    return letters[~(behind & third).any(axis=1)]


def _pairs(letters: Boxes) -> Boxes:
    """Two letters on one line with none before or behind them."""
    gap = letters[None, :, 0] - letters[:, None, 2]
    follows = (gap > -0.02) & (gap < _BESIDE) & (abs(letters[:, None, 3] - letters[None, :, 3]) < 0.025)
    np.fill_diagonal(follows, False)
    high = letters[:, 3] - letters[:, 1]
    ratio = high[None] / high[:, None]
    first = (follows.sum(axis=1) == 1) & ~follows.any(axis=0)
    second = (follows.sum(axis=0) == 1) & ~follows.any(axis=1)
    left, right = np.nonzero(follows & first[:, None] & second[None] & (ratio > 0.5) & (ratio < 1.1))
    low, top = np.minimum(letters[left], letters[right]), np.maximum(letters[left], letters[right])
    return np.column_stack((low[:, :2], top[:, 2:]))


def _of_country(view: View, mark: Mark) -> Mark:
    """A dollar sign with the letters before it: S$ is Singapore's."""
    if mark.currency != "USD":
        return mark
    before = _before(view, mark.box)
    if before is None or correlation(view, before[None], "S")[0, 0] < 0.7:
        return mark
    first = _before(view, Box(*(float(v) for v in before)))
    left = before if first is None else first
    whole = Box(float(left[0]), min(float(left[1]), mark.box.y0), mark.box.x1, mark.box.y1)
    return Mark(whole, mark.likeness, "SGD" if first is None else "USD")


def _before(view: View, box: Box) -> NDArray[np.float64] | None:
    """(4,) the letter right before the one in `box`, on its level and not much lower or smaller."""
    parts = view.parts
    gap = box.x0 - parts[:, 2]
    fit = (gap > -0.02) & (gap < _BESIDE) & (abs(parts[:, 3] - box.y1) < 0.05)
    fit &= (parts[:, 3] - parts[:, 1] > 0.55 * box.height) & (parts[:, 3] - parts[:, 1] < 1.2 * box.height)
    return parts[fit][0] if fit.any() else None


def _crop(view: View, box: NDArray[np.float64]) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = np.rint(box * VIEW_DPI).astype(int)
    return view.shade[y0:y1, x0:x1]
