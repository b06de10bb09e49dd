"""How well fields are found without a template: `python -m tests.bench.located [OPTIONS OF run]`.

A field counts as located where what was found holds at least nine tenths of the truth's box and is at most six times as
large. Exact reads are those of the same run.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ocrpipe.evaluation.matching import canonical
from ocrpipe.geometry import Box, apply
from tests.bench.given import BENCH, scan_of
from tests.bench.marks import ocrpipe

_HOLDS, _LARGER = 0.9, 6.0
_COLUMNS = ["source", "kind", "value", "status", "field_quad"]


class Wanted(NamedTuple):
    """A field as the truth has it: `corners` (4, 2) in pixels of the scan."""

    group: str
    file: str
    kind: str
    value: str
    corners: NDArray[np.float64]


def _pages() -> Iterator[Wanted]:
    for line in (BENCH / "pages" / "truth.jsonl").read_text().splitlines():
        sheet = json.loads(line)
        if sheet["layout"].startswith("form"):
            continue
        for field in sheet["fields"]:
            box = Box(*(float(v) for v in field["bbox"]))
            group = f"pages: {field['kind']}"
            yield Wanted(group, sheet["file"], field["kind"], field["value"], apply(scan_of(sheet), box.corners()))


def _cheques() -> Iterator[Wanted]:
    folder = BENCH / "cheques"
    values = {(row["file"], row["field"]): row for row in csv.DictReader((folder / "truth.csv").open())}
    for place in csv.DictReader((folder / "boxes.csv").open()):
        row = values.get((place["file"], place["field"]))
        if row is not None:
            box = Box(*(float(place[side]) for side in ("x0", "y0", "x1", "y1")))
            yield Wanted(f"cheques: {row['kind']}", row["file"], row["kind"], row["value"], box.corners())


def is_located(quad: list[float], corners: NDArray[np.float64], shown: NDArray[np.float64] | None = None) -> bool:
    """Whether a row's quad holds the field at `corners` (4, 2); `shown` is the field with its frame and label, where
    that may be found instead."""
    found = np.array(quad, np.float32).reshape(4, 2)
    wanted = corners.astype(np.float32)
    area = cv2.contourArea(wanted)
    largest = _LARGER * (area if shown is None else cv2.contourArea(shown.astype(np.float32)))
    shared, _ = cv2.intersectConvexConvex(found, wanted)
    return shared >= _HOLDS * area and cv2.contourArea(found) <= largest


def main() -> None:
    if not BENCH.is_dir():
        sys.exit(f"{BENCH} is not there: nothing to measure")
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    with tempfile.TemporaryDirectory() as folder:
        for name, wanted in (("pages", _pages()), ("cheques", _cheques())):
            out = Path(folder) / f"{name}.parquet"
            run = ocrpipe("run", BENCH / name, "--out", out, *sys.argv[1:])
            if run.returncode not in (0, 4):
                sys.exit(run.stderr)
            rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
            for row in pq.read_table(out, columns=_COLUMNS).to_pylist():
                rows[row["source"], row["kind"]].append(row)
            for field in wanted:
                found = rows[field.file, field.kind]
                right = [
                    row
                    for row in found
                    if row["value"] and canonical(row["value"], field.kind) == canonical(field.value, field.kind)
                ]
                accepted = [row for row in found if row["status"] == "accepted"]
                count = counts[field.group]
                count["n"] += 1
                located = any(r["field_quad"] and is_located(r["field_quad"], field.corners) for r in found)
                count["located"] += located
                if not located:
                    read = [row["value"] for row in found]
                    print(f"not located: {name}/{field.file} {field.kind} {field.value}, read {read}")
                count["exact"] += bool(right)
                count["accepted"] += bool(accepted)
                count["wrong"] += any(row not in right for row in accepted)
    print(f"{'':18} {'n':>4} {'located':>8} {'exact':>7} {'accepted':>9} {'wrong':>6}")
    for group, count in counts.items():
        shares = (f"{count[key] / count['n']:.1%}" for key in ("located", "exact", "accepted"))
        print("{:18} {:4d} {:>8} {:>7} {:>9} {:6d}".format(group, count["n"], *shares, count["wrong"]))


if __name__ == "__main__":
    main()
