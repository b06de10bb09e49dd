from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from ocrpipe.evaluation.numbers import (
    aurc,
    clopper_pearson,
    coverage_at,
    edit_distance,
    equal_mass_bins,
    expected_calibration_error,
    risk_coverage,
)

FIELDS = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.5, 0.9, -math.inf]), st.booleans()), min_size=1, max_size=6)


def arrays(fields: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([c for c, _ in fields]), np.array([r for _, r in fields], bool)


@pytest.mark.parametrize(("errors", "trials"), [(0, 30), (1, 30), (7, 30), (30, 30), (2, 540)])
def test_clopper_pearson_inverts_the_binomial(errors: int, trials: int) -> None:
    low, high = clopper_pearson(errors, trials)
    assert low <= errors / trials <= high
    if errors:
        assert binom.sf(errors - 1, trials, low) == pytest.approx(0.025)
    if errors < trials:
        assert binom.cdf(errors, trials, high) == pytest.approx(0.025)


def test_clopper_pearson_by_hand() -> None:
    low, high = clopper_pearson(0, 300)
    assert low == 0.0 and high == pytest.approx(1 - 0.025 ** (1 / 300))


@given(st.text("0123", max_size=5), st.text("0123", max_size=5))
def test_edit_distance_is_the_recursion(a: str, b: str) -> None:
    def distance(a: str, b: str) -> int:
        if not a or not b:
            return len(a) + len(b)
        return min(distance(a[1:], b) + 1, distance(a, b[1:]) + 1, distance(a[1:], b[1:]) + (a[0] != b[0]))

    assert edit_distance(a, b) == distance(a, b)


def test_risk_coverage_by_hand() -> None:
    curve = risk_coverage(*arrays([(0.9, True), (0.9, False), (0.5, True), (0.2, False), (-math.inf, False)]))
    assert [(p.threshold, p.coverage, p.risk) for p in curve] == [
        (0.9, 0.4, 0.5),
        (0.5, 0.6, pytest.approx(1 / 3)),
        (0.2, 0.8, 0.5),
    ]
    assert coverage_at(curve, 0.4) == 0.6
    assert coverage_at(curve, 0.01) == 0.0


@given(FIELDS)
def test_aurc_is_the_mean_over_all_orders_of_ties(fields: list[tuple[float, bool]]) -> None:
    areas = [
        sum(sum(not right for _, right in order[:k]) / k for k in range(1, len(order) + 1)) / len(order)
        for order in itertools.permutations(fields)
        if all(a[0] >= b[0] for a, b in itertools.pairwise(order))
    ]
    assert aurc(*arrays(fields)) == pytest.approx(sum(areas) / len(areas))


@given(FIELDS, st.randoms())
def test_order_never_matters(fields: list[tuple[float, bool]], random: object) -> None:
    shuffled = list(fields)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert aurc(*arrays(fields)) == aurc(*arrays(shuffled))
    assert risk_coverage(*arrays(fields)) == risk_coverage(*arrays(shuffled))
    assert equal_mass_bins(*arrays(fields), 3) == equal_mass_bins(*arrays(shuffled), 3)


def test_a_higher_threshold_never_raises_coverage() -> None:
    random = np.random.default_rng(0)
    curve = risk_coverage(random.random(50).round(1), random.random(50) < 0.8)
    assert all(a.coverage < b.coverage and a.threshold > b.threshold for a, b in itertools.pairwise(curve))


def test_calibration_error_by_hand() -> None:
    bins = equal_mass_bins(*arrays([(0.9, True), (0.8, True), (0.3, False), (0.2, True)]), bins=2)
    assert [(b.confidence, b.accuracy, b.count) for b in bins] == [
        (pytest.approx(0.25), 0.5, 2),
        (pytest.approx(0.85), 1.0, 2),
    ]
    assert expected_calibration_error(bins) == pytest.approx((2 * 0.25 + 2 * 0.15) / 4)


def test_fifteen_bins_of_equal_mass() -> None:
    random = np.random.default_rng(1)
    confidence = random.random(1000)
    bins = equal_mass_bins(confidence, random.random(1000) < confidence)
    assert len(bins) == 15 and {b.count for b in bins} <= {66, 67}
    assert sum(b.count for b in bins) == 1000
    assert (expected_calibration_error(bins) or 1) < 0.06


def test_nothing_has_no_numbers() -> None:
    nothing = np.empty(0), np.empty(0, bool)
    assert aurc(*nothing) is None and risk_coverage(*nothing) == []
    assert expected_calibration_error(equal_mass_bins(*nothing)) is None
