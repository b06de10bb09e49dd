"""Two marks of one check: agreement raises what stays under the promise, disagreement goes to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocrpipe.codes import Kind, Reason, Status
from ocrpipe.reading.crosscheck import crosschecked
from ocrpipe.reading.decide import Agreement
from ocrpipe.records import FieldSpec
from ocrpipe.rows import Context, Decision, Reading, Row

CONTEXT = Context("a.png", "", 0)
SOUND = {"amount": Agreement(600, 0), "number": Agreement(600, 0)}


def row(
    name: str, kind: Kind, value: str | None, *, status: Status = "review", reason: Reason | None = "low_confidence",
    runner_up: str | None = None, context: Context = CONTEXT,
) -> Row:  # fmt: skip
    reading = Reading(value, value or "", ((runner_up, 0.1),) if runner_up else (), (), ())
    decision = Decision(status, None if status == "accepted" else reason, None, value, 0.6, 0.97)
    return Row(context, FieldSpec(name, kind), decision, reading)


AMOUNT = row("amount", "amount", "1234.56")
ENCODED = row("micr_amount", "micr_amount", "1234.56", status="accepted")


def test_what_agrees_is_accepted_with_the_confidence_of_the_count() -> None:
    amount, encoded = crosschecked([AMOUNT, ENCODED], SOUND, 0.01)
    assert amount.decision.status == encoded.decision.status == "accepted"
    assert amount.decision.confidence == pytest.approx(601 / 602) and amount.decision.threshold is None


def test_a_line_in_doubt_is_raised_by_the_field_as_well() -> None:
    doubted = row("micr_amount", "micr_amount", "1234.56")
    _, encoded = crosschecked([AMOUNT, doubted], SOUND, 0.01)
    assert encoded.decision.status == "accepted"


def test_a_count_too_small_for_the_promise_raises_nothing() -> None:
    for count, promise in ((Agreement(200, 0), 0.01), (Agreement(600, 9), 0.01), (Agreement(600, 0), 0.001)):
        assert crosschecked([AMOUNT, ENCODED], {"amount": count}, promise)[0] is AMOUNT
    assert crosschecked([AMOUNT, ENCODED], {}, 0.5)[0] is AMOUNT


def test_a_runner_up_that_the_line_repeats_becomes_the_value() -> None:
    amount, _ = crosschecked([row("amount", "amount", "1284.56", runner_up="1234.56"), ENCODED], SOUND, 0.01)
    assert (amount.decision.status, amount.decision.value) == ("accepted", "1234.56")


def test_what_differs_goes_to_a_person_if_the_line_is_sure() -> None:
    sure = row("amount", "amount", "99.00", status="accepted")
    amount, encoded = crosschecked([sure, ENCODED], SOUND, 0.01)
    assert (amount.decision.status, amount.decision.reason) == ("review", "cross_check")
    assert "1234.56" in str(amount.decision.detail) and amount.decision.value == "99.00"
    assert encoded is ENCODED
    doubted = replace(ENCODED, decision=replace(ENCODED.decision, status="review"))
    assert crosschecked([sure, doubted], SOUND, 0.01) == [sure, doubted]


def test_numbers_of_checks_are_encoded_with_zeros_before_them() -> None:
    number, serial = row("number", "digits", "1187"), row("micr_serial", "micr_serial", "001187", status="accepted")
    assert crosschecked([number, serial], SOUND, 0.01)[0].decision.status == "accepted"
    longer = row("number", "digits", "0001187", runner_up="1187")
    assert crosschecked([longer, serial], SOUND, 0.01)[0].decision.value == "1187", "no zeros that are not encoded"


def test_other_reasons_to_review_stay() -> None:
    ranged = row("amount", "amount", "1234.56", reason="out_of_range")
    assert crosschecked([ranged, ENCODED], SOUND, 0.01)[0].decision.reason == "out_of_range"


def test_documents_do_not_mix() -> None:
    other = replace(CONTEXT, document=1)
    rows = [AMOUNT, row("micr_amount", "micr_amount", "1234.56", status="accepted", context=other)]
    assert crosschecked(rows, SOUND, 0.01) == rows
