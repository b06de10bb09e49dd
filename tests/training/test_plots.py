"""What a training leaves to be looked at: its history, through kills, and its pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ocrpipe.cli.train import Told
from ocrpipe.errors import UsageError
from ocrpipe.reading.symbols import JUNK, NETWORK_CLASSES
from ocrpipe.training.history import CURVES, HISTORY, History
from ocrpipe.training.learning import Epoch
from ocrpipe.training.plots import (
    CONFUSION_INCHES,
    CURVE_INCHES,
    DPI,
    WORST_INCHES,
    draw_confusion,
    draw_curves,
    draw_worst,
)
from ocrpipe.training.train import train_lenet
from tests.training.test_learning import some_examples

torch.set_num_threads(1)


def epoch(network: str, number: int, loss: float = 1.0, epochs: int = 3) -> Epoch:
    return Epoch(network, number, epochs, loss, {"candidates": 0.5 / number, "fields": 0.0})


def lines(folder: Path) -> list[tuple[int, str, int, float]]:
    told = [json.loads(line) for line in (folder / HISTORY).read_text().splitlines()]
    return [(one["seed"], one["network"], one["number"], one["loss"]) for one in told]


def size(path: Path) -> tuple[int, int]:
    """Width and height; a picture that shows nothing fails."""
    picture = cv2.imread(str(path))
    assert picture is not None and np.ptp(picture) > 100
    return picture.shape[1], picture.shape[0]


def pixels(inches: tuple[float, float], columns: int = 1) -> tuple[int, int]:
    return round(inches[0] * columns * DPI), round(inches[1] * DPI)


def test_a_killed_training_goes_on_in_its_history(tmp_path: Path) -> None:
    """Killed after its second epoch of four, twice."""
    data = some_examples(300)
    heard: list[Epoch] = []

    def teach(told: Callable[[Epoch], None]) -> None:
        history = History(tmp_path, 0)
        alone = data.crops, data.labels
        train_lenet("lenet5", data, alone, data, alone, 4, 0, tmp_path / "lenet.pt", history.follow(told))

    def killed(one: Epoch) -> None:
        heard.append(one)
        if one.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        teach(killed)
    assert size(tmp_path / CURVES) == pixels(CURVE_INCHES)
    teach(heard.append)
    teach(heard.append)
    assert [number for _, _, number, _ in lines(tmp_path)] == [1, 2, 3, 4] == [one.number for one in heard]
    assert History(tmp_path, 0).epochs == heard and all(one.seconds > 0 for one in heard)


def test_what_begins_anew_takes_the_place_of_what_it_repeats(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        History(tmp_path, 0).add(epoch("LeNet-5", number))
    History(tmp_path, 0).add(epoch("SDNN", 1))
    History(tmp_path, 7).add(epoch("LeNet-5", 1))
    History(tmp_path, 0).add(epoch("LeNet-5", 2, loss=0.5))
    assert lines(tmp_path) == [
        (0, "LeNet-5", 1, 1.0),
        (0, "SDNN", 1, 1.0),
        (7, "LeNet-5", 1, 1.0),
        (0, "LeNet-5", 2, 0.5),
    ]
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("line", ["{", "3", "{}", '{"seed": 0, "network": "LeNet-5"}'])
def test_a_history_of_something_else_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / HISTORY).write_text(line + "\n")
    with pytest.raises(UsageError, match=r"history\.jsonl: line 1 "):
        History(tmp_path, 0)


def test_each_network_has_its_curves(tmp_path: Path) -> None:
    told = [epoch(name, number) for number in (1, 2) for name in ("LeNet-5", "SDNN", "LeNet-5, by paths")]
    draw_curves(told, tmp_path / "curves.png")
    assert size(tmp_path / "curves.png") == pixels(CURVE_INCHES, columns=3)


def test_what_is_confused_is_drawn(tmp_path: Path) -> None:
    labels = np.arange(14, dtype=np.int8).repeat(3)
    guesses = labels.astype(np.int64)
    draw_confusion(labels, guesses, tmp_path / "none.png")
    guesses[labels == 4] = [9, 9, JUNK]
    draw_confusion(labels, guesses, tmp_path / "some.png")
    none, some = (cv2.imread(str(tmp_path / f"{name}.png")) for name in ("none", "some"))
    assert none is not None and some is not None and size(tmp_path / "some.png") == pixels(CONFUSION_INCHES)

    def red(picture: np.ndarray) -> int:
        return int((picture[..., 2].astype(int) - picture[..., 0] > 60).sum())

    assert red(none) == 0 < red(some)


@pytest.mark.parametrize("wrong", [0, 7, 80])
def test_the_worst_errors_fill_a_page(tmp_path: Path, wrong: int) -> None:
    data = some_examples(100)
    probabilities = np.full((100, len(NETWORK_CLASSES)), 0.01)
    probabilities[np.arange(100), data.labels] = 0.5
    probabilities[np.arange(wrong), JUNK] = np.linspace(0.6, 0.9, wrong)
    draw_worst(data.crops, data.labels, probabilities, tmp_path / "worst.png")
    assert size(tmp_path / "worst.png") == pixels(WORST_INCHES)


def test_an_epoch_says_how_long_its_network_will_take(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.progress import Progress

    told = Told(Progress(disable=True))
    told.epoch(Epoch("SDNN", 2, 7, 0.25, {"fields": 0.034}, seconds=84.0))
    told.epoch(Epoch("SDNN", 7, 7, 0.25, {"fields": 0.034}, seconds=84.0))
    assert capsys.readouterr().err.splitlines() == [
        "SDNN, epoch 2 of 7: loss 0.2500, misread of validation: fields 3.40%; 7 min left",
        "SDNN, epoch 7 of 7: loss 0.2500, misread of validation: fields 3.40%",
    ]
