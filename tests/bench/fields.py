"""CPU time of reading fields, by stage: `python -m tests.bench.fields [MODEL]`.

Combs of six digits by the lattice alone and free amounts by both readers, drawn with the hands of validation writers;
with one look, and with the further ones at those that leave doubt. Nothing here is a test: one process, one thread,
many fields to a batch as in the line, and of several rounds the fastest, which neighbours disturb least.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import torch

from ocrpipe.clock import Clock
from ocrpipe.fields.clean import cleaned, darkness_of
from ocrpipe.looks import lattice_of, read
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import Weights, decode
from ocrpipe.reading.model import load_card
from ocrpipe.reading.segment import segment
from ocrpipe.records import FieldImage
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.wording import MAKERS
from ocrpipe.training.writers import load

DIGITS = Path(__file__).parents[3] / "shared" / "digits"
FIELDS, ROUNDS = 128, 7
STAGES = ("darkness", "cleaning", "cutting", "strip etc", "networks", "decoding", "one look", "all looks")


def main() -> None:
    if not DIGITS.is_dir():
        sys.exit(f"{DIGITS} is not there: nothing to draw from")
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    card = load_card(sys.argv[1] if len(sys.argv) > 1 else "lenet5")
    classifier = Classifier.from_file(card.weights)
    drawer = Drawer(load(DIGITS, "validation"), print_fonts())
    print(f"{'CPU ms a field':22}" + "".join(f"{stage:>10}" for stage in STAGES))
    for title, kind, cells, second in (
        ("comb of 6, lattice", "digits in cells", 6, False),
        ("free amount, both", "amount", 0, True),
    ):
        times = _stages(_drawn(drawer, kind, cells), classifier, card.readers, second)
        print(f"{title:22}" + "".join(f"{spent:10.2f}" for spent in times))


def _drawn(drawer: Drawer, kind: str, cells: int) -> list[FieldImage]:
    rng = np.random.default_rng(5)
    fields: list[FieldImage] = []
    while len(fields) < FIELDS:
        wording = MAKERS[kind][1](rng)
        if wording.spec.cells == cells:
            fields.append(drawer.draw(rng, wording).field)
    return fields


def _stages(fields: list[FieldImage], classifier: Classifier, weights: Weights, second: bool) -> list[float]:
    """Milliseconds a field in the order of `STAGES`."""
    dark = [darkness_of(field.pixels) for field in fields]
    bare = [cleaned(field, darkness) for field, darkness in zip(fields, dark, strict=True)]
    lattices = [lattice_of(field, second) for field in fields]
    scores = classifier.scores(lattices)
    darker = list(zip(fields, dark, strict=True))
    seen = list(zip(lattices, scores, strict=True))

    def one_look() -> None:
        with patch("ocrpipe.looks._SURE", -1.0):  # no first look leaves doubt
            read(fields, lattices, classifier, weights, Clock())

    darkness, cleaning, cutting, before, networks, decoding, once, often = _fastest(
        lambda: [darkness_of(field.pixels) for field in fields],
        lambda: [cleaned(field, dark) for field, dark in darker],
        lambda: [segment(field) for field in bare],
        lambda: [lattice_of(field, second) for field in fields],
        lambda: classifier.scores(lattices),
        lambda: [decode(lattice, scores, weights) for lattice, scores in seen],
        one_look,
        lambda: read(fields, lattices, classifier, weights, Clock()),
    )
    strip = max(0.0, before - darkness - cleaning - cutting)
    return [darkness, cleaning, cutting, strip, networks, decoding, before + once, before + often]


def _fastest(*works: Callable[[], object]) -> list[float]:
    """CPU milliseconds a field of each of the works in the fastest of some rounds, each of which does all of them."""
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for work in works:
            began = time.process_time()
            work()
            times.append(1000 * (time.process_time() - began) / FIELDS)
        rounds.append(times)
    return [min(times) for times in zip(*rounds, strict=True)]


if __name__ == "__main__":
    main()
