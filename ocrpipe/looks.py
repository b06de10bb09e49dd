"""What a field says: one look at it and, where that leaves doubt, others.

Fields in cells are cut where their cells are, so the lattice is mostly sure of them by itself; the second reader is
asked about the rest. Where a pen is faint or strokes all but touch, what is read hangs on the threshold between paper
and ink: what several thresholds agree on is likelier right than what one says, and where they differ, there is reason
to doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ocrpipe.fields.clean import cleaned, darkness_of, pen_darkness
from ocrpipe.reading.decode import Decoded, Weights, agreed, decode
from ocrpipe.reading.segment import segment
from ocrpipe.reading.strip import cleared, strip, uncleaned
from ocrpipe.records import FieldImage, Lattice

if TYPE_CHECKING:
    from ocrpipe.reading.classify import Classifier

_THRESHOLDS = (0.8, 1.25)
"""Those of the further looks, as shares of the first one's."""
_SURE = 0.97
"""A first look whose value has this share of the posterior needs no other."""
_SURE_ALONE = 0.999
"""And one at a field in cells needs no second reader."""


def lattice_of(image: FieldImage, second: bool, threshold: float = 1.0) -> Lattice:
    """A field cleaned and cut, with `threshold` times the usual one; with a strip where it is written freely and a
    `second` reader reads along."""
    darkness = darkness_of(image.pixels)
    lattice = segment(cleaned(image, darkness, threshold))
    if not second or image.spec.cells or lattice.nodes == 1:
        return lattice
    return replace(lattice, strip=strip(uncleaned(darkness, pen_darkness(darkness)), lattice))


def read(
    images: Sequence[FieldImage], lattices: Sequence[Lattice], classifier: Classifier, weights: Weights, second: bool
) -> list[Decoded]:
    """What each of the `images` says, whose first look found the `lattices`, with a `second` reader or without. All
    that is looked at again goes through the networks at once."""
    scores = classifier.scores(lattices)
    looks = [[decode(lattice, seen, weights)] for lattice, seen in zip(lattices, scores, strict=True)]
    if second:
        asked = [i for i, lattice in enumerate(lattices) if lattice.field.spec.cells and _doubts(looks[i], _SURE_ALONE)]
        frames = classifier.sweep.frames([strip(cleared(lattices[i]), lattices[i]) for i in asked])
        for i, swept in zip(asked, frames, strict=True):
            scores[i] = replace(scores[i], frames=swept)
            looks[i] = [decode(lattices[i], scores[i], weights)]
    doubted = [i for i, first in enumerate(looks) if _doubts(first, _SURE)]
    again = [(i, lattice_of(images[i], False, threshold)) for i in doubted for threshold in _THRESHOLDS]
    for (i, lattice), seen in zip(again, classifier.scores([lattice for _, lattice in again]), strict=True):
        looks[i].append(decode(lattice, replace(seen, frames=scores[i].frames), weights))
    return [agreed(some) for some in looks]


def _doubts(looks: Sequence[Decoded], sure: float) -> bool:
    return not looks[0].values or looks[0].values[0][1] < sure
