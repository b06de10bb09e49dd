"""Confidence from samples: the regression is calibrated, promises hold, and the card gives back what was fitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.reading.decide import FEATURE_NAMES, Calibration, Profile, fewest
from ocrpipe.training.calibrate import Sample, as_card, fit, thresholds
from ocrpipe.training.recalibrate import LARGE, Readings, confidences, log_loss, parts, refit

Floats = NDArray[np.float64]


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


@pytest.mark.parametrize("max_error", [0.01, 0.05])
@pytest.mark.parametrize("fields", [60, 100, 250, 600, 1_300, 4_000, 8_000])
@pytest.mark.parametrize(
    "risk",
    [
        lambda accepted, promise: np.full(len(accepted), 1.02 * promise),
        lambda accepted, promise: promise * (0.4 + 1.2 * accepted),
        lambda accepted, promise: promise * np.where(accepted < 0.3, 0.2, 1.4),
    ],
    ids=["broken everywhere", "broken from half on", "broken from a third on"],
)
def test_few_samples_of_any_size_break_their_promise(
    fields: int, max_error: float, risk: Callable[[Floats, float], Floats]
) -> None:
    """At most one of twenty: who accepts (1 … n of) the surest has a true risk that is known here, and each
    sample draws its errors anew."""
    rng = np.random.default_rng(fields)
    accepted = np.arange(1, fields + 1)
    true_risk = risk(accepted / fields, max_error)
    chance = np.clip(np.diff(true_risk * accepted, prepend=0.0), 0, 1)
    true_risk = np.cumsum(chance) / accepted
    levels = thresholds(np.linspace(1, 0.5, fields), np.ones(fields, np.bool_))
    broken, draws = 0, 1_500 if fields < 1_000 else 600
    for wrong in np.cumsum(rng.random((draws, fields)) < chance, axis=1):
        grid = tuple((level, n, int(wrong[n - 1])) for level, n, _ in levels)
        carried = Profile((), 0.0, fields, grid).carried(max_error)
        broken += carried is not None and bool(true_risk[carried[1] - 1] > max_error)
    assert broken / draws <= 0.05 + 3 * (0.05 * 0.95 / draws) ** 0.5


@pytest.mark.parametrize("max_error", [0.002, 0.01, 0.05, 0.2])
def test_the_fewest_fields_that_carry_a_promise_do(max_error: float) -> None:
    fields = fewest(max_error)
    for count, carries in ((fields, True), (fields - 1, False)):
        grid = thresholds(np.linspace(1, 0.5, count), np.ones(count, np.bool_))
        assert (Profile((), 0.0, count, grid).carried(max_error) is not None) == carries


BEFORE = Profile((1.0, *(0.0,) * (len(FEATURE_NAMES) - 1)), 0.0, 3_000, ((0.9, 2_000, 5),))
"""Confidence is the logistic of the first feature."""


def own(count: int, seed: int, *, temperature: float = 0.5, bias: float = 1.5, of_second: float = 0.0) -> Readings:
    """Of scans, five fields a file, on which the model of `BEFORE` is not calibrated."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 3, (count, len(FEATURE_NAMES)))
    logit = temperature * features[:, 0] + bias + of_second * features[:, 1]
    right = rng.random(count) < 1 / (1 + np.exp(-logit))
    return Readings(features, right, tuple(f"file {seed} {i // 5}" for i in range(count)))


def test_files_are_parted_whole_and_evenly() -> None:
    files = tuple(f"{i % 37}" for i in range(400))
    for count in (2, 5):
        parted = parts(files, count)
        assert all(len(set(parted[[f == file for f in files]])) == 1 for file in set(files))
        sizes = Counter(parted.tolist())
        assert len(sizes) == count and max(sizes.values()) - min(sizes.values()) <= 400 / 37 + 1
    assert (parts(files, 2) == parts(files, 2)).all()


def test_a_small_sample_learns_the_scale_and_keeps_the_order() -> None:
    readings = own(600, 0)
    one = refit(readings, BEFORE)
    assert one is not None and one.behind.all() and 0 < one.held.sum() < 600
    assert one.profile.fields == 600 == one.profile.grid[-1][1]
    test = own(4_000, 1)
    old, new = confidences(BEFORE, test.features), confidences(one.profile, test.features)
    assert (np.diff(new[np.argsort(old)]) >= 0).all()
    assert log_loss(new, test.right) < log_loss(old, test.right) - 0.02
    assert one.profile.weights[0] == pytest.approx(0.5, abs=0.15) and one.profile.bias == pytest.approx(1.5, abs=0.4)


@pytest.mark.parametrize("error", [0.0, 1.0])
def test_a_sample_of_one_kind_moves_the_scale_within_reason(error: float) -> None:
    readings = own(40, 0)
    readings = Readings(readings.features, np.full(40, error == 0.0), readings.files)
    one = refit(readings, BEFORE)
    assert one is not None and one.profile.weights[0] > 0
    at_zero = one.profile.confidence((0.0,) * len(FEATURE_NAMES))
    assert at_zero > 0.8 if error == 0.0 else at_zero < 0.2


def test_a_large_sample_learns_weights_of_its_own_from_half_of_the_files() -> None:
    readings = own(LARGE, 2, of_second=0.8)
    one = refit(readings, BEFORE)
    assert one is not None and (one.behind == one.held).all() and one.profile.fields == one.behind.sum()
    behind = {file for file, is_behind in zip(readings.files, one.behind, strict=True) if is_behind}
    assert 0.4 < len(behind) / len(set(readings.files)) < 0.6
    assert not behind & {file for file, is_behind in zip(readings.files, one.behind, strict=True) if not is_behind}
    assert one.profile.weights[1] == pytest.approx(0.8, abs=0.2)


def test_a_large_sample_in_which_nothing_else_tells_stays_near_the_model() -> None:
    one = refit(own(LARGE, 3), BEFORE)
    assert one is not None
    assert np.abs(one.profile.weights[1:]).max() < 0.08


def test_fields_of_one_file_keep_the_confidence_and_set_thresholds() -> None:
    readings = own(300, 4)
    one = refit(Readings(readings.features, readings.right, ("all",) * 300), BEFORE)
    assert one is not None and (one.profile.weights, one.profile.bias) == (BEFORE.weights, BEFORE.bias)
    assert one.behind.all() and one.profile.fields == 300


def test_a_kind_that_the_model_does_not_know_is_fitted_from_nothing() -> None:
    readings = own(600, 5)
    one = refit(readings, None)
    assert one is not None and not one.behind.all() and one.profile.weights[0] > 0.2
    assert refit(Readings(readings.features, readings.right, ("all",) * 600), None) is None


@pytest.mark.parametrize(("fields", "max_error"), [(120, 0.05), (500, 0.02)])
def test_the_promise_of_a_small_own_sample_holds(fields: int, max_error: float) -> None:
    """From the scans to the promise, nine of ten and more, where 95 of 100 are promised."""
    test = own(40_000, 10_000, temperature=1.0, bias=3.5)
    kept, carried = 0, 0
    for seed in range(100):
        one = refit(own(fields, seed, temperature=1.0, bias=3.5), BEFORE)
        assert one is not None
        threshold = one.profile.threshold(max_error)
        if threshold is not None:
            logit = test.features @ np.array(one.profile.weights) + one.profile.bias
            accepted = 1 / (1 + np.exp(-logit)) >= threshold
            carried += 1
            kept += (~test.right[accepted]).mean() <= max_error
    assert carried > 20 and carried - kept <= 10
