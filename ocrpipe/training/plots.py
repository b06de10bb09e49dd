"""Pictures of a training: its curves, what the network confuses, and its worst errors.

Drawn with matplotlib's own canvas for PNG (Agg) and without pyplot: no display is sought, and no state is shared
between threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrpipe.reading.symbols import NETWORK_CLASSES
from ocrpipe.results.atomic import whole_file
from ocrpipe.training.learning import Epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 100
CURVE_INCHES = 4.2, 6.4
"""Width and height of one network's loss over its errors."""
_TICKS = 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0
"""In each decade of a log scale."""
CONFUSION_INCHES = 8.6, 8.6
ROWS, COLUMNS = 6, 10
"""Of the page of worst errors."""
WORST_INCHES = 11.0, 9.0


def draw_curves(epochs: Sequence[Epoch], path: Path) -> None:
    """For each network a column: its loss, and below it what it misread of validation, both on log scales."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, PercentFormatter, StrMethodFormatter

    networks = list(dict.fromkeys(epoch.network for epoch in epochs))
    width, height = CURVE_INCHES
    figure = Figure(figsize=(width * len(networks), height), dpi=DPI, layout="constrained")
    axes = figure.subplots(2, len(networks), squeeze=False)
    for (above, below), network in zip(axes.T, networks, strict=True):
        own = [epoch for epoch in epochs if epoch.network == network]
        numbers = [epoch.number for epoch in own]
        above.plot(numbers, [epoch.loss for epoch in own], "o-", color="0.3", markersize=3)
        above.set_title(network)
        for what in own[-1].errors:
            shares = [epoch.errors.get(what, np.nan) for epoch in own]
            below.plot(numbers, shares, "o-", markersize=3, label=f"{what} {shares[-1]:.2%}")
        below.legend()
        below.set_xlabel("epoch")
        for one, words in ((above, StrMethodFormatter("{x:g}")), (below, PercentFormatter(1.0))):
            one.set_yscale("log")
            one.yaxis.set_major_locator(LogLocator(subs=_TICKS))
            one.yaxis.set_major_formatter(words)
            one.yaxis.set_minor_locator(NullLocator())
            one.set_xlim(0.5, own[-1].epochs + 0.5)
            one.xaxis.set_major_locator(MaxNLocator(integer=True))
            one.grid(True, color="0.9")
    axes[0, 0].set_ylabel("loss")
    axes[1, 0].set_ylabel("misread of validation")
    _save(figure, path)


def draw_confusion(labels: NDArray[np.int8], guesses: NDArray[np.int64], path: Path) -> None:
    """How often each class of (N,) validation candidates was taken for which: the redder, the larger the share of the
    label; right ones gray."""
    from matplotlib.figure import Figure

    classes = len(NETWORK_CLASSES)
    counts = np.bincount(classes * labels.astype(np.int64) + guesses, minlength=classes**2).reshape(classes, classes)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(classes, dtype=bool)
    figure = Figure(figsize=CONFUSION_INCHES, dpi=DPI, layout="constrained")
    axes: Axes = figure.subplots()
    axes.imshow(np.ma.masked_array(shares, right), cmap="Reds", vmin=0, vmax=max(1e-9, 1.5 * shares[~right].max()))
    axes.imshow(np.ma.masked_array(np.ones_like(shares), ~right), cmap="gray", vmin=0, vmax=1.1)
    for label, guess in np.argwhere(counts):
        axes.text(guess, label, str(counts[label, guess]), ha="center", va="center", fontsize=7)
    axes.set_xticks(range(classes), NETWORK_CLASSES)
    axes.set_yticks(range(classes), NETWORK_CLASSES)
    axes.set_xlabel("taken for")
    axes.set_ylabel("label")
    axes.set_title(f"{(labels != guesses).sum()} of {len(labels)} validation candidates misread")
    _save(figure, path)


def draw_worst(
    crops: NDArray[np.uint8], labels: NDArray[np.int8], probabilities: NDArray[np.float64], path: Path
) -> None:
    """The surest errors on a page: crop, label → guess, confidence, of (N, 32, 32), (N,) and (N, 14)."""
    from matplotlib.figure import Figure

    order = worst(labels, probabilities)
    shown = order[: ROWS * COLUMNS]
    figure = Figure(figsize=WORST_INCHES, dpi=DPI)
    left_out = f"; the {len(shown)} surest of them" if len(shown) < len(order) else ""
    figure.suptitle(f"{len(order)} of {len(labels)} validation digits misread{left_out}")
    room = {"left": 0.01, "right": 0.99, "bottom": 0.01, "top": 0.91, "wspace": 0.15, "hspace": 0.35}
    for axes in figure.subplots(ROWS, COLUMNS, gridspec_kw=room).flat:
        axes.axis("off")
    for axes, i in zip(figure.axes, shown, strict=False):
        guess = int(probabilities[i].argmax())
        axes.imshow(crops[i], cmap="gray_r", vmin=0, vmax=255)
        axes.set_title(f"{NETWORK_CLASSES[labels[i]]} → {NETWORK_CLASSES[guess]}  {probabilities[i, guess]:.0%}")
        axes.title.set_fontsize(9)
    _save(figure, path)


def worst(labels: NDArray[np.int8], probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Places of the misread ones, the surest first.

    >>> worst(np.array([0, 1, 1], np.int8), np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2]])).tolist()
    [2, 1]
    """
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]


def _save(figure: Figure, path: Path) -> None:
    with whole_file(path) as out:
        figure.savefig(out, format="png")
