"""Confidence and thresholds for scans of one's own, from fields whose values are known; the networks stay as they are.

Small samples keep the order in which the model believes readings and learn a new scale for it (Platt 1999: two
numbers). As the scale shapes no order, the whole sample may stand behind the thresholds. Large samples learn weights
of their own from half of the files, drawn towards those of the model as far as cross-validation wants; there, only
the other half stands behind the thresholds. Files are parted whole, by a hash of what they hold: fields of one file
err together.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrpipe.errors import OutputError
from ocrpipe.reading.decide import Profile, Rates
from ocrpipe.reading.model import Card
from ocrpipe.results.atomic import check_free, whole_file
from ocrpipe.training.calibrate import Sample, as_card, thresholds

LARGE = 2_000
"""A sample of so many fields learns weights of its own: half of them are enough for that."""
_STRENGTHS = (inf, 100.0, 10.0, 1.0)
"""How strongly the weights of standardised features are drawn to the model's; inf: the scale alone is learnt."""
_TEMPERATURE_STRENGTH, _BIAS_STRENGTH = 4.0, 0.25
"""The temperature is taken to lie within ±0.5 of 1, the bias within ±2 of 0 (two thirds of the time)."""
_LEAST_TEMPERATURE = 0.05
"""Above 0: the order stays."""
_FOLDS = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Readings(Sample):
    """Readings of one profile on scans whose values are known."""

    files: tuple[str, ...]
    """Of each, the hash of the file it is from."""
    weights: Floats | None = None
    """(N,) how many fields each stands for; None where all stand for themselves."""
    fair: NDArray[np.bool_] | None = None
    """(N,) which of them together are a sample in which no field was likelier than another; None where all are."""

    def part(self, kept: NDArray[np.bool_]) -> Readings:
        files = tuple(file for file, one in zip(self.files, kept, strict=True) if one)
        weights = None if self.weights is None else self.weights[kept]
        return Readings(
            self.features[kept], self.right[kept], files, weights, None if self.fair is None else self.fair[kept]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """A profile for one's own scans, and which of their readings it rests on."""

    profile: Profile
    behind: NDArray[np.bool_]
    """(N,) those behind the thresholds."""
    held: NDArray[np.bool_]
    """(N,) those that the confidence was not fitted on: what it is measured on."""


def refit(readings: Readings, before: Profile | None) -> Refit | None:
    """The profile for `readings`, beginning at that `before`; None where there is none and all are of one file, or
    where no field is of a fair sample."""
    parted = parts(readings.files, 2)
    alone = not parted.any()
    if before is not None and (len(readings.right) < LARGE or alone):
        profile = before if alone else _fitted(readings.part(parted == 0), before, inf)
        behind = np.ones(len(parted), np.bool_)
        held = behind if alone else parted == 1
    elif alone:
        return None
    else:
        first = readings.part(parted == 0)
        profile = _fitted(first, before or _nothing(readings), _strength(first, before))
        behind = held = parted == 1
    if readings.fair is not None:
        behind, held = behind & readings.fair, held & readings.fair
        if not (behind.any() and held.any()):
            return None
    confidence = confidences(profile, readings.features[behind])
    grid = thresholds(confidence, readings.right[behind])
    return Refit(Profile(profile.weights, profile.bias, len(confidence), grid), behind, held)


def parts(files: Sequence[str], count: int) -> NDArray[np.int64]:
    """Of each field, its part of `count`: files in the order of a hash go to the part that has the fewest fields."""
    sizes, loads, part_of = Counter(files), [0] * count, dict[str, int]()
    for file in sorted(sizes, key=lambda file: hashlib.sha256(file.encode()).digest()):
        part_of[file] = loads.index(min(loads))
        loads[part_of[file]] += sizes[file]
    return np.array([part_of[file] for file in files], np.int64)


def confidences(profile: Profile, features: Floats) -> Floats:
    """(N,) calibrated probabilities for (N, F) features, to the last digit those that decide."""
    return np.array([profile.confidence(tuple(one)) for one in features.tolist()], np.float64)


def log_loss(confidence: Floats, right: NDArray[np.bool_], weights: Floats | None = None) -> float:
    """Mean of -log of the probability given to what is the case, in nats."""
    given = np.where(right, confidence, 1 - confidence)
    return float(np.average(-np.log(np.maximum(given, 1e-12)), weights=weights))


def _nothing(readings: Readings) -> Profile:
    return Profile((0.0,) * readings.features.shape[1], 0.0, 0, ())


def _strength(readings: Readings, before: Profile | None) -> float:
    """The strength with the least log loss on files left out."""
    fold = parts(readings.files, _FOLDS)
    strengths = _STRENGTHS if before else _STRENGTHS[1:]
    if not fold.any():
        return strengths[0]

    def loss(strength: float) -> float:
        total = 0.0
        for out in np.unique(fold):
            profile, rest = _fitted(readings.part(fold != out), before or _nothing(readings), strength), fold == out
            left = readings.part(rest)
            total += log_loss(confidences(profile, left.features), left.right, _counted(left)) * rest.sum()
        return total

    return min(strengths, key=loss)


def _fitted(readings: Readings, before: Profile, strength: float) -> Profile:
    """The likeliest profile near the one before: its logit with a temperature and a bias, and, unless `strength` is
    infinite, with weights of the features added."""
    old = np.array(before.weights)
    logit = readings.features @ old + before.bias
    mean, spread = readings.features.mean(axis=0), readings.features.std(axis=0) + 1e-6
    columns, ridge = [logit, np.ones(len(logit))], [_TEMPERATURE_STRENGTH, _BIAS_STRENGTH]
    if strength < inf:
        columns += list(((readings.features - mean) / spread).T)
        ridge += [strength] * len(old)
    change = _likeliest(np.stack(columns, axis=1), logit, readings.right, _counted(readings), np.array(ridge))
    added = change[2:] / spread if strength < inf else np.zeros(len(old))
    weights = (1 + change[0]) * old + added
    bias = (1 + change[0]) * before.bias + change[1] - added @ mean
    return Profile(tuple(weights.tolist()), float(bias), len(logit), ())


def _counted(readings: Readings) -> Floats:
    """(N,) the weights, which together count as many as they tell: Kish's effective size, (sum w)² / sum w² (Survey
    Sampling, 1965, section 8.2)."""
    if readings.weights is None:
        return np.ones(len(readings.right))
    weights = readings.weights
    return np.asarray(weights * weights.sum() / (weights * weights).sum(), np.float64)


def _likeliest(columns: Floats, offset: Floats, right: NDArray[np.bool_], weights: Floats, ridge: Floats) -> Floats:
    """b that minimises sum weight · log(1 + exp(∓(offset + columns · b))) + sum(ridge · b²) / 2."""
    from scipy.optimize import minimize
    from scipy.special import expit

    sign = np.where(right, 1.0, -1.0)

    def loss(b: Floats) -> tuple[float, Floats]:
        margin = sign * (offset + columns @ b)
        value = (weights * np.logaddexp(0, -margin)).sum() + 0.5 * (ridge * b * b).sum()
        return float(value), ridge * b - columns.T @ (weights * sign * expit(-margin))

    bounds = [(_LEAST_TEMPERATURE - 1, None)] + [(None, None)] * (len(ridge) - 1)
    found = minimize(loss, np.zeros(len(ridge)), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x, np.float64)


def card_of(
    card: Card,
    name: str,
    calibration: str,
    refits: Mapping[str, Profile],
    figures: Mapping[str, Mapping[str, Any]],
    rates: Mapping[str, Rates],
) -> dict[str, Any]:
    """The card of the model `name`: that of `card` with the refitted profiles, their figures, where it is from, and how
    many fields were blank or illegible there."""
    raw, before = deepcopy(card.raw), card.raw["calibration"]
    told = as_card(calibration, card.calibration.profiles | dict(refits))
    for kind, entry in told["profiles"].items():
        rests_on = before["profiles"].get(kind, {}).get("sample", before["name"])
        entry["sample"] = calibration if kind in refits else rests_on
    told["from"] = [*before.get("from", ()), f"{card.name}@{card.weights_sha256[:12]}, {before['name']}"]
    told["cross_checks"] = before.get("cross_checks", {})  # as all that the sample does not speak of
    told["rates"] = before.get("rates", {}) | {kind: asdict(one) for kind, one in rates.items()}
    raw["name"], raw["calibration"] = name, told
    raw["figures"] = raw.get("figures", {})
    raw["figures"]["calibration"] = raw["figures"].get("calibration", {}) | {k: dict(v) for k, v in figures.items()}
    return raw


def free_path(out: Path, *, overwrite: bool) -> Path:
    """MODEL.json, whichever of the two files `out` names, or neither; OutputError where one of them cannot be written.

    >>> [free_path(Path(name), overwrite=True).name for name in ("own", "own.json", "own.safetensors", "v1.2")]
    ['own.json', 'own.json', 'own.json', 'v1.2.json']
    """
    path = out.with_name(f"{out.name.removesuffix('.json').removesuffix('.safetensors')}.json")
    for part in (path, path.with_suffix(".safetensors")):
        check_free(part, overwrite=overwrite)
    return path


def write_model(path: Path, card: Mapping[str, Any], weights: Path) -> None:
    """Writes the card at `path` and a copy of `weights` beside it, each whole or not at all."""
    try:
        with weights.open("rb") as source, whole_file(path.with_suffix(".safetensors")) as sink:
            shutil.copyfileobj(source, sink)
        with whole_file(path) as sink:
            sink.write((json.dumps(card, indent=1) + "\n").encode())
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
