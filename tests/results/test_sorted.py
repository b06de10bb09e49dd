from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ocrpipe.results.sorted import gathered, merged, of_size, sort_order, sorted_table

KEY = ("source", "field")
SCHEMA = pa.schema([("source", pa.string()), ("field", pa.string()), ("n", pa.int64())])
Rows = list[tuple[str, str | None, int]]
rows = st.tuples(st.text("aB/é\u3042\U0001f600", max_size=3), st.none() | st.text("ab", min_size=1), st.integers(0, 9))
tables = st.lists(st.lists(rows))


def table_of(rows: Rows) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


def keys(tables: list[pa.Table]) -> list[tuple[Any, ...]]:
    return [(row["source"], row["field"]) for table in tables for row in table.to_pylist()]


def in_order(rows: Rows) -> list[tuple[Any, ...]]:
    """UTF-8 byte by byte, nulls first."""
    return sorted(((s, f) for s, f, _ in rows), key=lambda key: (key[0].encode(), key[1] is not None, key[1] or ""))


@given(tables, st.integers(1, 5))
def test_many_sorted_tables_are_gathered_in_order(many: list[Rows], size: int) -> None:
    runs = [sorted_table(table_of(rows), KEY) for rows in many]
    got = list(gathered(runs, KEY, size))
    assert keys(got) == in_order([row for rows in many for row in rows])
    assert all(table.num_rows == size for table in got[:-1])


@given(tables, tables, st.integers(1, 5))
def test_two_streams_are_merged_in_order(left: list[Rows], right: list[Rows], size: int) -> None:
    streams = [gathered([sorted_table(table_of(rows), KEY) for rows in side], KEY, size) for side in (left, right)]
    got = list(of_size(merged(*streams, KEY), 3))
    assert keys(got) == in_order([row for side in (left, right) for rows in side for row in rows])
    assert all(table.num_rows == 3 for table in got[:-1])


def test_nulls_come_first() -> None:
    assert sort_order(table_of([("b", None, 0), ("a", "x", 1), ("a", None, 2)]).select(KEY)).tolist() == [2, 1, 0]
