"""What a field says: one look at it and, where that leaves doubt, two more with other thresholds between paper and ink.

Where a pen is faint or strokes all but touch, what is read hangs on the threshold. What several agree on is likelier
right than what one says, and where they differ, there is reason to doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ocrpipe.fields.clean import cleaned, darkness_of, pen_darkness
from ocrpipe.reading.decode import Decoded, Weights, agreed, decode
from ocrpipe.reading.segment import segment
from ocrpipe.reading.strip import strip
from ocrpipe.records import FieldImage, Lattice

if TYPE_CHECKING:
    from ocrpipe.reading.classify import Classifier

_THRESHOLDS = (0.8, 1.25)
"""Those of the further looks, as shares of the first one's."""
_SURE = 0.97
"""A first look whose value has this share of the posterior needs no other."""


def lattice_of(image: FieldImage, second: bool, threshold: float = 1.0) -> Lattice:
    """A field cleaned and cut, with `threshold` times the usual one; with a strip where it is written freely and a
    `second` reader reads along."""
    darkness = darkness_of(image.pixels)
    lattice = segment(cleaned(image, darkness, threshold))
    if not second or image.spec.cells or lattice.nodes == 1:
        return lattice
    return replace(lattice, strip=strip(darkness, pen_darkness(darkness), lattice))


def read(
    images: Sequence[FieldImage], lattices: Sequence[Lattice], classifier: Classifier, weights: Weights
) -> list[Decoded]:
    """What each of the `images` says, whose first look found the `lattices`; all that is looked at again goes through
    the networks at once."""
    scores = classifier.scores(lattices)
    looks = [[decode(lattice, seen, weights)] for lattice, seen in zip(lattices, scores, strict=True)]
    doubted = [i for i, (first,) in enumerate(looks) if not first.values or first.values[0][1] < _SURE]
    again = [(i, lattice_of(images[i], False, threshold)) for i in doubted for threshold in _THRESHOLDS]
    for (i, lattice), seen in zip(again, classifier.scores([lattice for _, lattice in again]), strict=True):
        looks[i].append(decode(lattice, replace(seen, frames=scores[i].frames), weights))
    return [agreed(some) for some in looks]
