"""What `ocrpipe train --from-reviews` does: a model taught by what people decided, held against the one it was."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrpipe.cli.tables import print_table
from ocrpipe.errors import UsageError
from ocrpipe.evaluation.numbers import coverage_at, risk_coverage
from ocrpipe.pipeline import Line
from ocrpipe.reading.decide import Profile, fewest, profile_name
from ocrpipe.reading.model import Card, load_card
from ocrpipe.reading.networks.torch_nets import save_readers
from ocrpipe.rows import Reading
from ocrpipe.scans.sources import find
from ocrpipe.training.calibrate import draw_sample, fit
from ocrpipe.training.confirmed import Confirmed, confirmed
from ocrpipe.training.crossfit import FOLDS, Relearnt, by_profile, relearn, right
from ocrpipe.training.located import calibrate_located
from ocrpipe.training.recalibrate import Readings, card_of, confidences, refit, write_model
from ocrpipe.training.recipe import Told, check_tools, hands_of
from ocrpipe.training.reviews import Decided, read_reviewed
from ocrpipe.training.teach import Course, Three

FEWEST = 50
"""Confirmed fields; of fewer, nothing but their own shapes would be learnt."""
MOST = 4_000
"""They take half a gigabyte of memory; of more, so many are taken by the hashes of their scans."""
_LIMIT = 0.01
"""Of the coverage that is told."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Digits of which fields are drawn that the new model is calibrated on, and how much is drawn."""

    digits: Path
    fields: int
    sheets: int
    jobs: int


def retrain(
    line: Line, sources: Sequence[str], reviews: Path, out: Path, seed: int, told: Told, drawn: Drawn | None,
    *, even_if_worse: bool,
) -> None:  # fmt: skip
    """Writes the card `out` and its weights, unless the readers got worse.

    Raises
    ------
    UsageError
        Where there is too little to learn from, or what was learnt does harm; nothing is written.
    OutputError
        Where the model cannot be written.
    """
    if drawn is not None:  # what hours later would be missed
        check_tools()
        hands_of(drawn.digits)
    reviewed = read_reviewed(reviews)
    decided = _some(reviewed.decided)
    names = {one.source for one in decided}
    known = [file for file in find(sources).files if file.name in names]
    fields = list(confirmed(line, known, decided, told.stage("cut the reviewed fields", len(known))))
    lost = dict(reviewed.without)
    if len(fields) < len(decided):
        lost["not found on the scans, or in files that have changed"] = len(decided) - len(fields)
    left_out = "; ".join(f"{count:,} {reason}" for reason, count in lost.items())
    if len(fields) < FEWEST:
        why = f" ({left_out})" if left_out else ""
        raise UsageError(
            f"{reviews}: {len(fields)} fields to learn from{why}; {FEWEST} are the fewest that teach anything"
        )
    learnt = relearn(line.card, fields, seed, Course(), told.stage("teach", FOLDS + 1))
    figures = _figures(line.card, fields, learnt)
    _print_comparison(figures)
    if left_out:
        print(f"Left out of {reviews.name}: {left_out}.")
    whole = figures["kinds"]["all"]
    if whole["after"] < whole["before"] and not even_if_worse:
        raise UsageError(
            f"the new readers read {whole['after']:.2%} right instead of {whole['before']:.2%}, on documents that did "
            f"not teach them; {out} was not written (--even-if-worse writes it)"
        )
    readings = by_profile(line.card, fields, learnt.after)
    documents = len({one.decided.source_sha256 for one in fields})
    taught_by = f"reviews: {len(fields):,} fields of {documents:,} documents, {dt.date.today():%Y-%m-%d}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / out.name
        card = _calibrated(path, line.card, learnt.readers, readings, taught_by, figures, seed, told, drawn)
        _print_promises(card, readings, drawn)
        write_model(out, card.raw, card.weights)
    print(f"model: {out}; to read with it: ocrpipe run … --model {out}")


def _some(decided: Sequence[Decided]) -> list[Decided]:
    """`MOST` of them at most: whole documents, in the order of their hashes."""
    kept: list[Decided] = []
    for one in sorted(decided, key=lambda one: one.source_sha256):
        if len(kept) >= MOST and one.source_sha256 != kept[-1].source_sha256:
            break
        kept.append(one)
    return kept


def _calibrated(
    path: Path, old: Card, readers: Three, readings: Mapping[str, Readings], taught_by: str, figures: dict[str, Any],
    seed: int, told: Told, drawn: Drawn | None,
) -> Card:  # fmt: skip
    """The new model at `path`: its confidence is fitted to drawn fields, as that of the shipped one, if there are
    digits to draw them of, else to the reviewed ones."""
    weights = path.with_suffix(".safetensors")
    save_readers(*readers, weights)
    # what was measured with readers that are no more promises nothing, but is where fitting begins
    before = {name: Profile(was.weights, was.bias, 0, ()) for name, was in old.calibration.profiles.items()}
    if drawn is not None:
        name = f"drawn fields, seed {seed}"
        sample = draw_sample(drawn.digits, weights, old.readers, drawn.fields, seed, drawn.jobs, told.stage)
        profiles = {one: fit(*halves) for one, halves in sample.items()}
    else:
        name, profiles = taught_by, _refitted(readings, before)
    raw = card_of(old, path.stem, name, before | profiles, {}, {})
    for one in before.keys() - profiles.keys():
        raw["calibration"]["profiles"][one]["sample"] = "none since the readers were taught"
    raw["calibration"]["cross_checks"] = {}
    raw["weights_sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    raw["figures"] = {"retrained": figures}
    raw["data"] = [*raw.get("data", ()), taught_by]
    path.write_text(json.dumps(raw))
    if drawn is not None:
        calibrate_located(path, drawn.digits, drawn.sheets, seed, drawn.jobs, told.stage)
    return load_card(str(path))


def _refitted(readings: Mapping[str, Readings], before: Mapping[str, Profile]) -> dict[str, Profile]:
    found = {name: refit(own, before.get(name)) for name, own in readings.items()}
    return {name: one.profile for name, one in found.items() if one is not None}


def _print_promises(card: Card, readings: Mapping[str, Readings], drawn: Drawn | None) -> None:
    """What the new model accepts of the fields that people checked, at one promise; read as strangers."""
    rows, carried = [], False
    for name, own in readings.items():
        profile = card.calibration.profile(name)
        fair = own if own.fair is None else own.part(own.fair)
        threshold = profile.threshold(_LIMIT)
        kept = confidences(profile, fair.features) >= (2.0 if threshold is None else threshold)
        carried = carried or threshold is not None
        counts = len(kept), profile.fields, int(kept.sum()), int((kept & ~fair.right).sum())
        rows.append([name, f"{fair.right.mean():.1%}" if len(kept) else "–", *map(str, counts)])
    header = ("profile", "right", "of", "calibrated on", f"accepted at {_LIMIT:.0%}", "wrong")
    print_table(header, rows, right=header[1:])
    if not carried:
        cure = (
            "With --digits or --data mnist, confidence is calibrated on drawn fields, as that of the shipped model."
            if drawn is None
            else "Draw more of them: --calibration-fields."
        )
        needed = f"that needs {fewest(_LIMIT)} fields of a kind, checked as they come"
        print(f"Nothing is accepted at {_LIMIT:.0%}: {needed}. {cure}")


def _print_comparison(figures: Mapping[str, Any]) -> None:
    header = ("kind", "fields", "right before", "right after", "mended", "broken", "coverage at 1 % before", "after")
    rows = [
        [
            kind, str(one["fields"]), f"{one['before']:.1%}", f"{one['after']:.1%}", str(one["mended"]),
            str(one["broken"]), f"{one['coverage_before']:.1%}", f"{one['coverage_after']:.1%}",
        ]
        for kind, one in figures["kinds"].items()
    ]  # fmt: skip
    taught, fields = figures["taught"], figures["fields"]
    print(f"{taught:,} of {fields:,} fields taught; each was read by readers that its document did not teach:")
    print_table(header, rows, right=header[1:])


def _figures(card: Card, fields: Sequence[Confirmed], learnt: Relearnt) -> dict[str, Any]:
    """Old and new readers on the same fields, by kind and together. Shares count a field as often as it stands for, as
    few of the accepted were checked; coverage is that of the fair sample."""
    before, after = right(fields, learnt.before), right(fields, learnt.after)
    surest = [_confidences(card, fields, readings) for readings in (learnt.before, learnt.after)]
    weights = np.array([one.decided.weight for one in fields])
    fair = np.array([one.decided.fair for one in fields])
    kinds = np.array([one.lattice.field.spec.kind for one in fields])
    told: dict[str, Any] = {}
    for kind in (*sorted(set(kinds.tolist())), "all"):
        own = (kinds == kind) | (kind == "all")
        told[kind] = {
            "fields": int(own.sum()),
            "mended": int((after & ~before & own).sum()),
            "broken": int((before & ~after & own).sum()),
        }
        for when, hits, sure in (("before", before, surest[0]), ("after", after, surest[1])):
            told[kind][when] = round(float(np.average(hits[own], weights=weights[own])), 4)
            curve = risk_coverage(sure[own & fair], hits[own & fair]) if (own & fair).any() else []
            told[kind][f"coverage_{when}"] = round(coverage_at(curve, _LIMIT), 4)
    return {"fields": len(fields), "taught": learnt.lessons, "folds": FOLDS, "kinds": told}


def _confidences(card: Card, fields: Sequence[Confirmed], readings: Sequence[Reading]) -> NDArray[np.float64]:
    """(N,) by which readings are put in order: the confidence of the old model, for both."""
    found = np.full(len(fields), -np.inf)
    for i, (one, reading) in enumerate(zip(fields, readings, strict=True)):
        if reading.value is not None:
            spec = one.lattice.field.spec if reading.value else None
            profile = card.calibration.profile(profile_name(spec, reading.second, reading.located))
            found[i] = profile.confidence(reading.features)
    return found
