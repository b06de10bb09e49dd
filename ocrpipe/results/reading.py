"""Results as they hold good: of a file all rows, of a dataset those of the last run that read each source."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ocrpipe.errors import UsageError
from ocrpipe.results.output import crops_path
from ocrpipe.results.schema import KEY, ROWS
from ocrpipe.results.sorted import sorted_table

CropKey = tuple[str, int, int, str | None]


def read_rows(results: Path, columns: Sequence[str]) -> pa.Table:
    """The named columns of all rows, sorted by key; UsageError where it is no results file or folder."""
    return numbered_rows(results, columns).select(list(columns))


def numbered_rows(results: Path, columns: Sequence[str]) -> pa.Table:
    """As `read_rows`, with a last column `number`: by it, `rows_at` finds the whole row."""
    needed = list(dict.fromkeys([*columns, *KEY, *(["run_id"] if results.is_dir() else [])]))
    try:
        tables = [pq.ParquetFile(path).read(needed) for path in _files(results)]
        if not tables:
            raise UsageError(f"{results}: there are no results in this folder")
        table = pa.concat_tables(tables)
    except OSError as error:
        raise UsageError(f"{results}: cannot be read: {error.strerror or error}") from error
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise UsageError(f"{results}: expected results of ocrpipe: {error}") from error
    if missing := set(needed) - set(table.column_names):
        raise UsageError(f"{results}: expected results of ocrpipe, with the columns {','.join(sorted(missing))}")
    table = table.append_column("number", pa.array(np.arange(len(table))))
    return sorted_table(_latest(table) if results.is_dir() else table, KEY).select([*columns, "number"])


def rows_at(results: Path, numbers: NDArray[np.int64]) -> pa.Table:
    """The whole rows with these numbers, in that order; of a large file, what is not wanted is never held together."""
    wanted = np.sort(numbers)
    found: list[pa.Table] = []
    before = 0
    for path in _files(results):
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                first, behind = np.searchsorted(wanted, [before, before + rows])
                if first < behind:
                    found.append(file.read_row_group(group).take(pa.array(wanted[first:behind] - before)))
                before += rows
    rows = pa.concat_tables([ROWS.empty_table(), *(table.cast(ROWS) for table in found)])
    return rows.take(pa.array(np.argsort(np.argsort(numbers, kind="stable"), kind="stable"))).combine_chunks()


def read_pictures(results: Path, wanted: Collection[CropKey]) -> dict[CropKey, bytes]:
    """The PNG pictures of the wanted rows, as far as they were kept."""
    found: dict[CropKey, bytes] = {}
    crops = crops_path(results)
    if not wanted or not crops.exists():
        return found
    taken: dict[CropKey, str] = {}
    sources = {key[0] for key in wanted}
    for path in _files(crops):
        with pq.ParquetFile(path) as file:
            groups = [i for i in range(file.num_row_groups) if _may_hold(file.metadata.row_group(i), sources)]
            for batch in file.iter_batches(512, groups, columns=[*KEY, "run_id", "png"]):
                for *parts, run, png in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    key = (parts[0], parts[1], parts[2], parts[3])
                    if key in wanted and run >= taken.get(key, ""):
                        found[key], taken[key] = png, run
    return found


def _may_hold(group: pq.RowGroupMetaData, sources: Collection[str]) -> bool:
    """Whether rows of one of the sources may be among those of a group, which is sorted by them."""
    known = group.column(0).statistics
    return known is None or not known.has_min_max or any(known.min <= source <= known.max for source in sources)


def _files(path: Path) -> Iterator[Path]:
    yield from sorted(path.glob("run_date=*/*.parquet")) if path.is_dir() else [path]


def _latest(table: pa.Table) -> pa.Table:
    """Runs' identifiers sort by time; a source's rows are all of one run."""
    last = table.select(["source", "run_id"]).group_by("source").aggregate([("run_id", "max")])
    place = pc.index_in(table["source"], last["source"].combine_chunks())
    return table.filter(pc.equal(table["run_id"], last["run_id_max"].take(place)))
