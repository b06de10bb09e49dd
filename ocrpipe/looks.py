"""What a field says: one look at it and, where that leaves doubt, others.

Where a pen is faint or strokes all but touch, what is read hangs on the threshold between paper and ink: what several
thresholds agree on is likelier right than what one says, and where they differ, there is reason to doubt.
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


def lattice_of(image: FieldImage, second: bool) -> Lattice:
    """A field cleaned and cut; with a strip where a `second` reader reads along."""
    darkness = darkness_of(image.pixels)
    lattice = segment(cleaned(image, darkness))
    if not second or lattice.nodes == 1:
        return lattice
    gray = cleared(lattice) if image.spec.cells else uncleaned(darkness, pen_darkness(darkness))
    return replace(lattice, strip=strip(gray, lattice))


def read(
    images: Sequence[FieldImage], lattices: Sequence[Lattice], classifier: Classifier, weights: Weights
) -> list[Decoded]:
    """What each of the `images` says, whose first look found the `lattices`; all that is looked at again goes through
    the networks at once."""
    scores = classifier.scores(lattices)
    looks = [[decode(lattice, seen, weights)] for lattice, seen in zip(lattices, scores, strict=True)]
    doubted = [i for i, (first,) in enumerate(looks) if not first.values or first.values[0][1] < _SURE]
    again = [(i, lattice) for i in doubted for lattice in _other_looks(images[i])]
    for (i, lattice), seen in zip(again, classifier.scores([lattice for _, lattice in again]), strict=True):
        looks[i].append(decode(lattice, replace(seen, frames=scores[i].frames), weights))
    return [agreed(some) for some in looks]


def _other_looks(image: FieldImage) -> list[Lattice]:
    darkness = darkness_of(image.pixels)
    return [segment(cleaned(image, darkness, threshold)) for threshold in _THRESHOLDS]
