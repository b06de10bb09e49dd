from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ocrpipe.results.lock import locked
from tests.builders import row_of, write_results
from tests.cli.conftest import Outcome
from tests.results.test_reading import OLD

Run = Callable[..., Outcome]


@pytest.mark.parametrize("name", ["r.parquet", "r/"])
def test_what_is_young_stays(ocrpipe: Run, tmp_path: Path, name: str) -> None:
    out = f"{tmp_path}/{name}"
    write_results(out, [row_of("a", picture=OLD)], crops="all")
    done = ocrpipe("purge", out.rstrip("/"), "--older-than", "90d")
    assert (done.code, done.out) == (0, "0 pictures were deleted\n")


def test_mistakes_are_named(ocrpipe: Run, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    done = ocrpipe("purge", out, "--older-than", "90d")
    assert done.code == 2 and "no r.ledger.parquet" in done.err
    write_results(out, [row_of("a", picture=OLD)], crops="all")
    done = ocrpipe("purge", out, "--older-than", "quarter")
    assert done.code == 2 and "such as 90d" in done.err
    with locked(tmp_path / "r.lock", "run-1"):
        assert ocrpipe("purge", out, "--older-than", "90d").code == 6
