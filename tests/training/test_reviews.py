"""People's decisions as a sample: what they stand for, which of them are a fair one, and which kinds tell nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ocrpipe.errors import UsageError
from ocrpipe.reading.decide import Profile
from ocrpipe.training.recalibrate import Readings, confidences, refit
from ocrpipe.training.reviews import read_reviewed

SCHEMA = pa.schema(
    [
        ("source", pa.string()), ("source_sha256", pa.string()), ("page", pa.int32()), ("document", pa.int16()),
        ("field", pa.string()), ("kind", pa.string()), ("value", pa.string()), ("status", pa.string()),
        ("machine_status", pa.string()), ("review_part", pa.string()), ("reviewed_at", pa.timestamp("us", tz="UTC")),
    ]
)  # fmt: skip


def _row(number: int, machine: str, part: str | None, *, decided: bool = True, **other: Any) -> dict[str, Any]:
    return {
        "source": f"{number}.png", "source_sha256": f"{number:064x}", "page": 0, "document": 0, "field": "amount",
        "kind": "amount", "value": "1.00", "status": "accepted", "machine_status": machine, "review_part": part,
        "reviewed_at": 0 if decided and part else None, **other,
    }  # fmt: skip


def _exported(folder: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), folder / "reviewed.parquet")
    return folder / "reviewed.parquet"


def _night(accepted: int, checked: int, doubted: int) -> list[dict[str, Any]]:
    return [
        *(_row(n, "accepted", "audit" if n < checked else None) for n in range(accepted)),
        *(_row(accepted + n, "review", "review") for n in range(doubted)),
    ]


def test_checks_stand_for_the_accepted_and_doubts_for_themselves(tmp_path: Path) -> None:
    decided = read_reviewed(_exported(tmp_path, _night(4_000, 200, 1_000))).decided
    weights = np.array([one.weight for one in decided])
    assert len(decided) == 1_200 and weights.sum() == pytest.approx(5_000)
    fair = [one for one in decided if one.fair]
    checked = sum(one.weight > 1 for one in fair)
    assert checked == 200 and 25 <= len(fair) - checked <= 80  # a twentieth of the doubts, as of the accepted


def test_where_all_was_keyed_all_are_fair(tmp_path: Path) -> None:
    decided = read_reviewed(_exported(tmp_path, _night(50, 50, 70))).decided
    assert len(decided) == 120 and all(one.fair and one.weight == 1 for one in decided)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([*_night(0, 0, 5), _row(9, "review", "review", decided=False)], "1 wait for a person"),
        (_night(10, 0, 5), "no accepted field was checked"),
    ],
)
def test_a_kind_that_is_half_done_tells_nothing(tmp_path: Path, rows: list[dict[str, Any]], why: str) -> None:
    zips = [row | {"kind": "zip", "field": "zip", "value": "02139"} for row in _night(0, 0, 7)]
    reviewed = read_reviewed(_exported(tmp_path, [*rows, *zips]))
    assert {one.field for one in reviewed.decided} == {"zip"}
    assert any(why in reason for reason in reviewed.without)


def test_blank_counts_and_unreadable_does_not(tmp_path: Path) -> None:
    blank = _row(1, "review", "review", status="blank", value=None)
    lost = _row(2, "review", "review", status="failed", value=None)
    reviewed = read_reviewed(_exported(tmp_path, [blank, lost]))
    assert [one.value for one in reviewed.decided] == [""]
    assert reviewed.without == {"unreadable to people, too": 1}


def test_what_is_no_export_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.parquet").write_text("no")
    pq.write_table(pa.table({"source": ["a"]}), tmp_path / "other.parquet")
    for name in ("r.parquet", "other.parquet", "absent.parquet"):
        with pytest.raises(UsageError, match=name):
            read_reviewed(tmp_path / name)


def test_confidence_follows_the_weights() -> None:
    """Of the doubted half are right, of the few that stand for many accepted all: by count seven in ten, by weight
    nineteen in twenty."""
    rng = np.random.default_rng(3)
    features = np.zeros((500, 2))
    accepted = np.arange(500) < 200
    right = accepted | (rng.random(500) < 0.5)
    files = tuple(str(i) for i in range(500))
    weights = np.where(accepted, 14.0, 1.0)
    before = Profile((1.0, 0.0), 1.0, 100, ())
    plain = refit(Readings(features, right, files), before)
    weighted = refit(Readings(features, right, files, weights, accepted | (np.arange(500) % 14 == 0)), before)
    assert plain is not None and weighted is not None
    assert confidences(plain.profile, features[:1])[0] == pytest.approx(0.7, abs=0.04)
    assert confidences(weighted.profile, features[:1])[0] == pytest.approx(0.95, abs=0.03)
    assert weighted.profile.fields == 221  # the fair sample alone stands behind the thresholds
