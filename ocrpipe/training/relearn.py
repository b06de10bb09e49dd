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
from ocrpipe.reading.decide import profile_name, reading_of
from ocrpipe.reading.model import Card
from ocrpipe.reading.networks.torch_nets import modules_from, readers_of
from ocrpipe.rows import Reading
from ocrpipe.training.confirmed import Confirmed, Lesson, lesson_of
from ocrpipe.training.recalibrate import Readings, parts
from ocrpipe.training.retrain import Course, Three, taught

FOLDS = 5
_LESSONS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Relearned:
    """The readers that all fields have taught, and what the old ones and others taught alike read in each field."""

    readers: Three
    lessons: int
    before: tuple[Reading, ...]
    after: tuple[Reading, ...]


def relearn(
    card: Card, fields: Sequence[Confirmed], seed: int, step: Callable[[], None], course: Course | None = None
) -> Relearned:
    """Teaches `FOLDS` + 1 times; `step` is called after each."""
    course = course or Course()
    start = modules_from(card.weights)
    old = Classifier(readers_of(*start))
    lessons = _lessons(old, fields, card.readers.alpha)
    fold = parts([one.decided.source_sha256 for one in fields], FOLDS)
    after: dict[int, Reading] = {}
    for out in range(FOLDS):
        members = np.flatnonzero(fold == out).tolist()
        rest = [lesson for i, lesson in lessons.items() if fold[i] != out]
        if members and rest:
            readers = Classifier(readers_of(*taught(start, card.readers.alpha, rest, seed, course)))
            after.update(zip(members, _read(card, readers, [fields[i] for i in members]), strict=True))
        step()
    before = _read(card, old, fields)
    final = taught(start, card.readers.alpha, list(lessons.values()), seed, course) if lessons else start
    step()
    return Relearned(final, len(lessons), tuple(before), tuple(after.get(i, one) for i, one in enumerate(before)))


def right(fields: Sequence[Confirmed], readings: Sequence[Reading]) -> NDArray[np.bool_]:
    """(N,) whether each reading is what people say; both are canonical."""
    return np.array(
        [reading.value == one.decided.value for one, reading in zip(fields, readings, strict=True)], np.bool_
    )


def by_profile(fields: Sequence[Confirmed], readings: Sequence[Reading]) -> Mapping[str, Readings]:
    """The readings that confidence and thresholds are fitted to."""
    hit = right(fields, readings)
    members: defaultdict[str, list[int]] = defaultdict(list)
    for i, reading in enumerate(readings):
        if reading.value is not None:
            spec = fields[i].lattice.field.spec if reading.value else None
            members[profile_name(spec, reading.second, reading.located)].append(i)
    return {
        name: Readings(
            np.array([readings[i].features for i in some]),
            hit[some],
            tuple(fields[i].decided.source_sha256 for i in some),
            np.array([fields[i].decided.weight for i in some]),
            np.array([fields[i].decided.fair for i in some]),
        )
        for name, some in sorted(members.items())
    }


def _lessons(classifier: Classifier, fields: Sequence[Confirmed], alpha: float) -> dict[int, Lesson]:
    """By the numbers of the fields that teach something."""
    found: dict[int, Lesson] = {}
    for at in range(0, len(fields), _LESSONS_AT_ONCE):
        some = fields[at : at + _LESSONS_AT_ONCE]
        for i, scores in enumerate(classifier.scores([one.lattice for one in some])):
            lesson = lesson_of(some[i], scores, alpha)
            if lesson is not None:
                found[at + i] = lesson
    return found


def _read(card: Card, classifier: Classifier, fields: Sequence[Confirmed]) -> list[Reading]:
    lattices = [one.lattice for one in fields]
    decoded = read([one.image for one in fields], lattices, classifier, card.readers, Clock())
    return [
        reading_of(lattice, what, one.evidence) for lattice, what, one in zip(lattices, decoded, fields, strict=True)
    ]
