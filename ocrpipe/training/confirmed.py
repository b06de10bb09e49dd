"""Fields whose values people have confirmed, as the line sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ocrpipe.codes import WRITTEN
from ocrpipe.pipeline import Line
from ocrpipe.records import FieldImage, Lattice, ScanFile
from ocrpipe.training.reviews import Decided


@dataclass(frozen=True, slots=True, eq=False)
class Confirmed:
    """A field as the line sees it, and what people say of it."""

    decided: Decided
    image: FieldImage
    lattice: Lattice
    evidence: float | None


def confirmed(
    line: Line, files: Sequence[ScanFile], decided: Iterable[Decided], step: Callable[[], None]
) -> Iterator[Confirmed]:
    """The fields of `files` that are among the `decided`, cut as the line cuts them; `step` is called file by file.

    A file that has changed since, or a field that is found no more, yields nothing.
    """
    wanted = {one.key: one for one in decided}
    for file in files:
        for page in line.prepare_file(file):
            for field in page:
                if field.spec is None or field.lattice is None or field.image is None or field.spec.kind not in WRITTEN:
                    continue
                context = field.context
                one = wanted.pop((context.source, context.page, context.document, field.spec.name), None)
                if one is not None and one.source_sha256 == context.source_sha256:
                    # darkness is most of what a field weighs, and is soon computed again
                    yield Confirmed(one, field.image, replace(field.lattice, darkness=None), field.evidence)
        step()
