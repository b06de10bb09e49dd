"""A long run, and how its memory grows: `python -m tests.chaos.soak [--pages 20000] [--early 2000] [--jobs 2]`.

The samples are read again and again under new names, by the command line as people call it. Resident memory of the
parent and of every worker is looked at all the time; what they hold after 2,000 pages and at the end must lie within
5 % of each other (a median over the last looks, since a page in hand comes and goes).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import IO

import psutil

from tests.chaos.kills import ROOT, SAMPLES

_LOOKS = 40
_MOST_GROWTH = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--early", type=int, default=2_000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        linked = _links(Path(folder) / "scans", given.pages)
        process = _start(linked, Path(folder) / "r.parquet", given.jobs)
        assert process.stderr is not None
        early, late = _watched(process.pid, process.stderr, given.early)
        assert process.wait() == 0, f"the run ended with status {process.returncode}"
    grown = False
    for name in early:
        growth = late[name] / early[name] - 1
        grown |= growth > _MOST_GROWTH
        print(f"{name}: {early[name] / 1e6:.0f} MB after {given.early} pages, {late[name] / 1e6:.0f} MB after "
              f"{given.pages}: {growth:+.1%}")  # fmt: skip
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(1 if grown else 0)


def _links(folder: Path, pages: int) -> Path:
    """Scans of one page each, so that files and pages are counted alike."""
    scans = sorted(path for path in SAMPLES.rglob("*") if path.suffix in {".png", ".jpg"})
    for number in range(pages):
        target = folder / f"{number // 1_000:03}" / f"{number:06}{scans[number % len(scans)].suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(scans[number % len(scans)])
    return folder


def _start(scans: Path, out: Path, jobs: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from ocrpipe.cli import main; main()", "run", str(scans), "--out", str(out),
               "--template", str(SAMPLES / "forms" / "remittance.toml"), "--jobs", str(jobs),
               "--log-format", "json"]  # fmt: skip
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


def _watched(pid: int, events: IO[str], early_pages: int) -> tuple[dict[str, float], dict[str, float]]:
    """Bytes held by each process at both times."""
    parent, looks = psutil.Process(pid), defaultdict[str, list[int]](list)
    early: dict[str, float] = {}
    pages = 0
    for line in events:
        if line.startswith("{") and json.loads(line)["event"] == "file":
            pages += 1
            if pages % 20 == 0:
                with suppress(psutil.NoSuchProcess):  # the last pages are told of while the workers end
                    _look(parent, looks)
            if pages == early_pages:
                early = {name: median(some[-_LOOKS:]) for name, some in looks.items()}
    return early, {name: median(some[-_LOOKS:]) for name, some in looks.items()}


def _look(parent: psutil.Process, looks: dict[str, list[int]]) -> None:
    workers = [child for child in parent.children() if "spawn_main" in " ".join(child.cmdline())]
    looks["parent"].append(parent.memory_info().rss)
    for number, worker in enumerate(sorted(workers, key=lambda one: one.pid)):
        looks[f"worker {number}"].append(worker.memory_info().rss)


if __name__ == "__main__":
    main()
