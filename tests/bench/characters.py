"""Strings of touching digits, and junk, by the lattice alone: `python -m tests.bench.characters [MODEL]`.

Digits of MNIST writers that calibrate but never teach are strung with a gap, in pixels of MNIST's 28-pixel scale,
between the boxes of their ink; a negative gap overlaps them. Junk is what the segmenter proposes wrongly on drawn
fields of validation writers (a kind that is taught), and letters (a kind that is not).
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.geometry import Box, identity
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import Weights, decode
from ocrpipe.reading.model import load_card
from ocrpipe.reading.segment import fit_crop, segment
from ocrpipe.reading.symbols import JUNK
from ocrpipe.records import FieldImage, FieldSpec
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.examples import label
from ocrpipe.training.pen import printed
from ocrpipe.training.writers import Writer, load

DIGITS = Path(__file__).parents[3] / "shared" / "digits"
STRINGS = 300
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYabcdefghkmnpqrtuvwxy"


def strung(writer: Writer, gap: int, rng: np.random.Generator) -> tuple[FieldImage, str]:
    """Five digits of one hand on a line, ink dark."""
    pool = [(digit, glyph) for digit, glyphs in writer.glyphs.items() for glyph in glyphs]
    drawn = [pool[int(rng.integers(len(pool)))] for _ in range(5)]
    width = sum(glyph.shape[1] + gap for _, glyph in drawn) + 24
    ink = np.zeros((36, width), np.uint8)
    x = 12
    for _, glyph in drawn:
        y = 18 - glyph.shape[0] // 2
        view = ink[y : y + glyph.shape[0], x : x + glyph.shape[1]]
        np.maximum(view, glyph, out=view)
        x += glyph.shape[1] + gap
    picture = cv2.resize(255 - ink, None, fx=1.8, fy=1.8, interpolation=cv2.INTER_CUBIC)
    box = Box(0, 0, picture.shape[1], picture.shape[0])
    field = FieldImage(FieldSpec("string", "digits"), np.asarray(picture, np.uint8), identity(), box, 200.0)
    return field, "".join(digit for digit, _ in drawn)


def junk_probability(classifier: Classifier, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(classifier.crop_probabilities(crops)[:, JUNK])


def main() -> None:
    if not DIGITS.is_dir():
        sys.exit(f"{DIGITS} is not there: nothing to measure")
    card = load_card(sys.argv[1] if len(sys.argv) > 1 else "lenet5")
    classifier = Classifier.from_file(card.weights)
    writers = [w for w in load(DIGITS, "calibration") if w.glyphs]
    for gap in (0, -2, -4):
        rng = np.random.default_rng((gap + 10, 5))
        fields = [strung(writers[int(rng.integers(len(writers)))], gap, rng) for _ in range(STRINGS)]
        lattices = [segment(field) for field, _ in fields]
        right = 0
        for (_, value), lattice, scores in zip(fields, lattices, classifier.scores(lattices), strict=True):
            values = decode(lattice, scores, Weights(card.readers.alpha, 0.0)).values
            right += bool(values) and values[0][0] == value
        print(f"strings of 5, gap {gap:2d}: {right / STRINGS:.1%} of {STRINGS} right")
    drawer, rng = Drawer(load(DIGITS, "validation"), print_fonts()), np.random.default_rng(3)
    found = [label(drawer.draw(rng))[0] for _ in range(300)]
    crops, labels = (np.concatenate([getattr(f, name) for f in found]) for name in ("crops", "labels"))
    threshold = float(np.quantile(junk_probability(classifier, crops[(labels >= 0) & (labels < 10)]), 0.99))
    letters = [fit_crop((255 * printed(f, c, 30).mask).astype(np.uint8)) for f in print_fonts() for c in LETTERS]
    for name, some in (("wrong cuts", crops[labels == JUNK]), ("letters (untaught)", np.array(letters))):
        passed = float((junk_probability(classifier, some) <= threshold).mean())
        print(f"junk that passes where 99 % of the digits are kept: {passed:.1%} of {len(some)} {name}")


if __name__ == "__main__":
    main()
