"""Tables larger than memory, sorted and merged by key.

Every table is sorted by itself, so that the rows which one stretch of the output needs lie in one contiguous slice
of each: the tables are memory-mapped, and only those slices are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def sort_order(keys: pa.Table) -> NDArray[np.int64]:
    """The row numbers of `keys` in ascending order of its columns, nulls first."""
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending", "at_start") for name in keys.column_names])
    return np.asarray(order, dtype=np.int64)


def sorted_table(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The rows of one table in order of the columns `key`."""
    return table.take(sort_order(table.select(list(key)))).combine_chunks()


def gathered(runs: Sequence[pa.Table], key: Sequence[str], rows: int) -> Iterator[pa.Table]:
    """The rows of many sorted tables in order of `key`, in tables of `rows` rows (the last may be shorter)."""
    if not runs:
        return
    order = sort_order(pa.concat_tables([run.select(list(key)) for run in runs]))
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


def merged(left: Iterator[pa.Table], right: Iterator[pa.Table], key: Sequence[str]) -> Iterator[pa.Table]:
    """Two sorted streams of tables as one; at no time is more than one table of each in hand."""
    streams = [(table for table in stream if table.num_rows) for stream in (left, right)]
    heads = [next(stream, None) for stream in streams]
    while heads[0] is not None and heads[1] is not None:
        bound = min(_key_at(head, key, -1) for head in heads if head is not None)
        parts = []
        for side, head in enumerate(heads):
            assert head is not None
            upto = _rows_upto(head, key, bound)
            parts.append(head.slice(0, upto))
            heads[side] = head.slice(upto) if upto < head.num_rows else next(streams[side], None)
        yield sorted_table(pa.concat_tables(parts), key)
    for head, stream in zip(heads, streams, strict=True):
        if head is not None:
            yield head
            yield from stream


def of_size(tables: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of `rows` rows (the last may be shorter)."""
    held: list[pa.Table] = []
    count = 0
    for table in tables:
        held.append(table)
        count += table.num_rows
        if count >= rows:
            whole = pa.concat_tables(held)
            full = count - count % rows
            yield from (whole.slice(at, rows) for at in range(0, full, rows))
            held, count = [whole.slice(full)], count - full
    if count:
        yield pa.concat_tables(held)


def _key_at(table: pa.Table, key: Sequence[str], row: int) -> tuple[Any, ...]:
    """A key that Python compares as Arrow sorts it: nulls first, strings by their UTF-8 bytes."""
    values = (table[name][row].as_py() for name in key)
    return tuple((value is not None, value) for value in values)


def _rows_upto(table: pa.Table, key: Sequence[str], bound: tuple[Any, ...]) -> int:
    """How many of the first rows of a sorted table are not behind `bound`."""
    low, high = 0, table.num_rows
    while low < high:
        middle = (low + high) // 2
        if _key_at(table, key, middle) <= bound:
            low = middle + 1
        else:
            high = middle
    return low
