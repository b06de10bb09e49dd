"""How the cost of a run grows with its pages, and that of a page with its fields."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from ocrpipe.engines.base import read_share
from ocrpipe.records import ScanFile
from tests.bench.kinds import PageKind, comb_template, kinds
from tests.bench.line import line_of, print_table

PAGES = (100, 1_000, 10_000)
FIELDS = (1, 5, 20, 100)


class Spent(NamedTuple):
    cpu_s: float
    peak_mb: float


def print_growth(folder: Path, rounds: int) -> None:
    every = {kind.name: kind for kind in kinds(folder)}
    print("\nOne run of checks on one core, `ocrpipe run --engine serial`, starting and writing included:")
    print_table(
        ("pages", "CPU s", "CPU ms a page, but for a run of one", "peak resident MB"),
        _by_pages(every["check, JPEG"], folder),
    )
    print("\nPages with more and more fields:")
    form = every["form with 20 combs, JPEG"]
    print_table(
        ("fields", "CPU ms a page", "CPU ms a field, but for a page of one"), _by_fields(form.files, folder, rounds)
    )


def _by_pages(checks: PageKind, folder: Path) -> Iterator[tuple[object, ...]]:
    start = _run(checks, 1, folder).cpu_s
    for pages in PAGES:
        spent = _run(checks, pages, folder)
        yield f"{pages:,}", spent.cpu_s, 1000 * (spent.cpu_s - start) / (pages - 1), spent.peak_mb


def _by_fields(files: tuple[ScanFile, ...], folder: Path, rounds: int) -> list[tuple[object, ...]]:
    forms = {
        count: PageKind("form", "JPEG", files, comb_template(count, folder / f"combs-{count}.toml")) for count in FIELDS
    }
    lines = {count: line_of(form, "onnx") for count, form in forms.items()}
    costs: dict[int, list[float]] = {count: [] for count in FIELDS}
    for _ in range(rounds):
        for count, line in lines.items():
            began = time.thread_time()
            list(read_share(line, files))
            costs[count].append(1000 * (time.thread_time() - began) / len(files))
    least = median(costs[1])
    return [
        (str(count), median(took), (median(took) - least) / (count - 1) if count > 1 else "")
        for count, took in costs.items()
    ]


def _run(kind: PageKind, pages: int, folder: Path) -> Spent:
    """A run over so many pages: those of the kind, again and again under other names."""
    scans = folder / f"{pages}-pages"
    scans.mkdir()
    for number in range(pages):
        path = kind.files[number % len(kind.files)].path
        (scans / f"{number:06d}{path.suffix}").symlink_to(path)
    program = "import ocrpipe.cli; ocrpipe.cli.main()"
    command = [sys.executable, "-c", program, "run", str(scans), "--out", str(folder / f"{pages}.parquet"),
               "--engine", "serial", "--crops", "none", "--quiet"]  # fmt: skip
    _, status, usage = os.wait4(subprocess.Popen(command).pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 4):
        sys.exit(f"a run of {pages} pages failed")
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
