"""Which rows come before people, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrpipe.codes import Status
from ocrpipe.review.queue import Queue
from ocrpipe.rows import Row
from tests.builders import row_of, write_results


@pytest.fixture(params=["r.parquet", "r/"])
def results(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / request.param


def _queue(results: Path, rows: list[Row], audit: float = 0.01) -> Queue:
    write_results(f"{results}{'/' if results.suffix == '' else ''}", rows)
    return Queue.of(results, audit)


def _one(number: int, status: Status = "review", field: str = "amount", confidence: float | None = 0.9) -> Row:
    return row_of(f"{number}.png", field, status=status, confidence=confidence, sha256=f"{number:064x}")


def test_doubts_failures_that_can_be_read_and_a_sample_of_the_accepted(results: Path) -> None:
    rows = [_one(n, "accepted") for n in range(150)]
    rows += [_one(200), _one(201, "blank"), _one(202, "skipped")]
    rows += [row_of("300.png", None, None, status="failed", reason="unreadable", kind="amount")]
    rows += [row_of("301.png", "date", None, status="failed", reason="not_found", kind="date", sha256="b" * 64)]
    queue = _queue(results, rows)
    found = {part: (queue.parts == i).sum() for i, part in enumerate(("review", "failed", "audit"))}
    assert found == {"review": 1, "failed": 1, "audit": 2}  # 1 % of 151, accepted or blank
    assert queue.audited_of == 151
    assert [queue.keys[i].field for i in range(len(queue)) if queue.parts[i] == 1] == ["date"]


def test_the_sample_is_the_same_tomorrow_and_never_large(tmp_path: Path) -> None:
    rows = [_one(n, "accepted") for n in range(400)]
    first = _queue(tmp_path / "a.parquet", rows, audit=1.0)
    again = _queue(tmp_path / "b.parquet", rows[::-1], audit=1.0)
    assert len(first) == 200 and set(first.keys) == set(again.keys)
    assert len(Queue.of(tmp_path / "a.parquet", 1.0, 300)) == 300


def test_orders(results: Path) -> None:
    rows = [
        row_of(f"{name}.png", field, confidence=confidence, status="review", sha256=name * 64, kind=kind)
        for name, field, kind, confidence in (
            ("a", "zip", "zip", 0.3), ("b", "amount", "amount", 0.5), ("c", "zip", "zip", 0.1),
            ("d", "amount", "amount", None),
        )
    ]  # fmt: skip
    queue = _queue(results, rows)  # type: ignore[arg-type]
    told = {order: [queue.row(int(i))["source"][0] for i in items] for order, items in queue.orders.items()}
    assert told == {"kind": ["d", "b", "c", "a"], "doubt": ["d", "c", "a", "b"], "source": ["a", "b", "c", "d"]}


def test_copies_of_a_scan_are_keyed_once(results: Path) -> None:
    assert len(_queue(results, [row_of(name, status="review") for name in ("a.png", "b.png")])) == 1


def test_of_a_micr_line_its_parts_are_keyed(results: Path) -> None:
    parts = [row_of("a", field, "123", kind=field, status="review") for field in ("micr", "micr_serial")]  # type: ignore[arg-type]
    alone = row_of("b", "micr", "U123U", kind="micr", status="review", sha256="b" * 64)
    assert [key.field for key in _queue(results, [*parts, alone]).keys] == ["micr_serial", "micr"]


def test_facets_narrow(results: Path) -> None:
    queue = _queue(results, [_one(1), _one(2, field="paid"), _one(3, "accepted")], audit=1.0)
    assert queue.mask({"part": "audit"}).tolist() == [False, False, True]
    assert queue.mask({"part": "review", "source": "2.png"}).tolist() == [False, True, False]
    counts = queue.counts(queue.mask({"part": "review"}))
    assert counts["kind"] == {"amount": 2} and counts["part"] == {"review": 2, "failed": 0, "audit": 0}


def test_nothing_to_do_is_an_empty_queue(results: Path) -> None:
    queue = _queue(results, [_one(1, "skipped")])
    assert len(queue) == 0 and queue.counts(queue.mask({}))["kind"] == {}
