"""What an unfinished run has read so far, in parts that are all there or not at all.

A part holds the rows of some files, their pictures and, written last, their entries for the ledger: a part counts
from the moment when its entries are there. A run that is killed leaves its parts, and the next one goes on behind
them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from ocrpipe.results.ledger import ENTRIES
from ocrpipe.results.output import Output
from ocrpipe.results.remote import Place
from ocrpipe.results.schema import CROPS, KEY, ROWS
from ocrpipe.results.sorted import sorted_table

What = Literal["rows", "crops", "ledger"]
ROW_GROUP = 32_768
CROP_ROW_GROUP = 1_024
PRIVATE = 0o600
"""Pictures of people's writing are for their owner alone."""
_HEADER = "journal.json"
_SCHEMAS: dict[What, pa.Schema] = {"rows": ROWS, "crops": CROPS, "ledger": ENTRIES}


@dataclass(frozen=True, slots=True)
class Header:
    """What the parts belong to."""

    before: str | None
    """The mark in the results and the ledger to which the parts will be added; None where they begin anew."""
    after: str
    """The mark that both will bear with the parts in them."""


class Journal:
    """The journal of one output; whoever holds the output's lock may write."""

    def __init__(self, output: Output, metadata: Mapping[str, str]) -> None:
        self._output = output
        self._folder = output.journal
        self._metadata = dict(metadata)

    @property
    def header(self) -> Header | None:
        """Of a journal that was left behind, else None."""
        if not self._folder.has(_HEADER):
            return None
        with self._folder.open(_HEADER) as file:
            return Header(**json.loads(file.read()))

    def begin(self, header: Header) -> None:
        """An empty journal."""
        self.clear()
        self._folder.make(0o700)
        with self._folder.write(_HEADER) as sink:
            sink.write(json.dumps(asdict(header)).encode())

    def clear(self) -> None:
        self._folder.clear()

    @property
    def parts(self) -> list[str]:
        """Names of the parts that are whole, in order of their numbers."""
        return [name.removesuffix(".ledger.arrow") for name in self._folder.names() if name.endswith(".ledger.arrow")]

    def write(self, part: str, run_date: str, rows: pa.Table, crops: pa.Table, entries: pa.Table) -> None:
        """Adds a part. Of a dataset, rows and pictures go to their final place at once."""
        if self._output.dataset:
            folder = self._output.folder
            self._write_parquet(folder.below(self._output.rows), run_date, part, rows)
            if crops.num_rows:
                self._write_parquet(folder.below(self._output.crops), run_date, part, crops, private=True)
        else:
            self._write_arrow(part, "rows", sorted_table(rows, KEY))
            self._write_arrow(part, "crops", sorted_table(crops, KEY))
        self._write_arrow(part, "ledger", entries)

    def remove(self, part: str, run_date: str) -> None:
        """Takes a part back; nothing where it was never written."""
        self._folder.remove(f"{part}.ledger.arrow")
        for what in ("rows", "crops"):
            self._folder.remove(f"{part}.{what}.arrow")
        for name in (self._output.rows, self._output.crops) if self._output.dataset else ():
            self._output.folder.below(name).remove(f"run_date={run_date}/{part}.parquet")

    def read(self, part: str, what: What) -> pa.Table:
        """Rows, pictures or entries of a part, mapped into memory."""
        return pa.ipc.open_file(self._folder.open(f"{part}.{what}.arrow")).read_all()

    def _write_arrow(self, part: str, what: What, table: pa.Table) -> None:
        with (
            self._folder.write(f"{part}.{what}.arrow", PRIVATE) as sink,
            pa.ipc.new_file(sink, _SCHEMAS[what]) as writer,
        ):
            writer.write_table(table)

    def _write_parquet(
        self, folder: Place, run_date: str, part: str, table: pa.Table, *, private: bool = False
    ) -> None:
        of_day = folder.below(f"run_date={run_date}")
        for each in (folder, of_day):
            each.make(0o700 if private else 0o777)
        schema = table.schema.with_metadata({f"ocrpipe.{name}": text for name, text in self._metadata.items()})
        with (
            of_day.write(f"{part}.parquet", PRIVATE if private else 0o666) as sink,
            pq.ParquetWriter(sink, schema, compression="zstd") as writer,
        ):
            writer.write_table(sorted_table(table, KEY), row_group_size=CROP_ROW_GROUP if private else ROW_GROUP)
