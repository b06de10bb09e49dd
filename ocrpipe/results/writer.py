"""Rows → RESULTS.parquet and RESULTS.crops.parquet, each whole or absent.

Rows are spooled as they come, in any order, and written sorted by key at the end, so memory holds
one batch of them and the keys. Pictures of people's writing have a file of their own, readable by its
owner alone, so that the results can be passed on without them.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from ocrpipe import __version__
from ocrpipe.errors import OutputError
from ocrpipe.results.atomic import whole_file
from ocrpipe.results.schema import CROPS, KEY, ROWS, SCHEMA_VERSION, Stamp, key_of, rows_to_table
from ocrpipe.results.sorting import Spool
from ocrpipe.rows import Row

CropsWanted = Literal["review", "all", "none"]

ROWS_IN_HAND = 4_096
"""Rows held in memory before they are spooled."""
CROPS_IN_HAND = 512
ROW_GROUP = 32_768
CROP_ROW_GROUP = 1_024


def crops_path(results: Path) -> Path:
    """Where the pictures of `results` are.

    >>> crops_path(Path("out/results.parquet")).name
    'results.crops.parquet'
    """
    return results.with_suffix(".crops.parquet")


def check_output(path: Path, *, overwrite: bool) -> None:
    """Raises OutputError where results cannot go, before any scan is read."""
    folder = path.parent
    if not folder.is_dir():
        raise OutputError(f"{path}: there is no folder {folder}; make it first")
    if path.is_dir():
        raise OutputError(f"{path} is a folder; --out names a file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: the folder {folder} is not writable")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists; add --overwrite to replace it, or choose another name")


class ResultsWriter:
    """Collects rows; `finish` writes the files. Leaving the block without `finish` leaves nothing behind."""

    def __init__(
        self,
        path: Path,
        stamp: Stamp,
        *,
        crops: CropsWanted,
        fingerprint: Mapping[str, str],
        overwrite: bool = False,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        check_output(path, overwrite=overwrite)
        self._path = path
        self._stamp = stamp
        self._crops_wanted = crops
        self._now = now
        self._metadata = {
            "ocrpipe.schema_version": str(SCHEMA_VERSION),
            "ocrpipe.version": __version__,
            **{f"ocrpipe.{name}": text for name, text in fingerprint.items()},
        }
        self._tables: list[pa.Table] = []
        self._table_rows = 0
        self._crops: list[dict[str, Any]] = []
        with _as_output_error(path):
            self._folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
            (self._folder / "rows").mkdir()
            (self._folder / "crops").mkdir()
        self._row_spool = Spool(self._folder / "rows", ROWS, KEY)
        self._crop_spool = Spool(self._folder / "crops", CROPS, KEY)

    def __enter__(self) -> ResultsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, rows: Sequence[Row]) -> None:
        """Takes the rows of a file."""
        with _as_output_error(self._path):
            if rows:
                self._tables.append(rows_to_table(rows, self._stamp, self._now()))
                self._table_rows += len(rows)
            self._crops += [_picture(row) for row in rows if self._wants_picture(row)]
            if self._table_rows >= ROWS_IN_HAND:
                self._spool_rows()
            if len(self._crops) >= CROPS_IN_HAND:
                self._spool_crops()

    def finish(self) -> None:
        """Writes both files, sorted by key, and lets them take their names."""
        with _as_output_error(self._path):
            self._spool_rows()
            self._spool_crops()
            pictures = crops_path(self._path)
            if self._crops_wanted == "none":
                pictures.unlink(missing_ok=True)  # of an older run: they are not the pictures of these results
            else:
                self._write(pictures, self._crop_spool, CROPS, CROP_ROW_GROUP, mode=0o600)
            self._write(self._path, self._row_spool, ROWS, ROW_GROUP)

    def _wants_picture(self, row: Row) -> bool:
        if row.picture is None or self._crops_wanted == "none":
            return False
        return self._crops_wanted == "all" or row.decision.status in ("review", "failed")

    def _spool_rows(self) -> None:
        if self._tables:
            self._row_spool.add(pa.concat_tables(self._tables))
            self._tables, self._table_rows = [], 0

    def _spool_crops(self) -> None:
        if self._crops:
            self._crop_spool.add(pa.Table.from_pylist(self._crops, schema=CROPS))
            self._crops = []

    def _write(self, path: Path, spool: Spool, schema: pa.Schema, row_group: int, mode: int = 0o666) -> None:
        with (
            whole_file(path, mode) as sink,
            pq.ParquetWriter(sink, schema.with_metadata(self._metadata), compression="zstd") as writer,
        ):
            for table in spool.gather(row_group):
                writer.write_table(table, row_group_size=row_group)


def _picture(row: Row) -> dict[str, Any]:
    import cv2  # the pictures are the only reason for OpenCV here

    assert row.picture is not None
    height, width = row.picture.shape
    _, png = cv2.imencode(".png", row.picture, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    return {**key_of(row), "png": png.tobytes(), "height": height, "width": width}


@contextmanager
def _as_output_error(path: Path) -> Iterator[None]:
    """Disk full, folder gone, no permission: the operator's to mend, and nothing half-written stays."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
