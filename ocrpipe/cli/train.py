"""`ocrpipe train`: a model from digits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from ocrpipe.training.train import Epoch


def train(
    digits: Annotated[Path, typer.Option(help="Folder with mnist/, unipen/ and pendigits/.", metavar="DIR")],
    out: Annotated[
        Path, typer.Option(help="Where to write OUT.safetensors and its card OUT.json.", metavar="OUT")
    ] = Path("models/lenet5"),
    work: Annotated[
        Path, typer.Option(help="Drawn fields and checkpoints; a killed training goes on from here.", metavar="DIR")
    ] = Path("runs/lenet5"),
    fields: Annotated[int, typer.Option(help="Fields to draw and learn from.", min=500)] = 80_000,
    epochs: Annotated[int, typer.Option(help="Passes over all candidates.", min=1)] = 12,
    calibration_fields: Annotated[
        int, typer.Option(help="Fields of each kind behind the confidence, and as many behind the thresholds.", min=250)
    ] = 3_000,
    seed: Annotated[int, typer.Option(help="Another seed, another model.")] = 0,
    jobs: Annotated[int, typer.Option(help="Cores; 0 takes all.", min=0)] = 0,
    test: Annotated[
        bool, typer.Option("--test", help="Open the MNIST test set and write its error into the card.")
    ] = False,
) -> None:
    """Teach LeNet-5 on fields that are drawn from real hands, and calibrate its confidence.

    The folder holds MNIST's four IDX files with writers.csv.gz and bench_writers.csv, unipen/digits.jsonl.gz and
    pendigits/pendigits-orig.tra.gz. Writers are split by name: those that validate and calibrate never teach.

    \b
        ocrpipe train --digits digits/ --out models/lenet5 --work runs/lenet5
    """
    import os

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from ocrpipe.training.recipe import Recipe, make

    recipe = Recipe(fields, epochs, calibration_fields, seed)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        card = make(digits, work, out, recipe, jobs or len(os.sched_getaffinity(0)), _Told(progress, epochs), test=test)
    print(f"model: {card}", file=sys.stderr)


class _Told:
    """Shows stages as bars, and each epoch as a line."""

    def __init__(self, progress: Progress, epochs: int) -> None:
        self._progress = progress
        self._epochs = epochs

    def stage(self, name: str, steps: int) -> Callable[[], None]:
        task = self._progress.add_task(name, total=steps)
        return lambda: self._progress.advance(task)

    def epoch(self, epoch: Epoch) -> None:
        words = f"epoch {epoch.number} of {self._epochs}: loss {epoch.loss:.4f}, validation: candidates misread "
        words += f"{epoch.error:.2%}, digits by themselves {epoch.alone_error:.2%}"
        print(words, file=sys.stderr, flush=True)
