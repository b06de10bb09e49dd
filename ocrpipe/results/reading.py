"""Results as they hold good: of a file all rows, of a dataset those of the last run that read each source."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ocrpipe.errors import UsageError
from ocrpipe.results.output import crops_path
from ocrpipe.results.schema import KEY
from ocrpipe.results.sorted import sorted_table

CropKey = tuple[str, int, int, str | None]


def read_rows(results: Path, columns: Sequence[str]) -> pa.Table:
    """The named columns of all rows, sorted by key; UsageError where it is no results file or folder."""
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
    return sorted_table(_latest(table) if results.is_dir() else table, KEY).select(list(columns))


def read_pictures(results: Path, wanted: Collection[CropKey]) -> dict[CropKey, bytes]:
    """The PNG pictures of the wanted rows, as far as they were kept."""
    found: dict[CropKey, bytes] = {}
    crops = crops_path(results)
    if not wanted or not crops.exists():
        return found
    taken: dict[CropKey, str] = {}
    for path in _files(crops):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(512, columns=[*KEY, "run_id", "png"]):
                for *parts, run, png in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    key = (parts[0], parts[1], parts[2], parts[3])
                    if key in wanted and run >= taken.get(key, ""):
                        found[key], taken[key] = png, run
    return found


def _files(path: Path) -> Iterator[Path]:
    yield from sorted(path.glob("run_date=*/*.parquet")) if path.is_dir() else [path]


def _latest(table: pa.Table) -> pa.Table:
    """Runs' identifiers sort by time; a source's rows are all of one run."""
    last = table.select(["source", "run_id"]).group_by("source").aggregate([("run_id", "max")])
    place = pc.index_in(table["source"], last["source"].combine_chunks())
    return table.filter(pc.equal(table["run_id"], last["run_id_max"].take(place)))
