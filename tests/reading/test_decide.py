"""Whether to believe a reading: features, confidence, the promise about errors, statuses and reasons."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from ocrpipe.reading.decide import (
    BLANK,
    FEATURE_NAMES,
    Calibration,
    Profile,
    binomial_tail,
    decide,
    fewest,
    profile_name,
    reading_of,
)
from ocrpipe.reading.decode import Decoded, Weights, decode
from ocrpipe.reading.grammar import is_bare
from ocrpipe.records import FieldSpec
from ocrpipe.rows import Character, Reading
from tests.builders import QUAD
from tests.reading.drawn import AMOUNT, chain, lattice_of, sure_scores

ZEROS = (0.0,) * len(FEATURE_NAMES)
DIGITS = FieldSpec("account", "digits")


def profile_of(*grid: tuple[float, int, int], fields: int = 10_000) -> Profile:
    """Confidence is the logistic of the first feature alone."""
    return Profile((1.0, *ZEROS[1:]), 0.0, fields, grid)


SOUND = profile_of((0.9, 1_000, 1))
"""Carries a promise of 1 % from a confidence of 0.9 on."""
CALIBRATION = Calibration("test", dict.fromkeys(("amount", "digits", "zip", BLANK), SOUND))


def reading(value: str | None, logit: float = 5.0) -> Reading:
    characters = tuple(Character(c, 0.9, QUAD) for c in value or "")
    return Reading(value, value or "", (), characters, (logit, *ZEROS[1:]))


@given(st.integers(0, 500), st.integers(1, 1_500), st.floats(1e-4, 0.3))
def test_the_binomial_test_is_scipys(wrong: int, accepted: int, rate: float) -> None:
    wrong = min(wrong, accepted)
    assert binomial_tail(wrong, accepted, rate) == pytest.approx(binom.cdf(wrong, accepted, rate), rel=1e-6, abs=1e-12)


def test_the_binomial_test_of_a_large_sample_at_a_large_rate() -> None:
    assert binomial_tail(2_900, 3_000, 0.3) == pytest.approx(1)


@st.composite
def grids(draw: st.DrawFn) -> Profile:
    """Falling confidence, growing coverage, errors that never grow fewer."""
    accepted = wrong = 0
    confidence = 1.0
    grid = []
    for _ in range(draw(st.integers(0, 30))):
        more = draw(st.integers(0, 300))
        accepted += more
        wrong = min(accepted, wrong + draw(st.sampled_from([0, 0, 0, 1, 2, 10])))
        confidence *= draw(st.floats(0.8, 1.0))
        grid.append((confidence, accepted, wrong))
    return profile_of(*grid, fields=max(1, accepted))


@settings(max_examples=300)
@given(grids(), st.floats(0.001, 0.2))
def test_the_threshold_is_fixed_sequence_learn_then_test(profile: Profile, max_error: float) -> None:
    start = max(fewest(max_error), min(ceil(6.3 / max_error), profile.fields // 2), min(630, profile.fields // 4))
    assert profile.start(max_error) == start
    starts = [start] + [profile.fields // 4] * (profile.fields // 4 > 1.5 * start)
    levels = []
    for begin in starts:
        sequence = [entry for entry in profile.grid if entry[1] >= begin]
        passed = [binom.cdf(wrong, accepted, max_error) <= 0.05 / len(starts) for _, accepted, wrong in sequence]
        through = passed.index(False) if False in passed else len(passed)
        levels += [level for level, _, _ in sequence[:through][-1:]]
    assert profile.threshold(max_error) == min(levels, default=None)


def test_two_errors_do_not_end_the_sequence_that_begins_there() -> None:
    n = ceil(6.3 / 0.01)
    assert profile_of((0.9, n, 2), fields=2_000).threshold(0.01) == 0.9
    assert profile_of((0.9, n, 3), fields=2_000).threshold(0.01) is None


def test_a_large_sample_is_not_ended_by_its_surest_few() -> None:
    grid = (0.99, 700, 4), (0.98, 2_000, 5), (0.97, 3_000, 9)
    assert profile_of(*grid, fields=8_000).threshold(0.01) == 0.97
    assert profile_of(*grid, fields=3_000).threshold(0.01) is None


def test_after_the_first_failure_nothing_is_tested() -> None:
    grid = (0.99, 1_000, 0), (0.98, 1_100, 30), (0.97, 3_900, 20)
    assert profile_of(*grid, fields=4_000).threshold(0.01) == 0.99


@pytest.mark.parametrize("fields", [0, 1, 50, 200, 597])
def test_a_small_sample_carries_no_promise(fields: int) -> None:
    """Without a single error, 298 fields are too few for 1 %."""
    grid = [(1 - share / 100, round(fields * share / 100), 0) for share in range(2, 51)]
    assert profile_of(*grid, fields=fields).threshold(0.01) is None


@settings(max_examples=200)
@given(grids(), st.lists(st.floats(0.01, 0.2), min_size=2, max_size=6))
def test_who_allows_more_errors_accepts_no_less(profile: Profile, errors: list[float]) -> None:
    """Where the sequences begin at the same place: the grid's first entry is enough for the least error."""
    begun = tuple((confidence, accepted + 630, wrong) for confidence, accepted, wrong in profile.grid)
    thresholds = [profile_of(*begun, fields=10_000).threshold(error) for error in sorted(errors)]
    levels = [2.0 if threshold is None else threshold for threshold in thresholds]
    assert levels == sorted(levels, reverse=True)


def test_who_allows_more_errors_accepts_no_less_wherever_the_sequence_begins() -> None:
    profile = profile_of((0.9, 330, 3), (0.8, 1_000, 3))
    assert profile.threshold(0.01) == profile.threshold(0.02) == 0.8


@given(st.lists(st.floats(-12, 12), min_size=1, max_size=30), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_a_higher_threshold_never_raises_coverage(logits: list[float], one: float, other: float) -> None:
    def accepted(level: float) -> set[int]:
        calibration = Calibration("test", {"amount": profile_of((level, 1_000, 0))})
        decisions = [decide(AMOUNT, reading("12.00", logit), calibration, 0.01) for logit in logits]
        return {i for i, decision in enumerate(decisions) if decision.status == "accepted"}

    assert accepted(max(one, other)) <= accepted(min(one, other))


@given(st.lists(st.floats(-1e3, 1e3), min_size=7, max_size=7), st.lists(st.floats(-50, 50), min_size=7, max_size=7))
def test_confidence_is_a_probability(weights: list[float], features: list[float]) -> None:
    assert 0 <= Profile(tuple(weights), 0.0, 1, ()).confidence(tuple(features)) <= 1


@pytest.mark.parametrize(
    ("spec", "value", "logit", "status", "reason"),
    [
        (AMOUNT, "12.00", 5.0, "accepted", None),
        (AMOUNT, "12.00", 1.0, "review", "low_confidence"),
        (AMOUNT, "", 5.0, "blank", None),
        (AMOUNT, "", 1.0, "review", "blank_unsure"),
        (replace(AMOUNT, required=True), "", 5.0, "review", "blank_required"),
        (replace(AMOUNT, required=True), "", 1.0, "review", "blank_required"),
        (AMOUNT, None, 5.0, "review", "no_reading"),
        (replace(AMOUNT, minimum=Decimal(20)), "12.00", 5.0, "review", "out_of_range"),
        (replace(AMOUNT, minimum=Decimal("12.00")), "12.00", 5.0, "accepted", None),
        (replace(AMOUNT, maximum=Decimal("11.99")), "12.00", 5.0, "review", "out_of_range"),
        (replace(AMOUNT, maximum=Decimal(12)), "12.00", 5.0, "accepted", None),
        (replace(DIGITS, minimum=Decimal(100)), "0099", 5.0, "review", "out_of_range"),
        (replace(AMOUNT, minimum=Decimal(20)), "", 5.0, "blank", None),
        (replace(DIGITS, checksum="aba"), "021000021", 5.0, "accepted", None),
        (replace(DIGITS, checksum="aba"), "021000022", 5.0, "review", "checksum"),
        (replace(DIGITS, checksum="aba"), "02100002", 5.0, "review", "checksum"),
        (replace(DIGITS, checksum="luhn"), "79927398713", 5.0, "accepted", None),
        (replace(DIGITS, checksum="luhn"), "79927398710", 5.0, "review", "checksum"),
        (replace(DIGITS, checksum="luhn"), "", 5.0, "blank", None),
        (FieldSpec("day", "date"), "2024-01-01", 5.0, "review", "uncalibrated"),
        (replace(AMOUNT, cells=6), "12.00", 5.0, "review", "uncalibrated"),
    ],
)
def test_statuses_and_reasons(spec: FieldSpec, value: str | None, logit: float, status: str, reason: str) -> None:
    decision = decide(spec, reading(value, logit), CALIBRATION, 0.01)
    assert (decision.status, decision.reason) == (status, reason)
    assert decision.value == (value or None)
    if status in ("accepted", "blank"):
        assert decision.threshold is not None and decision.confidence is not None
        assert decision.confidence >= decision.threshold
    if decision.reason in ("no_reading", "out_of_range", "checksum", "blank_required", "uncalibrated"):
        assert decision.detail


@given(st.text("0123456789", min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 9))
def test_a_checksum_notices_any_single_wrong_digit(figures: str, place: int, shift: int) -> None:
    wrong = figures[:place] + str((int(figures[place]) + shift) % 10) + figures[place + 1 :]
    for checksum in ("aba", "luhn"):
        spec = replace(DIGITS, checksum=checksum)  # type: ignore[arg-type]
        reasons = {decide(spec, reading(value), CALIBRATION, 0.01).reason for value in (figures, wrong)}
        assert "checksum" in reasons


def test_fields_in_cells_are_calibrated_apart() -> None:
    cells = replace(AMOUNT, cells=7)
    names = {profile_name(spec, second) for spec, second in ((AMOUNT, False), (AMOUNT, True), (cells, False))}
    assert names == {"amount", "amount, two readers", "amount in cells"}
    assert profile_name(None, second=False) == BLANK != profile_name(None, second=True)


def test_a_reading_carries_its_runners_up_and_features() -> None:
    lattice = chain(AMOUNT, "12.50")
    scores = sure_scores("12.50", sure=0.8)
    decoded = decode(lattice, scores, Weights(1.0, 1.0))
    result = reading_of(lattice, decoded)
    assert (result.value, result.text) == ("12.50", "12.50")
    assert len(result.features) == len(FEATURE_NAMES)
    assert 0 < len(result.alternatives) <= 5 and "12.50" not in dict(result.alternatives)
    assert dict(zip(FEATURE_NAMES, result.features, strict=True))["length"] == 5


def test_surer_scores_make_surer_features() -> None:
    def features(sure: float) -> dict[str, float]:
        lattice = chain(AMOUNT, "12.50")
        result = reading_of(lattice, decode(lattice, sure_scores("12.50", sure=sure), Weights(1.0, 1.0)))
        return dict(zip(FEATURE_NAMES, result.features, strict=True))

    low, high = features(0.5), features(0.99)
    assert all(low[name] < high[name] for name in ("posterior", "margin", "weakest", "mean"))


def test_nothing_read_has_neutral_features() -> None:
    result = reading_of(lattice_of(AMOUNT, 2, []), Decoded((), "", (), 0.0))
    assert result.value is None and result.features == ZEROS


def test_a_card_gives_its_profiles_back() -> None:
    entry = {"weights": [1.0] * 7, "bias": -2.0, "fields": 300, "grid": [[0.9, 20, 0], [0.8, 40, 1]]}
    calibration = Calibration.from_card({"name": "drawn", "features": list(FEATURE_NAMES), "profiles": {"zip": entry}})
    assert calibration.name == "drawn"
    assert calibration.profile("zip") == Profile((1.0,) * 7, -2.0, 300, ((0.9, 20, 0), (0.8, 40, 1)))
    assert calibration.profile("date").threshold(0.5) is None


def test_a_calibration_on_other_features_is_refused() -> None:
    with pytest.raises(ValueError, match="calibrate it again"):
        Calibration.from_card({"name": "old", "features": ["posterior"], "profiles": {}})


def test_an_amount_without_hundredths_or_closing_stroke_is_bare() -> None:
    assert is_bare("1,234") and is_bare("**1234**") and is_bare("$12")
    assert not any(is_bare(text) for text in ("12.34", "1,234-56", "12 34/100", "1234/-", "5.000.-", "##/100"))


def test_located_fields_are_calibrated_apart_where_the_card_does() -> None:
    strict = profile_of((0.999, 1_000, 0))
    name = profile_name(AMOUNT, second=False, located=True)
    apart = Calibration("test", CALIBRATION.profiles | {name: strict})
    given_place, located = reading("12.50"), replace(reading("12.50"), located=True)
    assert decide(AMOUNT, given_place, apart, 0.01).status == "accepted"
    assert decide(AMOUNT, located, apart, 0.01).reason == "low_confidence"
    assert decide(AMOUNT, located, CALIBRATION, 0.01).status == "accepted", "a card without them: as if it were given"


def test_a_located_field_without_writing_is_no_blank_one() -> None:
    decision = decide(AMOUNT, replace(reading(""), located=True), CALIBRATION, 0.01)
    assert (decision.status, decision.reason) == ("review", "blank_unsure")
    assert decide(AMOUNT, reading(""), CALIBRATION, 0.01).status == "blank"


def test_evidence_for_the_place_is_a_feature_of_located_fields_alone() -> None:
    lattice = chain(AMOUNT, "12.50")
    decoded = decode(lattice, sure_scores("12.50", sure=0.8), Weights(1.0, 1.0))
    place = FEATURE_NAMES.index("place")
    found = [reading_of(lattice, decoded, evidence) for evidence in (None, 1.0, 0.5)]
    assert [one.features[place] for one in found] == [0.0, 0.0, pytest.approx(-0.6931, abs=1e-3)]
    assert [one.located for one in found] == [False, True, True]
