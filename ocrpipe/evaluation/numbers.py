"""The arithmetic of evaluation: nothing here knows of fields or files.

`confidence` is the calibrated probability of being right, -inf where nothing was read; `right` says
whether it was. Orders of equal confidence never matter: every number is a mean over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Accepting all with at least `threshold`: the share accepted, and the share of those that is wrong."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Fields of neighbouring confidence: how sure the machine was, and how often it was right."""

    confidence: float
    accuracy: float
    count: int


def clopper_pearson(errors: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """The exact two-sided interval of a share.

    C. J. Clopper, E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of
    the binomial, Biometrika 26 (1934), doi:10.1093/biomet/26.4.404.

    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 4)  # 1 - 0.025 ** (1 / 10)
    (0.0, 0.3085)
    >>> clopper_pearson(0, 0)
    (0.0, 1.0)
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(errors, trials - errors + 1, tail)) if errors else 0.0
    high = float(betaincinv(errors + 1, trials - errors, 1 - tail)) if errors < trials else 1.0
    return low, high


def edit_distance(a: str, b: str) -> int:
    """Fewest insertions, deletions and replacements that turn `a` into `b` (Levenshtein).

    >>> edit_distance("02139", "2139"), edit_distance("17", "71"), edit_distance("", "123")
    (1, 2, 3)
    """
    row = list(range(len(b) + 1))
    for i, of_a in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, of_b in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (of_a != of_b))
    return row[-1]


def _by_confidence(confidence: Floats, right: NDArray[np.bool_]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Distinct confidences, highest first, with the share right and the number of fields at each."""
    values, place, counts = np.unique(-confidence, return_inverse=True, return_counts=True)
    shares = np.bincount(place, weights=right.astype(float), minlength=len(values)) / counts
    return -values, shares, counts.astype(np.int64)


def risk_coverage(confidence: Floats, right: NDArray[np.bool_]) -> list[CurvePoint]:
    """One point for each distinct confidence, from the strictest threshold down; -inf is never accepted."""
    values, shares, counts = _by_confidence(confidence, right)
    accepted = np.cumsum(counts)
    wrong = np.cumsum((1 - shares) * counts)
    return [
        CurvePoint(float(value), float(n / len(confidence)), float(w / n))
        for value, n, w in zip(values, accepted, wrong, strict=True)
        if np.isfinite(value)
    ]


def aurc(confidence: Floats, right: NDArray[np.bool_]) -> float | None:
    """Area under the risk-coverage curve: the mean over k of the risk of the k surest fields.

    Equal confidences count as if in every order at once. Y. Geifman, G. Uziel, R. El-Yaniv,
    Bias-reduced uncertainty estimation for deep neural classifiers, ICLR 2019, arXiv:1805.08206.

    >>> aurc(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True]))  # (0 + 0 + 1/3 + 1/4) / 4
    0.14583333333333331
    """
    if not len(confidence):
        return None
    _, shares, counts = _by_confidence(confidence, right)
    wrong = np.cumsum(np.repeat(1 - shares, counts))
    return float(np.mean(wrong / np.arange(1, len(wrong) + 1)))


def coverage_at(curve: Sequence[CurvePoint], risk: float) -> float:
    """The largest coverage whose risk is at most `risk`; 0 where there is none."""
    return max((point.coverage for point in curve if point.risk <= risk), default=0.0)


def equal_mass_bins(confidence: Floats, right: NDArray[np.bool_], bins: int = 15) -> list[Bin]:
    """Bins of (nearly) as many fields each, from the least sure up; fewer where there are fewer fields."""
    values, shares, counts = _by_confidence(confidence, right)
    sure = np.repeat(values, counts)[::-1]
    hit = np.repeat(shares, counts)[::-1]
    parts = min(bins, len(sure))
    if not parts:
        return []
    return [
        Bin(float(c.mean()), float(h.mean()), len(c))
        for c, h in zip(np.array_split(sure, parts), np.array_split(hit, parts), strict=True)
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """Mean distance between confidence and accuracy, each bin by its weight.

    M. P. Naeini, G. F. Cooper, M. Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning, AAAI 2015.
    """
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in bins) / total if total else None
