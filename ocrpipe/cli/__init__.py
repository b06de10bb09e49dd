"""The command line, one file a command. What is heavy is imported inside the commands, so that help is instant."""

from __future__ import annotations

import sys

import typer

from ocrpipe.cli.calibrate import calibrate
from ocrpipe.cli.evaluate import evaluate
from ocrpipe.cli.info import info
from ocrpipe.cli.purge import purge
from ocrpipe.cli.review import review
from ocrpipe.cli.run import run
from ocrpipe.cli.show import show
from ocrpipe.cli.template import template
from ocrpipe.cli.train import train
from ocrpipe.cli.train_micr import train_micr
from ocrpipe.cli.try_ import try_
from ocrpipe.errors import Interrupted, OcrpipeError

app = typer.Typer(
    name="ocrpipe",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Reads the figures on scanned paper: amounts, ZIP codes, dates and digit fields.",
    epilog="Example: ocrpipe run scans/ --out results.parquet",
)
app.command()(run)
app.command()(review)
app.command("try")(try_)
app.command()(evaluate)
app.command()(show)
app.command()(purge)
app.command()(train)
app.command()(train_micr)
app.command()(calibrate)
app.add_typer(template, name="template")
app.command()(info)


def main() -> None:
    """Runs the command line; an error of the operator becomes its exit code here and nowhere else."""
    try:
        app(prog_name="ocrpipe")
    except OcrpipeError as error:
        print(f"ocrpipe: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(Interrupted.exit_code)
