"""The drift watch is silent over fields like the calibration sample, and hears those that are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.operation.drift import LEAST_SHEETS, Drift, Watch
from ocrpipe.reading.decide import FEATURE_NAMES, Calibration, Profile, Rates
from ocrpipe.reading.micr_model import load_micr_card
from ocrpipe.reading.model import load_card
from ocrpipe.records import FieldSpec
from ocrpipe.rows import Context, Decision, Reading, Row
from ocrpipe.training.calibrate import thresholds

Floats = NDArray[np.float64]
AMOUNT = FieldSpec("amount", "amount")
ONE_LOGIT = (1.0, *(0.0,) * (len(FEATURE_NAMES) - 1))
NONE = Calibration("none", {})


def confidence(logits: Floats) -> Floats:
    return 1 / (1 + np.exp(-logits))


def calibration(logits: Floats, rates: dict[str, Rates] | None = None) -> Calibration:
    """Of amounts, by a sample with these logits."""
    confidences = confidence(logits)
    right = np.random.default_rng(1).random(len(logits)) < confidences
    profile = Profile(ONE_LOGIT, 0.0, len(logits), thresholds(confidences, right))
    return Calibration("own scans", {"amount": profile}, {}, rates or {})


def row(sheet: int, logit: float, value: str | None = "1.00", name: str = "amount") -> Row:
    reading = Reading(value, "", (), (), (logit, *(0.0,) * (len(FEATURE_NAMES) - 1)))
    decision = Decision("accepted", None, None, value, 0.5, 0.5)
    return Row(Context(f"{sheet}.png", "", 0), replace(AMOUNT, name=name), decision, reading)


def drift_of(card: Calibration, logits: Floats, per_sheet: int = 1, max_error: float = 0.05) -> Drift:
    watch = Watch(card, NONE, max_error)
    for sheet, some in enumerate(logits.reshape(-1, per_sheet)):
        watch.add([row(sheet, float(logit), name=f"amount{i}") for i, logit in enumerate(some)])
    return watch.drift()


@pytest.mark.parametrize("sheets", [40, 400])
def test_runs_like_the_sample_do_not_warn(sheets: int) -> None:
    rng = np.random.default_rng(0)
    warned = 0
    for _ in range(60):
        drift = drift_of(calibration(rng.normal(3, 2, 800)), rng.normal(3, 2, sheets))
        warned += bool(drift.warnings or drift.notes)
    assert warned <= 1  # of 60, where one in a hundred is allowed


def test_fields_of_one_hand_are_not_counted_one_by_one() -> None:
    rng = np.random.default_rng(0)

    def by_hands(hands: int) -> Floats:
        return np.asarray(np.repeat(rng.normal(3, 2, hands), 10) + rng.normal(0, 0.1, hands * 10))

    warned = sum(bool(drift_of(calibration(by_hands(80)), by_hands(60), per_sheet=10).warnings) for _ in range(40))
    assert warned <= 1


def test_a_run_that_is_less_sure_warns_and_says_by_how_much() -> None:
    rng = np.random.default_rng(0)
    drift = drift_of(calibration(rng.normal(3, 2, 800)), rng.normal(1, 2, 200))
    assert {one.measure for one in drift.warnings} == {"less_sure", "accepted"} and not drift.notes
    assert all(one.seen < one.expected - 0.1 for one in drift.warnings)
    words = next(one.words for one in drift.warnings if one.measure == "accepted")
    assert words.startswith("amount: ") and "of 200 fields reach the threshold" in words and "own scans" in words


def test_a_run_that_is_surer_is_told_and_does_not_warn() -> None:
    rng = np.random.default_rng(0)
    drift = drift_of(calibration(rng.normal(1, 2, 800)), rng.normal(3, 2, 200))
    assert "surer" in {one.measure for one in drift.notes} and not drift.warnings


def test_large_runs_do_not_cry_wolf_over_small_differences() -> None:
    rng = np.random.default_rng(0)
    drift = drift_of(calibration(rng.normal(3, 2, 20_000)), rng.normal(2.8, 2, 20_000))
    less_sure = next(one for one in drift.compared if one.measure == "less_sure")
    assert less_sure.chance < 1e-6 and less_sure.distance < 0.1 and not drift.warnings


def test_few_sheets_say_nothing() -> None:
    rng = np.random.default_rng(0)
    assert drift_of(calibration(rng.normal(3, 2, 800)), rng.normal(-5, 1, LEAST_SHEETS - 1)) == Drift()


def blanks_of(card: Calibration, blank: int, unread: int, fields: int) -> Drift:
    watch = Watch(card, NONE, 0.05)
    values = [""] * blank + [None] * unread + ["1.00"] * (fields - blank - unread)
    for sheet, value in enumerate(values):
        watch.add([row(sheet, 3.0, value)])
    return watch.drift()


@pytest.mark.parametrize(
    ("blank", "unread", "warned"), [(20, 4, set()), (80, 4, {"blank"}), (0, 60, {"blank", "no_reading"})]
)
def test_blank_and_illegible_fields_are_held_against_the_card(blank: int, unread: int, warned: set[str]) -> None:
    card = calibration(np.full(800, 3.0), {"amount": Rates(800, 120, 16)})
    assert {one.measure for one in blanks_of(card, blank, unread, 200).warnings} == warned


def test_a_card_that_states_no_rates_is_held_against_none() -> None:
    compared = blanks_of(calibration(np.full(800, 5.0)), 100, 0, 200).compared
    assert {one.measure for one in compared} == {"less_sure", "surer", "accepted"}


def test_agreement_with_the_micr_line_raises_no_confidence_here() -> None:
    rng = np.random.default_rng(0)
    watch = Watch(calibration(rng.normal(3, 2, 800)), NONE, 0.05)
    for sheet, logit in enumerate(rng.normal(3, 2, 200)):
        one = row(sheet, float(logit))
        watch.add([replace(one, decision=replace(one.decision, confidence=0.9999, threshold=None))])
    assert not watch.drift().notes


def test_what_no_threshold_decides_is_left_out() -> None:
    card = calibration(np.random.default_rng(0).normal(3, 2, 800))
    watch = Watch(card, NONE, 0.05)
    for sheet in range(100):
        out_of_range = row(sheet, -5.0)
        watch.add([replace(out_of_range, decision=replace(out_of_range.decision, reason="out_of_range"))])
        watch.add([Row(out_of_range.context, AMOUNT, Decision("failed", "not_found", None, None, None, None))])
    assert watch.drift() == Drift()


@pytest.mark.parametrize("name", ["amount, two readers, located", "blank, two readers", "date in cells, two readers"])
def test_the_sample_of_a_shipped_card_has_not_left_itself(name: str) -> None:
    """Also where so many confidences of a sample are one and the same, as of blank fields."""
    card, micr = load_card("lenet5").calibration, load_micr_card().calibration
    profile = card.profiles[name]
    levels, counts = [level for level, _, _ in profile.grid], [accepted for _, accepted, _ in profile.grid]
    rng = np.random.default_rng(0)
    spec = replace(AMOUNT, kind="date", cells=8) if "date" in name else AMOUNT
    value = "" if "blank" in name else "1.00"
    watch = Watch(card, micr, 0.05)
    for sheet, rank in enumerate(rng.integers(0, profile.fields, 300)):
        level = levels[int(np.searchsorted(counts, rank, side="right"))] * (1 - 1e-12)  # of another processor
        wanted = np.log(level) - np.log1p(-level) - profile.bias
        features = np.zeros(len(profile.weights))
        features[int(np.argmax(np.abs(profile.weights)))] = wanted / max(profile.weights, key=abs)
        reading = Reading(value, "", (), (), tuple(features.tolist()), second=True, located="located" in name)
        decision = Decision("accepted", None, None, value, level, 0.5)
        watch.add([Row(Context(f"{sheet}", "", 0), spec, decision, reading)])
    drift = watch.drift()
    assert drift.compared and not drift.warnings and not drift.notes
