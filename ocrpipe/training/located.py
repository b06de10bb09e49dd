"""Confidence of fields that were found without a template, and what cross-checks are worth: whole sheets are drawn by
hands and on papers that taught nothing, half of them in layouts and print held out, and walk the whole line."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from ocrpipe.codes import WRITTEN
from ocrpipe.pipeline import Line
from ocrpipe.reading.crosscheck import PAIRS, agreed
from ocrpipe.reading.decide import profile_name
from ocrpipe.records import Page
from ocrpipe.rows import Row
from ocrpipe.scans.resolution import inferred_dpi
from ocrpipe.settings import Settings
from ocrpipe.training.calibrate import Sample, fit, profile_as_card
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.sheets import DrawnSheet, draw_check, draw_envelope
from ocrpipe.training.writers import load

_CHUNK = 10
_ENVELOPES = 0.3
_FIT = 4
"""One sheet in so many fits the confidence; the others stand behind the thresholds."""
_LEAST = 60
"""Readings of a profile that are worth fitting."""

_Told = tuple[str, tuple[float, ...], bool]
"""Profile, features of a reading, and whether its value was right."""
_Checked = tuple[str, bool, bool]
"""Field, whether the MICR line agrees, and whether the value that it agrees on (else the field's own) is right."""


def calibrate_located(
    card: Path, digits: Path, sheets: int, seed: int, jobs: int, stage: Callable[[str, int], Callable[[], None]]
) -> None:
    """Adds profiles of located fields and counts of cross-checks to a model's `card`, from so many drawn `sheets`."""
    tasks = range(-(-sheets // _CHUNK))
    told: defaultdict[str, tuple[list[_Told], list[_Told]]] = defaultdict(lambda: ([], []))
    checked: list[_Checked] = []
    found: list[tuple[str, bool]] = []
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(digits, card, seed)
    ) as pool:
        done = stage("calibrate located fields", len(tasks))
        for task, (readings, checks, seen) in zip(tasks, pool.map(_read_chunk, tasks), strict=True):
            for one in readings:
                told[one[0]][int(task % _FIT != 0)].append(one)
            checked += checks
            found += seen
            done()
    raw = json.loads(card.read_text())
    for name, halves in sorted(told.items()):
        if min(len(half) for half in halves) >= _LEAST:
            raw["calibration"]["profiles"][name] = profile_as_card(fit(*(_sample(half) for half in halves)))
    raw["calibration"]["cross_checks"] = _counts(checked)
    raw["figures"]["located"] = {"sheets": sheets} | {
        name: round(float(np.mean([one for kind, one in found if kind == name])), 4)
        for name in sorted({kind for kind, _ in found})
    }
    part = card.with_suffix(".part.json")
    part.write_text(json.dumps(raw, indent=1) + "\n")
    part.rename(card)


def _sample(rows: list[_Told]) -> Sample:
    return Sample(np.array([features for _, features, _ in rows]), np.array([right for *_, right in rows], np.bool_))


def _counts(checked: list[_Checked]) -> dict[str, dict[str, int]]:
    """For each pair: how many agree, how many of them are wrong; how many differ, how many of those are right."""
    return {
        field: {
            "agree": sum(same for name, same, _ in checked if name == field),
            "wrong": sum(same and not right for name, same, right in checked if name == field),
            "differ": sum(not same for name, same, _ in checked if name == field),
            "right": sum(right and not same for name, same, right in checked if name == field),
        }
        for field, _ in PAIRS
    }


_line: Any = None
"""Each process builds the line and loads the writers once: (line, two drawers, seed)."""


def _start(digits: Path, card: Path, seed: int) -> None:
    import cv2
    import torch

    global _line
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    writers, fonts = load(digits, "calibration"), print_fonts()
    drawers = [Drawer(writers[i::2], fonts, strange=True) for i in (0, 1)]
    line = Line.build(Settings(), (), True, None, str(card))
    bare = replace(line.card.calibration, agreements={})  # nothing raised or vetoed while that is measured
    _line = replace(line, card=replace(line.card, calibration=bare)), drawers, seed


def _read_chunk(chunk: int) -> tuple[list[_Told], list[_Checked], list[tuple[str, bool]]]:
    line, drawers, seed = _line
    half = int(chunk % _FIT != 0)
    told: list[_Told] = []
    checked: list[_Checked] = []
    found: list[tuple[str, bool]] = []
    for number in range(_CHUNK):
        rng = np.random.default_rng((seed, 7, chunk, number))
        draw = draw_envelope if rng.random() < _ENVELOPES else draw_check
        sheet = draw(rng, drawers[half], strange=bool(rng.random() < 0.5))
        rows = line.recognise(line.prepare(page_of(sheet)))
        _tell(sheet, rows, told, checked)
        named = {row.spec.name for row in rows if row.spec and row.decision.value}
        found += [(field.name, field.name in named) for field in sheet.fields]
    return told, checked, found


def page_of(sheet: DrawnSheet) -> Page:
    """A drawn sheet as if it had been decoded."""
    height, width = sheet.picture.shape
    if sheet.told_dpi is None or sheet.told_dpi < 100:
        return Page("drawn", "", 0, sheet.picture, inferred_dpi(width, height), "inferred")
    return Page("drawn", "", 0, sheet.picture, sheet.told_dpi, "file")


def _tell(sheet: DrawnSheet, rows: list[Row], told: list[_Told], checked: list[_Checked]) -> None:
    truth = {field.name: field.value for field in sheet.fields}
    row_of = {row.spec.name: row for row in rows if row.spec}
    for name, row in row_of.items():
        spec, reading = row.spec, row.reading
        if spec is None or reading is None or spec.kind not in WRITTEN or not reading.value:
            continue
        profile = profile_name(spec, reading.second, reading.located)
        told.append((profile, reading.features, _is(spec.name, reading.value, truth)))
        part = row_of.get(dict(PAIRS).get(name, ""))
        if part is not None and part.decision.status == "accepted":
            common = agreed(row, part)
            checked.append((name, common is not None, _is(name, common or reading.value, truth)))


def _is(name: str, value: str, truth: dict[str, str]) -> bool:
    return value == truth.get(name)
