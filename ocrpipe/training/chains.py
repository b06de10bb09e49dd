"""Runs of zeros written in one movement, as most hands do that write many of them."""

from __future__ import annotations

from itertools import pairwise
from math import pi

import numpy as np

from ocrpipe.training.curves import Knobs, Line, arc, smooth, warped
from ocrpipe.training.writers import Strokes


def chain(count: int, k: Knobs, zero: Strokes, strange: bool = False) -> list[Strokes]:
    """`count` zeros in common coordinates of height 1, with the strokes that link them.

    A quarter of all hands coil the run like a spring, a quarter link rings at the top or foot, half link their usual
    `zero` at its top, middle or foot, and some let the run flatten or dwindle; strangers link between, and let it grow.
    """
    if strange:
        level = k(0.2, 0.34) if k.chance(0.5) else k(0.66, 0.8)
        return _tapered(_linked(count, k, zero, level), k, k(-0.35, 0.0), 1.0)
    loss = k(0.15, 0.5) if k.chance(0.4) else 0.0
    if k.chance(0.25):
        return _tapered(_by_hand(_coil(count, k), k), k, loss, k(0.5, 0.8) if k.chance(0.3) else 1.0)
    if k.chance(0.33):
        return _tapered(_by_hand(_rings(count, k), k), k, loss, k(0.45, 0.8) if k.chance(0.3) else 1.0)
    level = k(0.0, 0.12) if k.chance(0.45) else k(0.42, 0.58) if k.chance(0.45) else k(0.88, 1.0)
    return _tapered(_linked(count, k, zero, level), k, loss, 1.0)


def _tapered(zeros: list[Strokes], k: Knobs, loss: float, flat: float) -> list[Strokes]:
    """`flat` times as high, and lower towards the end by the share `loss`; half of all hands narrow them as much."""
    narrow, level = k.chance(0.5), 1.0 if k.chance(0.6) else 0.5
    if loss == 0 and flat == 1:
        return zeros
    every = np.concatenate([line for zero in zeros for line in zero])
    left, wide = float(every[:, 0].min()), float(np.ptp(every[:, 0]))

    def placed(line: Line) -> Line:
        passed = (line[:, 0] - left) / wide
        across = passed - loss * passed**2 / 2 if narrow else passed
        down = level + (line[:, 1] - level) * flat * (1 - loss * passed)
        return np.stack([left + wide * across, down], axis=1).astype(np.float32)

    return [[placed(line) for line in zero] for zero in zeros]


def _by_hand(zeros: list[Strokes], k: Knobs) -> list[Strokes]:
    """Bent all alike, so that they still meet."""
    bent = iter(warped([line for zero in zeros for line in zero], k))
    return [[next(bent) for _ in zero] for zero in zeros]


def _coil(count: int, k: Knobs) -> list[Strokes]:
    """A prolate trochoid, cut half way between its loops: `eee`, or upside down linked at the top."""
    wide, pitch, flat = k(0.24, 0.42), k(0.55, 0.85), k.chance(0.5)
    pitch = max(pitch, 1.7 * wide)
    zeros = []
    for i in range(count):
        early, late = (-pi if i else -k(1.9, 2.6)), (pi if i + 1 < count else k(1.9, 2.8))
        t = np.linspace(early, late, 26)
        x, y = pitch * (i + t / (2 * pi)) - wide * 1.35 * np.sin(t), 0.5 - 0.5 * np.cos(t)
        zeros.append([np.stack([x, 1 - y if flat else y], axis=1).astype(np.float32)])
    return zeros


def _rings(count: int, k: Knobs) -> list[Strokes]:
    """Closed rings, the pen gliding from the top of one to the top of the next, or from foot to foot."""
    rx, gap, sag = k(0.24, 0.42), k(-0.1, 0.4), k(-0.08, 0.14)
    begin, over = pi / 2 + k(-0.1, 0.5), k(0.1, 0.5)
    zeros: list[Strokes] = []
    rings = [arc((rx + i * (2 * rx + gap), 0.5), (rx, 0.5), begin, 2 * pi + over) for i in range(count)]
    if k.chance(0.35):
        rings = [np.array((0, 1), np.float32) + line * np.array((1, -1), np.float32) for line in rings]
    looped = k(0.05, 0.12) if k.chance(0.3) else 0.0  # the pen turns once more before it goes on
    for ring, after in pairwise(rings):
        end = tuple(float(v) for v in ring[-1])
        turned = [arc((end[0], end[1] + looped), (looped, looped), pi / 2, 2 * pi, 8)] if looped else []
        zeros.append([ring, *turned, _link(ring[-1], after[0], sag)])
    return [*zeros, [rings[-1]]]


def _linked(count: int, k: Knobs, zero: Strokes, level: float) -> list[Strokes]:
    """The hand's usual zeros side by side, with a stroke from each to the next at `level` below the top."""
    every = np.concatenate(zero)
    left, right = float(every[:, 0].min()), float(every[:, 0].max())
    pitch, sag = (right - left) * k(1.05, 1.4) + 0.02, k(-0.06, 0.1)
    near = every[np.abs(every[:, 1] - level) <= np.abs(every[:, 1] - level).min() + 0.06]
    start, end = near[near[:, 0].argmax()], near[near[:, 0].argmin()] + np.array((pitch, 0), np.float32)
    zeros: list[Strokes] = []
    for i in range(count):
        moved = np.array((i * pitch, 0), np.float32)
        own = [line + moved for line in zero]
        zeros.append([*own, _link(start + moved, end + moved, sag)] if i + 1 < count else own)
    return zeros


def _link(start: Line, end: Line, sag: float) -> Line:
    middle = (start + end) / 2 + np.array((0, sag), np.float32)
    return smooth([(float(p[0]), float(p[1])) for p in (start, middle, end)])
