"""Whole drawn sheets through the line: `python -m tests.bench.strangers [--sheets N] [--failures DIR]`.

Prints for each layout and field how many are located (as `tests.bench.located` says), read exactly, accepted at 1 %,
and wrong among the accepted. Hands are those of validation; half of the sheets have layouts, print and papers held out.
Failures are drawn into a folder: the truth green, what was found red.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from ocrpipe.engines.base import one_thread
from ocrpipe.pipeline import Line
from ocrpipe.rows import Row
from ocrpipe.settings import Settings
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.located import page_of
from ocrpipe.training.sheets import DrawnField, DrawnSheet, draw_check, draw_envelope
from ocrpipe.training.writers import load
from tests.bench.given import BENCH
from tests.bench.located import is_located

_SEED = 2024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sheets", type=int, default=300)
    parser.add_argument("--failures", type=Path)
    options = parser.parse_args()
    one_thread()
    drawer = Drawer(load(BENCH.parent / "digits", "validation"), print_fonts(), strange=True)
    line = Line.build(Settings(), (), True, None, "lenet5")
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    extra: dict[str, int] = defaultdict(int)
    for number in range(options.sheets):
        rng = np.random.default_rng((_SEED, number))
        draw = draw_envelope if number % 4 == 3 else draw_check
        sheet = draw(rng, drawer, strange=bool(number // 4 % 2))
        row_of = {row.spec.name: row for row in line.recognise(line.prepare(page_of(sheet))) if row.spec}
        failed = []
        for field in sheet.fields:
            row = row_of.pop(field.name, None)
            if not _tally(counts[sheet.layout, field.name], field, row):
                failed.append((field, row))
        for name, row in row_of.items():
            extra[name] += row.decision.status == "accepted" and not name.startswith("micr_")
        if failed and options.failures:
            _draw(options.failures / f"{number:04d}-{sheet.layout}.png", sheet, failed)
    print(f"{'':30} {'n':>4} {'located':>8} {'exact':>7} {'accepted':>9} {'wrong':>6}")
    total: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (layout, name), count in sorted(counts.items()):
        _print(f"{layout}: {name}", count)
        for key, value in count.items():
            total[name][key] += value
    for name, count in sorted(total.items()):
        _print(f"all: {name}", count)
    print("accepted where there is no such field:", dict(extra))


def _tally(count: dict[str, int], field: DrawnField, row: Row | None) -> bool:
    located = row is not None and row.quad is not None and is_located(list(row.quad), field.corners, field.shown)
    right = row is not None and row.decision.value == field.value
    accepted = row is not None and row.decision.status == "accepted"
    for key, value in (("n", True), ("located", located), ("exact", right), ("accepted", accepted)):
        count[key] += value
    count["wrong"] += accepted and not right
    return located and not (accepted and not right)


def _print(name: str, count: dict[str, int]) -> None:
    shares = (f"{count[key] / count['n']:.1%}" for key in ("located", "exact", "accepted"))
    print("{:30} {:4d} {:>8} {:>7} {:>9} {:6d}".format(name, count["n"], *shares, count["wrong"]))


def _draw(path: Path, sheet: DrawnSheet, failed: list[tuple[DrawnField, Row | None]]) -> None:
    drawn = cv2.cvtColor(sheet.picture, cv2.COLOR_GRAY2BGR)
    for field, row in failed:
        cv2.polylines(drawn, [np.rint(field.corners).astype(np.int32)], True, (0, 160, 0), 2)
        at = [round(float(v)) for v in field.corners.min(axis=0)]
        words = f"{field.name} {field.value}"
        if row is not None:
            words += f" | {row.decision.value} {row.decision.confidence or 0:.2f} {row.decision.status[0]}"
            if row.quad is not None:
                quad = np.rint(np.array(row.quad).reshape(4, 2)).astype(np.int32)
                cv2.polylines(drawn, [quad], True, (0, 0, 255), 2)
        cv2.putText(drawn, words, (at[0], at[1] - 6), cv2.FONT_HERSHEY_PLAIN, 1.6, (255, 0, 0), 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), drawn)


if __name__ == "__main__":
    main()
