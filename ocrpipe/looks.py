"""What a field says: one look at it and, where that leaves doubt, others.

Where a pen is faint or strokes all but touch, what is read hangs on the threshold between paper and ink: what several
thresholds agree on is likelier right than what one says, and where they differ, there is reason to doubt. The same
goes for the size at which the second reader sees the writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrpipe.clock import Clock
from ocrpipe.fields.clean import Darkness, cleaned, darkness_of
from ocrpipe.reading.decode import Decoded, Scores, Weights, agreed, decode
from ocrpipe.reading.segment import segment
from ocrpipe.reading.strip import cleared, strip, uncleaned
from ocrpipe.records import FieldImage, Lattice

if TYPE_CHECKING:
    from ocrpipe.reading.classify import Classifier

_FIRST, *_OTHERS = (1.0, 1.0), (0.8, 0.92), (1.25, 1.09)
"""The looks: threshold, and size of the writing for the second reader, as shares of the first look's."""
_SURE = 0.97
"""A first look whose value has this share of the posterior needs no other."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One look at a field: under which `threshold`, at which `size`, how it was cut, and what it says."""

    threshold: float
    size: float
    lattice: Lattice
    scores: Scores
    decoded: Decoded


def lattice_of(image: FieldImage, second: bool) -> Lattice:
    """A field cleaned and cut; with a strip where a `second` reader reads along."""
    return _cut(image, darkness_of(image.pixels), second)


def _cut(image: FieldImage, darkness: Darkness, second: bool, threshold: float = 1.0, size: float = 1.0) -> Lattice:
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
    """What each of the `images` says, whose first look found the `lattices`."""
    every = looks(images, lattices, classifier, weights, clock)
    return [agreed([look.decoded for look in some]) for some in every]


def looks(
    images: Sequence[FieldImage], lattices: Sequence[Lattice], classifier: Classifier, weights: Weights, clock: Clock
) -> list[list[Look]]:
    """The looks that each of the `images` took, the first one first; all that is looked at again goes through the
    networks at once."""
    taken = [[look] for look in _read([(*_FIRST, lattice) for lattice in lattices], classifier, weights, clock)]
    doubted = [i for i, (first,) in enumerate(taken) if not _is_sure(first.decoded)]
    with clock.stage("cut"):
        again = [(i, cut) for i in doubted for cut in _other_cuts(images[i], lattices[i])]
    for (i, _), look in zip(again, _read([cut for _, cut in again], classifier, weights, clock), strict=True):
        taken[i].append(look)
    return taken


def _is_sure(first: Decoded) -> bool:
    return bool(first.values) and first.values[0][1] >= _SURE


def _read(
    cuts: Sequence[tuple[float, float, Lattice]], classifier: Classifier, weights: Weights, clock: Clock
) -> list[Look]:
    with clock.stage("networks"):
        scores = classifier.scores([lattice for *_, lattice in cuts])
    with clock.stage("decoding"):
        return [Look(*cut, seen, decode(cut[-1], seen, weights)) for cut, seen in zip(cuts, scores, strict=True)]


def _other_cuts(image: FieldImage, first: Lattice) -> list[tuple[float, float, Lattice]]:
    darkness = Darkness(*first.darkness) if first.darkness else darkness_of(image.pixels)
    second = first.strip is not None
    return [(threshold, size, _cut(image, darkness, second, threshold, size)) for threshold, size in _OTHERS]
