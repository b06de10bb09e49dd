from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ocrpipe.operation.totals import Account, Totals
from tests.builders import row_of
from tests.operation.reports import totals_of_a_night

CHECKS = Account("USD", "check", "amount")


def test_everything_is_counted_once() -> None:
    totals = totals_of_a_night()
    assert (totals.files, totals.failed_files, totals.pages, totals.documents) == (4, 2, 4, 3)
    assert totals.field_count == 4 and sum(totals.rows.values()) == 5
    assert totals.of_reason("failed") == {"not_found": 1, "truncated": 1}
    assert totals.of_kind()["amount"] == {"accepted": 2, "review": 1}
    assert totals.stage_seconds == {"decode": 1.5, "networks": 0.75}


def test_amounts_balance_by_currency_template_and_field() -> None:
    balances = totals_of_a_night().balances
    assert balances[CHECKS].accepted_sum == Decimal("30.30") and balances[CHECKS].open == 0
    due = balances[Account("USD", "form", "due")]
    assert due.accepted_sum == 0 and due.open == 1


def test_what_the_micr_line_repeats_is_no_item() -> None:
    totals = Totals()
    totals.add_file([row_of(value="12.50"), row_of(field="micr_amount", kind="micr_amount", value="12.50")], 1, {})
    assert totals.balances.keys() == {CHECKS}
    assert totals.balances[CHECKS].accepted_sum == Decimal("12.50")


def test_a_check_that_was_copied_is_one_item() -> None:
    totals = Totals()
    for name in ("a.png", "copy of a.png"):
        totals.add_file([row_of(name, value="12.50", sha256="a")], 1, {})
    assert totals.repeated_files == 1 and totals.files == 2
    assert totals.balances[CHECKS].accepted_sum == Decimal("12.50")


def test_files_of_unknown_content_are_no_copies() -> None:
    totals = Totals()
    for name in ("a.png", "b.png"):
        totals.add_file([row_of(name, sha256="")], 1, {})
    assert totals.repeated_files == 0


def test_a_sensitive_amount_is_counted_and_not_summed() -> None:
    totals = Totals()
    totals.add_file([row_of(sensitive=True)], 1, {})
    balance = totals.balances[CHECKS]
    assert balance.told_sum is None and balance.items["accepted"] == 1


@given(st.lists(st.decimals("0.01", "999999999.99", places=2), max_size=50))
def test_sums_are_exact(amounts: list[Decimal]) -> None:
    totals = Totals()
    for i, amount in enumerate(amounts):
        totals.add_file([row_of(f"{i}", value=str(amount), sha256=str(i))], 1, {})
    assert sum((balance.accepted_sum for balance in totals.balances.values()), Decimal(0)) == sum(amounts)
