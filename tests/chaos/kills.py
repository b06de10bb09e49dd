"""Real runs whose processes are killed at random moments, and gone on with: `python -m tests.chaos.kills`.

    python -m tests.chaos.kills --kills 40 --pages 300 [--dataset] [--seed 0]

The parent or one of its workers gets SIGKILL after a random time; then the same command is run again, until one run
ends by itself. The table must then be that of a run that nobody disturbed, row for row, times and identifiers aside.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psutil

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
_RUN = """
import ocrpipe.results.store as store
store.OF_A_FILE = store.OF_A_DATASET = store.InHand(64, 64, 0.5)  # kills come sooner than parts would
from ocrpipe.cli import main
if __name__ == "__main__": main()
"""
_VOLATILE = "run_id, processed_at"
_ROUNDING = 1e-5
_LITTER = {".journal", ".lock"}


@dataclass(slots=True)
class Tale:
    """What became of it."""

    kills: dict[str, int] = field(default_factory=lambda: {"parent": 0, "worker": 0})
    runs: int = 0
    outputs: int = 0
    rows: int = 0

    @property
    def killed(self) -> int:
        return sum(self.kills.values())


def pages(folder: Path, count: int) -> Path:
    """A folder of `count` scans of every kind: the samples, again and again under new names."""
    scans = sorted(path for path in SAMPLES.rglob("*") if path.suffix in {".png", ".jpg", ".tif", ".pdf"})
    for number in range(count):
        scan = scans[number % len(scans)]
        target = folder / f"{number % 7}" / f"{number:04}{scan.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(scan, target)
    return folder


def command(scans: Path, out: str) -> list[str]:
    script = scans.parent / "run.py"
    script.write_text(_RUN)
    template = str(SAMPLES / "forms" / "remittance.toml")
    return [sys.executable, str(script), "run", str(scans), "--template", template, "--out", out, "--quiet",
            "--jobs", "2"]  # fmt: skip


def start(scans: Path, out: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command(scans, out), env={**os.environ, "PYTHONPATH": str(ROOT)})


def torment(scans: Path, out: str, tale: Tale, kills: int, longest_s: float, rng: random.Random) -> None:
    """Starts runs and kills, until one has ended by itself; no more than so many kills."""
    while True:
        process = start(scans, out)
        tale.runs += 1
        while tale.killed < kills and process.poll() is None:
            time.sleep(rng.uniform(0, longest_s))
            victim = rng.choice(["parent", "worker"])
            tale.kills[victim] += _kill(process.pid, victim, rng)
        code = process.wait()
        if code == 0:
            return
        assert code == -signal.SIGKILL, f"a run ended with status {code}"


def _kill(pid: int, victim: str, rng: random.Random) -> bool:
    """Whether there was somebody to kill."""
    try:
        workers = [child.pid for child in psutil.Process(pid).children() if "spawn_main" in " ".join(child.cmdline())]
        target = pid if victim == "parent" else rng.choice(workers)
        os.kill(target, signal.SIGKILL)
    except (psutil.NoSuchProcess, ProcessLookupError, IndexError):
        return False
    if victim == "parent":
        time.sleep(0.5)
    return True


def difference(found: str, expected: str) -> int:
    """How many rows of one table are not in the other. Numbers may differ by the rounding of sums: a file that is
    tried again alone goes through the networks in another batch."""
    here, there = (
        duckdb.sql(f"select * exclude ({_VOLATILE}) from {table} order by source, page, document, field").fetchall()
        for table in (found, expected)
    )
    return abs(len(here) - len(there)) + sum(not _same(a, b) for a, b in zip(here, there, strict=False))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= _ROUNDING
    if isinstance(a, dict) and isinstance(b, dict):
        return _same(tuple(a.items()), tuple(b.items()))
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)


def latest(out: str) -> str:
    """The table of an output, as DuckDB names it."""
    if not out.endswith("/"):
        return f"'{out}'"
    return (f"(select * exclude (run_date) from read_parquet('{out}**/*.parquet', hive_partitioning = true) "
            "qualify run_id = max(run_id) over (partition by source))")  # fmt: skip


def prove(folder: Path, kills: int, count: int, longest_s: float, seed: int, *, dataset: bool = False) -> Tale:
    """The whole story in `folder`: outputs one after another, each tormented until it is complete, until there were so
    many kills. AssertionError where a row was lost, doubled or changed."""
    scans, suffix = pages(folder / "scans", count), "/" if dataset else ".parquet"
    calm, tale, rng = f"{folder}/calm{suffix}", Tale(), random.Random(seed)
    assert start(scans, calm).wait() == 0
    while tale.killed < kills:
        tale.outputs += 1
        out = f"{folder}/tormented-{tale.outputs}{suffix}"
        torment(scans, out, tale, kills, longest_s, rng)
        lost = difference(latest(out), latest(calm))
        assert lost == 0, f"{lost} rows differ"
        [[tale.rows, failed]] = duckdb.sql(
            f"select count(*), count(*) filter (status = 'failed') from {latest(out)}"
        ).fetchall()
        assert tale.rows >= count and failed == 0
        left = [path.name for path in folder.iterdir() if path.name.startswith(".") or path.suffix in _LITTER]
        assert not left, f"litter: {left}"
    return tale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--longest", type=float, default=6.0, help="seconds between two kills at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dataset", action="store_true")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tale = prove(Path(folder), given.kills, given.pages, given.longest, given.seed, dataset=given.dataset)
    print(
        f"{tale.kills['parent']} kills of the parent and {tale.kills['worker']} of workers in {tale.runs} runs over "
        f"{given.pages} scans into {tale.outputs} outputs: {tale.rows} rows in each, all as undisturbed "
        f"({time.monotonic() - began:.0f} s)"
    )


if __name__ == "__main__":
    main()
