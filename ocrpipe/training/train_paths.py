"""Global training: LeNet-5 and the shape network are taught by whole fields, through the lattice.

LeCun, Bottou, Bengio & Haffner (1998), sections VI and VIII (discriminative forward training of graph transformer
networks): the loss of a field is −log of the forward sum over all paths that spell what is written over that of all
paths that the grammar allows. Its gradient at an edge and symbol is how much of all paths goes through them less how
much of the right paths does. No cut is labelled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocrpipe.compiled import compiled
from ocrpipe.reading.classify import FLOOR
from ocrpipe.reading.decode import LEAST_JUNK
from ocrpipe.reading.grammar import compile_pattern
from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.search import Edges, Floats, Grammar, backward
from ocrpipe.reading.symbols import JUNK, NETWORK_CLASSES, NOISE, SCRIBBLE, SHAPE_CLASSES, SYMBOLS
from ocrpipe.training.examples import Examples, Written
from ocrpipe.training.learning import Epoch, Learning
from ocrpipe.training.train import BENT_IN_FIELDS, NAMES, Alone, error, varied

_FIELDS = 20
"""Fields to a step."""
_LOCAL = 512
"""Labelled crops that go with them, so that nothing is forgotten."""
_LOCAL_SHARE = 2.0
_NOISE = SYMBOLS.index(NOISE)


class Readers(nn.Module):
    """The two networks whose odds make the scores of a lattice."""

    def __init__(self, lenet: LeNet, shapes: ShapeNet) -> None:
        super().__init__()
        self.lenet, self.shapes = lenet, shapes

    def forward(self, crops: Tensor, shapes: Tensor, alpha: float) -> Tensor:
        """(E, 32, 32) uint8 crops and (E, S) shapes → the (E, 18) table of `decode`, with gradients."""
        shown = torch.softmax(self.lenet(crops.float().div(255).unsqueeze(1)), dim=1)
        return _table(shown, torch.softmax(self.shapes(shapes), dim=1), self.shapes.prior, alpha)


def train_paths(
    lenet: LeNet, shapes: ShapeNet, alpha: float, fields: Callable[[], Iterator[list[Written]]], count: int,
    examples: Examples, alone: Alone, validation: Examples, alone_validation: Alone,
    epochs: int, seed: int, checkpoint: Path, told: Callable[[Epoch], None],
) -> Readers:  # fmt: skip
    """Both networks taught further; `fields` yields a few hundred at a time, `count` in all."""

    learning = Learning(lambda: deepcopy(Readers(lenet, shapes)), seed, epochs, count // _FIELDS, checkpoint, rate=6e-4)
    local = _Local(examples, alone, seed)
    while learning.done < epochs:
        generator = torch.Generator().manual_seed(seed * 1000 + learning.done)
        order = np.random.default_rng((seed, learning.done))
        for some in fields():
            for members in np.array_split(order.permutation(len(some)), max(1, len(some) // _FIELDS)):
                loss = path_loss(learning.net, alpha, [some[i] for i in members])
                learning.step(loss + _LOCAL_SHARE * local.loss(learning.net, generator))
        loss_, net = learning.save(), learning.mean.eval()
        errors = {
            "candidates": error(net.lenet, validation.crops, validation.labels),
            "digits by themselves": error(net.lenet, *alone_validation),
        }
        told(Epoch(f"{NAMES[lenet.kind]}, by paths", learning.done, epochs, loss_, errors))
    return learning.mean.eval()


class _Local:
    """Labelled candidates and isolated digits, as many of either."""

    def __init__(self, examples: Examples, alone: Alone, seed: int) -> None:
        self._examples, self._alone = examples, alone
        self._rng = np.random.default_rng(seed)

    def loss(self, readers: Readers, generator: torch.Generator) -> Tensor:
        some = self._rng.integers(len(self._examples.labels), size=_LOCAL // 2)
        digits = self._rng.integers(len(self._alone[1]), size=_LOCAL // 2)
        crops = torch.from_numpy(np.concatenate([self._examples.crops[some], self._alone[0][digits]]))
        labels = torch.from_numpy(
            np.concatenate([self._examples.labels[some], self._alone[1][digits]]).astype(np.int64)
        )
        strengths = torch.ones(_LOCAL)
        strengths[: _LOCAL // 2] = BENT_IN_FIELDS
        x = varied(crops.float().div_(255).unsqueeze(1), strengths, generator)
        places = torch.from_numpy(self._examples.places[some].astype(np.int64))
        placed = readers.shapes(torch.from_numpy(self._examples.shapes[some]))
        shown = F.cross_entropy(readers.lenet(x), labels, label_smoothing=0.01)
        return shown + F.cross_entropy(placed, places)


def path_loss(readers: Readers, alpha: float, fields: list[Written]) -> Tensor:
    """Mean over the fields of log (all paths / right paths), with the gradient that the expected counts give."""
    crops = torch.from_numpy(np.concatenate([f.crops for f in fields]))
    table: Tensor = readers(crops, torch.from_numpy(np.concatenate([f.shapes for f in fields])), alpha)
    scores = table.detach().double().numpy()
    gradient = np.zeros_like(scores)
    nats, at, counted = 0.0, 0, 0
    for field in fields:
        own = slice(at, at := at + len(field.starts))
        edges = Edges(field.nodes, field.starts, field.ends, np.ascontiguousarray(scores[own]), -1)
        everything, through_all = expected(edges, _grammar(field.pattern))
        right, through_right = expected(edges, field.right)
        if right > -np.inf and everything > -np.inf:
            gradient[own] = through_all - through_right
            nats += max(everything - right, 0.0)
            counted += 1
    surrogate = (table * torch.from_numpy(gradient).float()).sum() / max(counted, 1)
    return surrogate + (nats / max(counted, 1) - surrogate.detach())


@lru_cache(maxsize=256)
def _grammar(pattern: str) -> Grammar:
    return compile_pattern(pattern)


def _table(shown: Tensor, placed: Tensor, prior: Tensor, alpha: float) -> Tensor:
    """(E, 18): what `classify.combined` and `decode` make of the networks' probabilities, with gradients."""
    place = {char: SHAPE_CLASSES.index(char) for char in SHAPE_CLASSES}
    group = [place.get(char, place["character"]) for char in NETWORK_CLASSES]
    joint = shown * placed[:, group] / prior[group]
    visible = placed[:, [place["junk"], place["/"], place["character"]]].sum(dim=1)
    joint = joint * (visible / joint.sum(dim=1).clamp_min(1e-30)).unsqueeze(1)
    columns = {char: joint[:, i] for i, char in enumerate(NETWORK_CLASSES)}
    columns |= {char: placed[:, place[char]] for char in (".", ",", "-")}
    columns |= {SCRIBBLE: joint[:, JUNK], NOISE: placed[:, place["noise"]]}
    logs = torch.stack([columns[symbol] for symbol in SYMBOLS], dim=1).clamp_min(FLOOR).log()
    return logs - alpha * joint[:, JUNK].clamp_min(FLOOR).log().clamp_min(LEAST_JUNK).unsqueeze(1)


@compiled
def expected(edges: Edges, grammar: Grammar) -> tuple[float, Floats]:  # pragma: no cover - compiled
    """Log of the sum over all paths that obey the grammar, and how often each edge is taken as each symbol, (E, 18):
    the mean over the paths by their share in the sum."""
    first, symbol, target, weight = grammar.first, grammar.symbol, grammar.target, grammar.weight
    states = grammar.start.shape[0]
    beta = backward(edges, grammar)
    taken = np.zeros(edges.table.shape)
    total = -np.inf
    for s in range(states):
        if grammar.start[s] > -np.inf and beta[0, s] > -np.inf:
            total = np.logaddexp(total, grammar.start[s] + beta[0, s])
    if total == -np.inf:
        return total, taken
    # share[n, s] is the share of the sum that comes through state s at node n; it is passed on along the edges
    share = np.zeros((edges.nodes, states))
    for s in range(states):
        share[0, s] = np.exp(grammar.start[s] + beta[0, s] - total)
    for e in range(edges.starts.shape[0]):
        node, end = edges.starts[e], edges.ends[e]
        for s in range(states):
            if share[node, s] < 1e-9:
                continue
            if beta[end, s] > -np.inf:
                passed = share[node, s] * np.exp(edges.table[e, _NOISE] + beta[end, s] - beta[node, s])
                taken[e, _NOISE] += passed
                share[end, s] += passed
            for k in range(first[s], first[s + 1]):
                there = target[k]
                if beta[end, there] > -np.inf:
                    passed = share[node, s] * np.exp(
                        edges.table[e, symbol[k]] + weight[k] + beta[end, there] - beta[node, s]
                    )
                    taken[e, symbol[k]] += passed
                    share[end, there] += passed
    return total, taken
