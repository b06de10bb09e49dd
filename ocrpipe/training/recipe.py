"""The whole making of a model: draw, teach, choose, calibrate, and write the card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, get_args

import numpy as np
import torch
from numpy.typing import NDArray

import ocrpipe
from ocrpipe.digits import ink_box, packed_or_plain, read_idx
from ocrpipe.errors import UsageError
from ocrpipe.looks import lattice_of
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import Weights, decode
from ocrpipe.reading.networks.lenet5 import PARAMETERS, WORDS
from ocrpipe.reading.networks.plans import Kind
from ocrpipe.reading.networks.sdnn import PARAMETERS as SDNN_PARAMETERS
from ocrpipe.reading.networks.sdnn import Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.networks.torch_nets import readers_of, save_readers
from ocrpipe.reading.segment import fit_crop
from ocrpipe.reading.symbols import DIGITS, JUNK, NETWORK_CLASSES
from ocrpipe.training import calibrate
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.examples import Examples, joined, legible, side_by_side
from ocrpipe.training.history import History
from ocrpipe.training.learning import Epoch
from ocrpipe.training.letters import letters
from ocrpipe.training.located import calibrate_located
from ocrpipe.training.plots import draw_confusion, draw_worst
from ocrpipe.training.shards import (
    FIELDS_PER_SHARD,
    count_lattices,
    draw_shards,
    read_examples,
    read_lattices,
    read_strips,
)
from ocrpipe.training.train import Alone, both_of, drawn_alone, isolated, train_lenet, train_shapes
from ocrpipe.training.train_paths import Readers, train_paths
from ocrpipe.training.train_sweep import train_sweep
from ocrpipe.training.writers import Split, Writer, load, sources, writers_are_known

ALPHAS = (0.3, 0.6, 1.0)
SECOND = 1.0
"""How much the second reader counts against the lattice: as for independent witnesses. Drawn fields cannot choose it:
both readers were taught by the same drawing, the second took in more of it, and drawn validation asks for four times
as much, which on other people's writing would be one reader's word alone."""
_VALIDATION_SHARDS = 4
_PATH_ALPHA = 1.0
_VALIDATION_FIELDS = 1_500
_SHAPE_EPOCHS = 6
_PRINT = "print: Liberation, DejaVu, GNU FreeFont and GNU Typewriter fonts, drawn"
_TEST = "mnist/t10k-images-idx3-ubyte.gz", "mnist/t10k-labels-idx1-ubyte.gz"
CONFUSION, WORST = "confusion.png", "worst.png"
_DATA = "digits.json"
"""In the folder of a training: what it draws from."""
_EXTRA = {"matplotlib": "matplotlib", "PIL": "pillow", "sklearn": "scikit-learn"}
"""Modules of the extra `train`, and who brings them."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides a model, apart from the digits."""

    network: Kind = "lenet5"
    fields: int = 128_000
    epochs: int = 6
    sweep_epochs: int = 5
    path_epochs: int = 1
    calibration_fields: int = 8_000
    """For each kind of field, behind the thresholds; a quarter as many more fit the confidence."""
    sheets: int = 7_200
    """Whole checks and envelopes, for the fields that are located on them."""
    seed: int = 0


class Told(Protocol):
    """Hears how the making goes."""

    def stage(self, name: str, steps: int) -> Callable[[], None]:
        """A stage of `steps` steps begins; call the result after each."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is done and saved."""


def make(digits: Path, work: Path, out: Path, recipe: Recipe, jobs: int, told: Told, *, test: bool = False) -> Path:
    """Writes `out`.safetensors and `out`.json; drawn shards and checkpoints stay in `work`, so that a killed training
    goes on, with history and pictures of it beside them. With `test`, the MNIST test set is opened and its error
    written into the card."""
    check_tools()
    data = [*sources(digits).values(), _PRINT]
    if test and not all(packed_or_plain(digits / name).is_file() for name in _TEST):
        raise UsageError(f"{digits}: --test wants {' and '.join(_TEST)}; put them there")
    hands = hands_of(digits)
    _claim(work, data)
    history = History(work, recipe.seed)
    shards = max(1, recipe.fields // FIELDS_PER_SHARD)
    drawn = told.stage("draw fields", 2 * shards + _VALIDATION_SHARDS)
    held = draw_shards(work, digits, "validation", _VALIDATION_SHARDS, recipe.seed, jobs, drawn)
    taught = draw_shards(work, digits, "train", shards, recipe.seed, jobs, drawn)
    through = draw_shards(work, digits, "paths", shards, recipe.seed, jobs, drawn)
    validation, examples = joined(list(read_examples(held))), joined(list(read_examples(taught)))
    shapes = train_shapes(examples, _SHAPE_EPOCHS, recipe.seed)
    validation, examples = legible(validation), legible(examples)
    digits_alone = both_of(isolated(hands["train"]), drawn_alone(hands["train"], recipe.seed))
    alone = both_of(digits_alone, letters(print_fonts()[::2]))
    alone_validation = _alone(hands["validation"], recipe.seed)

    def first_reader() -> Readers:
        checkpoint = work / f"{recipe.network}-{recipe.seed}.pt"
        lenet = train_lenet(
            recipe.network, examples, alone, validation, alone_validation, recipe.epochs, recipe.seed, checkpoint,
            history.follow(told.epoch),
        )  # fmt: skip
        return train_paths(
            lenet, shapes, _PATH_ALPHA, lambda: read_lattices(through), count_lattices(through), examples, alone,
            validation, alone_validation, recipe.path_epochs, recipe.seed, checkpoint.with_suffix(".paths.pt"),
            history.follow(told.epoch),
        )  # fmt: skip

    def second_reader() -> Sdnn:
        return train_sweep(
            side_by_side(list(read_strips([*taught, *through]))), side_by_side(list(read_strips(held))),
            recipe.sweep_epochs, recipe.seed, work / f"sdnn-{recipe.seed}.pt", history.follow(told.epoch),
        )  # fmt: skip

    torch.set_num_threads(max(1, jobs // 2))
    with ThreadPoolExecutor(2) as both:  # two small networks on a core each are faster than one after the other on two
        to_first, to_sdnn = both.submit(first_reader), both.submit(second_reader)
        first, sdnn = to_first.result(), to_sdnn.result()
    torch.set_num_threads(jobs)
    classifier = Classifier(readers_of(first.lenet, first.shapes, sdnn))
    guesses = classifier.crop_probabilities(validation.crops).argmax(axis=1)
    draw_confusion(validation.labels, guesses, work / CONFUSION)
    draw_worst(*alone_validation, classifier.crop_probabilities(alone_validation[0]), work / WORST)
    choose = told.stage("choose", len(ALPHAS) + 1)
    readers, exact = _choose_alpha(hands["validation"], classifier, recipe.seed, choose)
    weights = out.with_suffix(".safetensors")
    save_readers(first.lenet, first.shapes, sdnn, weights)
    weights.chmod(0o644)
    sample = calibrate.draw_sample(digits, weights, readers, recipe.calibration_fields, recipe.seed, jobs, told.stage)
    profiles = {name: calibrate.fit(*halves) for name, halves in sample.items()}
    figures: dict[str, Any] = {
        "validation": {"fields": _VALIDATION_FIELDS, "exact": exact, **_digit_figures(validation, guesses)},
        "calibration": {
            name: {"fields": len(half.right), "exact": round(float(half.right.mean()), 4)}
            for name, (_, half) in sample.items()
        },
    }
    if test:
        figures["mnist_test_error"] = _mnist_test_error(classifier, digits)
    calibration = calibrate.as_card(_calibration_name(recipe, digits), profiles)
    crops, labels = _alone(hands["calibration"], recipe.seed)
    temperature = calibrate.temperature(classifier.digit_probabilities(crops), labels)
    card = _card(out.stem, weights, recipe, data, readers, temperature, shapes, figures, calibration)
    path = out.with_suffix(".json")
    path.write_text(json.dumps(card, indent=1) + "\n")
    calibrate_located(path, digits, recipe.sheets, recipe.seed, jobs, told.stage)
    return path


def check_tools() -> None:
    """UsageError where something is not installed that would be missed hours later."""
    missing = [package for module, package in _EXTRA.items() if find_spec(module) is None]
    if missing:
        raise UsageError(f"training wants {', '.join(missing)}, not installed: pip install 'ocrpipe[train]'")
    if not print_fonts():
        raise UsageError(
            "no print fonts found; on Debian: apt-get install fonts-liberation fonts-dejavu fonts-freefont-otf"
        )


def hands_of(digits: Path) -> dict[Split, list[Writer]]:
    """The writers of each split; UsageError where a split, or half of those that calibrate, wrote too little."""
    hands: dict[Split, list[Writer]] = {split: load(digits, split) for split in get_args(Split)}
    for split, writers in hands.items():
        for half in [writers[::2], writers[1::2]] if split == "calibration" else [writers]:
            pools = [w for w in half if w.strokes], [w for w in half if w.glyphs]
            if not half or any(pool and max(len(w.digits) for w in pool) < len(DIGITS) for pool in pools):
                raise UsageError(f"{digits}: too few writers for {split}, or none who wrote all ten digits; add others")
    return hands


def _claim(work: Path, data: list[str]) -> None:
    """Notes what is drawn in `work`; UsageError where that was something else, for it would be taken for this."""
    note = work / _DATA
    work.mkdir(parents=True, exist_ok=True)
    if note.exists() and json.loads(note.read_text()) != data:
        raise UsageError(f"{work}: holds a training from other digits (see {note}); give another --work")
    note.write_text(json.dumps(data, indent=1) + "\n")


def _alone(writers: list[Writer], seed: int) -> Alone:
    """Scanned digits by themselves; drawn ones where only pens are known."""
    scanned = isolated(writers)
    return scanned if len(scanned[1]) else drawn_alone(writers, seed)


def _calibration_name(recipe: Recipe, digits: Path) -> str:
    doubt = "" if writers_are_known(digits) else ", writers not known"
    return f"drawn fields, seed {recipe.seed}{doubt}"


def _choose_alpha(
    writers: list[Writer], classifier: Classifier, seed: int, step: Callable[[], None]
) -> tuple[Weights, dict[str, float]]:
    """The share of exact reads of drawn validation fields, in styles that taught nothing, decides how much a path owes
    to the junk it passes by. Returns it with the shares, by the lattice alone and by both."""
    drawer = Drawer(writers, print_fonts(), strange=True)
    rng = np.random.default_rng((seed, 1))
    drawn = [drawer.draw(rng, blank=0.05) for _ in range(_VALIDATION_FIELDS)]
    lattices = [lattice_of(d.field, second=True) for d in drawn]
    scores = classifier.scores(lattices)

    def exact(weights: Weights, second: bool) -> float:
        right = 0
        for d, lattice, both in zip(drawn, lattices, scores, strict=True):
            values = decode(lattice, both if second else replace(both, frames=None), weights).values
            right += bool(values) and values[0][0] == d.wording.value
        step()
        return right / len(drawn)

    alone = {alpha: exact(Weights(alpha, 0.0), second=False) for alpha in ALPHAS}
    alpha = max(alone, key=lambda one: alone[one])
    weights = Weights(alpha, SECOND)
    return weights, {"lattice": round(alone[alpha], 4), "both": round(exact(weights, second=True), 4)}


def _digit_figures(validation: Examples, guesses: NDArray[np.int64]) -> dict[str, float]:
    """Errors on what the segmenter cuts from drawn validation fields."""
    character = validation.labels != JUNK
    return {
        "character_error": round(float((guesses != validation.labels)[character].mean()), 4),
        "junk_passed": round(float((guesses != JUNK)[~character].mean()), 4),
    }


def _mnist_test_error(classifier: Classifier, digits: Path) -> float:
    """Share of the 10,000 misread, ten classes."""
    images, labels = (read_idx(packed_or_plain(digits / name)) for name in _TEST)
    guesses = classifier.digit_probabilities(np.array([fit_crop(ink_box(image)) for image in images])).argmax(axis=1)
    return round(float((guesses != labels).mean()), 5)


def _card(
    name: str, weights: Path, recipe: Recipe, data: list[str], readers: Weights,
    temperature: float, shapes: ShapeNet, figures: dict[str, Any], calibration: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name,
        "network": WORDS[recipe.network],
        "parameters": PARAMETERS[recipe.network],
        "shape_network_parameters": sum(p.numel() for p in shapes.parameters()),
        "second_network": "space displacement LeNet on gray strips 48 px high, CTC",
        "second_network_parameters": SDNN_PARAMETERS,
        "classes": list(NETWORK_CLASSES),
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "licence": "Apache-2.0; taught on the data below",
        "data": data,
        "recipe": asdict(recipe) | {"software": ocrpipe.__version__},
        "figures": figures,
        "digit_temperature": round(temperature, 4),
        "lattice": {"alpha": readers.alpha, "second": readers.second},
        "calibration": calibration,
    }  # fmt: skip
