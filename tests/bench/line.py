"""What a page costs from file to rows: `python -m tests.bench.line [--rounds N] [--growth]`.

CPU milliseconds of one thread, by kind of document and format and by runtime, against decoding alone: our own decoder
on the same bytes, which is the fastest that refuses a damaged file. Decoding, torch and ONNX Runtime take turns round
by round, and the median of the rounds is told. Nothing here is a test. With `--growth`: how CPU time and memory grow
with pages and with fields.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from ocrpipe.clock import Clock
from ocrpipe.engines.base import one_thread, read_share
from ocrpipe.pipeline import Line
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.networks.runtimes import Runtime
from ocrpipe.scans.decode import decode
from ocrpipe.settings import Settings
from tests.bench.given import BENCH
from tests.bench.kinds import PageKind, kinds

RUNTIMES: tuple[Runtime, ...] = ("torch", "onnx")
STAGES = ("decode", "sheets", "locate", "cut", "networks", "decoding", "micr", "decide")


@dataclass
class Costs:
    """CPU milliseconds a page, one for each round."""

    decode_only: list[float] = field(default_factory=list)
    hashing: list[float] = field(default_factory=list)
    whole: defaultdict[Runtime, list[float]] = field(default_factory=lambda: defaultdict(list))
    stages: defaultdict[tuple[Runtime, str], list[float]] = field(default_factory=lambda: defaultdict(list))


def measure(kind: PageKind, lines: dict[Runtime, Line], costs: Costs) -> None:
    """One round."""
    began = time.thread_time()
    for file in kind.files:
        list(decode(file, Settings()))
    costs.decode_only.append(_ms(began, kind))
    began = time.thread_time()
    for file in kind.files:
        hashlib.sha256(file.path.read_bytes())
    costs.hashing.append(_ms(began, kind))
    for runtime, line in lines.items():
        began = time.thread_time()
        done = list(read_share(line, kind.files))
        costs.whole[runtime].append(_ms(began, kind))
        seconds = sum((Counter(file.seconds) for file in done), Counter[str]())
        for stage in STAGES:
            costs.stages[runtime, stage].append(1000 * seconds[stage] / len(kind.files))


def _ms(began: float, kind: PageKind) -> float:
    return 1000 * (time.thread_time() - began) / len(kind.files)


def line_of(kind: PageKind, runtime: Runtime) -> Line:
    """The line of a kind, whose clock counts CPU time, with its networks loaded and all loops compiled."""
    line = kind.line(runtime)
    vars(line)["clock"] = Clock(time.thread_time)
    list(read_share(line, kind.files))
    return line


def counted(kind: PageKind, line: Line) -> tuple[float, float]:
    """Fields a page, and crops a page that go through LeNet, further looks included."""
    crops = 0
    real = Classifier.crop_probabilities

    def counting(self: Classifier, given: NDArray[np.uint8]) -> NDArray[np.float64]:
        nonlocal crops
        crops += len(given)
        return real(self, given)

    with patch.object(Classifier, "crop_probabilities", counting):
        done = list(read_share(line, kind.files))
    fields = sum(row.spec is not None for file in done for row in file.rows)
    return fields / len(kind.files), crops / len(kind.files)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Markdown: words left, numbers right, with one digit behind the point."""
    print("\n| " + " | ".join(header) + " |")
    print("| --- |" + " ---: |" * (len(header) - 1))
    for row in rows:
        cells = (f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in row)
        print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    if not BENCH.is_dir():
        sys.exit(f"{BENCH} is not there: nothing to measure")
    one_thread()
    with tempfile.TemporaryDirectory() as folder:
        if options.growth:
            from tests.bench.growth import print_growth

            print_growth(Path(folder), options.rounds)
        else:
            _print_costs(kinds(Path(folder)), options.rounds)


def _print_costs(every: list[PageKind], rounds: int) -> None:
    lines = {kind.name: {runtime: line_of(kind, runtime) for runtime in RUNTIMES} for kind in every}
    sizes = {kind.name: counted(kind, lines[kind.name]["onnx"]) for kind in every}
    costs = {kind.name: Costs() for kind in every}
    for _ in range(rounds):
        for kind in every:
            measure(kind, lines[kind.name], costs[kind.name])
    print("\nCPU milliseconds a page, one thread:")
    print_table(
        ("pages", "fields", "crops", "decoding alone", "of it SHA-256", "whole, torch", "whole, ONNX",
         "whole / decoding", "beyond decoding", "all but decoding and networks / decoding the JPEG twin"),
        [_whole(kind, costs, *sizes[kind.name]) for kind in every],
    )  # fmt: skip
    for runtime in RUNTIMES:
        print(f"\nBy stage, {runtime}:")
        rows = [(kind.name, *(median(costs[kind.name].stages[runtime, stage]) for stage in STAGES)) for kind in every]
        print_table(("pages", *STAGES), rows)


def _whole(kind: PageKind, costs: dict[str, Costs], fields: float, crops: float) -> Sequence[object]:
    cost = costs[kind.name]
    decoding, onnx = median(cost.decode_only), median(cost.whole["onnx"])
    besides = onnx - sum(median(cost.stages["onnx", stage]) for stage in ("decode", "networks"))
    twin = median(costs[f"{kind.document}, JPEG"].decode_only)
    return (
        kind.name, f"{fields:.0f}", f"{crops:.0f}", decoding, median(cost.hashing), median(cost.whole["torch"]), onnx,
        onnx / decoding, onnx - decoding, besides / twin,
    )  # fmt: skip


if __name__ == "__main__":
    main()
