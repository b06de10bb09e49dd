from __future__ import annotations

import random
import stat
from decimal import Decimal
from pathlib import Path

import cv2
import duckdb
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from ocrpipe.errors import OutputError
from ocrpipe.results import writer as writer_module
from ocrpipe.results.schema import CROPS, ROWS, Stamp
from ocrpipe.results.writer import CropsWanted, ResultsWriter, crops_path
from ocrpipe.rows import Row
from tests.builders import row_of

STAMP = Stamp("run-1", 0.01, "lenet5", "drawn")
PICTURE = np.arange(600, dtype=np.uint16).astype(np.uint8).reshape(20, 30)


def write(path: Path, rows: list[Row], *, crops: CropsWanted = "review", overwrite: bool = False) -> None:
    with ResultsWriter(path, STAMP, crops=crops, fingerprint={"model_hash": "abc"}, overwrite=overwrite) as results:
        for row in rows:
            results.add([row])
        results.finish()


def keys(path: Path) -> list[tuple[object, ...]]:
    table = pq.read_table(path, columns=["source", "page", "document", "field"])
    return [tuple(row.values()) for row in table.to_pylist()]


def test_duckdb_reads_amounts_as_decimals(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write(out, [row_of("a.png"), row_of("b.png", value="0.10"), row_of("c.png", value="9" * 20)])
    found = duckdb.sql(f"select sum(amount), typeof(any_value(amount)), len(any_value(characters)) from '{out}'")
    [(total, kind, characters)] = found.fetchall()
    assert (total, kind, characters) == (Decimal("1234.66"), "DECIMAL(18,2)", 7)


def test_polars_reads_amounts_as_decimals(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write(out, [row_of("a.png"), row_of("b.png", None, None, status="failed", reason="unreadable")])
    frame = pl.read_parquet(out)
    assert frame.schema["amount"] == pl.Decimal(18, 2)
    assert frame["amount"].to_list() == [Decimal("1234.56"), None]
    assert frame["field_quad"].to_list()[1] is None
    assert frame["characters"][0][0]["quad"][2] == 110.0


def test_metadata_names_schema_software_and_model(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write(out, [row_of()])
    for path in (out, crops_path(out)):
        metadata = pq.read_schema(path).metadata
        assert metadata[b"ocrpipe.schema_version"] == b"1"
        assert metadata[b"ocrpipe.model_hash"] == b"abc"
        assert b"ocrpipe.version" in metadata
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("in_hand", [1, 7, 1000])
def test_rows_come_out_sorted_whatever_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_hand: int) -> None:
    monkeypatch.setattr(writer_module, "ROWS_IN_HAND", in_hand)
    monkeypatch.setattr(writer_module, "ROW_GROUP", 5)
    monkeypatch.setattr(writer_module, "CROPS_IN_HAND", in_hand)
    monkeypatch.setattr(writer_module, "CROP_ROW_GROUP", 4)
    rows = [
        row_of(source, field, f"{page}.00", page=page, picture=PICTURE)
        for source in ("a.png", "a/b.png", "B.png", "é.png")
        for page in (0, 1, 2, 10)
        for field in (None, "amount", "zip")
    ]
    random.Random(0).shuffle(rows)
    out = tmp_path / "r.parquet"
    write(out, rows, crops="all")
    expected = sorted(
        ((r.context.source, r.context.page, 0, r.spec.name if r.spec else None) for r in rows),
        key=lambda key: (key[0].encode(), key[1], key[2], key[3] or ""),
    )
    assert keys(out) == expected == keys(crops_path(out))
    values = pq.read_table(out, columns=["page", "value"]).to_pylist()
    assert all(row["value"] == f"{row['page']}.00" for row in values)
    assert pq.ParquetFile(out).metadata.num_row_groups == -(-len(rows) // 5)


def test_no_rows_still_make_a_file(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write(out, [])
    assert pq.read_table(out).schema.equals(ROWS)
    assert pq.read_table(crops_path(out)).schema.equals(CROPS)


@pytest.mark.parametrize(("crops", "expected"), [("review", ["b", "d"]), ("all", ["a", "b", "d"]), ("none", None)])
def test_crops_hold_what_was_asked_for(tmp_path: Path, crops: CropsWanted, expected: list[str] | None) -> None:
    out = tmp_path / "r.parquet"
    rows = [
        row_of("a", picture=PICTURE),
        row_of("b", status="review", picture=PICTURE),
        row_of("c", status="review"),
        row_of("d", status="failed", reason="not_found", picture=PICTURE),
    ]
    write(out, rows, crops=crops)
    if expected is None:
        assert not crops_path(out).exists()
        return
    table = pq.read_table(crops_path(out))
    assert table.column("source").to_pylist() == expected
    png = np.frombuffer(table.column("png")[0].as_py(), np.uint8)
    assert np.array_equal(cv2.imdecode(png, cv2.IMREAD_GRAYSCALE), PICTURE)
    assert (table.column("height")[0].as_py(), table.column("width")[0].as_py()) == PICTURE.shape
    assert stat.S_IMODE(crops_path(out).stat().st_mode) == 0o600


def test_old_pictures_go_with_the_results_they_belonged_to(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write(out, [row_of(picture=PICTURE)], crops="all")
    write(out, [row_of()], crops="none", overwrite=True)
    assert not crops_path(out).exists()


def test_an_error_midway_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write(out, [row_of("old.png")], crops="none")

    def interrupted() -> None:
        with ResultsWriter(out, STAMP, crops="all", fingerprint={}, overwrite=True) as results:
            results.add([row_of("new.png")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [key[0] for key in keys(out)] == ["old.png"]
    assert [path.name for path in tmp_path.iterdir()] == ["r.parquet"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "r.parquet"

    def full(self: object, rows: int) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ocrpipe.results.sorting.Spool.gather", full)
    with pytest.raises(OutputError, match=r"r\.parquet: cannot be written: No space left"):
        write(out, [row_of()])
    assert list(tmp_path.iterdir()) == []


def test_the_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"there is no folder .*absent"):
        write(tmp_path / "absent" / "r.parquet", [])


def test_existing_results_are_not_replaced_unasked(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write(out, [row_of("old.png")])
    with pytest.raises(OutputError, match="--overwrite"):
        write(out, [row_of("new.png")])
    write(out, [row_of("new.png")], overwrite=True)
    assert [key[0] for key in keys(out)] == ["new.png"]
