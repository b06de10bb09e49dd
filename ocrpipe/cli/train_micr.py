"""`ocrpipe train-micr`: the reader of MICR lines, from nothing but the standard."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def train_micr(
    out: Annotated[
        Path, typer.Option(help="Where to write OUT.safetensors and its card OUT.json.", metavar="OUT")
    ] = Path("models/micr/e13b"),
    work: Annotated[
        Path, typer.Option(help="Drawn lines and the checkpoint; a killed training goes on from here.", metavar="DIR")
    ] = Path("runs/micr"),
    lines: Annotated[int, typer.Option(help="Lines that are drawn and learnt.", min=125)] = 4_000,
    epochs: Annotated[int, typer.Option(help="Passes over all of them.", min=1)] = 8,
    calibration_lines: Annotated[
        int, typer.Option(help="Lines that fit the confidence, and as many more behind the thresholds.", min=50)
    ] = 2_000,
    seed: Annotated[int, typer.Option(help="Another seed, another reader.")] = 0,
) -> None:
    """Teach the reader of MICR lines (E-13B), and calibrate its confidence.

    Everything is drawn from the published shapes of the 14 characters: no font, no scan and no download is needed. A
    few minutes on one core.

    \b
        ocrpipe train-micr --out models/micr/e13b --work runs/micr
    """
    from ocrpipe.cli.train import told
    from ocrpipe.engines.base import one_thread

    one_thread()  # before the networks are loaded: strips are too small to share out
    from ocrpipe.training.make_micr import MicrRecipe, make_micr

    with told() as progress:
        recipe = MicrRecipe(lines, epochs, calibration_lines, seed)
        card = make_micr(work, out, recipe, progress.stage, progress.epoch)
    print(f"MICR reader: {card}; how it was made: {work}", file=sys.stderr)
