"""Field pictures are of people's writing: they are kept for as long as somebody may need to look, and no longer."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ocrpipe.errors import UsageError
from ocrpipe.results.journal import CROP_ROW_GROUP, PRIVATE
from ocrpipe.results.output import Output


def purge(output: Output, before: dt.datetime) -> int:
    """Deletes the pictures of what was read before a time, and says how many. To be called under the output's lock.

    Of a dataset, whole days go: those that ended before.
    """
    if not output.folder.has(output.ledger):
        raise UsageError(f"{output}: there is no {output.ledger} beside it that tells when it was read")
    return _purge_dataset(output, before) if output.dataset else _purge_file(output, before)


def _purge_file(output: Output, before: dt.datetime) -> int:
    folder = output.folder
    if not folder.has(output.crops):
        return 0
    with folder.open(output.ledger) as file:
        entries = pq.read_table(file, columns=["source", "processed_at"])
    old = entries.filter(pc.less(entries["processed_at"], pa.scalar(before, pa.timestamp("us", tz="UTC"))))
    sources = old["source"].combine_chunks()
    with folder.open(output.crops) as file, pq.ParquetFile(file) as crops:
        total, kept = int(crops.metadata.num_rows), 0
        if not _any_of(crops, sources):
            return 0
        with (
            folder.write(output.crops, PRIVATE) as sink,
            pq.ParquetWriter(sink, crops.schema_arrow, compression="zstd") as writer,
        ):
            for batch in crops.iter_batches(CROP_ROW_GROUP):
                table = pa.Table.from_batches([batch])
                table = table.filter(pc.invert(pc.is_in(table["source"], sources)))
                writer.write_table(table)
                kept += table.num_rows
    return total - kept


def _any_of(crops: pq.ParquetFile, sources: pa.Array) -> bool:
    return any(pc.any(pc.is_in(batch["source"], sources)).as_py() for batch in crops.iter_batches(columns=["source"]))


def _purge_dataset(output: Output, before: dt.datetime) -> int:
    """A picture of a day that is partly before the time stays until the whole day is."""
    crops, gone = output.folder.below(output.crops), 0
    for name in crops.names():
        day = name.removeprefix("run_date=").partition("/")[0]
        if name.endswith(".parquet") and dt.date.fromisoformat(day) < before.date():
            with crops.open(name) as file:
                gone += int(pq.read_metadata(file).num_rows)
            crops.remove(name)
    return gone
