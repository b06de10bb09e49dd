"""Trainings: what they share, that they resume, and that the gradient through a lattice is the true one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.search import Edges, backward, chain
from ocrpipe.reading.segment import SHAPE_NAMES
from ocrpipe.reading.symbols import SYMBOLS
from ocrpipe.training.examples import Examples, Strips, Written
from ocrpipe.training.learning import Epoch, Learning
from ocrpipe.training.train import train_lenet, varied
from ocrpipe.training.train_paths import Readers, _grammar, expected, path_loss, train_paths
from ocrpipe.training.train_sweep import train_sweep

torch.set_num_threads(1)


def learned(checkpoint: Path, epochs: list[int]) -> list[float]:
    """The weights of a line fitted in some epochs of three, killed and begun again between them."""
    x = torch.linspace(-1, 1, 16).unsqueeze(1)
    for stop in epochs:
        learning = Learning(lambda: nn.Linear(1, 1), 0, 3, 5, checkpoint)
        while learning.done < stop:
            for _ in range(5):
                learning.step(((learning.net(x) - 3 * x) ** 2).mean())
            learning.save()
    return [p.item() for p in [*learning.net.parameters(), *learning.mean.parameters()]]


def test_a_killed_training_ends_as_one_that_was_not(tmp_path: Path) -> None:
    assert learned(tmp_path / "a.pt", [3]) == learned(tmp_path / "b.pt", [1, 2, 3])


def test_crops_are_bent_by_their_strength() -> None:
    x = torch.rand(4, 1, 32, 32)
    generator = torch.Generator().manual_seed(0)
    same = varied(x, torch.zeros(4), generator)
    torch.testing.assert_close(same, x, atol=1e-4, rtol=1e-4)
    assert (varied(x, torch.tensor([0.0, 0.0, 1.0, 1.0]), generator) - x).abs().amax((1, 2, 3))[2:].min() > 0.1


def lattice(seed: int, pieces: int = 4, spelling: str = "907", pattern: str = "d{1,6}") -> Written:
    rng = np.random.default_rng(seed)
    spans = [(i, j) for i in range(pieces) for j in range(i + 1, min(i + 2, pieces) + 1)]
    starts, ends = (np.array([s[k] for s in spans], np.int64) for k in (0, 1))
    return Written(
        pieces + 1, starts, ends, rng.integers(0, 255, (len(spans), 32, 32), dtype=np.uint8),
        rng.random((len(spans), len(SHAPE_NAMES))).astype(np.float32),
        chain(tuple(SYMBOLS.index(c) for c in spelling)), pattern,
    )  # fmt: skip


def test_expected_counts_are_the_gradient_of_the_sum() -> None:
    field = lattice(1)
    table = np.log(np.random.default_rng(2).dirichlet(np.ones(len(SYMBOLS)), len(field.starts)))
    grammar = _grammar("d{2,3}|<0.5>dd[.]d")

    def total(at: np.ndarray) -> float:
        return float(
            np.logaddexp.reduce(grammar.start + backward(Edges(5, field.starts, field.ends, at, -1), grammar)[0])
        )

    log_sum, counts = expected(Edges(5, field.starts, field.ends, table, -1), grammar)
    assert log_sum == pytest.approx(total(table))
    for edge in range(len(field.starts)):
        for symbol in (0, 7, SYMBOLS.index("."), len(SYMBOLS) - 1):
            moved = table.copy()
            moved[edge, symbol] += 1e-5
            assert counts[edge, symbol] == pytest.approx((total(moved) - log_sum) / 1e-5, abs=1e-4)
    crossing = [(field.starts <= cut) & (field.ends > cut) for cut in range(4)]
    for over in crossing:  # every path crosses every piece once
        assert counts[over].sum() == pytest.approx(1.0)


def test_the_path_loss_has_the_gradient_of_its_value() -> None:
    torch.manual_seed(0)
    readers, fields = Readers(folded(LeNet()), ShapeNet()), [lattice(3)]
    path_loss(readers, 1.0, fields).backward()  # type: ignore[no-untyped-call]
    last = list(readers.lenet.parameters())[-1]
    for bias, components in ((last, (0, 7, 9, 13)), (readers.shapes.out.bias, (0, 3, 4, 6))):
        assert bias.shape == (14,) or bias is readers.shapes.out.bias
        assert bias.grad is not None
        for k in components:
            at = []
            for step in (1e-2, -2e-2, 1e-2):
                with torch.no_grad():
                    bias[k] += step
                    at.append(path_loss(readers, 1.0, fields).item())
            assert float(bias.grad[k]) == pytest.approx((at[0] - at[1]) / 2e-2, abs=2e-3)


def test_a_field_that_no_path_spells_teaches_nothing() -> None:
    """Four pieces cannot be six digits."""
    torch.manual_seed(0)
    loss = path_loss(Readers(folded(LeNet()), ShapeNet()), 1.0, [lattice(4, spelling="907907")])
    assert float(loss.detach()) == 0.0


def some_examples(count: int = 512) -> Examples:
    """Bars that stand, lie or are not there: three classes that anything can learn."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, count).astype(np.int8)
    crops = np.zeros((count, 32, 32), np.uint8)
    crops[labels == 0, 5:27, 14:18] = 255
    crops[labels == 1, 14:18, 5:27] = 255
    return Examples(crops, labels, rng.random((count, len(SHAPE_NAMES))).astype(np.float32), labels)


def test_lenet_learns_what_is_plain_and_tells_each_epoch(tmp_path: Path) -> None:
    heard: list[Epoch] = []
    data = some_examples()
    alone = data.crops, data.labels
    train_lenet("lenet5", data, alone, data, alone, 4, 0, tmp_path / "lenet.pt", heard.append)
    assert [e.number for e in heard] == [1, 2, 3, 4] and heard[-1].loss < heard[0].loss
    assert heard[-1].errors["candidates"] < 0.05
    again: list[Epoch] = []
    train_lenet("lenet5", data, alone, data, alone, 4, 0, tmp_path / "lenet.pt", again.append)
    assert again == []


def test_paths_teach_a_lenet_what_a_field_says(tmp_path: Path) -> None:
    heard: list[Epoch] = []
    fields = [lattice(seed) for seed in range(20)]
    data = some_examples()
    torch.manual_seed(1)
    train_paths(
        folded(LeNet()), ShapeNet(), 1.0, lambda: iter([fields]), 20, data, (data.crops, data.labels), data,
        (data.crops, data.labels), 6, 0, tmp_path / "paths.pt", heard.append,
    )  # fmt: skip
    assert len(heard) == 6 and heard[-1].loss < heard[0].loss


def test_the_sweep_learns_to_spell_bars(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    strips, texts = [], []
    for _ in range(64):
        pixels, text = np.zeros((48, 96), np.uint8), rng.integers(0, 2, 3)
        for i, symbol in enumerate(text):
            x = 12 + 28 * i
            if symbol:
                pixels[10:38, x + 4 : x + 8] = 255
            else:
                pixels[22:26, x : x + 14] = 255
        strips.append(pixels)
        texts.append(text)
    data = Strips(
        np.concatenate(strips, axis=1), np.full(64, 96, np.int32), np.concatenate(texts).astype(np.int8),
        np.full(64, 3, np.int32),
    )  # fmt: skip
    heard: list[Epoch] = []
    train_sweep(data, data, 25, 0, tmp_path / "sdnn.pt", heard.append)
    assert heard[-1].loss < 0.5 * heard[0].loss
