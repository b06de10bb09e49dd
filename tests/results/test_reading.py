"""Results read back as they hold good, and pictures that are old deleted."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ocrpipe.errors import UsageError
from ocrpipe.results import shelf as shelf_module
from ocrpipe.results.output import Output, crops_path
from ocrpipe.results.purge import purge
from ocrpipe.results.reading import read_pictures, read_rows
from tests.builders import row_of, write_results

COLUMNS = ("source", "page", "value")
OLD, NEW = np.zeros((4, 8), np.uint8), np.full((4, 8), 255, np.uint8)


@pytest.fixture(params=["r.parquet", "r/"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Two runs, the second of which read b again, with fewer pages, and c."""
    out = f"{tmp_path}/{request.param}"
    write_results(out, [row_of(name, page=page, picture=OLD) for name in "ba" for page in (0, 1)], crops="all")
    write_results(out, [row_of("c", picture=NEW), row_of("b", value="7.00", picture=NEW)], crops="all")
    return out


def test_the_last_rows_of_each_source_hold_good(out: str) -> None:
    rows = [tuple(row.values()) for row in read_rows(Path(out), COLUMNS).to_pylist()]
    assert rows == [("a", 0, "1234.56"), ("a", 1, "1234.56"), ("b", 0, "7.00"), ("c", 0, "1234.56")]


def test_the_last_pictures_hold_good(out: str) -> None:
    keys = [(name, 0, 0, "amount") for name in "ab"]
    found = read_pictures(Path(out), keys)
    assert set(found) == set(keys) and found[keys[0]] != found[keys[1]]
    assert read_pictures(Path(out), [("nobody", 0, 0, None)]) == {}


def test_what_is_no_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no results in this folder"):
        read_rows(tmp_path, COLUMNS)
    (tmp_path / "r.parquet").write_text("no parquet")
    for name in ("r.parquet", "absent.parquet"):
        with pytest.raises(UsageError, match=name):
            read_rows(tmp_path / name, COLUMNS)


def test_old_pictures_are_purged_and_rows_stay(out: str) -> None:
    now = dt.datetime.now(dt.UTC)
    output, rows = Output.named(out), read_rows(Path(out), COLUMNS)
    assert purge(output, now - dt.timedelta(days=1)) == 0
    assert purge(output, now + dt.timedelta(days=1)) > 0
    assert read_pictures(Path(out), [("a", 0, 0, "amount")]) == {}
    assert read_rows(Path(out), COLUMNS) == rows
    write_results(out, [row_of("d", picture=NEW)], crops="all")  # the next run goes on as if nothing had been
    assert len(read_pictures(Path(out), [(name, 0, 0, "amount") for name in "ad"])) == 1


def test_pictures_of_what_was_read_since_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "r.parquet"
    now = dt.datetime.now(dt.UTC)

    class LongAgo(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> LongAgo:
            return cls.fromtimestamp(now.timestamp() - 100 * 86_400, tz)

    monkeypatch.setattr(shelf_module.dt, "datetime", LongAgo)
    write_results(out, [row_of("a", picture=OLD)], crops="all")
    monkeypatch.undo()
    write_results(out, [row_of("b", picture=OLD)], crops="all")
    assert purge(Output.named(str(out)), now - dt.timedelta(days=90)) == 1
    assert pq.read_table(crops_path(out))["source"].to_pylist() == ["b"]
    assert crops_path(out).stat().st_mode & 0o777 == 0o600
