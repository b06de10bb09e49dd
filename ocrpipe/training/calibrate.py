"""Confidence and thresholds from drawn fields of writers that taught nothing.

The calibration writers are halved: one half fits the regression, the other stands behind the thresholds, so that
the promise rests on fields that shaped neither the networks nor the score.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ocrpipe.clock import Clock
from ocrpipe.reading.decide import FEATURE_NAMES, Profile, profile_name, reading_of

if TYPE_CHECKING:
    from ocrpipe.reading.decode import Weights

_CHUNK = 250
_BLANKS = 0.12
"""Share of drawn calibration fields that are left blank."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Readings of drawn fields: (N, F) features and whether the value was right."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def draw_sample(
    digits: Path,
    weights: Path,
    readers: Weights,
    fields: int,
    seed: int,
    jobs: int,
    stage: Callable[[str, int], Callable[[], None]],
) -> dict[str, tuple[Sample, Sample]]:
    """For each profile, readings of fields of either half of the calibration writers, who write and are scanned in ways
    that taught nothing: about `fields` to stand behind the thresholds, and a quarter as many to fit the confidence,
    which needs fewer."""
    from ocrpipe.training.wording import MAKERS  # whoever calibrates on own scans draws nothing

    chunks = -(-fields // (4 * _CHUNK)), -(-fields // _CHUNK)
    tasks = [(name, half, chunk, seed) for name in MAKERS for half in (0, 1) for chunk in range(chunks[half])]
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(digits, weights, readers)
    ) as pool:
        step, read = stage("calibrate", len(tasks)), []
        for rows in pool.map(_read_chunk, tasks):
            read.append(rows)
            step()
    gathered: dict[str, tuple[list[_Told], list[_Told]]] = {}
    for (_, half, _, _), rows in zip(tasks, read, strict=True):
        for name, features, right in rows:
            gathered.setdefault(name, ([], []))[half].append((features, right))
    return {name: (_sample(halves[0]), _sample(halves[1])) for name, halves in gathered.items()}


_Told = tuple[tuple[float, ...], bool]
"""Features of a reading, and whether its value was right."""


def _sample(rows: list[_Told]) -> Sample:
    return Sample(np.array([f for f, _ in rows]), np.array([r for _, r in rows], np.bool_))


def fit(first: Sample, second: Sample) -> Profile:
    """The regression from the first half, the grid of thresholds from the second."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = first.features.mean(axis=0), first.features.std(axis=0) + 1e-6
    if first.right.all() or not first.right.any():
        weights, bias = np.zeros(first.features.shape[1]), 4.0 if first.right.all() else -4.0
    else:
        model = LogisticRegression(C=1.0, max_iter=1000).fit((first.features - mean) / spread, first.right)
        weights = model.coef_[0] / spread
        bias = float(model.intercept_[0] - (weights * mean).sum())
    rough = Profile(tuple(float(w) for w in weights), bias, len(second.right), ())
    confidence = np.array([rough.confidence(tuple(f)) for f in second.features])
    return Profile(rough.weights, rough.bias, len(second.right), thresholds(confidence, second.right))


def temperature(probabilities: NDArray[np.float64], labels: NDArray[np.int8]) -> float:
    """The one by which (N, C) probabilities, dampened, are likeliest to have given the labels (N,)."""
    from scipy.optimize import minimize_scalar

    logs = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))

    def nats(log_temperature: float) -> float:
        cooled = logs / np.exp(log_temperature)
        given = cooled[np.arange(len(labels)), labels]
        return float((np.logaddexp.reduce(cooled, axis=1) - given).mean())

    return float(np.exp(minimize_scalar(nats, bounds=(-3.0, 3.0), method="bounded").x))


def thresholds(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[tuple[float, int, int], ...]:
    """The grid of a profile: for each hundredth of the sample, the confidence that accepts it, how many those are,
    and how many of them are wrong."""
    order = np.sort(confidence)[::-1]
    grid = []
    for share in np.arange(0.02, 1.005, 0.01):
        level = float(order[min(len(order), max(1, round(share * len(order)))) - 1])
        kept = confidence >= level
        grid.append((level, int(kept.sum()), int((kept & ~right).sum())))
    return tuple(grid)


def as_card(name: str, profiles: dict[str, Profile]) -> dict[str, Any]:
    """What `decide.Calibration.from_card` reads."""
    return {
        "name": name,
        "features": list(FEATURE_NAMES),
        "profiles": {kind: profile_as_card(profile) for kind, profile in profiles.items()},
    }


def profile_as_card(profile: Profile) -> dict[str, Any]:
    """One of them."""
    return {
        "weights": list(profile.weights),
        "bias": profile.bias,
        "fields": profile.fields,
        "grid": [list(step) for step in profile.grid],
    }


_reader: Any = None
"""Each process loads writers and networks once: (two drawers, classifier, weights of the readers)."""


def _start(digits: Path, weights: Path, readers: Weights) -> None:
    import cv2
    import torch

    from ocrpipe.reading.classify import Classifier
    from ocrpipe.training.drawing import Drawer, print_fonts
    from ocrpipe.training.writers import load

    global _reader
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    writers, fonts = load(digits, "calibration"), print_fonts()
    drawers = [Drawer(writers[i::2], fonts, strange=True) for i in (0, 1)]
    _reader = drawers, Classifier.from_file(weights), readers


def _read_chunk(task: tuple[str, int, int, int]) -> list[tuple[str, tuple[float, ...], bool]]:
    """(profile, features, right?) of a chunk of one profile's fields, each read with and without the second reader."""
    from ocrpipe.looks import lattice_of, read
    from ocrpipe.training.wording import MAKERS

    name, half, chunk, seed = task
    drawers, classifier, readers = _reader
    rng = np.random.default_rng((seed, half, chunk, list(MAKERS).index(name)))
    drawn = [drawers[half].draw(rng, MAKERS[name][1](rng), blank=_BLANKS) for _ in range(_CHUNK)]
    lattices = [lattice_of(d.field, second=True) for d in drawn]
    rows = []
    for second in (False, True):
        # whoever leaves out the second reader of free fields looks at most of them thrice: half of the sample will do
        shown = slice(None, None, 1 if second or drawn[0].wording.spec.cells else 2)
        images, seen = [d.field for d in drawn[shown]], lattices[shown]
        if not second:
            seen = [replace(lattice, strip=None) for lattice in seen]
        told = read(images, seen, classifier, readers, Clock())
        for d, lattice, decoded in zip(drawn[shown], seen, told, strict=True):
            reading = reading_of(lattice, decoded)
            if reading.value is not None and reading.second == second:
                spec = None if reading.value == "" else d.wording.spec
                rows.append((profile_name(spec, second), reading.features, reading.value == d.wording.value))
    return rows
