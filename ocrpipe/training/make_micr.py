"""The whole making of the MICR reader: draw, teach, calibrate, and write the card. Nothing but drawings is behind it.

What is calibrated on was printed, soiled and scanned in ways that taught nothing (`draw_line(strange=True)`); one half
fits the confidence, the other stands behind the thresholds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import ocrpipe
from ocrpipe.reading.decide import Profile
from ocrpipe.reading.micr import MicrReader
from ocrpipe.reading.micr_features import FEATURE_NAMES
from ocrpipe.reading.micr_model import PROFILE
from ocrpipe.reading.micr_strip import strips
from ocrpipe.reading.networks.micr import PARAMETERS, MicrNet
from ocrpipe.reading.networks.torch_nets import micr_of, save_micr
from ocrpipe.training.calibrate import Sample, fit, profile_as_card
from ocrpipe.training.learning import Epoch
from ocrpipe.training.micr_examples import LINES_PER_SHARD, draw_micr_shards, load_micr
from ocrpipe.training.micr_lines import draw_line
from ocrpipe.training.train_micr import train_micr

DATA = "drawn E-13B, ocrpipe"


@dataclass(frozen=True, slots=True)
class MicrRecipe:
    """What decides a reader."""

    lines: int = 4_000
    epochs: int = 8
    calibration_lines: int = 2_000
    """Of either half."""
    seed: int = 0


def make_micr(
    work: Path, out: Path, recipe: MicrRecipe, stage: Callable[[str, int], Callable[[], None]],
    told: Callable[[Epoch], None],
) -> Path:  # fmt: skip
    """Writes `out`.safetensors and `out`.json; drawn shards and the checkpoint stay in `work`, so that a killed
    training goes on. Every stage tells its name and steps, and calls what it was given after each."""
    shards = max(1, recipe.lines // LINES_PER_SHARD)
    done = stage("draw MICR lines", shards + 1)
    taught = load_micr(draw_micr_shards(work, shards, recipe.seed, done))
    held = load_micr(draw_micr_shards(work, 1, recipe.seed + 1, done))
    net = train_micr(taught, held, recipe.epochs, recipe.seed, work / f"micr-{recipe.seed}.pt", told)
    reader = MicrReader(micr_of(net))
    done = stage("calibrate MICR lines", 2 * recipe.calibration_lines)
    halves = [sample(reader, recipe.calibration_lines, (recipe.seed + 2, half), done) for half in (0, 1)]
    return save(net, fit(*halves), halves, recipe, out)


def sample(reader: MicrReader, lines: int, seed: tuple[int, int], done: Callable[[], None]) -> Sample:
    """Readings of strange lines, as far as one was found, and whether they are right."""
    features, right = [], []
    for number in range(lines):
        line = draw_line(np.random.default_rng((*seed, number)), strange=True)
        for reading in reader.read(strips(line.picture, line.dpi)):
            if reading.text:
                features.append(reading.features)
                right.append(reading.text == line.text)
        done()
    return Sample(np.array(features), np.array(right, np.bool_))


def save(net: MicrNet, profile: Profile, halves: list[Sample], recipe: MicrRecipe, out: Path) -> Path:
    """Weights and card."""
    out.parent.mkdir(parents=True, exist_ok=True)
    weights, card = out.with_suffix(".safetensors"), out.with_suffix(".json")
    save_micr(net, weights)
    weights.chmod(0o644)
    exact = [float(half.right.mean()) for half in halves]
    told: dict[str, Any] = {
        "name": out.name,
        "network": "LeNet swept along the line, 8-12-16-32-15, strips 24 px high",
        "parameters": PARAMETERS,
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "licence": "Apache-2.0; taught on the data below",
        "data": [DATA],
        "recipe": {**asdict(recipe), "software": ocrpipe.__version__},
        "figures": {"lines": [len(half.right) for half in halves], "exact": [round(share, 4) for share in exact]},
        "calibration": {
            "name": "drawn MICR lines, strange ones",
            "features": list(FEATURE_NAMES),
            "profiles": {PROFILE: profile_as_card(profile)},
        },
    }
    card.write_text(json.dumps(told, indent=1) + "\n")
    return card
