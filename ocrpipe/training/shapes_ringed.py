"""Digits with one counter (0 4 6), and those of their forms that leave it open; see `shapes_open`."""

from __future__ import annotations

from math import pi

import numpy as np

from ocrpipe.training.curves import Knobs, arc, joined, smooth
from ocrpipe.training.writers import Strokes

# --- 0 -------------------------------------------------------------------------------------------------------


def _ring(k: Knobs) -> tuple[tuple[float, float], tuple[float, float]]:
    rx = k(0.24, 0.46)
    return (rx, 0.5), (rx, 0.5)


def zero_open(k: Knobs) -> Strokes:
    """The ends do not meet at the top."""
    centre, radii = _ring(k)
    return [arc(centre, radii, pi / 2 + k(0.0, 0.4), 2 * pi - k(0.35, 0.9))]


def zero_overlapping(k: Knobs) -> Strokes:
    """The end runs on into the ring, or out of it."""
    centre, radii = _ring(k)
    ring = arc(centre, radii, pi / 2 - k(0.0, 0.6), 2 * pi + k(0.4, 1.1))
    grown = np.linspace(1, 1 + k(-0.3, 0.2), len(ring))[:, None].astype(np.float32)
    middle = np.array(centre, np.float32)
    return [np.asarray((ring - middle) * grown + middle, np.float32)]


def zero_flicked(k: Knobs) -> Strokes:
    """The end leaves at the top for the next character."""
    (x, y), radii = _ring(k)
    out = k(0.1, 0.35)
    return [
        joined(
            arc((x, y), radii, pi / 2, 2 * pi),
            smooth([(x, 0.0), (x + out * 0.5, k(0.03, 0.12)), (x + out + 0.08, k(-0.06, 0.1))]),
        )
    ]


def zero_slashed(k: Knobs) -> Strokes:
    centre, radii = _ring(k)
    over = k(-0.08, 0.12)
    return [arc(centre, radii, pi / 2, 2 * pi), smooth([(2 * radii[0] + over * 0.6, -over), (-over * 0.6, 1 + over)])]


def zero_square(k: Knobs) -> Strokes:
    wide = k(0.42, 0.6)
    corners = [
        (wide * 0.4, 0.0),
        (0.02, 0.06),
        (0.0, 0.5),
        (0.03, 0.95),
        (wide * 0.5, 1.0),
        (wide * 0.97, 0.95),
        (wide, 0.5),
        (wide * 0.97, 0.05),
        (wide * 0.4, 0.0),
    ]
    return [k.line(corners, 0.01)]


def zero_horned(k: Knobs) -> Strokes:
    """Begins outside, at the upper left."""
    centre, radii = _ring(k)
    lead = smooth([(-0.12, k(-0.1, 0.1)), (centre[0] * 0.5, 0.06), (centre[0] * 1.1, 0.01)])
    return [joined(lead, arc(centre, radii, pi / 2 - 0.1, -2 * pi))]


def _level_ring(k: Knobs, wide: float, tall: float) -> Strokes:
    """A ring on the line, or half way up to the middle."""
    rx, ry = wide / 2, tall / 2
    level = 1 - ry - (k(0.0, 0.3) if k.chance(0.5) else 0.0)
    return [arc((rx, level), (rx, ry), pi / 2 + k(-0.6, 0.6), 2 * pi + k(-0.15, 0.5))]


def zero_flat(k: Knobs) -> Strokes:
    return _level_ring(k, k(0.42, 0.75), k(0.26, 0.48))


def zero_tiny(k: Knobs) -> Strokes:
    return _level_ring(k, k(0.28, 0.45), k(0.3, 0.48))


def zero_sliver(k: Knobs) -> Strokes:
    """Nearly a dash: a stroke there and back."""
    return _level_ring(k, k(0.5, 0.75), k(0.15, 0.24))


def zero_lens(k: Knobs) -> Strokes:
    """Flat, and pointed at both ends."""
    wide, tall, level = k(0.5, 0.75), k(0.22, 0.42), k(0.5, 0.75)
    lower = smooth([(0.0, level), (wide * 0.5, level + tall / 2), (wide, level)])
    return [joined(lower, smooth([(wide, level), (wide * 0.5, level - tall / 2), (-0.02, level + 0.02)]))]


# --- 4 -------------------------------------------------------------------------------------------------------


def four_h(k: Knobs) -> Strokes:
    """Like a Cyrillic Ч or an h: the arm runs over into the stem."""
    wide, arm = k(0.35, 0.5), k(0.48, 0.66)
    down = smooth([(0.1, 0.0), (0.05, arm * 0.5), (0.02, arm)])
    over = smooth(
        [(0.02, arm), (wide * 0.5, arm - k(0.06, 0.16)), (wide, arm), (wide, arm + 0.15), (wide - k(0.0, 0.08), 1)]
    )
    return [joined(down, over)]


def four_open(k: Knobs) -> Strokes:
    wide, arm, rise = k(0.38, 0.58), k(0.48, 0.68), k(-0.1, 0.04)
    arms = k.line(
        [(k(0.06, 0.2), 0.0), (0.03, arm * 0.6), (0.05, arm), (wide * 0.55, arm + 0.02), (wide * 1.12, arm + rise)],
        0.02,
    )
    top = k(-0.05, 0.38)
    return [
        arms,
        smooth([(wide * 0.88, top), (wide * 0.82, (top + 1) / 2), (wide * 0.82 - k(-0.03, 0.1), k(0.98, 1.15))]),
    ]


def four_closed(k: Knobs) -> Strokes:
    """A triangle that the stem cuts through."""
    stem, arm, far = k(0.28, 0.42), k(0.55, 0.72), k(0.1, 0.3)
    first = joined(
        smooth([(stem, 0.0), (stem * 0.55, arm * 0.45), (0, arm)]),
        smooth([(0, arm), (stem + far, arm + k(-0.06, 0.04))]),
    )
    return [first, smooth([(stem + k(-0.02, 0.04), 0.0), (stem, 0.5), (stem - k(-0.02, 0.08), 1.0)])]


def four_lightning(k: Knobs) -> Strokes:
    """One movement: down, across, down."""
    arm, wide = k(0.48, 0.62), k(0.32, 0.48)
    down = smooth([(wide * k(0.35, 0.6), 0.0), (0, arm)])
    across = smooth([(0, arm), (wide, arm - k(0.02, 0.14))])
    return [joined(down, across, smooth([(wide, arm - 0.08), (wide - k(0.05, 0.22), 1.0)]))]


def four_hanging(k: Knobs) -> Strokes:
    """Like a y: a cup, and a stem that hangs below the line."""
    wide, low = k(0.34, 0.48), k(1.05, 1.2)
    cup = k.line([(0.05, 0.02), (0.02, 0.4), (0.16, 0.58), (wide * 0.8, 0.5), (wide, 0.05)], 0.02)
    return [joined(cup, smooth([(wide, 0.05), (wide - 0.04, 0.6), (wide - k(0.08, 0.2), low)]))]


def four_square(k: Knobs) -> Strokes:
    wide, arm = k(0.3, 0.42), k(0.48, 0.6)
    corner = joined(smooth([(0, 0), (0, arm)]), smooth([(0, arm), (wide * 1.35, arm)]))
    return [corner, smooth([(wide, 0), (wide, 1.0)])]


# --- 6 -------------------------------------------------------------------------------------------------------


def _six(k: Knobs, head: list[tuple[float, float]], height: float, wide: float) -> Strokes:
    """A stem into a closed loop of `height` and `wide` at the foot."""
    top = 1 - height
    loop = [
        (0.0, 0.78),
        (wide * 0.3, 1.0),
        (wide * 0.9, 0.93),
        (wide, top + height * 0.4),
        (wide * 0.6, top),
        (0.08, top + height * 0.3),
        (0.01, 0.82),
    ]
    return [k.line([*head, *loop], 0.012)]


def six_b(k: Knobs) -> Strokes:
    lean = k(0.0, 0.1)
    return _six(k, [(lean, 0.0), (lean * 0.6, 0.3), (0.02, 0.55)], k(0.36, 0.48), k(0.3, 0.42))


def six_large_loop(k: Knobs) -> Strokes:
    return _six(k, [(k(0.25, 0.45), 0.0), (0.12, 0.2), (0.02, 0.46)], k(0.55, 0.66), k(0.42, 0.6))


def six_small_loop(k: Knobs) -> Strokes:
    return _six(k, [(k(0.22, 0.4), 0.0), (0.12, 0.25), (0.02, 0.6)], k(0.3, 0.37), k(0.28, 0.38))


def six_spiral(k: Knobs) -> Strokes:
    """Ends inside a loop that is not closed."""
    wide = k(0.4, 0.52)
    return [
        k.line(
            [
                (wide * 0.9, 0.0),
                (0.14, 0.22),
                (0.0, 0.65),
                (0.14, 0.98),
                (wide * 0.9, 0.9),
                (wide * 0.9, 0.6),
                (wide * 0.5, 0.54),
                (0.16, 0.66),
            ],
            0.015,
        )
    ]
