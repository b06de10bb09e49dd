"""Lines of E-13B among boxes of ink."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.e13b import HEIGHT_IN, PITCH_IN, combs

Boxes = NDArray[np.float64]


def line(count: int, y: float = 2.5, slope: float = 0.0, size: float = 1.0, seed: int = 0) -> Boxes:
    """Boxes of characters of several widths whose right edges keep the pitch."""
    rng = np.random.default_rng(seed)
    right = 1.0 + PITCH_IN * size * np.arange(count)
    left = right - rng.choice((0.052, 0.065, 0.078, 0.091), count) * size
    middle = y + slope * right
    half = HEIGHT_IN * size / 2
    return np.column_stack((left, middle - half, right, middle + half))


def words(count: int, y: float, seed: int = 1) -> Boxes:
    """Level print of the same height that keeps no pitch."""
    rng = np.random.default_rng(seed)
    left = 0.5 + np.cumsum(rng.uniform(0.08, 0.14, count))
    return np.column_stack((left, np.full(count, y), left + rng.uniform(0.03, 0.075, count), np.full(count, y + 0.117)))


def test_the_line_is_found_among_other_print() -> None:
    (comb,) = combs(np.concatenate([words(40, 1.0), line(24, slope=0.01), words(30, 2.0)]))
    assert comb.y + comb.slope * 2.0 == pytest.approx(2.52, abs=0.01)
    assert comb.slope == pytest.approx(0.01, abs=0.004)
    assert comb.pitch == pytest.approx(PITCH_IN, rel=0.01)
    assert comb.evidence > 0.9


@pytest.mark.parametrize("size", [0.92, 1.08])
def test_a_wrong_resolution_shows_in_the_pitch(size: float) -> None:
    (comb,) = combs(line(24, size=size))
    assert comb.pitch == pytest.approx(PITCH_IN * size, rel=0.01)


def test_print_that_keeps_no_pitch_is_no_line() -> None:
    assert all(comb.evidence < 0.5 for seed in range(8) for comb in combs(words(40, 1.0, seed)))


def test_a_few_parts_are_no_line() -> None:
    assert combs(line(4)) == []
    assert combs(np.zeros((0, 4))) == []
