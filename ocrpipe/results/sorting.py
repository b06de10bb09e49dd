"""A table larger than memory, sorted: tables are spooled to disk, then gathered by key.

Every spooled table is sorted by itself, so the rows that one stretch of the output needs lie in one
contiguous slice of each: the spools are memory-mapped and only those slices are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def sort_order(keys: pa.Table) -> NDArray[np.int64]:
    """The row numbers of `keys` in ascending order of its columns, nulls first."""
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending", "at_start") for name in keys.column_names])
    return np.asarray(order, dtype=np.int64)


class Spool:
    """Tables of one schema, kept as files in `folder` (private to its owner) until they are gathered in order."""

    def __init__(self, folder: Path, schema: pa.Schema, key: Sequence[str]) -> None:
        self._folder = folder
        self._schema = schema
        self._key = list(key)
        self._files: list[Path] = []

    def add(self, table: pa.Table) -> None:
        """Sorts a table and puts it on disk."""
        path = self._folder / f"{len(self._files):06}.arrow"
        table = table.take(sort_order(table.select(self._key))).combine_chunks()
        with path.open("xb") as sink, pa.ipc.new_file(sink, self._schema) as writer:
            writer.write_table(table)
        self._files.append(path)

    def gather(self, rows: int) -> Iterator[pa.Table]:
        """All rows in order of the key, in tables of `rows` rows (the last may be shorter)."""
        runs = [pa.ipc.open_file(pa.memory_map(str(path))).read_all() for path in self._files]
        if not runs:
            return
        order = sort_order(pa.concat_tables([run.select(self._key) for run in runs]))
        starts = np.cumsum([0, *(run.num_rows for run in runs)])
        for at in range(0, len(order), rows):
            yield _slice_of(runs, starts, order[at : at + rows])


def _slice_of(runs: Sequence[pa.Table], starts: NDArray[np.int64], wanted: NDArray[np.int64]) -> pa.Table:
    """The rows `wanted` (numbers in the concatenation of `runs`) in that order."""
    owner = np.searchsorted(starts, wanted, side="right") - 1
    place = np.empty(len(wanted), np.int64)
    parts: list[pa.Table] = []
    gathered = 0
    for run in np.unique(owner):
        mine = wanted[owner == run]
        first, last = int(mine.min()), int(mine.max())
        parts.append(runs[run].slice(first - int(starts[run]), last - first + 1))
        place[owner == run] = mine - first + gathered
        gathered += last - first + 1
    return pa.concat_tables(parts).combine_chunks().take(pa.array(place))
