"""MICR lines found and read, with the place given and without: `python -m tests.bench.micr [--overlays DIR]`.

Prints for the drawn pages and the real cheques how many lines are found (their clear band holds nine tenths of the
truth's box and is at most six times as large), the symbol error, whole lines read exactly, and CPU milliseconds a line.
Overlays of whatever failed go to a folder.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ocrpipe.evaluation.numbers import clopper_pearson, edit_distance
from ocrpipe.fields.locate_micr import locate_micr
from ocrpipe.fields.locate_view import look
from ocrpipe.geometry import Box, Transform, apply, resample, translation
from ocrpipe.reading.micr import NOTHING, MicrReader, MicrReading
from ocrpipe.reading.micr_strip import strips
from ocrpipe.records import Page
from ocrpipe.scans.straighten import straighten, turned
from tests.bench.given import BENCH, ROOT, page_of, scan_of

MARGIN = 0.1
"""Inches shown around the truth's box where it is given."""
SURE = 0.75
"""Evidence above which a page is not tried upside down, as in the pipeline."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What the truth says of a line; `to_page` maps the box's pixels to those of the decoded page."""

    set: str
    file: str
    page: Page
    box: Box | None
    """None where the truth has none: the line is then read where it is found, and not judged for its place."""
    to_page: Transform
    value: str


@dataclass(slots=True)
class Tally:
    lines: int = 0
    placed: int = 0
    located: int = 0
    exact: int = 0
    wrong_symbols: int = 0
    symbols: int = 0
    seconds: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path, default=ROOT / "models" / "micr" / "e13b.safetensors")
    parser.add_argument("--overlays", type=Path)
    options = parser.parse_args()
    if not BENCH.is_dir():
        sys.exit(f"{BENCH} is not there: nothing to measure")
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    reader = MicrReader.from_file(options.weights)
    tallies: dict[tuple[str, str], Tally] = {}
    for line in (*_pages(), *_cheques()):
        for how, work in (("given", _given), ("found", _found)) if line.box else (("found", _found),):
            tally = tallies.setdefault((line.set, how), Tally())
            picture, to_page, reading, seconds = work(line, reader)
            located = _located(line, reading, to_page)
            tally.lines += 1
            tally.placed += line.box is not None
            tally.seconds += seconds
            tally.located += located
            tally.exact += reading.text == line.value
            tally.symbols += len(line.value)
            tally.wrong_symbols += edit_distance(reading.text, line.value)
            if located < (line.box is not None) or reading.text != line.value:
                print(f"{line.file:28} {how:6} {'' if located else 'not located':12} {line.value} | {reading.text}")
                if options.overlays:
                    _overlay(options.overlays / f"{line.set}-{how}-{Path(line.file).stem}.png", line, picture, reading)
    print(f"{'set':8} {'place':6} {'lines':>5} {'located':>22} {'symbols wrong':>14} {'exact':>22} {'CPU ms':>7}")
    for (name, how), tally in tallies.items():
        located, exact = _share(tally.located, tally.placed), _share(tally.exact, tally.lines)
        symbols = f"{tally.wrong_symbols / tally.symbols:.2%}"
        ms = 1000 * tally.seconds / tally.lines
        print(f"{name:8} {how:6} {tally.lines:5d} {located:>22} {symbols:>14} {exact:>22} {ms:7.2f}")


def _share(count: int, of: int) -> str:
    low, high = clopper_pearson(count, of)
    return f"{count / of:.1%} ({low:.1%} … {high:.1%})"


def _given(line: Line, reader: MicrReader) -> tuple[NDArray[np.uint8], Transform, MicrReading, float]:
    assert line.box is not None
    margin = MARGIN * line.page.dpi
    box = line.box.expanded(margin, margin)
    to_page = line.to_page @ translation(box.x0, box.y0)
    picture = resample(line.page.pixels, to_page, round(box.width), round(box.height))
    began = time.process_time()
    reading = _read(picture, line.page.dpi, reader)
    return picture, to_page, reading, time.process_time() - began


def _found(line: Line, reader: MicrReader) -> tuple[NDArray[np.uint8], Transform, MicrReading, float]:
    upright = straighten(line.page)
    tried = [upright]
    bands = []
    while tried and (not bands or max(evidence for evidence, _, _ in bands) < SURE):
        sheet = tried.pop()
        view = look(sheet)
        band = locate_micr(view) if view else None
        bands.append((band.evidence if band else 0.0, band, sheet))
        if len(bands) == 1:
            tried.append(turned(upright, 180))
    _, band, sheet = max(bands, key=lambda one: one[0])
    if band is None:
        return np.full((1, 1), 255, np.uint8), np.eye(3), NOTHING, 0.0
    began = time.process_time()
    box = band.box.scaled(line.page.dpi)
    picture = sheet.region(box)
    reading = _read(picture, line.page.dpi, reader)
    return picture, sheet.to_page @ sheet.region_to_upright(box), reading, time.process_time() - began


def _read(picture: NDArray[np.uint8], dpi: float, reader: MicrReader) -> MicrReading:
    found = strips(picture, dpi)
    return reader.read(found)[0] if found else NOTHING


def _located(line: Line, reading: MicrReading, to_page: Transform) -> bool:
    """Whether the clear band around what was read holds 90 % of the truth's box and is at most 6 × as large."""
    if reading.quad is None or line.box is None:
        return False
    corners = apply(to_page, np.array(reading.quad).reshape(4, 2))
    field = apply(np.asarray(np.linalg.inv(line.to_page)), corners).astype(np.float32)
    truth = line.box.corners().astype(np.float32)
    common, _ = cv2.intersectConvexConvex(field, truth)
    return common >= 0.9 * line.box.area and cv2.contourArea(field) <= 6 * line.box.area


def _pages() -> Iterator[Line]:
    for row in (BENCH / "pages" / "truth.jsonl").read_text().splitlines():
        sheet = json.loads(row)
        for field in sheet["fields"]:
            if field["kind"] == "micr":
                box = Box(*(float(v) for v in field["bbox"]))
                page = page_of(BENCH / "pages", sheet["file"])
                yield Line("pages", sheet["file"], page, box, scan_of(sheet), field["value"])


def _cheques() -> Iterator[Line]:
    folder = BENCH / "cheques"
    # One file has two boxes, of which the first is around the bank's address.
    boxes = {row["file"]: row for row in csv.DictReader((folder / "boxes.csv").open()) if row["field"] == "micr"}
    for row in csv.DictReader((folder / "truth.csv").open()):
        if row["kind"] == "micr":
            place = boxes.get(row["file"])
            box = Box(*(float(place[side]) for side in ("x0", "y0", "x1", "y1"))) if place else None
            yield Line("cheques", row["file"], page_of(folder, row["file"]), box, np.eye(3), row["value"])


def _overlay(path: Path, line: Line, picture: NDArray[np.uint8], reading: MicrReading) -> None:
    drawn = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    for character in reading.characters:
        quad = np.rint(np.array(character.quad).reshape(4, 2)).astype(np.int32)
        cv2.polylines(drawn, [quad], True, (0, 0, 255))
        cv2.putText(drawn, character.text, quad[3].tolist(), cv2.FONT_HERSHEY_PLAIN, 1.0, (255, 0, 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), drawn)


if __name__ == "__main__":
    main()
