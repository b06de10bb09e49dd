"""Is this part a dollar sign? By correlation with glyphs drawn here, against look-alikes drawn the same way.

A dollar sign is an S with one bar or two, through the whole letter or only at its ends. Drawing S
from a few strokes with different widths, weights and bars covers the faces that check printers use
without any font file.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.locate_view import VIEW_DPI, Boxes, View

GLYPH = (24, 16)
"""Rows and columns of a normalised glyph."""
_LIKENESS = (0.50, 0.80)
"""Correlation of no and of full likeness."""


def dollar_likeness(view: View, boxes: Boxes) -> NDArray[np.float64]:
    """(N,) 0 … 1 for each box of `boxes` (inches)."""
    if not len(boxes):
        return np.zeros(0)
    glyphs = np.stack([_normalised(_crop(view, box)) for box in boxes])
    marks, others = _drawn()
    mark, other = (glyphs @ marks.T).max(axis=1), (glyphs @ others.T).max(axis=1)
    low, high = _LIKENESS
    likeness = np.clip((mark - low) / (high - low), 0, 1) * np.clip(1 + (mark - other) * 5, 0, 1)
    return np.asarray(likeness, np.float64)


def _crop(view: View, box: NDArray[np.float64]) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = np.rint(box * VIEW_DPI).astype(int)
    return view.shade[y0:y1, x0:x1]


def _normalised(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(384,) float32 of zero mean and unit length."""
    rows, columns = GLYPH
    small = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8))
    flat = soft.ravel() - soft.mean()
    return np.asarray(flat / (float(np.linalg.norm(flat)) + 1e-6), np.float32)


@cache
def _drawn() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Dollar signs and look-alikes, one normalised glyph a row."""
    marks, others = [], []
    for weight in (7, 12, 18):
        for width in (0.42, 0.55):
            for reach in (0.09, 0.16):
                for bars in ("one", "two", "ends"):
                    for lean in (0.0, 0.2):
                        marks.append(_dollar(weight, width, reach, bars, lean))
            others += [_letter(name, weight) for name in "S850639BDEN&"]
            others += [_stem(weight, width), _canvas([_letter_s(width, 0.12, 0.88)], weight)]
    return np.stack(marks), np.stack(others)


def _letter_s(width: float, top: float, bottom: float) -> NDArray[np.float64]:
    """An S of two open arcs as a line of points in a square of side 1."""
    middle, radius = (top + bottom) / 2, (bottom - top) / 4
    upper = np.deg2rad(np.linspace(-35, -270, 24))
    lower = np.deg2rad(np.linspace(-90, 145, 24))
    x = np.concatenate((np.cos(upper), np.cos(lower))) * width / 2 + 0.5
    y = np.concatenate((np.sin(upper) * radius + middle - radius, np.sin(lower) * radius + middle + radius))
    return np.column_stack((x, y))


def _canvas(points: list[NDArray[np.float64]], weight: int, lean: float = 0.0) -> NDArray[np.float32]:
    """Strokes given in the unit square, drawn and cut to their extent."""
    side = 160
    picture = np.zeros((side, side), np.uint8)
    for line in points:
        leant = line.copy()
        leant[:, 0] += lean * (0.5 - line[:, 1])
        cv2.polylines(picture, [np.rint(leant * side).astype(np.int32)], False, 255, weight, cv2.LINE_AA)
    x, y, width, height = cv2.boundingRect(picture)
    return _normalised(picture[y : y + height, x : x + width])


def _dollar(weight: int, width: float, reach: float, bars: str, lean: float) -> NDArray[np.float32]:
    top, bottom = 0.12 + reach, 0.88 - reach
    strokes = [_letter_s(width, top, bottom)]
    for x in (0.46, 0.56) if bars == "two" else (0.5,):
        if bars == "ends":
            strokes += [np.array(((x, 0.12), (x, top))), np.array(((x, bottom), (x, 0.88)))]
        else:
            strokes.append(np.array(((x, 0.12), (x, 0.88))))
    return _canvas(strokes, weight, lean)


def _letter(name: str, weight: int) -> NDArray[np.float32]:
    """A look-alike, from OpenCV's stroke font."""
    picture = np.zeros((160, 200), np.uint8)
    cv2.putText(picture, name, (30, 130), cv2.FONT_HERSHEY_SIMPLEX, 4.0, 255, weight, cv2.LINE_AA)
    x, y, wide, high = cv2.boundingRect(picture)
    return _normalised(picture[y : y + high, x : x + wide])


def _stem(weight: int, width: float) -> NDArray[np.float32]:
    """A plain cross: a bar with an arm, as in t, f and +."""
    arm = np.array(((0.5 - width / 2, 0.35), (0.5 + width / 2, 0.35)))
    return _canvas([np.array(((0.5, 0.12), (0.5, 0.88))), arm], weight)
