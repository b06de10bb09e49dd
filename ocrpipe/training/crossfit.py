"""A model that has learnt from what people decided, held against the one that it was, on fields that taught neither.

Documents are parted into fifths; each is read by the old readers, and by readers that the other four have taught. The
confidence of the new model is fitted to those readings, too, since none of them was learnt by heart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.clock import Clock
from ocrpipe.looks import read
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decide import NEVER_ACCEPTED, decide, profile_name, reading_of
from ocrpipe.reading.model import Card
from ocrpipe.reading.networks.torch_nets import modules_from, readers_of
from ocrpipe.rows import Reading
from ocrpipe.training.confirmed import Confirmed
from ocrpipe.training.lessons import lessons_of
from ocrpipe.training.recalibrate import Readings, parts
from ocrpipe.training.teach import Course, Three, taught

FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Relearnt:
    """The readers that all fields have taught; how many those were; and what the old readers and others that were
    taught alike, but not by its document, read in each field."""

    readers: Three
    lessons: int
    before: tuple[Reading, ...]
    after: tuple[Reading, ...]


def relearn(card: Card, fields: Sequence[Confirmed], seed: int, course: Course, step: Callable[[], None]) -> Relearnt:
    """Teaches `FOLDS` + 1 times; `step` is called after each."""
    start, alpha = modules_from(card.weights), card.readers.alpha
    old = Classifier(readers_of(*start))
    every = lessons_of([one.lattice for one in fields], [one.decided.value for one in fields], old, alpha)
    fold = parts([one.decided.source_sha256 for one in fields], FOLDS)
    before = _read(card, old, fields)
    after = list(before)
    for out in range(FOLDS):
        members = np.flatnonzero(fold == out).tolist()
        others = [lesson for lesson, part in zip(every, fold, strict=True) if lesson and part != out]
        if members and others:
            readers = Classifier(readers_of(*taught(start, alpha, others, seed, course)))
            for i, reading in zip(members, _read(card, readers, [fields[i] for i in members]), strict=True):
                after[i] = reading
        step()
    lessons = [lesson for lesson in every if lesson]
    final = taught(start, alpha, lessons, seed, course) if lessons else start
    step()
    return Relearnt(final, len(lessons), tuple(before), tuple(after))


def right(fields: Sequence[Confirmed], readings: Sequence[Reading]) -> NDArray[np.bool_]:
    """(N,) whether each reading is what people say; both are canonical."""
    hits = [reading.value == one.decided.value for one, reading in zip(fields, readings, strict=True)]
    return np.array(hits, np.bool_)


def by_profile(card: Card, fields: Sequence[Confirmed], readings: Sequence[Reading]) -> Mapping[str, Readings]:
    """The readings that confidence and thresholds are fitted to: those that could be accepted at all."""
    hits = right(fields, readings)
    members: defaultdict[str, list[int]] = defaultdict(list)
    for i, (one, reading) in enumerate(zip(fields, readings, strict=True)):
        spec = one.lattice.field.spec
        if reading.value is not None and decide(spec, reading, card.calibration, 0.5).reason not in NEVER_ACCEPTED:
            members[profile_name(spec if reading.value else None, reading.second, reading.located)].append(i)
    return {
        name: Readings(
            np.array([readings[i].features for i in some]),
            hits[some],
            tuple(fields[i].decided.source_sha256 for i in some),
            np.array([fields[i].decided.weight for i in some]),
            np.array([fields[i].decided.fair for i in some]),
        )
        for name, some in sorted(members.items())
    }


def _read(card: Card, classifier: Classifier, fields: Sequence[Confirmed]) -> list[Reading]:
    lattices = [one.lattice for one in fields]
    decoded = read([one.image for one in fields], lattices, classifier, card.readers, Clock())
    told = zip(lattices, decoded, fields, strict=True)
    return [reading_of(lattice, what, one.evidence) for lattice, what, one in told]
