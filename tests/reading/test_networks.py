"""LeNet-5 and the shape network, the files they come from, and what they say together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from ocrpipe.errors import UsageError
from ocrpipe.reading.classify import Classifier, combined
from ocrpipe.reading.decide import FEATURE_NAMES
from ocrpipe.reading.decode import Weights, decode
from ocrpipe.reading.model import load_card
from ocrpipe.reading.networks.layers import Norm, folded
from ocrpipe.reading.networks.lenet5 import PARAMETERS, LeNet
from ocrpipe.reading.networks.plans import KINDS, Kind
from ocrpipe.reading.networks.runtimes import Runtime
from ocrpipe.reading.networks.sdnn import Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.networks.torch_nets import readers_of, save_readers
from ocrpipe.reading.segment import SHAPE_NAMES, segment
from ocrpipe.reading.symbols import NETWORK_CLASSES, NOISE, SCRIBBLE, SHAPE_CLASSES, SYMBOLS
from ocrpipe.records import Lattice
from tests.reading.drawn import field_of, paper, text

Modules = tuple[LeNet, ShapeNet, Sdnn]


@pytest.fixture(scope="module")
def modules() -> Modules:
    """Networks that were taught nothing."""
    torch.manual_seed(7)
    shapes = ShapeNet()
    shapes.prior = torch.tensor([0.05, 0.05, 0.05, 0.1, 0.5, 0.05, 0.2])
    return LeNet(), shapes, Sdnn()


@pytest.fixture(scope="module")
def classifier(modules: Modules) -> Classifier:
    return Classifier(readers_of(*modules))


@pytest.fixture(scope="module")
def lattices() -> list[Lattice]:
    def lattice(words: str) -> Lattice:
        page = paper(64, 60 + 34 * len(words))
        if words:
            text(page, words, 20)
        return segment(field_of(page))

    return [lattice(words) for words in ("1,234.56", "", "02139", "$7-8/9", "0", "")]


def test_the_network_has_the_weights_of_the_paper() -> None:
    net = folded(LeNet())
    assert PARAMETERS["lenet5"] == 62_046 == sum(p.numel() for p in net.parameters())
    assert [tuple(p.shape) for p in net.parameters() if p.ndim > 1] == [
        (6, 1, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (14, 84),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_either_network_is_as_small_as_it_says(kind: Kind) -> None:
    net = folded(LeNet(kind))
    assert PARAMETERS[kind] == sum(p.numel() for p in net.parameters()) <= 100_000
    assert net(torch.zeros(3, 1, 32, 32)).shape == (3, 14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_folding_batch_norm_changes_nothing(seed: int, kind: Kind) -> None:
    torch.manual_seed(seed)
    net = LeNet(kind)
    for norm in (module for module in net.modules() if isinstance(module, Norm)):  # as after a training
        assert norm.running_mean is not None and norm.running_var is not None
        torch.nn.init.normal_(norm.running_mean, 0, 0.5)
        torch.nn.init.uniform_(norm.running_var, 0.2, 3)
        torch.nn.init.normal_(norm.weight, 0, 1)  # a maximum and a negative gain would not commute
        torch.nn.init.normal_(norm.bias, 0, 0.3)
    crops = torch.rand(16, 1, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(net.eval()(crops), folded(net)(crops), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_go_to_a_file_and_back(kind: Kind, modules: Modules, lattices: list[Lattice], tmp_path: Path) -> None:
    taught = LeNet(kind), *modules[1:]
    save_readers(*taught, tmp_path / "a.safetensors")
    classifier, again = Classifier(readers_of(*taught)), Classifier.from_file(tmp_path / "a.safetensors", "torch")
    for ours, theirs in zip(classifier.scores(lattices), again.scores(lattices), strict=True):
        assert np.array_equal(ours.log_prob, theirs.log_prob) and np.array_equal(ours.log_junk, theirs.log_junk)


@pytest.mark.parametrize("damage", ["nothing", "one missing", "another shape", "another name", "other LeNet"])
@pytest.mark.parametrize("runtime", ["onnx", "torch"])
def test_weights_of_something_else_are_the_operators_mistake(
    modules: Modules, tmp_path: Path, damage: str, runtime: Runtime
) -> None:
    path = tmp_path / "odd.safetensors"
    save_readers(*modules, path)
    tensors = load_file(path)
    weight = tensors.pop("lenet.layers.4.map.weight")
    if damage == "nothing":
        tensors = {}
    elif damage == "another shape":
        tensors["lenet.layers.4.map.weight"] = weight[:80].contiguous()
    elif damage == "another name":
        tensors["lenet.layers.9.map.weight"] = weight
    kind = "lenet6" if damage == "other LeNet" else "lenet5"
    save_file(tensors, path, metadata={"lenet": kind})
    with pytest.raises(UsageError, match=r"odd\.safetensors"):
        Classifier.from_file(path, runtime)


def test_batches_change_no_score_and_no_reading(classifier: Classifier, lattices: list[Lattice]) -> None:
    alone = [classifier.scores([lattice])[0] for lattice in lattices]
    order = [3, 0, 5, 2, 1, 4]
    batches = [classifier.scores(lattices), classifier.scores(lattices * 4)[: len(lattices)]]
    shuffled = classifier.scores([lattices[i] for i in order])
    batches.append([shuffled[order.index(i)] for i in range(len(lattices))])
    for batch in batches:
        for lattice, one, many in zip(lattices, alone, batch, strict=True):
            assert one.log_prob.shape == (len(lattice.starts), len(SYMBOLS))
            np.testing.assert_allclose(one.log_prob, many.log_prob, atol=1e-4)
            np.testing.assert_allclose(one.log_junk, many.log_junk, atol=1e-4)
            a, b = decode(lattice, one, Weights(1.0, 1.0)), decode(lattice, many, Weights(1.0, 1.0))
            assert a.text == b.text and [v for v, _ in a.values[:1]] == [v for v, _ in b.values[:1]]


def test_of_a_digit_by_itself_only_digits_have_a_say(classifier: Classifier, lattices: list[Lattice]) -> None:
    crops = np.concatenate([lattice.crops for lattice in lattices])
    ten, every = classifier.digit_probabilities(crops), classifier.crop_probabilities(crops)
    assert ten.shape == (len(crops), 10) and every.shape == (len(crops), 14)
    np.testing.assert_allclose(ten.sum(axis=1), 1)
    np.testing.assert_allclose(ten[:, 3] * every[:, 7], ten[:, 7] * every[:, 3])


def test_lattices_without_edges_have_empty_scores(classifier: Classifier) -> None:
    empty = segment(field_of(paper(40, 60)))
    for scores in classifier.scores([empty, empty]):
        assert scores.log_prob.shape == (0, len(SYMBOLS)) and scores.log_junk.shape == (0,)


def test_the_shape_network_takes_blank_and_huge_shapes() -> None:
    shapes = torch.cat([torch.zeros(2, len(SHAPE_NAMES)), torch.full((2, len(SHAPE_NAMES)), 50.0)])
    assert torch.isfinite(ShapeNet()(shapes)).all()


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, 8))
def test_both_verdicts_are_joined_as_odds(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    shown = rng.dirichlet(np.ones(len(NETWORK_CLASSES)), count)
    placed = rng.dirichlet(np.ones(len(SHAPE_CLASSES)), count)
    prior = rng.dirichlet(np.full(len(SHAPE_CLASSES), 5.0))
    table, junk = combined(shown, placed, prior)
    at = {symbol: np.exp(table[:, i]) for i, symbol in enumerate(SYMBOLS)}
    place = {name: placed[:, i] for i, name in enumerate(SHAPE_CLASSES)}
    for mark in (".", ",", "-"):
        np.testing.assert_allclose(at[mark], place[mark], atol=1e-6)
    np.testing.assert_allclose(at[NOISE], place["noise"], atol=1e-6)
    np.testing.assert_allclose(at[SCRIBBLE], np.exp(junk), atol=1e-6)
    whole = sum(np.exp(table[:, i]) for i in range(len(SYMBOLS)))
    np.testing.assert_allclose(whole, 1, atol=1e-5)
    ratio = at["3"] / at["8"]
    np.testing.assert_allclose(ratio, shown[:, 3] / shown[:, 8], rtol=1e-3)
    odds = at["5"] / at["/"]
    slash, character = SHAPE_CLASSES.index("/"), SHAPE_CLASSES.index("character")
    expected = shown[:, 5] / shown[:, 10] * placed[:, character] / placed[:, slash] * prior[slash] / prior[character]
    good = (at["5"] > 1e-5) & (at["/"] > 1e-5)
    np.testing.assert_allclose(odds[good], expected[good], rtol=1e-2)


# --- cards ----------------------------------------------------------------------------------------------------


@pytest.fixture
def model(modules: Modules, tmp_path: Path) -> Path:
    """A card for weights that were taught nothing, calibrated with the shipped card's profiles."""
    import hashlib

    weights = tmp_path / "mine.safetensors"
    save_readers(*modules, weights)
    card = {
        "name": "mine",
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "lattice": {"alpha": 0.6, "second": 0.5},
        "digit_temperature": 1.0,
        "calibration": {"name": "none", "features": list(FEATURE_NAMES), "profiles": {}},
    }
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(card))
    return path


def test_a_card_is_found_by_either_file(model: Path) -> None:
    for given_ in (model, model.with_suffix(".safetensors")):
        card = load_card(str(given_))
        assert (card.name, card.readers, card.calibration.name) == ("mine", Weights(0.6, 0.5), "none")
        assert card.weights == model.with_suffix(".safetensors")


def test_the_shipped_model_fits_this_version() -> None:
    card = load_card("lenet5")
    assert card.calibration.profiles and 0 <= card.readers.alpha <= 1
    Classifier.from_file(card.weights)


def test_an_unknown_model_is_named_with_what_is_shipped() -> None:
    with pytest.raises(UsageError, match=r"model 'lenet6': .*lenet6\.json is missing; shipped models: .*lenet5"):
        load_card("lenet6")


def test_missing_weights_are_named(model: Path) -> None:
    model.with_suffix(".safetensors").unlink()
    with pytest.raises(UsageError, match=r"mine\.safetensors is missing"):
        load_card(str(model))


def test_edited_weights_are_named(model: Path) -> None:
    weights = model.with_suffix(".safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(UsageError, match=r"mine\.safetensors: the weights are not those that mine\.json"):
        load_card(str(model))


@pytest.mark.parametrize(
    "words",
    ["", "{", "{}", '{"name": "mine"}', "[]", '{"name": 3, "lattice": 1}'],
)
def test_a_card_that_is_none_is_named(model: Path, words: str) -> None:
    model.write_text(words)
    with pytest.raises(UsageError, match=r"mine\.json: not a model card"):
        load_card(str(model))
