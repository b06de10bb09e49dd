"""The Arrow schema of the results, version 1, and the way from rows to tables.

Everything downstream reads these columns: a change here is a new schema version.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from ocrpipe.rows import Row

SCHEMA_VERSION = 1
KEY = ("source", "page", "document", "field")
"""What names a row; results are sorted by it, the null field first."""

QUAD = pa.list_(pa.float32(), 8)
KEY_FIELDS = (
    pa.field("source", pa.string(), nullable=False),
    pa.field("page", pa.int32(), nullable=False),
    pa.field("document", pa.int16(), nullable=False),
    pa.field("field", pa.string()),
)
_SOURCE, _PAGE, _DOCUMENT, _FIELD = KEY_FIELDS

ROWS = pa.schema(
    [
        _SOURCE,
        pa.field("source_sha256", pa.string()),
        _PAGE,
        _DOCUMENT,
        pa.field("template", pa.string()),
        _FIELD,
        pa.field("kind", pa.string()),
        pa.field("value", pa.string()),
        pa.field("text", pa.string()),
        pa.field("amount", pa.decimal128(18, 2)),
        pa.field("currency", pa.string()),
        pa.field("date", pa.date32()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("confidence", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("max_error", pa.float64()),
        pa.field("alternatives", pa.list_(pa.struct([("value", pa.string()), ("prob", pa.float64())]))),
        pa.field("characters", pa.list_(pa.struct([("text", pa.string()), ("prob", pa.float64()), ("quad", QUAD)]))),
        pa.field("field_quad", QUAD),
        pa.field("page_width", pa.int32()),
        pa.field("page_height", pa.int32()),
        pa.field("dpi", pa.float64()),
        pa.field("page_to_template", pa.list_(pa.float64(), 9)),
        pa.field("skew_deg", pa.float64()),
        pa.field("rotation_deg", pa.int16()),
        pa.field("registration_residual_px", pa.float64()),
        pa.field("model", pa.string()),
        pa.field("calibration", pa.string()),
        pa.field("run_id", pa.string()),
        pa.field("processed_at", pa.timestamp("us", tz="UTC")),
    ]
)

CROPS = pa.schema(
    [
        *KEY_FIELDS,
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("png", pa.binary(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("width", pa.int32(), nullable=False),
    ]
)
"""Pictures of the fields as they were cropped, gray, 0 ink … 255 paper."""

_CENT = Decimal("0.01")
_AMOUNT_LIMIT = Decimal(10) ** 16


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every row of one run says of the run."""

    run_id: str
    run_date: str
    """In UTC, as datasets are partitioned by it."""
    max_error: float
    model: str
    calibration: str

    @classmethod
    def now(cls, max_error: float, model: str, calibration: str) -> Stamp:
        """Of a run that begins now; identifiers of runs sort by time."""
        now = dt.datetime.now(dt.UTC)
        run_id = f"{now:%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(3)}"
        return cls(run_id, f"{now:%Y-%m-%d}", max_error, model, calibration)


def rows_to_table(rows: Sequence[Row], stamp: Stamp, processed_at: dt.datetime) -> pa.Table:
    """One table row per row, in the order given; `processed_at` is aware of its time zone."""
    return pa.Table.from_pylist([_as_dict(row, stamp, processed_at) for row in rows], schema=ROWS)


def _as_dict(row: Row, stamp: Stamp, processed_at: dt.datetime) -> dict[str, Any]:
    context, spec, decision, reading = row.context, row.spec, row.decision, row.reading
    kind = spec.kind if spec else None
    to_template = context.page_to_template
    return {
        **key_of(row),
        "source_sha256": context.source_sha256 or None,
        "template": context.template,
        "kind": kind,
        "value": decision.value,
        "text": reading.text if reading else None,
        "amount": typed_amount(decision.value) if kind in ("amount", "micr_amount") else None,
        "currency": spec.currency if spec else None,
        "date": typed_date(decision.value) if kind == "date" else None,
        "status": decision.status,
        "reason": decision.reason,
        "detail": _printable(decision.detail),
        "confidence": decision.confidence,
        "threshold": decision.threshold,
        "max_error": stamp.max_error,
        "alternatives": [{"value": v, "prob": p} for v, p in reading.alternatives] if reading else None,
        "characters": (
            [{"text": c.text, "prob": c.prob, "quad": c.quad} for c in reading.characters] if reading else None
        ),
        "field_quad": row.quad,
        "page_width": context.page_width,
        "page_height": context.page_height,
        "dpi": context.dpi,
        "page_to_template": None if to_template is None else to_template.ravel().tolist(),
        "skew_deg": context.skew_deg,
        "rotation_deg": context.rotation_deg,
        "registration_residual_px": context.registration_residual_px,
        "model": stamp.model,
        "calibration": stamp.calibration,
        "run_id": stamp.run_id,
        "processed_at": processed_at,
    }


def picture_of(row: Row, stamp: Stamp) -> dict[str, Any]:
    """A row of the crops file."""
    import cv2  # the pictures are the only reason for OpenCV here

    assert row.picture is not None
    height, width = row.picture.shape
    _, png = cv2.imencode(".png", row.picture, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    return {**key_of(row), "run_id": stamp.run_id, "png": png.tobytes(), "height": height, "width": width}


def key_of(row: Row) -> dict[str, Any]:
    """The key columns of a row."""
    return {
        "source": row.context.source,
        "page": row.context.page,
        "document": row.context.document,
        "field": row.spec.name if row.spec else None,
    }


def typed_amount(value: str | None) -> Decimal | None:
    """The amount as decimal(18, 2); None where it does not fit without loss.

    >>> typed_amount("1234.5")
    Decimal('1234.50')
    >>> typed_amount("12345678901234567.00") is None, typed_amount("1.005") is None
    (True, True)
    """
    try:
        amount = Decimal(value or "")
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) >= _AMOUNT_LIMIT:
        return None
    cents = amount.quantize(_CENT)
    return cents if cents == amount else None


def typed_date(value: str | None) -> dt.date | None:
    """The day of an ISO date; None where there is no such day."""
    try:
        return dt.date.fromisoformat(value or "")
    except ValueError:
        return None


def _printable(words: str | None) -> str | None:
    """Words as valid UTF-8: messages may quote file names that are not."""
    return None if words is None else words.encode("utf-8", "backslashreplace").decode()
