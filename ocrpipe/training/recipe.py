"""The whole making of a model: draw, teach, choose, calibrate, and write the card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from safetensors.torch import save_file

import ocrpipe
from ocrpipe.errors import UsageError
from ocrpipe.fields.clean import clean
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import decode
from ocrpipe.reading.networks.lenet5 import PARAMETERS, LeNet5
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.segment import fit_crop, segment
from ocrpipe.reading.symbols import JUNK, NETWORK_CLASSES
from ocrpipe.training import calibrate
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.examples import Examples, joined
from ocrpipe.training.shards import FIELDS_PER_SHARD, draw_shards, read_shards
from ocrpipe.training.train import Epoch, isolated, train_lenet, train_shapes
from ocrpipe.training.writers import ink_box, load, read_idx

ALPHAS = (0.3, 0.6, 1.0)
_VALIDATION_FIELDS = 1_500
_SHAPE_EPOCHS = 6
DATA = (
    "MNIST training set without the writers held for evaluation (derived from NIST Special Databases 1 and 3)",
    "UNIPEN train_r01_v07, isolated digits (CC BY 4.0)",
    "Pen-Based Recognition of Handwritten Digits, UCI, training part (CC BY 4.0)",
    "print: Liberation, DejaVu, GNU FreeFont and GNU Typewriter fonts, drawn",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides a model, apart from the digits."""

    fields: int = 80_000
    epochs: int = 12
    calibration_fields: int = 3_000
    """For each kind of field, and twice: half fits the confidence, half stands behind the thresholds."""
    seed: int = 0


class Told(Protocol):
    """Hears how the making goes."""

    def stage(self, name: str, steps: int) -> Callable[[], None]:
        """A stage of `steps` steps begins; call the result after each."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is done and saved."""


def make(digits: Path, work: Path, out: Path, recipe: Recipe, jobs: int, told: Told, *, test: bool = False) -> Path:
    """Writes `out`.safetensors and `out`.json; drawn shards and checkpoints stay in `work`, so that a killed training
    goes on. With `test`, the MNIST test set is opened and its error written into the card."""
    torch.set_num_threads(jobs)
    if not print_fonts():
        raise UsageError(
            "no print fonts found; on Debian: apt-get install fonts-liberation fonts-dejavu fonts-freefont-otf"
        )
    shards = max(1, recipe.fields // FIELDS_PER_SHARD)
    drawn = told.stage("draw fields", shards + 4)
    validation = joined(list(read_shards(draw_shards(work, digits, "validation", 4, recipe.seed, jobs, drawn))))
    examples = joined(list(read_shards(draw_shards(work, digits, "train", shards, recipe.seed, jobs, drawn))))
    alone, alone_validation = isolated(load(digits, "train")), isolated(load(digits, "validation"))
    lenet = train_lenet(
        examples,
        alone,
        validation,
        alone_validation,
        recipe.epochs,
        recipe.seed,
        work / f"lenet5-{recipe.seed}.pt",
        told.epoch,
    )
    shapes = train_shapes(examples, _SHAPE_EPOCHS, recipe.seed)
    classifier = Classifier(lenet, shapes)
    alpha, exact = _choose_alpha(digits, classifier, recipe.seed, told.stage("choose", len(ALPHAS)))
    weights = out.with_suffix(".safetensors")
    save_file(classifier.tensors(), weights)
    weights.chmod(0o644)
    sample = calibrate.draw_sample(digits, weights, alpha, recipe.calibration_fields, recipe.seed, jobs, told.stage)
    profiles = {name: calibrate.fit(*halves) for name, halves in sample.items()}
    figures: dict[str, Any] = {
        "validation": {"fields": _VALIDATION_FIELDS, "exact": exact, **_digit_figures(lenet, validation)},
        "calibration": {
            name: {"fields": len(half.right), "exact": round(float(half.right.mean()), 4)}
            for name, (_, half) in sample.items()
        },
    }
    if test:
        figures["mnist_test_error"] = _mnist_test_error(lenet, digits)
    card = _card(
        out.stem, weights, recipe, alpha, shapes, figures, calibrate.as_card(_calibration_name(recipe), profiles)
    )
    path = out.with_suffix(".json")
    path.write_text(json.dumps(card, indent=1) + "\n")
    return path


def _calibration_name(recipe: Recipe) -> str:
    return f"drawn fields, seed {recipe.seed}"


def _choose_alpha(digits: Path, classifier: Classifier, seed: int, step: Callable[[], None]) -> tuple[float, float]:
    """How much a path owes to the junk it passes by: the share of exact reads of drawn validation fields decides."""
    drawer = Drawer(load(digits, "validation"), print_fonts())
    rng = np.random.default_rng((seed, 1))
    drawn = [drawer.draw(rng, blank=0.05) for _ in range(_VALIDATION_FIELDS)]
    lattices = [segment(clean(d.field)) for d in drawn]
    scores = classifier.scores(lattices)
    exact = {}
    for alpha in ALPHAS:
        read = [decode(lattice, score, alpha).values for lattice, score in zip(lattices, scores, strict=True)]
        right = [bool(v) and v[0][0] == d.wording.value for v, d in zip(read, drawn, strict=True)]
        exact[alpha] = float(np.mean(right))
        step()
    best = max(exact, key=lambda alpha: exact[alpha])
    return best, round(exact[best], 4)


@torch.no_grad()
def _digit_figures(lenet: LeNet5, validation: Examples) -> dict[str, float]:
    """Errors on what the segmenter cuts from drawn validation fields."""
    x = torch.from_numpy(validation.crops)
    guessed = torch.cat([lenet(part.float().unsqueeze(1) / 255).argmax(1) for part in torch.split(x, 2048)]).numpy()
    character = validation.labels != JUNK
    return {
        "character_error": round(float((guessed != validation.labels)[character].mean()), 4),
        "junk_passed": round(float((guessed != JUNK)[~character].mean()), 4),
    }


@torch.no_grad()
def _mnist_test_error(lenet: LeNet5, digits: Path) -> float:
    """Share of the 10,000 misread, ten classes."""
    images = read_idx(digits / "mnist" / "t10k-images-idx3-ubyte.gz")
    labels = read_idx(digits / "mnist" / "t10k-labels-idx1-ubyte.gz")
    crops = torch.from_numpy(np.array([fit_crop(ink_box(image)) for image in images]))
    guessed = torch.cat(
        [lenet(p.float().unsqueeze(1) / 255)[:, :10].argmax(1) for p in torch.split(crops, 2048)]
    ).numpy()
    return round(float((guessed != labels).mean()), 5)


def _card(
    name: str, weights: Path, recipe: Recipe, alpha: float, shapes: ShapeNet, figures: dict[str, Any],
    calibration: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name,
        "network": "LeNet-5, 6-16-120-84-14, 32×32",
        "parameters": PARAMETERS,
        "shape_network_parameters": sum(p.numel() for p in shapes.parameters()),
        "classes": list(NETWORK_CLASSES),
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "licence": "Apache-2.0; taught on the data below",
        "data": list(DATA),
        "recipe": {
            "fields": recipe.fields, "epochs": recipe.epochs, "seed": recipe.seed, "software": ocrpipe.__version__,
        },
        "figures": figures,
        "lattice": {"alpha": alpha},
        "calibration": calibration,
    }  # fmt: skip
