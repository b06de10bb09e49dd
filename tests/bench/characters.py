"""Strings of touching digits, and junk, by the lattice alone: `python -m tests.bench.characters [MODEL]`.

Digits of MNIST writers that calibrate but never teach are strung with a gap, in pixels of MNIST's 28-pixel scale,
between the boxes of their ink; a negative gap overlaps them. Junk is what the segmenter proposes wrongly on drawn
fields of validation writers (judged by its looks, and by its size and place as well), letters in fonts that taught
none (both are kinds that are taught), and signs and letters of other alphabets (a kind that is not). The digits that
are cut from those fields tell the error and the ECE of the scan chain.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.evaluation.digits import figures
from ocrpipe.geometry import Box, identity
from ocrpipe.looks import lattice_of
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import Weights, decode
from ocrpipe.reading.model import load_card
from ocrpipe.reading.segment import fit_crop, segment
from ocrpipe.reading.symbols import DIGITS as DIGIT_CLASSES
from ocrpipe.reading.symbols import JUNK
from ocrpipe.records import FieldImage, FieldSpec
from ocrpipe.training.drawing import Drawer, print_fonts
from ocrpipe.training.examples import label
from ocrpipe.training.letters import LETTERS
from ocrpipe.training.pen import printed
from ocrpipe.training.writers import Writer, load

DIGITS = Path(__file__).parents[3] / "shared" / "digits"
STRINGS = 300
SIGNS = "#%&@?ЖШЩЮДΨΞΩΠλπψ"


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


def passed(junk: NDArray[np.float64], digits: NDArray[np.float64]) -> str:
    """Which share of `junk` is a digit with at least the probability that 99 % of the `digits` have."""
    return f"{float((junk >= np.quantile(digits, 0.01)).mean()):.1%} of {len(junk)}"


def is_digit(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(probabilities[:, : len(DIGIT_CLASSES)].sum(axis=1))


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
    drawn = [drawer.draw(rng) for _ in range(300)]
    crops, labels = (np.concatenate([getattr(label(d)[0], name) for d in drawn]) for name in ("crops", "labels"))
    scores = classifier.scores([lattice_of(d.field, second=False) for d in drawn])
    letters, signs = (
        [
            fit_crop((255 * printed(font, char, 30).mask).astype(np.uint8))
            for font in print_fonts()[1::2]
            for char in kind
        ]
        for kind in (LETTERS, SIGNS)
    )
    digit, junk = (labels >= 0) & (labels < len(DIGIT_CLASSES)), labels == JUNK
    looks, of_letters, of_signs = (
        is_digit(classifier.crop_probabilities(some)) for some in (crops, np.array(letters), np.array(signs))
    )
    with_place = is_digit(np.exp(np.concatenate([s.log_prob for s in scores])))
    scanned = figures(
        labels[digit].astype(np.int64), classifier.digit_probabilities(crops[digit], card.digit_temperature)
    )
    print(f"digits cut from drawn scans: {scanned.error:.2%} of {scanned.count} misread, ECE {scanned.ece:.4f}")
    print("junk that passes where 99 % of the digits are kept:")
    print(f"  {passed(looks[junk], looks[digit])} wrong cuts, by their looks")
    print(f"  {passed(with_place[junk], with_place[digit])} wrong cuts, with size and place")
    print(f"  {passed(of_letters, looks[digit])} letters")
    print(f"  {passed(of_signs, looks[digit])} signs and letters of other alphabets (untaught)")


if __name__ == "__main__":
    main()
