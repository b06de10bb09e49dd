"""Fitting a plane transform to pairs of points of which some are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ocrpipe.compiled import compiled
from ocrpipe.fields.sheet import Sheet
from ocrpipe.geometry import Transform, apply

STRETCH = 0.003
"""How unlike in x and y, or how oblique, scanners make a page (one standard deviation)."""


_SETTLED = 1e-3
"""A fit whose weights change by less is done."""
TRIALS = 48
"""Enough for 999 in 1,000 where 4 pairs in 10 are right, and a page whose print agrees less is another form."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A template laid on a page."""

    sheet: Sheet
    to_upright: Transform
    """Template pixels → upright pixels."""
    evidence: float
    residual_px: float | None
    """Root mean square, in page pixels, over all confirmed print, also what the fit set aside."""
    found: int
    sought: int
    """Spots of print, or marks."""


def scale_of(transform: Transform) -> float:
    """How many pixels a pixel becomes along a side. Of a fit it is measured; a page's stated dpi may be wrong."""
    return float(np.sqrt(abs(np.linalg.det(transform[:2, :2]))))


def evidence_of(found: float, sought: float) -> float:
    """The share found, less where few were sought: two marks in place prove less than eighty patches."""
    return found / (sought + 2)


def consensus(source: NDArray[np.float64], target: NDArray[np.float64], tolerance: float) -> NDArray[np.bool_] | None:
    """Which pairs agree with one similarity to within `tolerance`: (N,) bool, or None for too few.

    Random sample consensus (Fischler and Bolles, 1981), seeded: the same pairs give the same answer.
    A similarity takes two pairs a sample, so that it stands two wrong pairs in three; points are complex numbers, of
    which it is a factor and a shift, and all samples are tried at once.
    """
    if len(source) < 3:
        return None
    before, after = (points[:, 0] + 1j * points[:, 1] for points in (source, target))
    first, second = _samples(len(source))
    apart = before[second] - before[first]
    factor = (after[second] - after[first]) / np.where(apart == 0, 1, apart)
    off = np.abs(factor[:, None] * (before - before[first][:, None]) + after[first][:, None] - after)
    agreed = (off < tolerance) & (apart != 0)[:, None]
    best = agreed[np.lexsort((np.where(agreed, off, 0).sum(axis=1), -agreed.sum(axis=1)))[0]]
    return best if best.sum() >= 3 else None


@lru_cache(maxsize=256)
def _samples(count: int) -> NDArray[np.int_]:
    """(2, TRIALS): two different ones of `count` pairs for every trial."""
    return np.random.default_rng(0).permuted(np.tile(np.arange(count), (TRIALS, 1)), axis=1)[:, :2].T


def affine(source: NDArray[np.float64], target: NDArray[np.float64], noise: float) -> Transform:
    """The likeliest affine, robust to strays: source (N, 2) → target (N, 2), N ≥ 2.

    Least squares with Cauchy weights of scale `noise` (target units), and with the two parameters
    by which an affine differs from a similarity drawn to 0 by their spread `STRETCH`: many spread
    points decide them, a few in one corner cannot tilt the rest of the page.
    """
    centre = source.mean(axis=0)
    x, y = (source - centre).T
    zero, one = np.zeros_like(x), np.ones_like(x)
    # unknowns: shift x, shift y, scale, turn, stretch, shear
    design = np.concatenate(
        [
            np.stack([one, zero, x, -y, x, y], axis=1),
            np.stack([zero, one, y, x, -y, x], axis=1),
        ]
    )
    wanted = target.T.ravel()
    size = float(np.hypot(*np.ptp(target, axis=0)) / max(1e-9, np.hypot(*np.ptp(source, axis=0)))) or 1.0
    prior = np.array([0, 0, 0, 0, 1, 1]) * (noise / (STRETCH * size)) ** 2
    table = np.empty((6, 7))
    _solve(design, wanted, prior, noise, np.ones(len(source)), table)
    dx, dy, scale, turn, stretch, shear = table[:, 6]
    linear = np.array([(scale + stretch, shear - turn), (turn + shear, scale - stretch)])
    transform = np.eye(3)
    transform[:2, :2] = linear
    transform[:2, 2] = np.array((dx, dy)) - linear @ centre
    return transform


@compiled
def _solve(
    design: NDArray[np.float64],
    wanted: NDArray[np.float64],
    prior: NDArray[np.float64],
    noise: float,
    weights: NDArray[np.float64],
    table: NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    """Writes the answer to the last column of `table`, (6, 7): normal equations of the points under their `weights`,
    solved again and again until the weights settle."""
    points = len(weights)
    for _ in range(12):
        for i in range(6):
            for j in range(7):
                table[i, j] = prior[i] if i == j else 0.0
        for row in range(2 * points):
            for i in range(6):
                share = weights[row % points] * design[row, i]
                for j in range(6):
                    table[i, j] += share * design[row, j]
                table[i, 6] += share * wanted[row]
        for i in range(6):
            pivot = table[i, i] if table[i, i] > 0 else np.inf  # nothing tells this unknown: it stays 0
            for j in range(7):
                table[i, j] /= pivot
            for k in range(6):
                share = table[k, i] if k != i else 0.0
                for j in range(7):
                    table[k, j] -= share * table[i, j]
        change = 0.0
        for point in range(points):
            across, down = -wanted[point], -wanted[points + point]
            for i in range(6):
                across += design[point, i] * table[i, 6]
                down += design[points + point, i] * table[i, 6]
            weight = 1 / (1 + (across * across + down * down) / (noise * noise))
            change = max(change, abs(weight - weights[point]))
            weights[point] = weight
        if change < _SETTLED:
            break


def distances(transform: Transform, source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) how far each source point falls from its target."""
    return np.asarray(np.hypot(*(apply(transform, source) - target).T))
