"""`reviewed.parquet`: the results with what people decided in place of what the machine proposed, which is kept
beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ocrpipe import __version__
from ocrpipe.errors import OutputError
from ocrpipe.results.atomic import whole_file
from ocrpipe.results.reading import numbered_rows, rows_at
from ocrpipe.results.schema import KEY, ROWS, SCHEMA_VERSION, typed_amount, typed_date
from ocrpipe.review.queue import PARTS, Queue
from ocrpipe.review.record import Entry, FieldKey
from ocrpipe.review.settling import settled

REVIEWED = pa.schema(
    [
        *ROWS,
        pa.field("machine_value", pa.string()),
        pa.field("machine_status", pa.string(), nullable=False),
        pa.field("machine_reason", pa.string()),
        pa.field("review_part", pa.string()),
        pa.field("reviewed_by", pa.string()),
        pa.field("reviewed_at", pa.timestamp("us", tz="UTC")),
    ]
)
"""The schema of the results, `value`, `status`, `reason` and the typed copies as they hold good in the end, and what
the machine had said; `review_part` says why a row was in the queue (`review`, `failed`, `audit`), whether or not
somebody has come to it."""
_ROWS_AT_ONCE = 32_768
_OF = b"ocrpipe.reviewed_of"
_AUDITED_OF = "ocrpipe.audited_of"


def export(results: Path, queue: Queue, entries: Mapping[FieldKey, list[Entry]], double_key: bool, out: Path) -> int:
    """Writes `out`, whole or not at all, and says how many rows people have decided.

    OutputError where `out` is the results themselves, something else that ocrpipe did not write for them, or cannot
    be written.
    """
    check_out(results, out)
    light = numbered_rows(results, KEY)
    numbers = light["number"].to_numpy()
    metadata = {
        "ocrpipe.schema_version": str(SCHEMA_VERSION), "ocrpipe.version": __version__, _OF: str(results.resolve()),
        _AUDITED_OF: str(queue.audited_of),
    }  # fmt: skip
    decided = 0
    try:
        with (
            whole_file(out) as sink,
            pq.ParquetWriter(sink, REVIEWED.with_metadata(metadata), compression="zstd") as writer,
        ):
            for at in range(0, max(len(numbers), 1), _ROWS_AT_ONCE):
                rows = rows_at(results, numbers[at : at + _ROWS_AT_ONCE]).to_pylist()
                told = [_reviewed(row, queue, entries, double_key) for row in rows]
                decided += sum(row["reviewed_at"] is not None for row in told)
                writer.write_table(pa.Table.from_pylist(told, schema=REVIEWED))
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error
    return decided


def check_out(results: Path, out: Path) -> None:
    """OutputError where an export must not go."""
    if not out.exists():
        return
    try:
        ours = (pq.read_schema(out).metadata or {}).get(_OF) if out.is_file() else None
    except pa.ArrowInvalid:
        ours = None
    if ours != str(results.resolve()).encode():
        raise OutputError(f"{out} is there, and no export of {results}; name another file with --out")


def _reviewed(
    row: dict[str, Any], queue: Queue, entries: Mapping[FieldKey, list[Entry]], double_key: bool
) -> dict[str, Any]:
    key = FieldKey(row["source_sha256"], row["page"], row["document"], row["field"])
    item = queue.number_of.get(key)
    told = row | {
        "machine_value": row["value"],
        "machine_status": row["status"],
        "machine_reason": row["reason"],
        "review_part": None if item is None else PARTS[int(queue.parts[item])],
        "reviewed_by": None,
        "reviewed_at": None,
    }
    now = settled(entries.get(key, ()), double_key)
    if now.verdict is None:
        return told
    value, kind = now.verdict.value, row["kind"]
    status, reason = {"value": ("accepted", None), "blank": ("blank", None)}.get(
        now.verdict.action, ("failed", "illegible")
    )
    return told | {
        "value": value,
        "amount": typed_amount(value) if kind in ("amount", "micr_amount") else None,
        "date": typed_date(value) if kind == "date" else None,
        "status": status,
        "reason": reason,
        "detail": None,
        "reviewed_by": ", ".join(entry.who for entry in now.by),
        "reviewed_at": dt.datetime.fromisoformat(now.verdict.at),
    }
