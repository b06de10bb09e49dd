"""Rows for tests, with everything that a test does not speak of filled in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrpipe.codes import Kind, Reason, Status
from ocrpipe.geometry import Quad
from ocrpipe.records import FieldSpec, ScanFile, Version
from ocrpipe.results.output import Output
from ocrpipe.results.schema import Stamp
from ocrpipe.results.store import CropsWanted, Store
from ocrpipe.rows import Character, Context, Decision, FileRows, Reading, Row

QUAD: Quad = (10.0, 20.0, 110.0, 20.0, 110.0, 50.0, 10.0, 50.0)


def row_of(
    source: str = "a.png",
    field: str | None = "amount",
    value: str | None = "1234.56",
    *,
    kind: Kind = "amount",
    page: int = 0,
    document: int = 0,
    status: Status = "accepted",
    reason: Reason | None = None,
    confidence: float | None = 0.99,
    template: str | None = "check",
    currency: str | None = "USD",
    sensitive: bool = False,
    detail: str | None = None,
    picture: NDArray[np.uint8] | None = None,
    sha256: str = "0" * 64,
) -> Row:
    """A row of a page of 800 × 600 pixels at 200 dpi."""
    characters = tuple(Character(c, 0.9, QUAD) for c in value or "")
    return Row(
        context=Context(
            source=source,
            source_sha256=sha256,
            page=page,
            document=document,
            template=template,
            page_width=800,
            page_height=600,
            dpi=200.0,
            page_to_template=np.eye(3),
            skew_deg=0.5,
            rotation_deg=0,
            registration_residual_px=1.5,
        ),
        spec=None if field is None else FieldSpec(field, kind, currency=currency, sensitive=sensitive),
        decision=Decision(status, reason, detail, value, confidence, 0.9),
        reading=None if value is None else Reading(value, value, (("1284.56", 0.01),), characters, ()),
        quad=None if field is None else QUAD,
        picture=picture,
    )


def files_of(rows: Sequence[Row], folder: Path = Path("scans")) -> list[FileRows]:
    """The rows, file by file, as an engine tells of them; `folder` may hold the files, and need not."""
    of_source: dict[str, list[Row]] = {}
    for row in rows:
        of_source.setdefault(row.context.source, []).append(row)
    return [
        FileRows(ScanFile(folder / name, name), some, pages=1, seconds={}, version=Version.of(folder / name))
        for name, some in of_source.items()
    ]


def write_results(
    out: Path | str, rows: Sequence[Row], *, crops: CropsWanted = "review", overwrite: bool = False
) -> None:
    """What a run would write of these rows."""
    stamp = Stamp.now(0.01, "lenet5", "drawn")
    store = Store(Output.named(str(out)), stamp, crops=crops, fingerprint={"model_hash": "abc"}, overwrite=overwrite)
    for done in files_of(rows):
        store.add(done)
    store.finish()
