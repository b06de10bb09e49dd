"""How one hand bends every digit it writes: a smooth map of the plane, drawn once per hand and digit.

A hand's heads and bellies, its squareness and its hollow backs are all low orders of one polynomial. Strangers are bent
by waves instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training.curves import Line, rounded
from ocrpipe.training.writers import Strokes

_ORDERS = [(i, j) for i in range(4) for j in range(4 - i) if i + j]
"""Powers of (u, v): the linear ones lean and widen, uv makes unequal halves, v² moves the waist, uv² and u²v square."""
_ACROSS, _DOWN = (np.array(powers) for powers in zip(*_ORDERS, strict=True))
_FALL = np.array([1.0 / (i + j) ** 0.7 for i, j in _ORDERS])[:, None]
_WAVES = np.array([(0.0, 2.6), (2.6, 0.0), (1.4, 2.0), (2.0, -1.4), (0.0, 1.6)])
"""Radians from the middle of a digit to its edge, across and down."""
_STEEPEST = 0.6
"""Below 1 no two points of a digit meet that were apart, so that it keeps its counters and its gaps."""
_LEAST_HALF = 0.2
"""Half the width that a straight 1 is taken to have."""


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """How far a hand moves the points of each digit: `moves` (10, terms, 2) in halves of the digit's box, zero where
    the hand bends nothing; `waves` tells what the terms are; and how far along its line it rounds corners off."""

    moves: NDArray[np.float64]
    waves: bool
    rounding: float

    def __call__(self, char: str, strokes: Strokes) -> Strokes:
        if self.rounding:
            strokes = [rounded(line, self.rounding) for line in strokes]
        moves = self.moves[int(char)]
        if not moves.any():
            return strokes
        every = np.concatenate(strokes) if len(strokes) > 1 else strokes[0]
        low, high = every.min(axis=0), every.max(axis=0)
        middle, half = (low + high) / 2, np.maximum((high - low) / 2, (_LEAST_HALF, 1e-3))
        apart = (every - middle) / half
        moved = apart + _terms(apart, self.waves) @ moves
        top, foot = moved[:, 1].min(), moved[:, 1].max()
        stretch = 2 * half[1] / max(foot - top, 1e-3)  # as high as it was
        points = np.asarray(moved * (half[0], stretch) + (middle[0], low[1] - top * stretch), np.float32)
        ends = np.cumsum([len(line) for line in strokes])
        return [points[end - len(line) : end] for line, end in zip(strokes, ends, strict=True)]


def bend_of(rng: Generator, strange: bool = False) -> Bend:
    """The bend of a new hand: about a sixth bend nothing, a tenth a great deal; digits share a half of it."""
    kind, depth = rng.random(), float(rng.uniform(0.12, 0.2) if strange else rng.uniform(0.04, 0.13))
    if kind < 0.15:
        depth = 0.0
    elif kind > 0.9:
        depth *= 1.6
    terms = 2 * len(_WAVES) if strange else len(_ORDERS)
    moves = (rng.normal(size=(1, terms, 2)) + rng.normal(size=(10, terms, 2))) * (depth / np.sqrt(2))
    moves *= 1 / np.sqrt(len(_WAVES)) if strange else _FALL
    slopes = ((_SLOPES[strange] @ moves[:, None]) ** 2).sum(axis=(1, 3)).max(axis=1)
    moves *= np.minimum(1, _STEEPEST / np.sqrt(np.maximum(slopes, 1e-9)))[:, None, None]
    rounding = float(rng.uniform(0.02, 0.06)) if not strange and rng.random() < 0.15 else 0.0
    return Bend(moves, strange, rounding)


def _terms(apart: Line | NDArray[np.float64], waves: bool) -> NDArray[np.float64]:
    """(N, terms) at points of the box from (-1, -1) to (1, 1)."""
    if waves:
        phases = apart @ _WAVES.T
        return np.concatenate([np.sin(phases), np.cos(phases)], axis=1)
    powers = np.ones((4, 2, len(apart)))
    np.multiply.accumulate(np.broadcast_to(apart.T, (3, 2, len(apart))), axis=0, out=powers[1:])
    return np.asarray((powers[_ACROSS, 0] * powers[_DOWN, 1]).T)


def _slopes(waves: bool) -> NDArray[np.float64]:
    """(2, 49, terms): how each term grows across and down at 49 points of the box."""
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 7), np.linspace(-1, 1, 7)), axis=-1).reshape(-1, 2)
    step = 1e-4
    return np.stack([(_terms(grid + aside, waves) - _terms(grid, waves)) / step for aside in step * np.eye(2)])


_SLOPES = {waves: _slopes(waves) for waves in (False, True)}
