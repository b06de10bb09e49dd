"""What a field says: one look at it and, where that leaves doubt, others.

Where a pen is faint or strokes all but touch, what is read hangs on the threshold between paper and ink: what several
thresholds agree on is likelier right than what one says, and where they differ, there is reason to doubt. The same
goes for the size at which the second reader sees the writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrpipe.clock import Clock
from ocrpipe.fields.clean import Darkness, cleaned, darkness_of
from ocrpipe.reading.decode import Decoded, Weights, agreed, decode
from ocrpipe.reading.segment import segment
from ocrpipe.reading.strip import cleared, strip, uncleaned
from ocrpipe.records import FieldImage, Lattice

if TYPE_CHECKING:
    from ocrpipe.reading.classify import Classifier

_OTHERS = (0.8, 0.92), (1.25, 1.09)
"""The further looks: threshold, and size of the writing for the second reader, as shares of the first look's."""
_SURE = 0.97
"""A first look whose value has this share of the posterior needs no other."""


def lattice_of(image: FieldImage, second: bool) -> Lattice:
    """A field cleaned and cut; with a strip where a `second` reader reads along."""
    return _look(image, darkness_of(image.pixels), second)


def _look(image: FieldImage, darkness: Darkness, second: bool, threshold: float = 1.0, size: float = 1.0) -> Lattice:
    lattice = segment(cleaned(image, darkness, threshold))
    shown = strip_of(darkness, lattice, size) if second and lattice.nodes > 1 else None
    return replace(lattice, strip=shown, darkness=darkness)


def strip_of(darkness: Darkness, lattice: Lattice, size: float = 1.0) -> NDArray[np.uint8]:
    """(48, W): how the second reader sees a field of this `darkness_of`, in which a `lattice` has found writing."""
    cells = lattice.field.spec.cells
    return strip(cleared(lattice) if cells else uncleaned(*darkness), lattice, size)


def read(
    images: Sequence[FieldImage], lattices: Sequence[Lattice], classifier: Classifier, weights: Weights, clock: Clock
) -> list[Decoded]:
    """What each of the `images` says, whose first look found the `lattices`; all that is looked at again goes through
    the networks at once."""
    looks = [[decoded] for decoded in _decoded(lattices, classifier, weights, clock)]
    doubted = [i for i, (first,) in enumerate(looks) if not first.values or first.values[0][1] < _SURE]
    with clock.stage("cut"):
        again = [(i, lattice) for i in doubted for lattice in _other_looks(images[i], lattices[i])]
    for (i, _), decoded in zip(
        again, _decoded([lattice for _, lattice in again], classifier, weights, clock), strict=True
    ):
        looks[i].append(decoded)
    return [agreed(some) for some in looks]


def _decoded(lattices: Sequence[Lattice], classifier: Classifier, weights: Weights, clock: Clock) -> list[Decoded]:
    with clock.stage("networks"):
        scores = classifier.scores(lattices)
    with clock.stage("decoding"):
        return [decode(lattice, seen, weights) for lattice, seen in zip(lattices, scores, strict=True)]


def _other_looks(image: FieldImage, first: Lattice) -> list[Lattice]:
    darkness = Darkness(*first.darkness) if first.darkness else darkness_of(image.pixels)
    return [_look(image, darkness, first.strip is not None, threshold, size) for threshold, size in _OTHERS]
