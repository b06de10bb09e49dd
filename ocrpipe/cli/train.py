"""`ocrpipe train`: a model from digits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ocrpipe.cli.options import As, Templates
from ocrpipe.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import Progress

    from ocrpipe.pipeline import Line
    from ocrpipe.training.learning import Epoch


def train(
    source: Annotated[
        list[str] | None,
        typer.Argument(help="With --from-reviews: the scans that were reviewed.", metavar="SOURCE"),
    ] = None,
    digits: Annotated[
        Path | None,
        typer.Option(help="Folder with mnist/, unipen/ and pendigits/, or some of them.", metavar="DIR"),
    ] = None,
    data: Annotated[
        Literal["mnist"] | None,
        typer.Option(help="Instead of --digits: digits by name, fetched from a public mirror the first time."),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="With --data: where its files are kept; a cache if not given.", metavar="DIR"),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Where to write OUT.safetensors and its card OUT.json.", metavar="OUT")
    ] = Path("models/lenet5"),
    work: Annotated[
        Path,
        typer.Option(help="Drawn fields, checkpoints and curves; a killed training goes on from here.", metavar="DIR"),
    ] = Path("runs/lenet5"),
    network: Annotated[
        Literal["lenet5", "lenet5-wide"],
        typer.Option(help="The first reader. In one --work, either goes with the same second reader."),
    ] = "lenet5",
    fields: Annotated[
        int, typer.Option(help="Fields whose candidates are learnt; as many more are learnt whole.", min=500)
    ] = 128_000,
    epochs: Annotated[int, typer.Option(help="The first reader's passes over all candidates.", min=1)] = 6,
    sweep_epochs: Annotated[int, typer.Option(help="The second reader's passes over all fields.", min=1)] = 5,
    path_epochs: Annotated[int, typer.Option(help="The first reader's passes over whole lattices.", min=1)] = 1,
    calibration_fields: Annotated[
        int,
        typer.Option(help="Fields of each kind behind the thresholds; a quarter as many fit the confidence.", min=250),
    ] = 8_000,
    sheets: Annotated[
        int, typer.Option(help="Whole checks and envelopes behind the confidence of located fields.", min=10)
    ] = 7_200,
    seed: Annotated[int, typer.Option(help="Another seed, another model.")] = 0,
    jobs: Annotated[int, typer.Option(help="Cores; 0 takes all.", min=0)] = 0,
    test: Annotated[
        bool, typer.Option("--test", help="Open the MNIST test set and write its error into the card.")
    ] = False,
    from_reviews: Annotated[
        Path | None,
        typer.Option(
            help="Teach --model further by what people decided, as a review exports it.", metavar="FILE.parquet"
        ),
    ] = None,
    model: Annotated[
        str, typer.Option(help="With --from-reviews: the model to begin with.", metavar="NAME_OR_FILE")
    ] = "lenet5",
    template: Templates = None,
    as_: As = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="With --from-reviews: replace a model that exists.")
    ] = False,
    even_if_worse: Annotated[
        bool, typer.Option("--even-if-worse", help="With --from-reviews: write a model that reads less, too.")
    ] = False,
) -> None:  # fmt: skip
    """Teach LeNet-5 on fields that are drawn from real hands, and calibrate its confidence.

    The folder holds any of mnist/train-images-idx3-ubyte.gz with its labels, unipen/digits.jsonl.gz and
    pendigits/pendigits-orig.tra.gz. Writers are split by name: those that validate and calibrate never teach. Whose
    hand MNIST's digits are is in mnist/writers.csv.gz; without it, samples that lie together stand for a writer.

    \b
        ocrpipe train --digits digits/ --out models/lenet5 --work runs/lenet5
        ocrpipe train --data mnist --out models/mnist --work runs/mnist

    What people decided in a review teaches a model further. Old and new are compared on the reviewed fields, each read
    by readers that its document did not teach; a model that reads less is not written. Its confidence is fitted anew:
    to drawn fields where there are digits to draw them of, else to the reviewed ones, which seldom are enough to
    promise much.

    \b
        ocrpipe train scans/ --from-reviews reviewed.parquet --data mnist --out ours
        ocrpipe run more/ --model ours.json --out results.parquet

    After each epoch, curves.png and history.jsonl in --work show how it goes; at the end, confusion.png and worst.png
    what it confuses.
    """
    if data_dir is not None and data is None:
        raise UsageError("--data-dir goes with --data; leave it out")
    if digits is not None and data is not None:
        raise UsageError("give --digits DIR, or --data mnist, which fetches them; not both")
    if from_reviews is None:
        if digits is None and data is None:
            raise UsageError("give --digits DIR, or --data mnist, which fetches them; or --from-reviews FILE.parquet")
        if source or template or as_ or even_if_worse or overwrite:
            raise UsageError("SOURCE, --template, --as, --overwrite and --even-if-worse go with --from-reviews")
    elif not source:
        raise UsageError("--from-reviews wants the scans that were reviewed: ocrpipe train SOURCE --from-reviews …")
    if data is not None:
        from ocrpipe.training.fetch import fetch_mnist

        digits = fetch_mnist(data_dir)
    cores = jobs or len(os.sched_getaffinity(0))
    for words in _sources(digits):
        print(f"digits: {words}", file=sys.stderr)
    if from_reviews is not None and source:
        from ocrpipe.cli.train_reviews import Drawn, retrain
        from ocrpipe.training.recalibrate import free_path

        path = free_path(out, overwrite=overwrite)
        drawn = Drawn(digits, calibration_fields, sheets, cores) if digits else None
        line = _line(tuple(template or ()), as_, model)
        with told() as progress:
            retrain(line, source, from_reviews, path, seed, progress, drawn, even_if_worse=even_if_worse)
        return
    assert digits is not None
    from ocrpipe.training.recipe import Recipe, make

    recipe = Recipe(network, fields, epochs, sweep_epochs, path_epochs, calibration_fields, sheets, seed)
    with told() as progress:
        card = make(digits, work, out, recipe, cores, progress, test=test)
    print(f"model: {card}; how it was made: {work}", file=sys.stderr)


def _sources(digits: Path | None) -> Iterable[str]:
    from ocrpipe.training.writers import sources

    return () if digits is None else sources(digits).values()


def _line(templates: tuple[str, ...], as_: str | None, model: str) -> Line:
    """As the scans were read."""
    from ocrpipe.cli.run import parse_as
    from ocrpipe.pipeline import Line
    from ocrpipe.settings import Settings

    field = parse_as(as_)
    if field and templates:
        raise UsageError("--as says that each picture is one field; it excludes --template")
    return Line.build(Settings(crops="none"), templates, builtin=True, field=field, model=model)


@contextmanager
def told() -> Iterator[Told]:
    """Progress on the terminal, if there is one."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield Told(progress)


class Told:
    """Shows stages as bars, and each epoch as a line."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def stage(self, name: str, steps: int) -> Callable[[], None]:
        task = self._progress.add_task(name, total=steps)
        return lambda: self._progress.advance(task)

    def epoch(self, epoch: Epoch) -> None:
        misread = ", ".join(f"{what} {share:.2%}" for what, share in epoch.errors.items())
        words = f"{epoch.network}, epoch {epoch.number} of {epoch.epochs}: loss {epoch.loss:.4f}"
        left = f"; {_duration(epoch.left_seconds)} left" if epoch.left_seconds else ""
        print(f"{words}, misread of validation: {misread}{left}", file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    """In the unit that tells.

    >>> _duration(40), _duration(400), _duration(8000)
    ('40 s', '7 min', '2 h 13 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
