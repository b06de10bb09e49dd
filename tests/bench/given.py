"""Reading measured apart from finding: fields are cut where the truth says they are. `python -m tests.bench.given`.

Prints for each group of fields the exact reads by the lattice alone and by both readers, and what is accepted at
two promises, wrong ones counted. Labels that `../shared/bench/car/doubtful.csv` lists are told apart.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ocrpipe.clock import Clock
from ocrpipe.fields.crop import READ_DPI, whole
from ocrpipe.fields.template import load_template
from ocrpipe.geometry import Box, Transform, resample, translation
from ocrpipe.looks import lattice_of, read
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decide import decide, reading_of
from ocrpipe.reading.model import load_card
from ocrpipe.records import FieldImage, FieldSpec, Page, ScanFile
from ocrpipe.scans.decode import decode
from ocrpipe.settings import Settings

ROOT = Path(__file__).parents[2]
BENCH = ROOT.parent / "shared" / "bench"
PROMISES = (0.01, 0.05)
Case = tuple[str, FieldImage, str, str]
"""Group, picture, true value (empty where blank), file."""


def page_of(path: Path, name: str) -> Page:
    page = next(iter(decode(ScanFile(path / name, name), Settings())))
    assert isinstance(page, Page)
    return page


def _specs(name: str) -> dict[str, FieldSpec]:
    template = load_template(str(ROOT / "tests" / "templates" / f"{name}.toml"))
    return {spec.name: spec for spec in template.specs}


def _cut(page: Page, spec: FieldSpec, box: Box, to_page: Transform) -> FieldImage:
    """The field with the margin that the line gives it."""
    margin = max(4, round(0.15 * box.height))
    width, height = round(box.width), round(box.height)
    to_page = to_page @ translation(box.x0 - margin, box.y0 - margin)
    pixels = resample(page.pixels, to_page, width + 2 * margin, height + 2 * margin)
    return FieldImage(spec, pixels, to_page, Box(margin, margin, margin + width, margin + height), READ_DPI)


def _turned(ccw: int, width: int, height: int) -> Transform:
    """Pixels of a scan → pixels of the same scan turned counter-clockwise; sizes are those before the turn."""
    rows = {
        0: [(1, 0, 0), (0, 1, 0)], 90: [(0, 1, 0), (-1, 0, width - 1)],
        180: [(-1, 0, width - 1), (0, -1, height - 1)], 270: [(0, -1, height - 1), (1, 0, 0)],
    }[ccw]  # fmt: skip
    return np.array([*rows, (0, 0, 1)], np.float64)


def scan_of(sheet: dict[str, Any]) -> Transform:
    """Pixels of the drawn page → pixels of its scan."""
    ccw = sheet["turned_ccw"]
    width, height = sheet["size"] if ccw % 180 == 0 else sheet["size"][::-1]
    return _turned(ccw, width, height) @ np.vstack([sheet["page_to_scan"], (0, 0, 1)])


def _pages() -> Iterator[Case]:
    specs = {"form-A0": _specs("form-a0"), "form-A1": _specs("form-a1")}
    for line in (BENCH / "pages" / "truth.jsonl").read_text().splitlines():
        sheet = json.loads(line)
        page, to_page = page_of(BENCH / "pages", sheet["file"]), scan_of(sheet)
        for field in sheet["fields"]:
            if field["kind"] == "micr":
                continue
            spec = specs.get(sheet["layout"], {}).get(field["field"])
            spec = spec or FieldSpec(
                field["field"], field["kind"], currency="USD" if field["kind"] == "amount" else None
            )
            box = Box(*(float(v) for v in field["bbox"]))
            group = {"check": "check amounts", "form-": "form fields"}.get(sheet["layout"][:5], "envelope ZIPs")
            yield group, _cut(page, spec, box, to_page), field["value"], sheet["file"]


def _cheques() -> Iterator[Case]:
    folder = BENCH / "cheques"
    specs = {"axis": _specs("axis"), "synd": _specs("syndicate")}
    boxes = {(row["file"], row["field"]): row for row in csv.DictReader((folder / "boxes.csv").open())}
    for row in csv.DictReader((folder / "truth.csv").open()):
        place = boxes.get((row["file"], row["field"]))
        if row["kind"] == "micr" or place is None:
            continue
        spec = specs[Path(row["file"]).name[:4]][row["field"]]
        if spec.cells:  # the truth's box of a date holds its printed label, too: cells are the template's business
            continue
        box = Box(*(float(place[side]) for side in ("x0", "y0", "x1", "y1")))
        yield "cheque amounts", _cut(page_of(folder, row["file"]), spec, box, np.eye(3)), row["value"], row["file"]


def _car() -> Iterator[Case]:
    folder = BENCH / "car"
    for row in csv.DictReader((folder / "truth.csv").open()):
        spec = FieldSpec("amount_digits", "amount_digits")
        yield "car", whole(page_of(folder, row["file"]), spec), row["value"], row["file"]


def main() -> None:
    if not BENCH.is_dir():
        sys.exit(f"{BENCH} is not there: nothing to measure")
    card = load_card(sys.argv[1] if len(sys.argv) > 1 else "lenet5")
    classifier = Classifier.from_file(card.weights)
    doubtful = {row["file"] for row in csv.DictReader((BENCH / "car" / "doubtful.csv").open())}
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for group, image, value, file in (*_pages(), *_cheques(), *_car()):
        lattice = lattice_of(image, second=True)
        (alone,) = read([image], [replace(lattice, strip=None)], classifier, card.readers, Clock())
        (both,) = read([image], [lattice], classifier, card.readers, Clock())
        reading = reading_of(lattice, both)
        count = counts[group]
        count["fields"] += 1
        count["alone"] += bool(alone.values) and alone.values[0][0] == value
        right = reading.value == value
        count["both"] += right
        for promise in PROMISES:
            if decide(image.spec, reading, card.calibration, promise).status in ("accepted", "blank"):
                count[f"accepted {promise}"] += 1
                count[f"wrong {promise}"] += not right
                count[f"doubtful {promise}"] += not right and file in doubtful
    header = f"{'':16} {'fields':>6} {'lattice':>8} {'both':>7}"
    print(header + "".join(f"   at {promise:.0%}: accepted, wrong (doubtful)" for promise in PROMISES))
    for group, count in counts.items():
        n = count["fields"]
        line = f"{group:16} {n:6d} {count['alone'] / n:8.1%} {count['both'] / n:7.1%}"
        for p in PROMISES:
            accepted = f"{count[f'accepted {p}'] / n:.1%}"
            line += f"   {accepted:>16}, {count[f'wrong {p}']:5d} ({count[f'doubtful {p}']})   "
        print(line)


if __name__ == "__main__":
    main()
