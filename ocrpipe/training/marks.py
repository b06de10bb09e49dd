"""Separators, currency signs and closing strokes, stroke by stroke, in units of the line's height."""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import numpy as np

from ocrpipe.training.curves import Knobs, arc, smooth
from ocrpipe.training.writers import Strokes

_DOLLAR = (
    (0.6, 0.2), (0.45, 0.08), (0.2, 0.08), (0.03, 0.25), (0.15, 0.45),
    (0.45, 0.55), (0.58, 0.75), (0.4, 0.95), (0.15, 0.95), (0.0, 0.8),
)  # fmt: skip

Drawn = tuple[Strokes, float]
"""Lines, and how far their top lies below the top of the line of writing."""


def strokes_of(char: str, form: str, k: Knobs) -> Drawn:
    """The strokes of one of `. , - = / $ * x`, as somebody may write it, and where their top is.

    `form` asks for a special one: a `long` dash, a `tall` slash, or for an `x` (ink that is no figure) a word or a
    currency sign.
    """
    return (_FORMS[form] if form else _MARKS[char])(k)


def _point(k: Knobs) -> Drawn:
    size, top = k(0.02, 0.1), k(0.85, 1.02)
    if k.chance(0.12):  # raised, as the British once did
        top = k(0.45, 0.7)
    if k.chance(0.15):  # a short dash
        return [smooth([(0.0, 0.0), (k(0.12, 0.24), k(-0.04, 0.04))])], top
    return [smooth([(0.0, 0.0), (size * k(-1, 1), size)])], top


def _comma(k: Knobs) -> Drawn:
    length, lean = k(0.15, 0.5), k(0.2, 0.8)
    top = k(0.75, 1.0)
    if k.chance(0.15):  # nearly a slash
        length, top = k(0.5, 0.85), k(0.55, 0.8)
    elif k.chance(0.06):  # an apostrophe, as in Switzerland
        top = k(-0.05, 0.15)
    return [smooth([(0.0, 0.0), (k(-0.05, 0.06), length * 0.5), (-length * lean, length)])], top


def _dash(k: Knobs) -> Drawn:
    return [smooth([(0.0, 0.0), (k(0.25, 0.5), k(-0.08, 0.08)), (k(0.5, 0.9), k(-0.1, 0.1))])], k(0.4, 0.65)


def _long_dash(k: Knobs) -> Drawn:
    """A stroke that fills what is left of the line, sometimes in waves."""
    length, tilt = k(1.0, 2.2), k(-0.1, 0.1)
    if k.chance(0.3):
        length *= 1.7
    wave = k(0.04, 0.14) if k.chance(0.3) else 0.0
    knots = np.arange(max(4, int(length / 0.22)))
    x = knots * (length / knots[-1])
    y = tilt * x + wave * np.where(knots % 2 == 1, 1.0, -1.0)
    return [smooth(np.stack([x, y], axis=1))], k(0.4, 0.65)


def _double_dash(k: Knobs) -> Drawn:
    gap, width = k(0.18, 0.35), k(0.4, 0.9)
    upper = smooth([(0.0, 0.0), (width, k(-0.06, 0.06))])
    return [upper, smooth([(0.0, gap), (width, gap + k(-0.06, 0.06))])], k(0.3, 0.5)


def _slash(k: Knobs) -> Drawn:
    rise, run, top = k(1.0, 1.5), k(0.25, 0.9), k(-0.3, 0.05)
    if k.chance(0.15):  # flat, as between cents and their hundred
        rise, run, top = k(0.7, 0.95), k(0.7, 1.2), k(0.05, 0.25)
    return [smooth([(run, 0.0), (run * k(0.45, 0.6), rise * 0.5), (0.0, rise)])], top


def _tall_slash(k: Knobs) -> Drawn:
    """A bar before a closing dash, from above the line to below it."""
    rise, run, top = k(1.3, 2.2), k(0.0, 0.45), k(-0.6, -0.15)
    return [smooth([(run, 0.0), (run * 0.5 + k(-0.05, 0.05), rise * 0.5), (0.0, rise)])], top


def _dollar(k: Knobs) -> Drawn:
    middle = k(0.25, 0.38)
    ends = k(-0.2, -0.05), k(1.05, 1.2)
    lines = [k.line(_DOLLAR, 0.03)]
    if k.chance(0.2):  # only where it stands out above and below the S
        lines += [smooth([(middle + 0.06, ends[0] - 0.05), (middle + 0.03, 0.15)])]
        lines += [smooth([(middle - 0.02, 0.88), (middle - 0.04, ends[1] + 0.05)])]
    else:
        lines += [smooth([(middle + 0.05, ends[0]), (middle - 0.03, ends[1])])]
        if k.chance(0.3):
            lines += [lines[-1] + np.array((0.12, 0), np.float32)]
    return lines, ends[0]


def _star(k: Knobs) -> Drawn:
    half = k(0.3, 0.5) / 2
    rays = [(half * float(np.cos(a)), half * float(np.sin(a))) for a in (0.2, 1.25, 2.3)]
    return [smooth([(-x, -y), (x, y)]) for x, y in rays], k(0.1, 0.35)


def _cross(k: Knobs) -> Drawn:
    return [smooth([(0.0, 0.0), (0.45, 0.5)]), smooth([(0.45, k(-0.05, 0.05)), (0.0, 0.5)])], k(0.1, 0.5)


def _no(k: Knobs) -> Drawn:
    """`no` in one movement, for no cents."""
    n = [(0.0, 0.15), (0.04, 0.5), (0.05, 0.3), (0.17, 0.12), (0.26, 0.25), (0.28, 0.47), (0.42, 0.35)]
    return [k.line([*n, (0.5, 0.12)], 0.015), arc((0.54, 0.3), (0.11, 0.18), k(1.5, 2.2), 2 * pi + 0.5)], k(0.1, 0.4)


def _rs(k: Knobs) -> Drawn:
    """`Rs`: the Indian rupee before its sign."""
    stem = k.line([(0.08, 0.05), (0.04, 0.5), (0.0, 1.0)], 0.02)
    bow = k.line([(0.0, 0.1), (0.3, 0.0), (0.42, 0.22), (0.1, 0.5), (0.25, 0.7), (0.48, 1.0)], 0.02)
    return [
        stem,
        bow,
        k.line([(0.75, 0.52), (0.6, 0.5), (0.58, 0.66), (0.74, 0.8), (0.7, 0.98), (0.52, 0.96)], 0.015),
    ], 0.0


def _rupee(k: Knobs) -> Drawn:
    bars = [smooth([(0.0, y), (k(0.48, 0.6), y + k(-0.04, 0.02))]) for y in (0.0, 0.22)]
    bow = k.line([(0.2, 0.0), (0.42, 0.12), (0.36, 0.36), (0.04, 0.46)], 0.015)
    return [*bars, np.concatenate([bow, smooth([(0.04, 0.46), (0.4, 1.0)])])], k(-0.05, 0.05)


def _pound(k: Knobs) -> Drawn:
    body = k.line(
        [(0.48, 0.14), (0.34, 0.0), (0.2, 0.2), (0.24, 0.6), (0.1, 0.95), (0.0, 0.92), (0.1, 0.85), (0.52, 0.98)], 0.02
    )
    return [body, smooth([(0.05, 0.52), (0.42, k(0.47, 0.53))])], k(-0.05, 0.05)


def _euro(k: Knobs) -> Drawn:
    ring = arc((0.34, 0.5), (0.3, 0.5), k(0.6, 0.9), k(4.4, 5.0))
    return [ring, *(smooth([(-0.06, y), (k(0.32, 0.46), y + k(-0.04, 0.02))]) for y in (0.41, 0.57))], k(-0.05, 0.05)


_MARKS: dict[str, Callable[[Knobs], Drawn]] = {
    ".": _point, ",": _comma, "-": _dash, "=": _double_dash, "/": _slash, "$": _dollar, "*": _star, "x": _cross,
}  # fmt: skip
_FORMS: dict[str, Callable[[Knobs], Drawn]] = {
    "long": _long_dash, "tall": _tall_slash, "no": _no, "Rs": _rs, "₹": _rupee, "£": _pound, "€": _euro,
}  # fmt: skip
