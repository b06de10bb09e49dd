"""Where exactly a sheet ends: the brightness is followed across each side, and a line put through where it jumps."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_STATIONS = 48
"""Places along a side at which its edge is looked for."""
_TOGETHER = 5
"""Neighbouring stations are averaged, against noise and the waves of security print."""
_REACH_PX = 7.0
_STEP_PX = 0.5
_ARM = 3
"""An edge is the difference of the brightness this many samples before and behind it."""
_STEP_SAMPLES = 4.5
"""An edge is no wider than this to either side."""
_LEAST_JUMP = 4.0
"""Gray levels."""
_LEAST_STATIONS = 6
_RIM_PX = 2.0
_LINE_PX = 0.8
"""An edge point this near to the line agrees with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Four corners, clockwise, and how clear the side after each of them is."""

    corners: NDArray[np.float64]
    clear: NDArray[np.float64]
    """(4,) share of a side's stations at which the brightness jumps on its line, 0 … 1."""
    jump: NDArray[np.float64]
    """(4,) gray levels, inside minus outside, median over the stations that agree."""
    stroke: NDArray[np.float64]
    """(4,) gray levels by which the line itself is darker than both of its sides: a printed frame, or a shadow."""


def refine(gray: NDArray[np.uint8], corners: NDArray[np.float64], seen: tuple[bool, ...]) -> Edges:
    """Moves each seen side onto its edge in `gray` (h, w) uint8; corners are in its pixels, up to 3 px off.

    All sides are sampled in one picture: (4 · stations, offsets), offsets from inside to outside.
    """
    ends = np.roll(corners, -1, axis=0)
    spans = ends - corners
    lengths = np.maximum(np.hypot(spans[:, 0], spans[:, 1]), 1e-9)
    along = spans / lengths[:, None]
    outward = np.column_stack([along[:, 1], -along[:, 0]])
    offsets = np.arange(-_REACH_PX, _REACH_PX + _STEP_PX / 2, _STEP_PX)
    first, last = _visible(corners, spans, gray.shape)
    t = first[:, None] + (last - first)[:, None] * (np.arange(_STATIONS) + 0.5) / _STATIONS
    feet = corners[:, None, :] + t[:, :, None] * spans[:, None, :]
    across = outward[:, None, :] * offsets[:, None]
    x, y = (
        (feet[:, :, None, i] + across[:, None, :, i]).astype(np.float32).reshape(4 * _STATIONS, len(offsets))
        for i in (0, 1)
    )
    sampled = cv2.remap(gray, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    sides = np.split(np.asarray(sampled, np.float32), 4)
    rows = np.stack([np.asarray(cv2.blur(side, (1, _TOGETHER)), np.float32) for side in sides])
    found = _lines(rows, t * lengths[:, None], np.array(seen) & (last > first))
    starts = corners + found.a[:, None] * outward
    stops = ends + (found.a + found.b * lengths)[:, None] * outward
    return Edges(_meetings(starts, stops), found.clear, found.jump, found.stroke)


def _meetings(starts: NDArray[np.float64], stops: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, 2): where each line meets the one before it."""
    normals = np.column_stack([starts[:, 1] - stops[:, 1], stops[:, 0] - starts[:, 0]])
    rights = (normals * starts).sum(axis=1)
    pairs = np.stack([np.roll(normals, 1, axis=0), normals], axis=1)
    return np.asarray(np.linalg.solve(pairs, np.stack([np.roll(rights, 1), rights], axis=1)[..., None])[..., 0])


def _visible(
    corners: NDArray[np.float64], spans: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each side from which to which share of its length it lies in the picture, the corners left out."""
    first, last = np.full(4, 0.03), np.full(4, 0.97)
    for axis, size in ((0, shape[1]), (1, shape[0])):
        with np.errstate(divide="ignore", invalid="ignore"):
            low = (_RIM_PX - corners[:, axis]) / spans[:, axis]
            high = (size - 1 - _RIM_PX - corners[:, axis]) / spans[:, axis]
        level = np.abs(spans[:, axis]) < 1e-6
        first = np.where(level, first, np.maximum(first, np.minimum(low, high)))
        last = np.where(level, last, np.minimum(last, np.maximum(low, high)))
    return first, last


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """One line a side: offset = a + b · place along the side; all are (4,)."""

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    clear: NDArray[np.float64]
    jump: NDArray[np.float64]
    stroke: NDArray[np.float64]


def _lines(rows: NDArray[np.float32], places: NDArray[np.float64], seen: NDArray[np.bool_]) -> _Lines:
    """Lines through the steepest spots of `rows` (4, stations, offsets).

    Four rounds, each without what lies off the line before: print that runs into the edge, dirt, a finger.
    """
    rise = np.abs(rows[:, :, 2 * _ARM :] - rows[:, :, : -2 * _ARM])
    spot = -_REACH_PX + _STEP_PX * (_steepest(rise) + _ARM)
    sharp = (rise.max(axis=2) >= _LEAST_JUMP) & seen[:, None]
    middle = _STATIONS // 2
    a, b = np.partition(spot, (middle - 1, middle), axis=1)[:, middle - 1 : middle + 1].mean(axis=1), np.zeros(4)
    reach = 3 * _LINE_PX
    for _ in range(4):
        near = sharp & (np.abs(spot - a[:, None] - b[:, None] * places) < reach)
        a, b, reach = *_regressed(near, places, spot), _LINE_PX
    near = sharp & (np.abs(spot - a[:, None] - b[:, None] * places) < reach)
    known = near.sum(axis=1) >= _LEAST_STATIONS
    weight = near / np.maximum(near.sum(axis=1), 1)[:, None]
    inside, outside = rows[:, :, :4].mean(axis=2), rows[:, :, -4:].mean(axis=2)
    darkest = rows[:, :, _ARM:-_ARM].min(axis=2)
    jump = (weight * (inside - outside)).sum(axis=1)
    stroke = (weight * (np.minimum(inside, outside) - darkest)).sum(axis=1)
    keep = known.astype(np.float64)
    return _Lines(a * keep, b * keep, near.mean(axis=1) * keep, jump * keep, stroke * keep)


def _regressed(
    near: NDArray[np.bool_], places: NDArray[np.float64], spot: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least squares of spot = a + b · place over the `near` stations of each side."""
    count = np.maximum(near.sum(axis=1), 1)
    x, y = (near * places).sum(axis=1) / count, (near * spot).sum(axis=1) / count
    gone = near * (places - x[:, None])
    spread = (gone**2).sum(axis=1)
    b = (gone * (spot - y[:, None])).sum(axis=1) / np.maximum(spread, 1e-9)
    return y - b * x, b


def _steepest(rise: NDArray[np.float32]) -> NDArray[np.float64]:
    """(4, stations): the sample at which the brightness changes most. A sharp edge is steep over some width, so its
    middle is taken: the centre of mass about the greatest."""
    samples = np.arange(rise.shape[2])
    top = rise >= 0.96 * rise.max(axis=2, keepdims=True)
    last = rise.shape[2] - 1 - top[:, :, ::-1].argmax(axis=2)
    middle = (top.argmax(axis=2) + last) / 2
    mass = rise * (np.abs(samples - middle[:, :, None]) <= _STEP_SAMPLES)
    return np.asarray((mass * samples).sum(axis=2) / np.maximum(mass.sum(axis=2), 1e-6), np.float64)


def scaled(corners: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Corners in a picture that is `factor` times as large; pixel areas grow, so centres shift by half of it."""
    return np.asarray((corners + 0.5) * factor - 0.5, np.float64)
