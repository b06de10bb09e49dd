"""How a part of the journal comes to be: by the run itself, or on another machine that works for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from ocrpipe.results.journal import Journal
from ocrpipe.results.ledger import entries_of
from ocrpipe.results.output import Output
from ocrpipe.results.schema import CROPS, Stamp, picture_of, rows_to_table
from ocrpipe.rows import FileRows, Row

CropsWanted = Literal["review", "all", "none"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What must be known to write parts of one run. It is pickled to wherever they are written."""

    output: Output
    stamp: Stamp
    crops: CropsWanted
    fingerprint: str
    metadata: Mapping[str, str]
    number: int
    """Parts of runs that were killed before have smaller ones."""

    @property
    def journal(self) -> Journal:
        return Journal(self.output, self.metadata)

    def name(self, part: int, of: str = "") -> str:
        """Of the run's `part`-th part, counting from 0; `of` tells apart several who count. A part that is written
        again under its name takes the place of the first."""
        return f"{self.number + part:06}-{self.stamp.run_id}{of}"


class Part:
    """The rows of some files, their pictures and their entries for the ledger, until they are written."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._rows: list[pa.Table] = []
        self._pictures: list[dict[str, Any]] = []
        self._entries: list[pa.Table] = []
        self.rows = 0

    @property
    def files(self) -> int:
        return len(self._entries)

    @property
    def pictures(self) -> int:
        return len(self._pictures)

    def add(self, done: FileRows) -> None:
        """Takes the rows of a file."""
        now = dt.datetime.now(dt.UTC)
        self._rows.append(rows_to_table(done.rows, self._shelf.stamp, now))
        self._pictures += [picture_of(row, self._shelf.stamp) for row in done.rows if self._wants_picture(row)]
        self._entries.append(entries_of([done], self._shelf.fingerprint, self._shelf.stamp.run_id, now))
        self.rows += len(done.rows)

    def write(self, name: str) -> None:
        """Writes the part as `name` into the journal."""
        self._shelf.journal.write(
            name, self._shelf.stamp.run_date, pa.concat_tables(self._rows),
            pa.Table.from_pylist(self._pictures, schema=CROPS), pa.concat_tables(self._entries),
        )  # fmt: skip

    def _wants_picture(self, row: Row) -> bool:
        if row.picture is None or self._shelf.crops == "none":
            return False
        return self._shelf.crops == "all" or row.decision.status in ("review", "failed")
