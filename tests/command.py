"""The real command, and its pages behind the real server."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "samples"
FORM = SAMPLES / "forms" / "remittance.toml"
COMMAND = [sys.executable, "-c", "from ocrpipe.cli import main; main()"]


@dataclass(frozen=True)
class Server:
    """A page's process, and the address that it printed."""

    process: subprocess.Popen[str]
    address: str


@contextmanager
def opened(*words: str) -> Iterator[Server]:
    """`ocrpipe WORDS… --no-browser`, which ends with the block, and well, unless somebody has killed it."""
    process = subprocess.Popen(
        [*COMMAND, *words, "--no-browser"], stdout=subprocess.PIPE, text=True, cwd=SAMPLES.parent
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found
    try:
        yield Server(process, found[0])
    finally:
        process.terminate()
        assert process.wait(20) in (0, -9)
