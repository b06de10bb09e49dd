"""The results with people's decisions in them, read back by other readers."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from ocrpipe.errors import OutputError
from ocrpipe.review.desk import Desk, Keying, Person
from ocrpipe.review.export import export
from ocrpipe.review.record import Record, record_path
from tests.builders import row_of, write_results

ANN = Person("Ann", "1")


@pytest.fixture(params=["r.parquet", "r/"])
def results(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    rows = [
        row_of("a.png", status="review", reason="low_confidence", confidence=0.2, sha256="a" * 64),
        row_of("a copy.png", status="review", reason="low_confidence", confidence=0.2, sha256="a" * 64),
        row_of("b.png", "date", None, kind="date", status="failed", reason="not_found", sha256="b" * 64),
        row_of("c.png", status="review", reason="no_reading", value=None, sha256="c" * 64),
        row_of("d.png", status="review", sha256="d" * 64),
        row_of("e.png", status="accepted", sha256="e" * 64),
    ]
    write_results(f"{tmp_path}/{request.param}", rows)
    return tmp_path / request.param.rstrip("/")


def _keyed(results: Path) -> Desk:
    desk = Desk(results, 0.0, Record(record_path(results)), False, ())
    desk.take(ANN, 9, "source", {}, ())
    for item in range(len(desk.queue)):
        match desk.queue.row(item)["source"][0]:
            case "a":
                desk.decide(ANN, Keying(item, "value", "99.95"))
            case "b":
                desk.decide(ANN, Keying(item, "value", "2024-07-28"))
            case "c":
                desk.decide(ANN, Keying(item, "unreadable"))
    return desk


def test_final_values_beside_the_machines(results: Path, tmp_path: Path) -> None:
    desk, out = _keyed(results), tmp_path / "reviewed.parquet"
    before = sorted((path, path.read_bytes()) for path in tmp_path.rglob("*.parquet"))
    assert export(results, desk.queue, desk.entries(), False, out) == 4
    told = duckdb.sql(
        f"select source, value, amount, date, status, reason, machine_value, machine_status, reviewed_by "
        f"from '{out}' order by source"
    ).fetchall()
    by_source = {row[0]: row[1:] for row in told}
    for name in ("a.png", "a copy.png"):  # one scan, keyed once
        value, amount, _, status, reason, read, was, who = by_source[name]
        assert (value, float(amount), status, reason, read, was, who) == (
            "99.95", 99.95, "accepted", None, "1234.56", "review", "Ann",
        )  # fmt: skip
    assert str(by_source["b.png"][2]) == "2024-07-28" and by_source["b.png"][3] == "accepted"
    assert by_source["c.png"][3:5] == ("failed", "illegible")
    assert by_source["d.png"][3] == "review" and by_source["d.png"][7] is None
    assert by_source["e.png"][3] == "accepted"
    assert before == sorted((p, p.read_bytes()) for p in tmp_path.rglob("*.parquet") if p != out)
    assert pl.read_parquet(out)["reviewed_at"].dtype == pl.Datetime("us", "UTC")


def test_it_is_repeatable_and_follows_the_record(results: Path, tmp_path: Path) -> None:
    desk, out = _keyed(results), tmp_path / "reviewed.parquet"
    export(results, desk.queue, desk.entries(), False, out)
    first = pl.read_parquet(out)
    export(results, desk.queue, desk.entries(), False, out)
    assert pl.read_parquet(out).equals(first)
    desk.undo(ANN)
    assert export(results, desk.queue, desk.entries(), False, out) == 3


def test_decisions_outlive_a_batch_that_is_run_again(results: Path, tmp_path: Path) -> None:
    desk = _keyed(results)
    desk.record.close()
    again = row_of("a.png", status="accepted", confidence=0.999, value="1.00", sha256="a" * 64)
    out = f"{results}{'' if results.suffix else '/'}"
    write_results(out, [again], overwrite=True)
    desk = Desk(results, 0.0, Record(record_path(results)), False, ())
    assert len(desk.queue) == 0
    export(results, desk.queue, desk.entries(), False, tmp_path / "reviewed.parquet")
    (row,) = pl.read_parquet(tmp_path / "reviewed.parquet").to_dicts()
    assert (row["value"], row["machine_value"], row["reviewed_by"]) == ("99.95", "1.00", "Ann")


def test_nothing_else_is_overwritten(results: Path, tmp_path: Path) -> None:
    desk = _keyed(results)
    (tmp_path / "mine.parquet").write_text("my own")
    others = [tmp_path / "mine.parquet", results]
    for out in others:
        with pytest.raises(OutputError, match="no export of"):
            export(results, desk.queue, desk.entries(), False, out)
    with pytest.raises(OutputError, match="cannot be written"):
        export(results, desk.queue, desk.entries(), False, tmp_path / "absent" / "reviewed.parquet")
