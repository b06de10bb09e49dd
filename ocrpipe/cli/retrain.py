"""What `ocrpipe train --from-reviews` does: a model taught by what people decided, held against the one it was."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrpipe.cli.tables import print_table
from ocrpipe.errors import UsageError
from ocrpipe.evaluation.numbers import coverage_at, risk_coverage
from ocrpipe.pipeline import Line
from ocrpipe.reading.decide import Profile, profile_name
from ocrpipe.reading.model import Card
from ocrpipe.reading.networks.torch_nets import save_readers
from ocrpipe.records import FieldSpec, ScanFile
from ocrpipe.results.atomic import check_free
from ocrpipe.rows import Reading
from ocrpipe.training.confirmed import Confirmed, confirmed
from ocrpipe.training.recalibrate import card_of, refit, write_model
from ocrpipe.training.recipe import Told
from ocrpipe.training.relearn import FOLDS, Relearned, by_profile, relearn, right
from ocrpipe.training.reviews import Reviewed

FEWEST = 50
"""Confirmed fields; of fewer, nothing but their own shapes would be learnt."""


def retrain(
    line: Line, files: Sequence[ScanFile], reviewed: Reviewed, out: Path, seed: int, told: Told, *, even_if_worse: bool
) -> None:
    """Writes OUT.safetensors and OUT.json, unless the readers got worse.

    Raises
    ------
    UsageError
        Where there is too little to learn from, or what was learnt does harm; nothing is written.
    OutputError
        Where the model is there, or cannot be written.
    """
    names = {one.source for one in reviewed.decided}
    known = [file for file in files if file.name in names]
    cut = told.stage("cut the reviewed fields", len(known))
    fields = list(confirmed(line, known, reviewed.decided, cut))
    if len(fields) < FEWEST:
        lost = "; ".join(f"{count:,} {reason}" for reason, count in reviewed.without.items())
        raise UsageError(
            f"{len(fields)} reviewed fields were found on the scans{f' ({lost})' if lost else ''}; "
            f"{FEWEST} are the fewest that teach anything"
        )
    learnt = relearn(line.card, fields, seed, told.stage("teach", FOLDS + 1))
    _print_comparison(line.card, fields, learnt)
    lost_ground = right(fields, learnt.after).sum() - right(fields, learnt.before).sum()
    if lost_ground < 0 and not even_if_worse:
        raise UsageError(
            f"the new readers read {-lost_ground} fields fewer right on documents that did not teach them; "
            f"{out} was not written (--even-if-worse writes it)"
        )
    _save(out, line.card, fields, learnt)


def check_model_free(out: Path, *, overwrite: bool) -> None:
    """OutputError where one of the two files is there."""
    for suffix in (".json", ".safetensors"):
        check_free(out.with_suffix(suffix), overwrite=overwrite)


def _save(out: Path, card: Card, fields: Sequence[Confirmed], learnt: Relearned) -> None:
    documents = len({one.decided.source_sha256 for one in fields})
    name = f"reviews: {len(fields):,} fields of {documents:,} documents, {dt.date.today():%Y-%m-%d}"
    after = {profile: refit(own, card.calibration.profiles.get(profile))
             for profile, own in by_profile(fields, learnt.after).items()}  # fmt: skip
    profiles = {profile: one.profile for profile, one in after.items() if one is not None}
    # whoever else was calibrated was so with readers that are no more: no promise rests on that
    others = {
        profile: Profile(old.weights, old.bias, old.fields, ())
        for profile, old in card.calibration.profiles.items() if profile not in profiles
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "readers.safetensors"
        save_readers(*learnt.readers, weights)
        raw = card_of(card, out.stem, name, profiles | others, {}, {})
        raw["weights_sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
        raw["figures"]["retrained"] = _figures(card, fields, learnt)
        raw["data"] = [*raw.get("data", ()), name]
        write_model(out.with_suffix(".json"), raw, weights)
    print(f"model: {out.with_suffix('.json')}; to read with it: ocrpipe run … --model {out.with_suffix('.json')}")
    if others:
        print(f"Not among the reviewed fields, so that nothing is promised for them: {'; '.join(sorted(others))}.")


def _print_comparison(card: Card, fields: Sequence[Confirmed], learnt: Relearned) -> None:
    figures = _figures(card, fields, learnt)
    header = ("kind", "fields", "right before", "right after", "mended", "broken", "coverage at 1 % before", "after")
    rows = [
        [
            kind, str(one["fields"]), f"{one['before']:.1%}", f"{one['after']:.1%}", str(one["mended"]),
            str(one["broken"]), f"{one['coverage_before']:.1%}", f"{one['coverage_after']:.1%}",
        ]
        for kind, one in figures["kinds"].items()
    ]  # fmt: skip
    print(f"{learnt.lessons:,} of {len(fields):,} fields taught; each read by readers that its document did not teach:")
    print_table(header, rows, right=header[1:])


def _figures(card: Card, fields: Sequence[Confirmed], learnt: Relearned) -> dict[str, Any]:
    """Old and new readers on the same fields, by kind and together."""
    hits = right(fields, learnt.before), right(fields, learnt.after)
    kinds = np.array([one.lattice.field.spec.kind for one in fields])
    told: dict[str, Any] = {}
    for kind in (*sorted(set(kinds.tolist())), "all"):
        own = np.flatnonzero((kinds == kind) | (kind == "all"))
        before, after = hits[0][own], hits[1][own]
        told[kind] = {
            "fields": len(own),
            "before": round(float(before.mean()), 4),
            "after": round(float(after.mean()), 4),
            "mended": int((after & ~before).sum()),
            "broken": int((before & ~after).sum()),
            "coverage_before": _coverage(card, [learnt.before[i] for i in own], before),
            "coverage_after": _coverage(card, [learnt.after[i] for i in own], after),
        }
    return {"fields": len(fields), "taught": learnt.lessons, "folds": FOLDS, "kinds": told}


def _coverage(card: Card, readings: Sequence[Reading], hit: NDArray[np.bool_]) -> float:
    """The largest share that could be accepted with one wrong in a hundred, in the order of the old confidence."""
    spec = FieldSpec("", "digits")
    confidence = [
        -np.inf
        if one.value is None
        else card.calibration.profile(profile_name(spec if one.value else None, one.second, one.located)).confidence(
            one.features
        )
        for one in readings
    ]
    return round(coverage_at(risk_coverage(np.array(confidence), hit), 0.01), 4)
