"""One suite over all engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ocrpipe.engines import base
from ocrpipe.engines.base import Engine
from ocrpipe.engines.processes import ProcessesEngine
from ocrpipe.engines.ray import RayEngine
from ocrpipe.engines.ray_cluster import connected
from ocrpipe.engines.serial import SerialEngine
from ocrpipe.errors import UsageError
from ocrpipe.records import ScanFile
from ocrpipe.rows import FileRows
from tests.engines.fake import FakeLine
from tests.engines.shelves import brisk_workers, store_at


@pytest.fixture(scope="module")
def local_ray() -> Iterator[None]:
    """One cluster of this machine alone for all tests, as it takes seconds to start."""
    with brisk_workers(), connected(None, jobs=2):
        yield


@pytest.fixture(params=["serial", "processes", "ray"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "ray":
        request.getfixturevalue("local_ray")
        return RayEngine(store_at(tmp_path / "r.parquet").shelf)
    return SerialEngine() if request.param == "serial" else ProcessesEngine(2)


def never() -> bool:
    return False


def scans(folder: Path, names: Sequence[str]) -> list[ScanFile]:
    return [ScanFile(folder / name, name) for name in names]


def rows_of(results: Sequence[FileRows]) -> list[tuple[object, ...]]:
    return sorted(
        (row.context.source, row.context.page, row.spec.name if row.spec else "", row.decision.status)
        for result in results
        for row in result.rows
    )


def test_every_field_of_every_page_has_a_row(engine: Engine, tmp_path: Path) -> None:
    files = scans(tmp_path, [f"{i}-pages-{i % 4}.png" for i in range(40)])
    results = list(engine.run(FakeLine(tmp_path), files, never))
    assert sorted(r.file.name for r in results) == sorted(f.name for f in files)
    assert {r.file.name: r.pages for r in results} == {f.name: i % 4 for i, f in enumerate(files)}
    assert rows_of(results) == sorted(
        (file.name, page, field, "accepted")
        for i, file in enumerate(files)
        for page in range(i % 4)
        for field in ("amount", "zip")
    )


def test_every_file_tells_what_it_took(engine: Engine, tmp_path: Path) -> None:
    results = list(engine.run(FakeLine(tmp_path), scans(tmp_path, ["a", "pages-3"]), never))
    seconds = {r.file.name: r.seconds for r in results}
    assert (seconds["a"]["decode"], seconds["pages-3"]["decode"]) == (1, 3)
    assert seconds["a"]["networks"] > 0 and seconds["pages-3"]["networks"] > 0


def test_no_files_no_rows(engine: Engine, tmp_path: Path) -> None:
    assert list(engine.run(FakeLine(tmp_path), [], never)) == []


def test_a_bug_costs_one_file_one_row(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "raise-pages-3").write_bytes(b"abc")
    files = scans(tmp_path, ["a", "raise-pages-3", "b", "poison", "c"])
    results = {r.file.name: r for r in engine.run(FakeLine(tmp_path), files, never)}
    statuses = {name: [row.decision.status for row in r.rows] for name, r in results.items()}
    good = ["accepted", "accepted"]
    assert statuses == {"a": good, "b": good, "c": good, "raise-pages-3": ["failed"], "poison": ["failed"]}
    row = results["raise-pages-3"].rows[0]
    assert (row.decision.reason, row.decision.detail) == ("crashed", "ValueError: a bug on the second page")
    assert row.spec is None and row.context.source_sha256.startswith("ba7816bf")


def test_what_the_operator_must_mend_stops_the_run(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the model file is missing"):
        list(engine.run(FakeLine(tmp_path), scans(tmp_path, ["a", "operator", "b"]), never))


def test_a_batch_is_bounded_in_pages_and_in_crops(tmp_path: Path) -> None:
    list(SerialEngine().run(FakeLine(tmp_path), scans(tmp_path, ["pages-50", "x", "y"]), never))
    list(SerialEngine().run(FakeLine(tmp_path, crops_per_field=900), scans(tmp_path, ["pages-5"]), never))
    [notes] = tmp_path.glob("batches-*")
    batches = [tuple(map(int, line.split())) for line in notes.read_text().splitlines()]
    fields = 2 * base.PAGES_AT_ONCE
    whole, rest = divmod(52, base.PAGES_AT_ONCE)
    assert [n for n, _ in batches] == [*whole * [fields], 2 * rest, 4, 4, 2]
    assert max(crops for _, crops in batches) < base.CROPS_AT_ONCE + 2 * 900


def test_who_is_asked_to_stop_finishes_what_is_in_hand(engine: Engine, tmp_path: Path) -> None:
    files = scans(tmp_path, [f"{i}" for i in range(200)])
    results = []
    for result in engine.run(FakeLine(tmp_path), files, lambda: len(results) > 0):
        results.append(result)
    assert 0 < len(results) < 100
    assert all(len(result.rows) == 2 for result in results)


def test_a_file_that_grows_while_it_is_read_says_so(engine: Engine, tmp_path: Path) -> None:
    for name in ("still", "grow"):
        (tmp_path / name).write_text("a")
    results = {r.file.name: r for r in engine.run(FakeLine(tmp_path), scans(tmp_path, ["still", "grow"]), never)}
    assert results["grow"].changed and not results["still"].changed
