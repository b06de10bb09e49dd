from __future__ import annotations

import random
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import cv2
import duckdb
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from ocrpipe.errors import OutputError
from ocrpipe.results import store as store_module
from ocrpipe.results.folders import Folder
from ocrpipe.results.output import Output, crops_path
from ocrpipe.results.schema import CROPS, ROWS, Stamp
from ocrpipe.results.store import CropsWanted, InHand, Store
from tests.builders import files_of, row_of, write_results

PICTURE = np.arange(600, dtype=np.uint16).astype(np.uint8).reshape(20, 30)


def keys(path: Path) -> list[tuple[object, ...]]:
    table = pq.read_table(path, columns=["source", "page", "document", "field"])
    return [tuple(row.values()) for row in table.to_pylist()]


def test_duckdb_reads_amounts_as_decimals(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("a.png"), row_of("b.png", value="0.10"), row_of("c.png", value="9" * 20)])
    found = duckdb.sql(f"select sum(amount), typeof(any_value(amount)), len(any_value(characters)) from '{out}'")
    [(total, kind, characters)] = found.fetchall()
    assert (total, kind, characters) == (Decimal("1234.66"), "DECIMAL(18,2)", 7)


def test_polars_reads_amounts_as_decimals(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("a.png"), row_of("b.png", None, None, status="failed", reason="unreadable")])
    frame = pl.read_parquet(out)
    assert frame.schema["amount"] == pl.Decimal(18, 2)
    assert frame["amount"].to_list() == [Decimal("1234.56"), None]
    assert frame["field_quad"].to_list()[1] is None
    assert frame["characters"][0][0]["quad"][2] == 110.0


def test_metadata_names_schema_software_and_model(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of()])
    for path in (out, crops_path(out)):
        metadata = pq.read_schema(path).metadata
        assert metadata[b"ocrpipe.schema_version"] == b"1"
        assert metadata[b"ocrpipe.model_hash"] == b"abc"
        assert b"ocrpipe.version" in metadata
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("in_hand", [1, 7, 1000])
def test_rows_come_out_sorted_whatever_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_hand: int) -> None:
    monkeypatch.setattr(store_module, "OF_A_FILE", InHand(in_hand, in_hand, 60.0))
    monkeypatch.setattr(store_module, "ROW_GROUP", 5)
    monkeypatch.setattr(store_module, "CROP_ROW_GROUP", 4)
    rows = [
        row_of(source, field, f"{page}.00", page=page, picture=PICTURE)
        for source in ("a.png", "a/b.png", "B.png", "é.png")
        for page in (0, 1, 2, 10)
        for field in (None, "amount", "zip")
    ]
    random.Random(0).shuffle(rows)
    out = tmp_path / "r.parquet"
    write_results(out, rows, crops="all")
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
    write_results(out, [])
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
    write_results(out, rows, crops=crops)
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
    write_results(out, [row_of(picture=PICTURE)], crops="all")
    write_results(out, [row_of()], crops="none", overwrite=True)
    assert not crops_path(out).exists()


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def store_of(out: Path | str, *, overwrite: bool = False) -> Store:
    stamp = Stamp.now(0.01, "lenet5", "drawn")
    return Store(Output.named(str(out)), stamp, crops="all", fingerprint={"model": "m"}, overwrite=overwrite)


def test_files_read_again_replace_their_rows_and_no_others(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of(name, page=page, picture=PICTURE) for name in "abc" for page in range(3)], crops="all")
    write_results(out, [row_of("d"), row_of("b", value="7.00", picture=PICTURE)], crops="all")
    rows = pq.read_table(out, columns=["source", "page", "value"]).to_pylist()
    assert [(row["source"], row["page"]) for row in rows] == [
        ("a", 0), ("a", 1), ("a", 2), ("b", 0), ("c", 0), ("c", 1), ("c", 2), ("d", 0),
    ]  # fmt: skip
    assert [row["value"] for row in rows if row["source"] == "b"] == ["7.00"]
    assert [key[0] for key in keys(crops_path(out))] == ["a", "a", "a", "b", "c", "c", "c"]
    assert listing(tmp_path) == ["r.crops.parquet", "r.ledger.parquet", "r.parquet"]


def test_a_killed_run_is_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("a", value="1.00"), row_of("b", value="1.00")])
    killed = store_of(out)
    for done in files_of([row_of("b", value="2.00"), row_of("c", value="2.00")]):
        killed.add(done)
    killed.commit()
    for done in files_of([row_of("d", value="2.00")]):
        killed.add(done)  # in memory alone when the process dies
    assert [key[0] for key in keys(out)] == ["a", "b"], "the output is as it was"
    (tmp_path / ".r.parquet.0123456789ab.tmp").write_text("half")
    resumed = store_of(out)
    assert resumed.ledger.entries["source"].to_pylist() == ["a", "b", "c"]
    for done in files_of([row_of("c", value="3.00")]):
        resumed.add(done)
    resumed.finish()
    rows = pq.read_table(out, columns=["source", "value"]).to_pylist()
    assert [(row["source"], row["value"]) for row in rows] == [("a", "1.00"), ("b", "2.00"), ("c", "3.00")]
    assert listing(tmp_path) == ["r.crops.parquet", "r.ledger.parquet", "r.parquet"]


@pytest.mark.parametrize("killed_after", ["r.crops.parquet", "r.parquet", "r.ledger.parquet"])
def test_a_run_killed_while_it_folds_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_after: str
) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("a", picture=PICTURE)], crops="all")
    store = store_of(out)
    for done in files_of([row_of("b", picture=PICTURE), row_of("a", value="2.00", picture=PICTURE)]):
        store.add(done)
    real = Folder.write

    @contextmanager
    def write(self: Folder, name: str, mode: int = 0o666) -> Iterator[BinaryIO]:
        with real(self, name, mode) as sink:
            yield sink
        if name == killed_after:
            raise SystemExit("killed")

    monkeypatch.setattr(Folder, "write", write)
    with pytest.raises(SystemExit):
        store.finish()
    monkeypatch.undo()
    store_of(out).finish()
    rows = pq.read_table(out, columns=["source", "value"]).to_pylist()
    assert [(row["source"], row["value"]) for row in rows] == [("a", "2.00"), ("b", "1234.56")]
    assert [key[0] for key in keys(crops_path(out))] == ["a", "b"]
    assert pq.read_table(tmp_path / "r.ledger.parquet")["source"].to_pylist() == ["b", "a"]
    assert not (tmp_path / "r.journal").exists()


def test_folders_that_can_be_listed_again_lose_their_row(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("a"), row_of("sub/", None, None, status="failed", reason="unreadable")])
    write_results(out, [row_of("sub/b")])
    assert [key[0] for key in keys(out)] == ["a", "sub/b"]


def test_a_full_disk_leaves_the_old_results_and_a_way_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("old.png")])

    def full(*_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "gathered", full)
    with pytest.raises(OutputError, match=r"r\.parquet: cannot be written: No space left"):
        write_results(out, [row_of("new.png")])
    monkeypatch.undo()
    assert [key[0] for key in keys(out)] == ["old.png"]
    store_of(out).finish()
    assert [key[0] for key in keys(out)] == ["new.png", "old.png"]


def test_results_without_their_ledger_are_not_replaced_unasked(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("old.png")])
    (tmp_path / "r.ledger.parquet").unlink()
    with pytest.raises(OutputError, match="--overwrite"):
        write_results(out, [row_of("new.png")])
    write_results(out, [row_of("new.png")], overwrite=True)
    assert [key[0] for key in keys(out)] == ["new.png"]


def test_an_older_copy_of_the_results_is_noticed(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("a")])
    copy = out.read_bytes()
    write_results(out, [row_of("b")])
    out.write_bytes(copy)
    with pytest.raises(OutputError, match="not written together"):
        write_results(out, [row_of("c")])


def test_where_the_results_are_gone_all_is_read_again(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("a")])
    out.unlink()
    assert store_of(out).ledger.entries.num_rows == 0


def test_starting_over_keeps_the_old_results_until_the_end(tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    write_results(out, [row_of("a")])
    killed = store_of(out, overwrite=True)
    killed.add(files_of([row_of("b")])[0])
    killed.commit()
    assert [key[0] for key in keys(out)] == ["a"]
    resumed = store_of(out)
    assert resumed.ledger.entries["source"].to_pylist() == ["b"]
    resumed.finish()
    assert [key[0] for key in keys(out)] == ["b"]


LATEST = "qualify run_id = max(run_id) over (partition by source)"


def test_a_dataset_has_a_file_for_each_run_and_tells_the_latest(tmp_path: Path) -> None:
    out = f"{tmp_path}/r/"
    write_results(out, [row_of(name, page=page, picture=PICTURE) for name in "ab" for page in (0, 1)], crops="all")
    write_results(out, [row_of("b", value="7.00"), row_of("c")])
    files = sorted((tmp_path / "r").rglob("*.parquet"))
    assert len(files) == 2 and files[0].parent.name.startswith("run_date=20")
    query = f"select source, page, value from '{tmp_path}/r/**/*.parquet' {LATEST} order by all"
    assert [row[:2] for row in duckdb.sql(query).fetchall()] == [("a", 0), ("a", 1), ("b", 0), ("c", 0)]
    assert stat.S_IMODE((tmp_path / "r.crops").stat().st_mode) == 0o700
    assert store_of(out).ledger.entries["source"].to_pylist() == ["a", "b", "c"]


def test_starting_a_dataset_over_removes_its_older_files(tmp_path: Path) -> None:
    out = f"{tmp_path}/r/"
    write_results(out, [row_of("a", picture=PICTURE)], crops="all")
    write_results(out, [row_of("b", picture=PICTURE)], crops="all", overwrite=True)
    assert duckdb.sql(f"select source from '{tmp_path}/r/**/*.parquet'").fetchall() == [("b",)]
    assert len(list((tmp_path / "r.crops").rglob("*.parquet"))) == 1


def test_a_folder_with_other_files_is_no_dataset(tmp_path: Path) -> None:
    (tmp_path / "scan.png").write_text("mine")
    with pytest.raises(OutputError, match=r"holds scan\.png"):
        Output.named(f"{tmp_path}/").check()


def test_the_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"there is no folder .*absent"):
        Output.named(str(tmp_path / "absent" / "r.parquet")).check()
