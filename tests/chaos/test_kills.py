"""The quick form of `tests.chaos.kills`: few scans, three kills."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.kills import prove


@pytest.mark.parametrize("dataset", [False, True])
def test_runs_that_are_killed_lose_nothing(tmp_path: Path, dataset: bool) -> None:
    tale = prove(tmp_path, kills=3, count=40, longest_s=4.0, seed=1, dataset=dataset)
    assert tale.killed == 3
