"""Fields whose values people have confirmed, as material to teach with: their lattices and strips, and the text that
stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrpipe.codes import WRITTEN
from ocrpipe.pipeline import Line
from ocrpipe.reading.decode import LEAST_JUNK, Scores, chain
from ocrpipe.reading.grammar import grammar_of, pattern_of, value_of
from ocrpipe.reading.search import Edges, backward, beam, paths
from ocrpipe.reading.symbols import NOISE, SYMBOLS
from ocrpipe.records import FieldImage, Lattice, ScanFile
from ocrpipe.training.examples import Written
from ocrpipe.training.reviews import Decided

_TEXTS = 256
"""So many ways to spell a field are searched for one that has the value which people say it has."""
_NOISE = SYMBOLS.index(NOISE)
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
        texts = {tuple(SYMBOLS.index(figure) for figure in value if figure.isdigit())}
    else:
        texts = {text for text in _texts(edges, lattice) if value_of(spec, _spelt(text)) == value}
        plain = tuple(SYMBOLS.index(char) for char in value if char in SYMBOLS)
        texts |= {plain} if value_of(spec, _spelt(plain)) == value else set()
    sums = {text: float(backward(edges, chain(text))[0, 0]) for text in sorted(texts)}
    best = max(sums, key=lambda text: sums[text], default=None)
    return best if best is not None and sums[best] > -np.inf else None


def _texts(edges: Edges, lattice: Lattice) -> Iterator[tuple[int, ...]]:
    grammar = grammar_of(lattice.field.spec)
    hypotheses = beam(edges, grammar, backward(edges, grammar), _TEXTS)
    through = paths(hypotheses, edges.nodes - 1)[:, ::-1]
    for path, symbols in zip(through.tolist(), hypotheses.symbol[through].tolist(), strict=True):
        yield tuple(s for step, s in zip(path, symbols, strict=True) if step >= 0 and s != _NOISE)


def _spelt(text: tuple[int, ...]) -> str:
    return "".join(SYMBOLS[symbol] for symbol in text)
