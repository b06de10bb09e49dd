"""`ocrpipe show`: a look at the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_COLUMNS = ("source", "page", "template", "field", "kind", "value", "status", "reason", "confidence")


def show(
    results: Annotated[Path, typer.Argument(help="What `ocrpipe run` wrote.", metavar="RESULTS.parquet")],
    rows: Annotated[int, typer.Option(min=1, help="How many rows, from the first.")] = 30,
) -> None:
    """Print the first rows of RESULTS, in their most telling columns.

    \b
        ocrpipe show results.parquet --rows 100

    DuckDB, Polars, pandas and Spark read all of them:

    \b
        duckdb -c "select source, amount from 'results.parquet' where status = 'accepted'"
    """
    from ocrpipe.cli.tables import print_table
    from ocrpipe.results.reading import read_rows

    table = read_rows(results, _COLUMNS)
    first = table.slice(0, rows).to_pylist()
    print_table(_COLUMNS, [[_cell(row[name]) for name in _COLUMNS] for row in first], right=("page", "confidence"))
    print(f"{len(first)} of {table.num_rows} rows")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
