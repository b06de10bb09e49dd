"""Fields whose values people have confirmed, as material to teach with: their lattices and strips, and the text that
stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.codes import WRITTEN
from ocrpipe.pipeline import Line
from ocrpipe.reading.decode import LEAST_JUNK, Scores
from ocrpipe.reading.grammar import grammar_of, pattern_of, value_of
from ocrpipe.reading.search import Edges, bundled, spelling
from ocrpipe.reading.search_beam import seen
from ocrpipe.reading.symbols import SYMBOLS
from ocrpipe.reading.texts import rows, strings
from ocrpipe.records import FieldImage, Lattice, ScanFile
from ocrpipe.training.examples import Written
from ocrpipe.training.reviews import Decided

_TEXTS = 256
"""So many ways to spell a field are searched for one that has the value which people say it has."""
_FIGURES = "d{1,11}"
"""What stands in cells between which the form prints the point."""


@dataclass(frozen=True, slots=True, eq=False)
class Confirmed:
    """A field as the line sees it, and what people say of it."""

    decided: Decided
    image: FieldImage
    lattice: Lattice
    evidence: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A field with something written in it: its lattice and what it should spell, and the (48, W) strip of it."""

    written: Written
    strip: NDArray[np.uint8]


def confirmed(
    line: Line, files: Sequence[ScanFile], decided: Iterable[Decided], step: Callable[[], None]
) -> Iterator[Confirmed]:
    """The fields of `files` that are among the `decided`, cut as the line cuts them; `step` is called file by file."""
    wanted = {one.key: one for one in decided}
    for file in files:
        for page in line.prepare_file(file):
            for field in page:
                if field.spec is None or field.lattice is None or field.image is None or field.spec.kind not in WRITTEN:
                    continue
                context = field.context
                one = wanted.pop((context.source, context.page, context.document, field.spec.name), None)
                if one is not None and one.source_sha256 == context.source_sha256:
                    yield Confirmed(one, field.image, field.lattice, field.evidence)
        step()


def lesson_of(field: Confirmed, scores: Scores, alpha: float) -> Lesson | None:
    """What a field teaches; None where nothing is written, or where no way to cut it spells what people say."""
    lattice, value = field.lattice, field.decided.value
    if not value or lattice.nodes == 1 or lattice.strip is None:
        return None
    text = _text(lattice, value, scores, alpha)
    if text is None:
        return None
    pattern = _FIGURES if lattice.field.spec.cents_cells else pattern_of(lattice.field.spec)
    starts, ends = lattice.starts.astype(np.int64), lattice.ends.astype(np.int64)
    written = Written(lattice.nodes, starts, ends, lattice.crops, lattice.shapes, text, pattern)
    return Lesson(written, lattice.strip)


def _text(lattice: Lattice, value: str, scores: Scores, alpha: float) -> tuple[int, ...] | None:
    """Of the texts that have the value, the one that the lattice spells best: symbols."""
    spec = lattice.field.spec
    table = scores.log_prob - alpha * np.maximum(scores.log_junk, LEAST_JUNK)[:, None]
    starts, ends = lattice.starts.astype(np.int64), lattice.ends.astype(np.int64)
    edges = Edges(lattice.nodes, starts, ends, table, -1)
    if spec.cents_cells:  # the point is printed: figures are all that is written
        texts = ["".join(figure for figure in value if figure.isdigit())]
    else:
        grammar = grammar_of(spec)
        found = seen(edges, grammar, bundled(grammar), _TEXTS)
        proposed = {*strings(found.texts, found.lengths), "".join(char for char in value if char in SYMBOLS)}
        texts = sorted(text for text in proposed if text and value_of(spec, text) == value)
    if not texts:
        return None
    sums = spelling(edges, *rows(texts))
    best = int(sums.argmax())
    return tuple(SYMBOLS.index(char) for char in texts[best]) if sums[best] > -np.inf else None
