"""What so many reviewed fields teach the readers: `python -m tests.bench.taught [--taught 200] [--read 1000]`.

For each of the strangers of `tests.bench.strangers_drawn`, and for fields as the training drew them: how many of so
many fields (`--read`) are read right by the shipped readers and by those that `--taught` others have taught, and how
many could be accepted with one wrong in a hundred, in the order of the posterior. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ocrpipe.clock import Clock
from ocrpipe.evaluation.numbers import coverage_at, risk_coverage
from ocrpipe.geometry import Box, identity
from ocrpipe.looks import lattice_of, read
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.model import Card, load_card
from ocrpipe.reading.networks.torch_nets import modules_from, readers_of
from ocrpipe.records import FieldImage, FieldSpec
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.lessons import lessons_of
from ocrpipe.training.teach import Course, taught
from ocrpipe.training.wording import amount
from ocrpipe.training.writers import load
from tests.bench.line import print_table
from tests.bench.strangers_drawn import STRANGERS, written

DIGITS = Path(__file__).parents[3] / "shared" / "digits"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--taught", type=int, default=200)
    parser.add_argument("--read", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    if not DIGITS.is_dir():
        sys.exit(f"{DIGITS} is not there: nothing to draw from")
    torch.set_num_threads(1)
    card = load_card("lenet5")
    start = modules_from(card.weights)
    old, rows = Classifier(readers_of(*start)), []
    for name in (*STRANGERS, "as taught"):
        own = list(_drawn(name, options.taught, options.seed))
        others = list(_drawn(name, options.read, options.seed + 1))
        lattices, values = [lattice_of(image, True) for image, _ in own], [value for _, value in own]
        lessons = [lesson for lesson in lessons_of(lattices, values, old, card.readers.alpha) if lesson]
        new = Classifier(readers_of(*taught(start, card.readers.alpha, lessons, options.seed, Course())))
        before, covered_before = _read(card, old, others)
        after, covered_after = _read(card, new, others)
        changed = f"+{(after & ~before).sum()} −{(before & ~after).sum()}"
        shares = [f"{share:.1%}" for share in (before.mean(), after.mean(), covered_before, covered_after)]
        rows.append((name, str(len(lessons)), *shares[:2], changed, *shares[2:]))
        print("; ".join(rows[-1]), file=sys.stderr, flush=True)
    print_table(("stranger", "taught", "right before", "after", "fields", "coverage at 1 % before", "after"), rows)


def _read(card: Card, readers: Classifier, told: list[tuple[FieldImage, str]]) -> tuple[NDArray[np.bool_], float]:
    """(N,) which fields are read right, and the coverage at one wrong in a hundred."""
    images = [image for image, _ in told]
    decoded = read(images, [lattice_of(image, True) for image in images], readers, card.readers, Clock())
    tops = [one.values[0] if one.values else ("", -np.inf) for one in decoded]
    right = np.array([value == truth for (value, _), (_, truth) in zip(tops, told, strict=True)])
    return right, coverage_at(risk_coverage(np.array([posterior for _, posterior in tops]), right), 0.01)


def _drawn(name: str, count: int, seed: int) -> Iterator[tuple[FieldImage, str]]:
    if name in STRANGERS:
        for ink, value, rng in written(DIGITS, count, seed):
            pixels, dpi = STRANGERS[name](ink, rng)
            box = Box(0, 0, pixels.shape[1], pixels.shape[0])
            yield FieldImage(FieldSpec("amount", "amount"), pixels, identity(), box, dpi), value
        return
    drawer, rng = Drawer(load(DIGITS, "validation"), print_fonts()), np.random.default_rng(seed)
    for _ in range(count):
        drawn = drawer.draw(rng, amount(rng))
        yield drawn.field, drawn.wording.value


if __name__ == "__main__":
    main()
