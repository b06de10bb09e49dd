"""Real results of the samples, and the real command."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
FORM = SAMPLES / "forms" / "remittance.toml"
COMMAND = [sys.executable, "-c", "from ocrpipe.cli import main; main()"]


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


@dataclass
class Server:
    """`ocrpipe review` in a process of its own."""

    process: subprocess.Popen[str]
    address: str


@pytest.fixture
def review() -> Iterator[Callable[..., Server]]:
    """Opens reviews; all are closed in the end."""
    servers: list[subprocess.Popen[str]] = []

    def open_it(results: Path, *options: str) -> Server:
        command = [*COMMAND, "review", str(results), "--no-browser", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=SAMPLES.parent)
        servers.append(process)
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        return Server(process, found[0])

    yield open_it
    for process in servers:
        process.terminate()
        assert process.wait(20) in (0, -9)
