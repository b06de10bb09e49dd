"""Real results of the samples, and reviews of them by the real command."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.command import COMMAND, FORM, SAMPLES, Server, opened


@pytest.fixture(scope="session")
def read_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ocrpipe run` reads off the samples when so much is promised that all goes to review."""
    out = tmp_path_factory.mktemp("samples") / "results.parquet"
    subprocess.run(
        [*COMMAND, "run", str(SAMPLES), "--template", str(FORM), "--max-error", "0.001", "--out", str(out), "--jobs",
         "1", "--quiet"],
        check=True, cwd=SAMPLES.parent,
    )  # fmt: skip
    return out


@pytest.fixture
def results(read_samples: Path, tmp_path: Path) -> Path:
    """A copy, to be reviewed."""
    for path in read_samples.parent.glob("results.*"):
        shutil.copy(path, tmp_path)
    return tmp_path / "results.parquet"


@pytest.fixture
def review() -> Iterator[Callable[..., Server]]:
    """Opens reviews; all are closed in the end."""
    with ExitStack() as servers:
        yield lambda results, *options: servers.enter_context(opened("review", str(results), *options))
