"""CPU time from a field to its lattice, on drawn fields: `python -m tests.bench.segment`.

Nothing here is a test: one process, one thread, and of several rounds the fastest, which neighbours disturb least.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from ocrpipe.fields.clean import clean, darkness_of
from ocrpipe.reading.segment import segment
from ocrpipe.reading.strip import strip, uncleaned
from ocrpipe.records import FieldImage
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.writers import load

DIGITS = Path(__file__).parents[3] / "shared" / "digits"
FIELDS, ROUNDS = 120, 5


def main() -> None:
    if not DIGITS.is_dir():
        sys.exit(f"{DIGITS} is not there: nothing to draw from")
    cv2.setNumThreads(1)
    rng = np.random.default_rng(1)
    drawer = Drawer(load(DIGITS, "validation"), print_fonts())
    fields = [drawer.draw(rng).field for _ in range(FIELDS)]
    print(f"{'CPU ms a field':16} {'n':>4} {'clean':>7} {'segment':>8} {'strip':>7} {'candidates':>11} {'us each':>8}")
    _report("written freely", [field for field in fields if not field.spec.cells])
    _report("in cells", [field for field in fields if field.spec.cells])


def _report(title: str, fields: list[FieldImage]) -> None:
    bare = [clean(field) for field in fields]
    lattices = [segment(field) for field in bare]
    dark = [darkness_of(field.pixels) for field in fields]
    free = [(d, one) for d, one in zip(dark, lattices, strict=True) if one.nodes > 1 and not one.field.spec.cells]
    cleaning = _fastest(lambda: [clean(field) for field in fields]) / len(fields)
    cutting = _fastest(lambda: [segment(field) for field in bare]) / len(fields)
    stripping = _fastest(lambda: [strip(uncleaned(*d), lattice) for d, lattice in free]) / len(fields)
    candidates = sum(len(lattice.starts) for lattice in lattices) / len(fields)
    each = 1000 * cutting / candidates
    print(f"{title:16} {len(fields):4d} {cleaning:7.2f} {cutting:8.2f} {stripping:7.2f} {candidates:11.1f} {each:8.1f}")


def _fastest(work: Callable[[], object]) -> float:
    """CPU milliseconds of the fastest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1000 * min(times)


if __name__ == "__main__":
    main()
