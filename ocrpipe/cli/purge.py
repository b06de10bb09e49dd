"""`ocrpipe purge`: pictures of people's writing that nobody needs any more are deleted."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated

import typer

from ocrpipe.errors import UsageError

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def purge(
    results: Annotated[str, typer.Argument(help="What `ocrpipe run` wrote.", metavar="RESULTS.parquet")],
    older_than: Annotated[str, typer.Option(help="A number of hours (h), days (d) or weeks (w).", metavar="AGE")],
) -> None:
    """Delete the field pictures of RESULTS that are older than AGE. The rows stay.

    \b
        ocrpipe purge results.parquet --older-than 90d

    Of a dataset (`results/`) whole days are deleted, by the date of the run.

    Exit status: 0 done; 2 usage; 5 cannot be written; 6 a run is at work on it.
    """
    from ocrpipe.results.output import Output
    from ocrpipe.results.purge import purge as purge_pictures
    from ocrpipe.results.store import as_output_error

    before = dt.datetime.now(dt.UTC) - age(older_than)
    output = Output.named(f"{results}/" if Path(results).is_dir() and not results.endswith("/") else results)
    output.check()
    with output.locked("purge"), as_output_error(output):
        gone = purge_pictures(output, before)
    print(f"{gone} pictures were deleted")


def age(text: str) -> dt.timedelta:
    """How long `90d`, `36h` or `2w` is.

    >>> age("90d").days, age("2w").days, age("36h").total_seconds() / 3600
    (90, 14, 36.0)
    """
    found = re.fullmatch(r"(\d{1,5})([hdw])", text)
    if not found:
        raise UsageError(f"--older-than {text}: expected a number with h, d or w behind it, such as 90d")
    return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})
