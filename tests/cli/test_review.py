"""`ocrpipe review` as a command: what it refuses, and its export without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ocrpipe.results.lock import locked
from ocrpipe.review.desk import Desk, Keying, Person
from ocrpipe.review.record import Record, record_path
from tests.builders import row_of, write_results
from tests.cli.conftest import Outcome

Ocrpipe = Callable[..., Outcome]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    write_results(tmp_path / "r.parquet", [row_of(status="review"), row_of("b.png", sha256="b" * 64)])
    return tmp_path / "r.parquet"


def test_what_was_decided_is_written_out(ocrpipe: Ocrpipe, results: Path) -> None:
    record = Record(record_path(results))
    desk, ann = Desk(results, 0.0, record, False, ()), Person("Ann", "1")
    desk.decide(ann, Keying(desk.take(ann, 1, "kind", {}, ())[0], "value", "7.5"))
    record.close()
    done = ocrpipe("review", str(results), "--audit", "0", "--export")
    out = results.with_name("reviewed.parquet")
    assert (done.code, done.out) == (0, f"{out}: 1 of 1 fields in question were decided by people\n")
    told = duckdb.sql(f"select value, machine_value, reviewed_by from '{out}' where reviewed_at is not null")
    assert told.fetchall() == [("7.50", "1234.56", "Ann")]
    again = ocrpipe("review", str(results), "--export", "--out", str(results))
    assert again.code == 5 and "no export of" in again.err


def test_one_review_at_a_time(ocrpipe: Ocrpipe, results: Path) -> None:
    with locked(record_path(results).with_suffix(".lock"), "review"):
        done = ocrpipe("review", str(results), "--export")
    assert done.code == 6 and "open its address in another browser" in done.err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["absent.parquet"], "no such file or folder"),
        (["r.parquet", "--audit", "2"], "--audit 2.0: expected a share"),
        (["r.parquet", "--template", "absent.toml", "--export"], "unknown template"),
    ],
)
def test_mistakes_are_named(ocrpipe: Ocrpipe, results: Path, given: list[str], words: str) -> None:
    done = ocrpipe("review", str(results.parent / given[0]), *given[1:])
    assert done.code == 2 and words in done.err


def test_results_in_s3_are_asked_for_on_a_disk(ocrpipe: Ocrpipe) -> None:
    done = ocrpipe("review", "s3://night/results.parquet")
    assert done.code == 2 and "results.parquet lies in S3" in done.err


def test_scans_that_nobody_can_find_are_asked_for(ocrpipe: Ocrpipe, results: Path) -> None:
    results.with_name("r.ledger.parquet").unlink()
    done = ocrpipe("review", str(results), "--no-browser")
    assert done.code == 2 and "add --scans FOLDER" in done.err
