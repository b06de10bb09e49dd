"""Digits with a counter at the top (8 9), and those of their forms that leave it open; see `shapes_open`."""

from __future__ import annotations

from math import pi

import numpy as np

from ocrpipe.training.curves import Knobs, Line, arc, joined, smooth
from ocrpipe.training.writers import Strokes

# --- 8 -------------------------------------------------------------------------------------------------------


def _figure(k: Knobs, upper: float, lower: float, start: float, sweep: float) -> Line:
    """A figure of eight with lobes of half widths `upper` and `lower`, drawn from the angle `start` for `sweep`."""
    t = start + np.linspace(0, sweep, 34)
    waist = k(0.42, 0.54)
    half = np.where(np.cos(t) > 0, upper, lower)
    y = np.where(np.cos(t) > 0, waist * (1 - np.cos(t)), waist - (1 - waist) * np.cos(t))
    return np.stack([np.sin(2 * t) * -half, y], axis=1).astype(np.float32)


def eight_circles(k: Knobs) -> Strokes:
    """Two circles, one on the other."""
    split, off = k(0.42, 0.52), k(-0.04, 0.04)
    upper = arc((off, split / 2), (k(0.15, 0.24), split / 2), k(0, 2 * pi), 2 * pi + k(0, 0.3))
    lower = arc((0, (1 + split) / 2 - 0.01), (k(0.18, 0.28), (1 - split) / 2 + 0.01), k(0, 2 * pi), 2 * pi + k(0, 0.3))
    return [upper, lower]


def eight_open(k: Knobs) -> Strokes:
    """Begins at the upper right and never comes back there."""
    return [_figure(k, k(0.2, 0.3), k(0.2, 0.28), k(0.1, 0.25), 2 * pi - k(0.4, 0.9))]


def eight_horned(k: Knobs) -> Strokes:
    """Like γ: both ends stand open above a closed foot."""
    wide = k(0.36, 0.5)
    tip = k(0.0, 0.12)
    return [
        k.line(
            [
                (0.12, tip + 0.05),
                (0.02, tip + 0.07),
                (0.05, 0.26),
                (wide * 0.6, 0.52),
                (wide * 0.95, 0.8),
                (wide * 0.5, 1.0),
                (0.07, 0.8),
                (wide * 0.5, 0.5),
                (wide, 0.2),
                (wide * 0.95, 0.0),
            ],
            0.015,
        )
    ]


def eight_wide(k: Knobs) -> Strokes:
    return [_figure(k, k(0.32, 0.46), k(0.34, 0.5), k(0.0, 0.4), 2 * pi + k(0.0, 0.3))]


def eight_leaning(k: Knobs) -> Strokes:
    """Lies on its side, nearly."""
    line = _figure(k, k(0.2, 0.28), k(0.22, 0.3), k(0.0, 0.5), 2 * pi + k(0.0, 0.2)) - np.array((0, 0.5), np.float32)
    turn = k(0.35, 0.75)
    rotation = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))], np.float32)
    turned = line @ rotation.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    return [np.asarray((turned - low) / (high[1] - low[1]) * k(0.75, 1.0), np.float32)]


def eight_tailed(k: Knobs) -> Strokes:
    """Both ends run on at the upper right."""
    wide, over = k(0.38, 0.5), k(0.06, 0.16)
    return [
        k.line(
            [
                (wide + over, 0.1),
                (wide * 0.6, 0.02),
                (0.06, 0.12),
                (0.1, 0.36),
                (wide * 0.9, 0.66),
                (wide * 0.8, 0.95),
                (0.12, 0.98),
                (0.04, 0.74),
                (wide * 0.6, 0.4),
                (wide + over * 0.6, -0.04),
            ],
            0.015,
        )
    ]


def eight_barred(k: Knobs) -> Strokes:
    """An S that a straight stroke closes."""
    wide = k(0.36, 0.46)
    body = [
        (wide, 0.1),
        (wide * 0.5, 0.0),
        (0.04, 0.14),
        (0.14, 0.4),
        (wide * 0.85, 0.62),
        (wide * 0.9, 0.88),
        (wide * 0.4, 1.0),
        (0.0, 0.88),
    ]
    return [k.line(body, 0.012), smooth([(-0.02, 0.9), (wide * 0.5, 0.5), (wide + 0.02, 0.06)])]


def eight_unequal(k: Knobs) -> Strokes:
    """A head that is much smaller than the body."""
    split = k(0.3, 0.36)
    upper = arc((k(-0.03, 0.03), split / 2), (k(0.13, 0.17), split / 2), -pi / 2, 2 * pi)
    return [joined(upper, arc((0, (1 + split) / 2), (k(0.28, 0.36), (1 - split) / 2), pi / 2, -2 * pi))]


# --- 9 -------------------------------------------------------------------------------------------------------


def nine_rho(k: Knobs) -> Strokes:
    """The loop is closed first; the stem leaves it at its left or in the middle, down to the left."""
    rx, ry = k(0.18, 0.28), k(0.2, 0.3)
    out = k(1.02 * pi, 1.4 * pi)
    loop = arc((rx, ry), (rx, ry), out - 2 * pi - k(0.0, 0.4), 2 * pi + 0.3)
    end = arc((rx, ry), (rx, ry), out, 0.01)[0]
    foot = float(end[0]) - k(-0.02, 0.22)
    return [
        joined(
            loop,
            smooth([(float(end[0]), float(end[1])), ((float(end[0]) + foot) / 2 + k(-0.02, 0.03), 0.75), (foot, 1.0)]),
        )
    ]


def nine_p(k: Knobs) -> Strokes:
    """Like a P: up the stem, round the bow, back to the stem."""
    wide, low, lean = k(0.34, 0.5), k(0.42, 0.62), k(0.0, 0.16)
    stem = smooth([(0.0, 1.0), (lean * 0.5, 0.5), (lean, 0.06)])
    bow = k.line(
        [
            (lean, 0.06),
            (wide * 0.55 + lean, 0.0),
            (wide + lean, low * 0.42),
            (wide * 0.6 + lean, low * 0.92),
            (lean * 0.5 - 0.02, low),
        ],
        0.012,
    )
    return [joined(stem, bow)]


def nine_straight(k: Knobs) -> Strokes:
    """A closed loop and a straight stem at its right, upright or leaning far."""
    rx, ry = k(0.16, 0.26), k(0.18, 0.28)
    loop = arc((rx, ry), (rx, ry), k(0.1, 0.7), 2 * pi - 0.2)
    lean = k(-0.04, 0.3)
    return [joined(loop, smooth([(2 * rx, ry * 0.6), (2 * rx - lean * 0.5, 0.55), (2 * rx - lean, 1.0)]))]


def nine_g(k: Knobs) -> Strokes:
    """With a tail that curls back to the left."""
    rx, ry, low = k(0.17, 0.26), k(0.18, 0.26), k(1.0, 1.12)
    loop = arc((rx, ry), (rx, ry), k(0.2, 0.8), 2 * pi - 0.3)
    right = 2 * rx
    tail = k.line(
        [
            (right, ry * 0.7),
            (right - 0.01, 0.65),
            (right * 0.75, low - 0.06),
            (right * 0.25, low),
            (-0.06, low - k(0.08, 0.2)),
        ],
        0.012,
    )
    return [joined(loop, tail)]


def nine_stick(k: Knobs) -> Strokes:
    """A circle on a stick."""
    rx, ry = k(0.18, 0.25), k(0.2, 0.27)
    return [
        arc((rx, ry), (rx, ry), -pi / 2, 2 * pi),
        smooth([(rx, 2 * ry), (rx - k(0.0, 0.06), 0.75), (rx - k(0.0, 0.12), 1.0)]),
    ]


def nine_flicked(k: Knobs) -> Strokes:
    """Like a q: the stem's foot runs out to the right."""
    rx, ry = k(0.17, 0.24), k(0.19, 0.26)
    right = 2 * rx
    return [
        joined(
            arc((rx, ry), (rx, ry), k(0.2, 0.6), 2 * pi - 0.2),
            smooth([(right, ry * 0.7), (right - 0.02, 0.7), (right, 0.98), (right + k(0.08, 0.18), 0.92)]),
        )
    ]
