"""Currency marks and their look-alikes, drawn here from a few strokes.

Different widths, weights and bars cover the faces that check printers use without any font file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

GLYPH = (24, 16)
"""Rows and columns of a normalised glyph."""
_APART = 4
_WEIGHTS = (7, 12, 18)
"""Of strokes, in hundred-and-sixtieths of the height."""
_SERIF, _PLAIN = cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX
_WORDS = {"Rs": "INR", "RM": "MYR"}
_OTHER_WORDS = ("on", "No", "Re", "To", "By", "Or", "Mr", "10", "00", "50", "25", "88", "Pa", "AM", "PM", "De")

Glyph = NDArray[np.float32]
Points = NDArray[np.float64]
"""(N, 2): a line of points in a square of side 1, y down."""


def normalised(pictures: list[NDArray[np.uint8]]) -> Glyph:
    """(N, 384) float32: each picture at the size of a glyph, softened, of zero mean and unit length."""
    rows, columns = GLYPH
    small = [cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_LINEAR) for picture in pictures]
    # One tall picture is softened much faster than many small ones; rows between them keep them apart.
    tall = np.concatenate([cv2.copyMakeBorder(one, _APART, _APART, 0, 0, cv2.BORDER_REFLECT_101) for one in small])
    soft = cv2.GaussianBlur(tall.astype(np.float32), (0, 0), 0.8)
    soft = soft.reshape(len(small), rows + 2 * _APART, columns)[:, _APART:-_APART]
    flat = soft.reshape(len(small), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6), np.float32)


@cache
def drawn_marks() -> tuple[Glyph, NDArray[np.str_], Glyph]:
    """Marks (M, 384), the currency of each (M,), and look-alikes (L, 384)."""
    marks = [(glyph, "USD") for glyph in _dollars()]
    for weight in _WEIGHTS:
        for width in (0.42, 0.55, 0.7):
            marks += [(_rupee(weight, width), "INR"), (_euro(weight, width), "EUR")]
            marks += [(_pound(weight, width, bars), "GBP") for bars in (1, 2)]
    others = []
    for weight in _WEIGHTS:
        others += [_text(name, weight, _PLAIN) for name in "S850639BDEN&7ZRFPTLCG2461"]
        others += [_text(name, weight, _SERIF) for name in "EFPRLZ7"]
        others += [_stem(weight, width) for width in (0.42, 0.55)]
        others += [_canvas([_letter_s(width, 0.12, 0.88)], weight) for width in (0.42, 0.55)]
    return np.stack([glyph for glyph, _ in marks]), np.array([name for _, name in marks]), np.stack(others)


@cache
def drawn_words() -> tuple[Glyph, NDArray[np.str_], Glyph]:
    """The same of marks that are two letters, squeezed into one glyph."""
    faces = [(weight, face) for weight in _WEIGHTS for face in (_PLAIN, _SERIF)]
    words = [(_text(word, *face), currency) for word, currency in _WORDS.items() for face in faces]
    others = np.stack([_text(word, *face) for word in _OTHER_WORDS for face in faces])
    return np.stack([glyph for glyph, _ in words]), np.array([name for _, name in words]), others


@cache
def drawn_letters(letters: str) -> Glyph:
    """(len(letters), 4, 384): each letter plain and with serifs, light and bold."""
    faces = [(weight, face) for weight in _WEIGHTS[::2] for face in (_PLAIN, _SERIF)]
    return np.stack([np.stack([_text(letter, *face) for face in faces]) for letter in letters])


def _canvas(points: list[Points], weight: int, lean: float = 0.0) -> Glyph:
    """Strokes given in the unit square, drawn and cut to their extent."""
    side = 160
    picture = np.zeros((side, side), np.uint8)
    for line in points:
        leant = line.copy()
        leant[:, 0] += lean * (0.5 - line[:, 1])
        cv2.polylines(picture, [np.rint(leant * side).astype(np.int32)], False, 255, weight, cv2.LINE_AA)
    return _cut(picture)


def _cut(picture: NDArray[np.uint8]) -> Glyph:
    x, y, width, height = cv2.boundingRect(picture)
    return np.asarray(normalised([picture[y : y + height, x : x + width]])[0], np.float32)


def _text(text: str, weight: int, face: int) -> Glyph:
    """Letters of OpenCV's stroke fonts."""
    picture = np.zeros((160, 200 * len(text)), np.uint8)
    cv2.putText(picture, text, (30, 130), face, 4.0, 255, weight, cv2.LINE_AA)
    return _cut(picture)


def _arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> Points:
    """Part of an ellipse about (x, y), degrees clockwise from the right."""
    angle = np.deg2rad(np.linspace(start, end, 24))
    return np.column_stack((x + rx * np.cos(angle), y + ry * np.sin(angle)))


def _line(*points: tuple[float, float]) -> Points:
    return np.array(points)


def _letter_s(width: float, top: float, bottom: float) -> Points:
    """An S of two open arcs."""
    middle, radius = (top + bottom) / 2, (bottom - top) / 4
    upper = _arc(0.5, middle - radius, width / 2, radius, -35, -270)
    return np.concatenate((upper, _arc(0.5, middle + radius, width / 2, radius, -90, 145)))


def _dollars() -> Iterator[Glyph]:
    """An S with one bar or two, through the whole letter or only at its ends."""
    for weight in _WEIGHTS:
        for width in (0.42, 0.55):
            for reach in (0.09, 0.16):
                for bars in ("one", "two", "ends"):
                    for lean in (0.0, 0.2):
                        yield _dollar(weight, width, reach, bars, lean)


def _dollar(weight: int, width: float, reach: float, bars: str, lean: float) -> Glyph:
    top, bottom = 0.12 + reach, 0.88 - reach
    strokes = [_letter_s(width, top, bottom)]
    for x in (0.46, 0.56) if bars == "two" else (0.5,):
        if bars == "ends":
            strokes += [_line((x, 0.12), (x, top)), _line((x, bottom), (x, 0.88))]
        else:
            strokes.append(_line((x, 0.12), (x, 0.88)))
    return _canvas(strokes, weight, lean)


def _rupee(weight: int, width: float) -> Glyph:
    """Two bars, the bowl of an R between them, and its leg: the sign of 2010."""
    left, right = 0.5 - width / 2, 0.5 + width / 2
    bowl = _arc(left + 0.4 * width, 0.29, 0.4 * width, 0.17, -90, 90)
    leg = _line((left, 0.46), (left + 0.85 * width, 0.88))
    return _canvas([_line((left, 0.12), (right, 0.12)), _line((left, 0.29), (right, 0.29)),
                    np.concatenate((_line((left, 0.12)), bowl, _line((left, 0.46)))), leg], weight)  # fmt: skip


def _pound(weight: int, width: float, bars: int) -> Glyph:
    left, right = 0.5 - width / 2, 0.5 + width / 2
    hook = _arc(0.5 + 0.08 * width, 0.32, 0.33 * width, 0.2, -15, -180)
    stem = np.concatenate((hook, _line((0.5 - 0.2 * width, 0.7), (left, 0.88), (right, 0.88))))
    levels = (0.52,) if bars == 1 else (0.47, 0.58)
    return _canvas([stem, *(_line((left, y), (0.5 + 0.25 * width, y)) for y in levels)], weight)


def _euro(weight: int, width: float) -> Glyph:
    left, right = 0.5 - width / 2, 0.5 + width / 2
    bow = _arc(0.55, 0.5, 0.5 * width, 0.38, -50, -310)
    return _canvas([bow, *(_line((left - 0.05, y), (right - 0.15 * width, y)) for y in (0.43, 0.57))], weight)


def _stem(weight: int, width: float) -> Glyph:
    """A plain cross: a bar with an arm, as in t, f and +."""
    return _canvas([_line((0.5 - width / 2, 0.35), (0.5 + width / 2, 0.35)), _line((0.5, 0.12), (0.5, 0.88))], weight)
