from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from ocrpipe.results.schema import ROWS, Stamp, rows_to_table, typed_amount, typed_date
from tests.builders import QUAD, row_of

STAMP = Stamp("run-1", "2026-11-21", 0.01, "lenet5", "drawn")
NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)

VERSION_1 = """
source: string not null
source_sha256: string
page: int32 not null
document: int16 not null
template: string
field: string
kind: string
value: string
text: string
amount: decimal128(18, 2)
currency: string
date: date32[day]
status: string not null
reason: string
detail: string
confidence: double
threshold: double
max_error: double
alternatives: list<element: struct<value: string, prob: double>>
characters: list<element: struct<text: string, prob: double, quad: fixed_size_list<element: float>[8]>>
field_quad: fixed_size_list<element: float>[8]
page_width: int32
page_height: int32
dpi: double
page_to_template: fixed_size_list<element: double>[9]
skew_deg: double
rotation_deg: int16
registration_residual_px: double
model: string
calibration: string
run_id: string
processed_at: timestamp[us, tz=UTC]
"""


def one(**parts: object) -> dict[str, object]:
    table = rows_to_table([row_of(**parts)], STAMP, NOW)  # type: ignore[arg-type]
    result: dict[str, object] = table.to_pylist()[0]
    return result


def test_version_1_never_changes() -> None:
    words = [f"{f.name}: {f.type}{'' if f.nullable else ' not null'}" for f in ROWS]
    assert [w.replace("<item:", "<element:") for w in words] == VERSION_1.strip().splitlines()


def test_a_row_keeps_all_it_knows() -> None:
    row = one()
    assert row["amount"] == Decimal("1234.56") and row["currency"] == "USD" and row["date"] is None
    assert row["field_quad"] == list(QUAD)
    assert row["page_to_template"] == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert row["alternatives"] == [{"value": "1284.56", "prob": 0.01}]
    assert row["characters"][0] == {"text": "1", "prob": 0.9, "quad": list(QUAD)}  # type: ignore[index]
    assert row["processed_at"] == NOW and row["run_id"] == "run-1"


def test_a_file_without_fields_has_nulls() -> None:
    row = one(field=None, value=None, status="failed", reason="truncated", template=None, confidence=None)
    assert [row[name] for name in ("field", "kind", "value", "characters", "alternatives", "confidence")] == [None] * 6
    assert row["reason"] == "truncated"


def test_zip_keeps_its_zero_and_is_no_amount() -> None:
    row = one(field="zip", kind="zip", value="02139")
    assert row["value"] == "02139" and row["amount"] is None


def test_dates_are_typed() -> None:
    assert one(field="date", kind="date", value="2015-01-15")["date"] == dt.date(2015, 1, 15)
    assert typed_date("2015-02-30") is None and typed_date(None) is None


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("0.00", Decimal("0.00")),
        ("9999999999999999.99", Decimal("9999999999999999.99")),
        ("10000000000000000.00", None),
        ("1" * 40, None),
        ("1.005", None),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
        (None, None),
    ],
)
def test_amounts_are_exact_or_null(value: str | None, typed: Decimal | None) -> None:
    assert typed_amount(value) == typed
    table = rows_to_table([row_of(value=value)], STAMP, NOW)
    assert table.column("amount").type == pa.decimal128(18, 2)
    assert table.column("amount")[0].as_py() == typed
    assert table.column("value")[0].as_py() == value


def test_words_with_bytes_that_are_no_utf8_are_spelled_out() -> None:
    assert one(detail="cannot open caf\udce9.png")["detail"] == "cannot open caf\\udce9.png"
