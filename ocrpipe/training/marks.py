"""Separators, currency signs and closing strokes, stroke by stroke, in units of the line's height."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from ocrpipe.training.writers import Strokes

_DOLLAR = (
    (0.6, 0.2), (0.45, 0.08), (0.2, 0.08), (0.03, 0.25), (0.15, 0.45),
    (0.45, 0.55), (0.58, 0.75), (0.4, 0.95), (0.15, 0.95), (0.0, 0.8),
)  # fmt: skip

Line = tuple[tuple[float, float], ...]
Drawn = tuple[list[Line], float]
"""Lines, and how far their top lies below the top of the line of writing."""


def strokes_of(char: str, rng: Generator) -> tuple[Strokes, float]:
    """The strokes of one of `. , - = / $ * x`, as somebody may write it, and where their top is."""
    lines, top = _MARKS[char](rng)
    return [np.array(line, np.float32) for line in lines], top


def _within(rng: Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _point(rng: Generator) -> Drawn:
    size = _within(rng, 0.02, 0.1)
    lines: list[Line] = [((0.0, 0.0), (size * _within(rng, -1, 1), size))]
    top = _within(rng, 0.85, 1.0)
    if rng.random() < 0.15:  # raised, as the British once did
        top = _within(rng, 0.45, 0.7)
    return lines, top


def _comma(rng: Generator) -> Drawn:
    length = _within(rng, 0.15, 0.5)
    return [
        ((0.0, 0.0), (_within(rng, -0.05, 0.06), length * 0.5), (-length * _within(rng, 0.2, 0.8), length))
    ], _within(rng, 0.75, 1.0)


def _dash(rng: Generator) -> Drawn:
    return [
        (
            (0.0, 0.0),
            (_within(rng, 0.25, 0.5), _within(rng, -0.08, 0.08)),
            (_within(rng, 0.5, 0.9), _within(rng, -0.1, 0.1)),
        )
    ], _within(rng, 0.4, 0.65)


def _double_dash(rng: Generator) -> Drawn:
    gap, width = _within(rng, 0.18, 0.35), _within(rng, 0.4, 0.9)
    upper = ((0.0, 0.0), (width, _within(rng, -0.06, 0.06)))
    return [upper, ((0.0, gap), (width, gap + _within(rng, -0.06, 0.06)))], _within(rng, 0.3, 0.5)


def _slash(rng: Generator) -> Drawn:
    rise, run = _within(rng, 1.0, 1.5), _within(rng, 0.25, 0.9)
    return [((run, 0.0), (run * _within(rng, 0.45, 0.6), rise * 0.5), (0.0, rise))], _within(rng, -0.3, 0.05)


def _dollar(rng: Generator) -> Drawn:
    middle = _within(rng, 0.25, 0.38)
    bar = (middle + 0.05, -0.12), (middle - 0.03, 1.12)
    lines: list[Line] = [_DOLLAR, bar]
    if rng.random() < 0.3:
        lines.append(tuple((x + 0.12, y) for x, y in bar))
    return lines, -0.1


def _star(rng: Generator) -> Drawn:
    half = _within(rng, 0.3, 0.5) / 2
    rays = [(half * float(np.cos(a)), half * float(np.sin(a))) for a in (0.2, 1.25, 2.3)]
    return [((-x, -y), (x, y)) for x, y in rays], _within(rng, 0.1, 0.35)


def _cross(rng: Generator) -> Drawn:
    return [((0.0, 0.0), (0.45, 0.5)), ((0.45, _within(rng, -0.05, 0.05)), (0.0, 0.5))], _within(rng, 0.1, 0.5)


_MARKS: dict[str, Callable[[Generator], Drawn]] = {
    ".": _point, ",": _comma, "-": _dash, "=": _double_dash, "/": _slash, "$": _dollar, "*": _star, "x": _cross,
}  # fmt: skip
