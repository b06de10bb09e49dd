"""Smooth lines through a few points, and the numbers that make one hand write them alike each time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Line = NDArray[np.float32]
"""(N, 2): x right, y down, in units of the line's height; 0 its top, 1 its foot."""
Points = Sequence[tuple[float, float]]

HELD = 80
"""Numbers that a hand holds for one character."""
_STEPS = np.arange(6) / 6
_BASIS = 0.5 * np.stack(
    [
        -_STEPS + 2 * _STEPS**2 - _STEPS**3,
        2 - 5 * _STEPS**2 + 3 * _STEPS**3,
        _STEPS + 4 * _STEPS**2 - 3 * _STEPS**3,
        -(_STEPS**2) + _STEPS**3,
    ],
    axis=1,
)


def smooth(points: Points | NDArray[np.float64]) -> Line:
    """The Catmull-Rom spline through `points`, six steps from one to the next.

    >>> smooth([(0, 0), (1, 0)]).shape
    (7, 2)
    """
    knots = np.asarray(points, np.float64)
    padded = np.concatenate([knots[:1], knots, knots[-1:]])
    windows = np.stack([padded[i : len(padded) - 3 + i] for i in range(4)], axis=1)
    return np.concatenate([(_BASIS @ windows).reshape(-1, 2), knots[-1:]]).astype(np.float32)


def arc(centre: tuple[float, float], radii: tuple[float, float], start: float, sweep: float, steps: int = 12) -> Line:
    """Part of an ellipse from the angle `start` (0 right, a quarter turn up) on, against the clock for `sweep` > 0."""
    angles = start + np.linspace(0, sweep, max(2, int(steps * abs(sweep) / np.pi) + 1))
    points = np.stack([centre[0] + radii[0] * np.cos(angles), centre[1] - radii[1] * np.sin(angles)], axis=1)
    return points.astype(np.float32)


def joined(*lines: Line) -> Line:
    """One movement of the pen with a corner where two parts meet."""
    return np.concatenate(lines)


def curled(line: Line, radius: float, turn: float) -> Line:
    """`line` with a curl before its start, which it leaves as smoothly as it began: part of a circle, clockwise as
    seen for `turn` > 0, a little narrower where the pen lands."""
    ahead = line[_beyond(line, 0.06)] - line[0]
    ahead = ahead / max(float(np.hypot(ahead[0], ahead[1])), 1e-6)
    side = 1.0 if turn > 0 else -1.0
    angles = np.linspace(-turn, 0, 3 + int(4 * abs(turn)))[:-1]
    narrow = radius * (1 - 0.05 * np.abs(angles))
    inward = np.array((-ahead[1], ahead[0])) * side
    round_it = np.stack([narrow * np.sin(angles) * side, radius - narrow * np.cos(angles)], axis=1)
    points = line[0] + round_it @ np.stack([ahead, inward])
    return np.concatenate([points, line]).astype(np.float32)


def rounded(line: Line, reach: float) -> Line:
    """The same line with corners rounded off for about `reach` to either side."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    count = int(along[-1] / reach) + 1
    if count < 4:
        return line
    at = np.linspace(0, along[-1], 2 * count)
    even = np.stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])], axis=1)
    inner = (even[:-4] + 2 * even[1:-3] + 3 * even[2:-2] + 2 * even[3:-1] + even[4:]) / 9
    return np.concatenate([even[:2], inner, even[-2:]]).astype(np.float32)


def _beyond(line: Line, reach: float) -> int:
    """The first point of `line` that is farther than `reach` from its start."""
    far = np.hypot(*(line - line[0]).T) > reach
    return int(far.argmax()) if far.any() else len(line) - 1


def warped(lines: list[Line], k: Knobs) -> list[Line]:
    """The same lines as a hand draws them that is no compass: bent a little, all of a character alike."""
    depth, (pace, phase, other) = k(0.0, 0.035), (k(3, 7), k(0, 6), k(0, 6))
    return [line + depth * np.sin(pace * line[:, ::-1] + np.array([phase, other], np.float32)) for line in lines]


class Knobs:
    """What one hand holds about one character: the n-th number asked for is about the same each time it is written.

    Shapes ask in a fixed order, so the jitter from one occurrence to the next stays small beside the spread
    between hands.
    """

    def __init__(self, held: NDArray[np.float64], rng: Generator, jitter: float = 0.06) -> None:
        self._held = held
        self._now = np.clip(held + rng.normal(0, jitter, len(held)), 0, 1)
        self._at = 0

    def __call__(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return low + (high - low) * float(self._now[self._next(1)])

    def chance(self, share: float) -> bool:
        """True in `share` of all hands, and then each time."""
        return bool(self._held[self._next(1)] < share)

    def line(self, points: Points, spread: float = 0.035) -> Line:
        """A smooth line through `points`, each moved a little to where this hand has it."""
        at = self._next(2 * len(points))
        moved = self._now[at : at + 2 * len(points)].reshape(-1, 2) - 0.5
        return smooth(np.asarray(points) + 2 * spread * moved)

    def _next(self, count: int) -> int:
        if self._at + count > len(self._now):
            self._at = 0
        self._at += count
        return self._at - count
