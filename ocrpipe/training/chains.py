"""Runs of zeros written in one movement, as most hands do that write many of them."""

from __future__ import annotations

from itertools import pairwise
from math import pi

import numpy as np

from ocrpipe.training.curves import Knobs, Line, arc, smooth, warped
from ocrpipe.training.writers import Strokes


def chain(count: int, k: Knobs, zero: Strokes, strange: bool = False) -> list[Strokes]:
    """`count` zeros in common coordinates of height 1, with the strokes that link them.

    A third of all hands coil the run like a spring, a third link rings at the top, a third link their usual `zero`;
    strangers link theirs lower.
    """
    kind = k(0, 1)
    if strange:
        return _linked(count, k, zero, level=k(0.3, 0.7))
    if kind < 0.33:
        return _by_hand(_coil(count, k), k)
    if kind < 0.67:
        return _by_hand(_rings(count, k), k)
    return _linked(count, k, zero, level=k(0.0, 0.12))


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
    """Closed rings, the pen gliding from the top of one to the top of the next."""
    rx, gap, sag = k(0.24, 0.42), k(-0.1, 0.4), k(-0.08, 0.14)
    begin, over = pi / 2 + k(-0.1, 0.5), k(0.1, 0.5)
    zeros: list[Strokes] = []
    rings = [arc((rx + i * (2 * rx + gap), 0.5), (rx, 0.5), begin, 2 * pi + over) for i in range(count)]
    for ring, after in pairwise(rings):
        zeros.append([ring, _link(ring[-1], after[0], sag)])
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
