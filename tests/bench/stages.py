"""Each stage of the line by itself: `pytest tests/bench/stages.py` (no test: `make test` does not collect it).

CPU time for all pages of a kind of `tests.bench.kinds` together.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ocrpipe.engines.base import one_thread
from ocrpipe.fields.crop import crop
from ocrpipe.looks import lattice_of
from ocrpipe.pipeline import Line
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import decode as decode_lattice
from ocrpipe.reading.micr import MicrReader
from ocrpipe.reading.networks.runtimes import Runtime
from ocrpipe.records import Document, FieldImage, Page, Upright
from ocrpipe.scans.decode import decode
from ocrpipe.scans.documents import documents
from ocrpipe.scans.ink import reduced
from ocrpipe.settings import Settings
from tests.bench.given import BENCH
from tests.bench.kinds import PageKind, kinds

FORMATS = ("form with 20 combs, G4", "form with 20 combs, PNG", "form with 20 combs, PDF", "check, G4", "envelope, G4")
KINDS = ("form with 20 combs, JPEG", "check, JPEG", "envelope, JPEG", "Indian cheque, JPEG")
RUNTIMES: tuple[Runtime, ...] = ("torch", "onnx")

pytestmark = [
    pytest.mark.skipif(not BENCH.is_dir(), reason="../shared/bench is not there"),
    pytest.mark.benchmark(timer=time.thread_time, min_rounds=5, warmup=True, warmup_iterations=1),
]


class Stages:
    """What each stage of a kind's pages is given, made once."""

    def __init__(self, kind: PageKind) -> None:
        self.kind = kind
        self.line: Line = kind.line("onnx")
        self.pages = [page for file in kind.files for page in decode(file, Settings()) if isinstance(page, Page)]
        sheets = [sheet for page in self.pages for sheet in documents(page, reduced(page))]
        self.sheets = [sheet for sheet in sheets if isinstance(sheet, Upright)]
        found = [self.line._match(sheet) for sheet in self.sheets]
        self.found = [document for document in found if isinstance(document, Document)]
        self.images = self.cropped()
        prepared = [field for page in self.pages for field in self.line.prepare(page)]
        self.lattices = [field.lattice for field in prepared if field.lattice]
        self.strips = [field.strip for field in prepared if field.strip]

    def cropped(self) -> list[FieldImage]:
        """Pictures of all fields but MICR lines."""
        return [
            crop(document, place, place.box)
            for document in self.found
            for place in document.places
            if place.box and place.spec.kind != "micr"
        ]


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PageKind]:
    one_thread()
    return {kind.name: kind for kind in kinds(tmp_path_factory.mktemp("kinds"))}


@pytest.fixture(scope="module", params=KINDS)
def stages(request: pytest.FixtureRequest, every: dict[str, PageKind]) -> Stages:
    return Stages(every[request.param])


@pytest.mark.parametrize("name", [*KINDS, *FORMATS])
def test_decode(benchmark: BenchmarkFixture, every: dict[str, PageKind], name: str) -> None:
    benchmark(lambda: [list(decode(file, Settings())) for file in every[name].files])


def test_sheets(benchmark: BenchmarkFixture, stages: Stages) -> None:
    benchmark(lambda: [documents(page, reduced(page)) for page in stages.pages])


def test_locate(benchmark: BenchmarkFixture, stages: Stages) -> None:
    benchmark(lambda: [stages.line._match(sheet) for sheet in stages.sheets])


def test_crop(benchmark: BenchmarkFixture, stages: Stages) -> None:
    benchmark(stages.cropped)


def test_cut(benchmark: BenchmarkFixture, stages: Stages) -> None:
    benchmark(lambda: [lattice_of(image, second=True) for image in stages.images])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_lenet(benchmark: BenchmarkFixture, stages: Stages, runtime: Runtime) -> None:
    classifier = Classifier.from_file(stages.line.card.weights, runtime)
    benchmark(classifier.crop_probabilities, np.concatenate([lattice.crops for lattice in stages.lattices]))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_networks(benchmark: BenchmarkFixture, stages: Stages, runtime: Runtime) -> None:
    benchmark(Classifier.from_file(stages.line.card.weights, runtime).scores, stages.lattices)


def test_decoding(benchmark: BenchmarkFixture, stages: Stages) -> None:
    card = stages.line.card
    scores = Classifier.from_file(card.weights).scores(stages.lattices)
    seen = list(zip(stages.lattices, scores, strict=True))
    benchmark(lambda: [decode_lattice(lattice, scored, card.readers) for lattice, scored in seen])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_micr(benchmark: BenchmarkFixture, stages: Stages, runtime: Runtime) -> None:
    if not stages.strips:
        pytest.skip("pages without MICR lines")
    benchmark(MicrReader.from_file(stages.line.micr.weights, runtime).read, stages.strips)
