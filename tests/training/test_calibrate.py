"""Confidence from samples: the regression is calibrated, and the card gives back what was fitted."""

from __future__ import annotations

import numpy as np
import pytest

from ocrpipe.reading.decide import FEATURE_NAMES, Calibration
from ocrpipe.training.calibrate import Sample, as_card, fit


def sample(count: int, seed: int, *, error: float | None = None) -> Sample:
    """Readings that are right with the logistic of their first feature."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 2, (count, len(FEATURE_NAMES)))
    chance = 1 / (1 + np.exp(-features[:, 0] - 2)) if error is None else np.full(count, 1 - error)
    return Sample(features, rng.random(count) < chance)


def test_confidence_is_the_share_of_right_readings() -> None:
    profile = fit(sample(4_000, 0), sample(4_000, 1))
    test = sample(8_000, 2)
    confidence = np.array([profile.confidence(tuple(f)) for f in test.features])
    for part in np.array_split(np.argsort(confidence), 8):
        assert confidence[part].mean() == pytest.approx(test.right[part].mean(), abs=0.05)


def test_the_grid_is_preset_by_coverage_and_counts_errors() -> None:
    second = sample(2_000, 1)
    profile = fit(sample(2_000, 0), second)
    confidences, accepted, wrong = (np.array(column) for column in zip(*profile.grid, strict=True))
    assert (np.diff(confidences) <= 0).all() and (np.diff(accepted) >= 0).all() and (np.diff(wrong) >= 0).all()
    assert accepted[-1] == 2_000 == profile.fields and wrong[-1] == (~second.right).sum()
    np.testing.assert_allclose(accepted / 2_000, np.arange(0.02, 1.005, 0.01), atol=0.001)


def test_the_promise_holds_on_new_fields() -> None:
    """In at least nine of ten calibrations, where 95 of 100 are promised."""
    kept = 0
    for seed in range(20):
        profile = fit(sample(1_500, 3 * seed), sample(1_500, 3 * seed + 1))
        threshold = profile.threshold(0.03)
        test = sample(6_000, 3 * seed + 2)
        accepted = np.array([profile.confidence(tuple(f)) for f in test.features]) >= (threshold or 2.0)
        kept += not accepted.any() or (~test.right[accepted]).mean() <= 0.03
    assert kept >= 18


@pytest.mark.parametrize("error", [0.0, 1.0])
def test_samples_of_one_kind_still_give_a_profile(error: float) -> None:
    profile = fit(sample(500, 0, error=error), sample(500, 1, error=error))
    assert profile.confidence((0.0,) * len(FEATURE_NAMES)) == pytest.approx(1 - error, abs=0.05)
    assert (profile.threshold(0.05) is None) == (error == 1.0)


def test_a_card_gives_back_what_was_fitted() -> None:
    profiles = {"zip": fit(sample(400, 0), sample(400, 1))}
    calibration = Calibration.from_card(as_card("drawn", profiles))
    assert calibration.name == "drawn" and calibration.profiles == profiles
