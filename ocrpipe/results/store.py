"""Rows on their way into an output that is at every moment whole: the one before the run or the one after it.

Rows are committed to a journal part by part as files are read. In the end the journal is folded into the output: the
rows of files that were read again take the place of the older ones, and the ledger says what is done. A run that is
killed, or whose disk is full, leaves the output as it was and the journal to go on from.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ocrpipe import __version__
from ocrpipe.errors import OutputError
from ocrpipe.results.journal import CROP_ROW_GROUP, PRIVATE, ROW_GROUP, Header, Journal, What
from ocrpipe.results.ledger import ENTRIES, Ledger, superseded
from ocrpipe.results.output import Output, in_dataset
from ocrpipe.results.schema import CROPS, KEY, ROWS, SCHEMA_VERSION, Stamp
from ocrpipe.results.shelf import CropsWanted, Part, Shelf
from ocrpipe.results.sorted import gathered, merged, of_size
from ocrpipe.rows import FileRows


class InHand(NamedTuple):
    """A part is written when it has so many rows or pictures, or is so old: a run that is killed loses no more."""

    rows: int
    crops: int
    seconds: float


OF_A_FILE = InHand(4_096, 1_024, 10.0)
OF_A_DATASET = InHand(16_384, 4_096, 300.0)
"""There, each part is a file for good: a night's run makes a hundred at most of those that only time has filled."""
_MARK = "ocrpipe.mark"
_CURE = "restore what is missing, add --overwrite to read everything again, or choose another --out"


class Store:
    """Takes the rows of files; `finish` makes them part of the output. To be opened under the output's lock."""

    def __init__(
        self, output: Output, stamp: Stamp, *, crops: CropsWanted, fingerprint: Mapping[str, str], overwrite: bool
    ) -> None:
        self._output = output
        self._crops_wanted = crops
        self.fingerprint = " ".join(fingerprint.values())
        self._metadata = {"schema_version": str(SCHEMA_VERSION), "version": __version__, **fingerprint}
        self._journal = Journal(output, self._metadata)
        with as_output_error(output):
            output.sweep()
            self._header = self._begun(overwrite)
            self.ledger = Ledger([*self._old_entries(), *self._new_entries()])
        number = 1 + max((int(part.partition("-")[0]) for part in self._journal.parts), default=-1)
        self.shelf = Shelf(output, stamp, crops, self.fingerprint, self._metadata, number)
        self._parts_written = 0
        self._take_none()

    def add(self, done: FileRows) -> None:
        """Takes the rows of a file."""
        self._part.add(done)
        most = OF_A_DATASET if self._output.dataset else OF_A_FILE
        full = self._part.rows >= most.rows or self._part.pictures >= most.crops
        if full or time.monotonic() - self._since > most.seconds:
            self.commit()

    def commit(self) -> None:
        """From here on, what was added outlives this process."""
        if self._part.files:
            with as_output_error(self._output):
                self._part.write(self.shelf.name(self._parts_written))
            self._parts_written += 1
        self._take_none()
        pa.default_memory_pool().release_unused()  # else it grows with the largest part, by 60 MB in a long night

    def finish(self) -> None:
        """Folds the journal into the output."""
        self.commit()
        with as_output_error(self._output):
            if self._output.dataset:
                self._fold_dataset()
            elif self._journal.parts or self._header.before is None:
                self._fold_file()
            self._journal.clear()

    def _take_none(self) -> None:
        self._part = Part(self.shelf)
        self._since = time.monotonic()

    def _begun(self, overwrite: bool) -> Header:
        """The header of the journal that a killed run has left, or of a new one."""
        left = None if overwrite else self._journal.header
        ledger, rows = self._mark_of(self._output.ledger), self._mark_of(self._output.rows)
        if left is not None:
            if left.before is not None and not {ledger, rows} <= {left.before, left.after}:
                raise OutputError(f"{self._output} is not what the interrupted run began with; {_CURE}")
            return left
        lost = ledger is not None and rows is None
        if not overwrite and not lost and rows != ledger:
            raise OutputError(f"{self._output} was not written together with {self._output.ledger}; {_CURE}")
        header = Header(None if overwrite or lost else ledger, secrets.token_hex(8))
        self._journal.begin(header)
        return header

    def _mark_of(self, name: str) -> str | None:
        """What tells that results and ledger belong together; None where the file is absent, "" where it bears none."""
        folder = self._output.folder
        if self._output.dataset and name == self._output.rows:
            return (self._mark_of(self._output.ledger) or "") if folder.below(name).names() else None
        if not folder.has(name):
            return None
        try:
            with folder.open(name) as file:
                return str((pq.read_schema(file).metadata or {}).get(_MARK.encode(), b"").decode())
        except pa.ArrowInvalid:
            return ""

    def _old_entries(self) -> list[pa.Table]:
        if self._header.before is None:
            return []
        with self._output.folder.open(self._output.ledger) as file:
            return [pq.read_table(file).cast(ENTRIES)]

    def _new_entries(self) -> list[pa.Table]:
        return [self._journal.read(part, "ledger") for part in self._journal.parts]

    def _fold_dataset(self) -> None:
        folder, parts = self._output.folder, self._journal.parts
        if parts or self._header.before is None:
            self._write_ledger()
        if self._header.before is None:
            for name in (self._output.rows, self._output.crops):
                of_name = folder.below(name)
                for old in of_name.names():
                    if in_dataset(old) and old.rpartition("/")[2].removesuffix(".parquet") not in parts:
                        of_name.remove(old)

    def _fold_file(self) -> None:
        """Pictures first, then the rows that speak of them, then the ledger that speaks of both."""
        parts = self._journal.parts
        sources = [entries["source"].combine_chunks() for entries in self._new_entries()]
        keep = self._header.before is not None
        if self._crops_wanted == "none" and not keep:
            self._output.folder.remove(self._output.crops)  # of an older run: not the pictures of these rows
        else:
            old = self._old(self._output.crops, CROPS, CROP_ROW_GROUP, sources) if keep else iter(())
            new = gathered(self._latest("crops", parts, sources), KEY, CROP_ROW_GROUP)
            self._write(self._output.crops, CROPS, merged(old, new, KEY), CROP_ROW_GROUP, PRIVATE)
        old = self._old(self._output.rows, ROWS, ROW_GROUP, sources) if keep else iter(())
        new = gathered(self._latest("rows", parts, sources), KEY, ROW_GROUP)
        self._write(self._output.rows, ROWS, merged(old, new, KEY), ROW_GROUP)
        self._write_ledger()

    def _latest(self, what: What, parts: list[str], sources: list[pa.Array]) -> list[pa.Table]:
        """The tables of all parts, without rows of sources that a later part has, too."""
        tables = [self._journal.read(part, what) for part in parts]
        for i, lost in superseded(sources):
            tables[i] = tables[i].filter(pc.invert(pc.is_in(tables[i]["source"], lost)))
        return tables

    def _old(self, name: str, schema: pa.Schema, rows: int, sources: list[pa.Array]) -> Iterator[pa.Table]:
        """What the output holds, in order, without what the journal replaces; folders that could not be listed are
        reported anew by every run."""
        folder = self._output.folder
        if not folder.has(name):
            return
        known = self.ledger.entries["source"]
        replaced = known.filter(pc.is_in(known, pa.chunked_array(sources, pa.string()))).combine_chunks()
        with folder.open(name) as file, pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(rows):
                table = pa.Table.from_batches([batch]).cast(schema)
                gone = pc.or_(pc.is_in(table["source"], replaced), pc.ends_with(table["source"], "/"))
                yield table.filter(pc.invert(gone))

    def _write(self, name: str, schema: pa.Schema, tables: Iterator[pa.Table], rows: int, mode: int = 0o666) -> None:
        marked = {**{f"ocrpipe.{key}": text for key, text in self._metadata.items()}, _MARK: self._header.after}
        with (
            self._output.folder.write(name, mode) as sink,
            pq.ParquetWriter(sink, schema.with_metadata(marked), compression="zstd") as writer,
        ):
            for table in of_size(tables, rows):
                writer.write_table(table, row_group_size=rows)

    def _write_ledger(self) -> None:
        entries = Ledger([*self._old_entries(), *self._new_entries()]).entries
        self._write(self._output.ledger, ENTRIES, iter([entries]), ROW_GROUP)


@contextmanager
def as_output_error(output: Output) -> Iterator[None]:
    """Disk full, folder gone, no permission: the operator's to mend, and nothing half-written stays."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror or error}") from error
