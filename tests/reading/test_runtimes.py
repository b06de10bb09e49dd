"""torch and ONNX Runtime: the same weights, the same rows, and only one of them in the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.errors import UsageError
from ocrpipe.pipeline import Line
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.micr_model import load_micr_card
from ocrpipe.reading.model import load_card
from ocrpipe.reading.networks import runtimes
from ocrpipe.reading.networks.plans import KINDS, Kind
from ocrpipe.reading.networks.runtimes import Runtime, chosen, micr_from, readers_from
from ocrpipe.rows import Prepared, Row
from ocrpipe.scans.sources import find
from ocrpipe.settings import Settings

SAMPLES = Path(__file__).parents[2] / "samples"
FORM = SAMPLES / "forms" / "remittance.toml"


def line_of(runtime: Runtime) -> Line:
    return Line.build(Settings(), (str(FORM),), True, None, "lenet5", runtime)


@pytest.fixture(scope="module")
def batch() -> list[Prepared]:
    """Every field of every sample."""
    line = line_of("onnx")
    files = find([str(SAMPLES)]).files
    return [field for file in files for page in line.prepare_file(file) for field in page]


@pytest.mark.parametrize("model", KINDS)
def test_both_runtimes_say_the_same_of_fields(model: Kind, batch: list[Prepared]) -> None:
    weights = load_card(model).weights
    lattices = [field.lattice for field in batch if field.lattice]
    crops = np.concatenate([lattice.crops for lattice in lattices])
    shapes = np.concatenate([lattice.shapes for lattice in lattices])
    torch, onnx = readers_from(weights, "torch"), readers_from(weights, "onnx")
    assert len(crops) > 500 and np.array_equal(torch.prior, onnx.prior)
    same(torch.lenet(crops), onnx.lenet(crops))
    same(torch.shapes(shapes), onnx.shapes(shapes))
    for lattice in lattices:
        if lattice.strip is not None:
            same(np.exp(torch.sdnn(lattice.strip[None])), np.exp(onnx.sdnn(lattice.strip[None])))


def test_both_runtimes_say_the_same_of_micr_lines(batch: list[Prepared]) -> None:
    weights = load_micr_card().weights
    torch, onnx = micr_from(weights, "torch"), micr_from(weights, "onnx")
    strips = [field.strip for field in batch if field.strip]
    assert len(strips) > 5
    for strip in strips:
        same(np.exp(torch(strip.ink[None])), np.exp(onnx(strip.ink[None])))


def same(one: NDArray[np.float32], other: NDArray[np.float32]) -> None:
    assert one.dtype == other.dtype == np.float32
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)


def test_the_runtime_changes_no_row(batch: list[Prepared]) -> None:
    def told(rows: list[Row]) -> Iterator[tuple[object, ...]]:
        for row in rows:
            yield row.spec, row.decision.status, row.decision.reason, row.decision.value, row.quad

    torch, onnx = line_of("torch"), line_of("onnx")
    by_torch, by_onnx = torch.recognise(batch), onnx.recognise(batch)
    assert list(told(by_torch)) == list(told(by_onnx))
    for one, other in zip(by_torch, by_onnx, strict=True):
        assert one.decision.confidence == pytest.approx(other.decision.confidence, abs=1e-4)
    assert torch.fingerprint == onnx.fingerprint


def test_batches_change_nothing_in_onnx_runtime(batch: list[Prepared]) -> None:
    lattices = [field.lattice for field in batch if field.lattice]
    classifier = Classifier.from_file(load_card("lenet5").weights, "onnx")
    for together, lattice in zip(classifier.scores(lattices), lattices, strict=True):
        (alone,) = classifier.scores([lattice])
        np.testing.assert_allclose(together.log_prob, alone.log_prob, atol=1e-4)


@pytest.mark.parametrize("runtime", ["onnx", "torch"])
def test_no_crops_have_no_probabilities(runtime: Runtime) -> None:
    classifier = Classifier.from_file(load_card("lenet5").weights, runtime)
    assert classifier.crop_probabilities(np.zeros((0, 32, 32), np.uint8)).shape == (0, 14)


READS = """
import json, sys
from ocrpipe.pipeline import Line
from ocrpipe.scans.sources import find
from ocrpipe.settings import Settings
line = Line.build(Settings(), (), True, None, "lenet5", sys.argv[2])
rows = [row for file in find([sys.argv[1]]).files for page in line.prepare_file(file) for row in line.recognise(page)]
kinds = [row.spec.kind for row in rows if row.reading]
print(json.dumps([kinds, [name for name in ("onnx", "onnxruntime", "torch") if name in sys.modules]]))
"""


@pytest.mark.parametrize(("runtime", "imported"), [("onnx", ["onnx", "onnxruntime"]), ("torch", ["torch"])])
def test_only_the_chosen_runtime_is_imported(runtime: Runtime, imported: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READS, SAMPLES / "checks" / "colour.jpg", runtime],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kinds, found = json.loads(done.stdout)
    assert found == imported and {"amount", "micr"} <= set(kinds)


def test_onnx_runtime_is_taken_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (chosen("auto"), chosen("onnx"), chosen("torch")) == ("onnx", "onnx", "torch")
    monkeypatch.setattr(runtimes, "find_spec", lambda package: None if package == "onnx" else object())
    assert (chosen("auto"), chosen("torch")) == ("torch", "torch")
    with pytest.raises(UsageError, match=r'pip install "ocrpipe\[onnx\]"'):
        line_of("onnx")


def test_nothing_is_told_to_anybody(tmp_path: Path) -> None:
    """ONNX Runtime keeps an id of the machine, and what it means to send, in the user's home."""
    program = (
        "import sys; from pathlib import Path; from ocrpipe.reading.networks.onnx_nets import readers_from\n"
        "readers_from(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    weights = str(load_card("lenet5").weights)
    subprocess.run([sys.executable, "-c", program, weights], env=environment, check=True)
    assert [path.name for path in tmp_path.rglob("*") if "onnxruntime" in path.name] == []
