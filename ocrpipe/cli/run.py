"""`ocrpipe run`: scans in, rows out."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrpipe.cli.options import As, Jobs, NoBuiltin, Sources, Templates
from ocrpipe.errors import EXIT_INTERRUPTED, EXIT_SOME_INPUTS_FAILED, UsageError

if TYPE_CHECKING:
    from ocrpipe.engines.base import Engine
    from ocrpipe.records import FieldSpec
    from ocrpipe.settings import Settings


class EngineName(StrEnum):
    serial = "serial"
    processes = "processes"


class Readers(StrEnum):
    both = "lattice,sdnn"
    lattice = "lattice"


class RuntimeName(StrEnum):
    auto = "auto"
    onnx = "onnx"
    torch = "torch"


class Crops(StrEnum):
    review = "review"
    all = "all"
    none = "none"


def run(
    source: Sources,
    out: Annotated[Path, typer.Option(help="Where the results go.", metavar="RESULTS.parquet")],
    template: Templates = None,
    no_builtin: NoBuiltin = False,
    as_: As = None,
    max_error: Annotated[
        float, typer.Option(help="Largest share of wrong values among accepted ones.", metavar="SHARE")
    ] = 0.01,
    model: Annotated[str, typer.Option(help="The network that reads characters.", metavar="NAME_OR_FILE")] = "lenet5",
    readers: Annotated[
        Readers, typer.Option(help="Who reads free writing: the lattice alone is faster and less sure.")
    ] = Readers.both,
    runtime: Annotated[
        RuntimeName, typer.Option(help="What runs the networks; auto: ONNX Runtime where it is installed.")
    ] = RuntimeName.auto,
    jobs: Jobs = 0,
    engine: Annotated[EngineName, typer.Option(help="Where the work is done.")] = EngineName.processes,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that exist.")] = False,
    crops: Annotated[Crops, typer.Option(help="Whose pictures go to RESULTS.crops.parquet.")] = Crops.review,
    debug: Annotated[
        Path | None, typer.Option(help="Draw what was read over the pages, into this folder.", metavar="DIR")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
) -> None:
    """Read every field of every page of SOURCE, and write one row for each.

    Without --template, the amounts of checks and the ZIP codes of envelopes are read:

    \b
        ocrpipe run scans/ --out results.parquet

    With a template for a form of your own, and nothing else:

    \b
        ocrpipe run scans/ --template visit.toml --no-builtin --out visits.parquet

    Exit status: 0 done; 2 usage; 3 no input; 4 done, but some inputs failed (their rows say why); 5 output.
    """
    from ocrpipe.cli.batch import Batch
    from ocrpipe.pipeline import Line
    from ocrpipe.results.writer import check_output
    from ocrpipe.scans.sources import find

    templates, field = tuple(template or ()), parse_as(as_)
    if field and (templates or no_builtin):
        raise UsageError("--as says that each picture is one field; it excludes --template and --no-builtin")
    if no_builtin and not templates:
        raise UsageError("--no-builtin leaves nothing to look for; add --template")
    settings = _settings(max_error, readers, crops)
    check_output(out, overwrite=overwrite)
    line = Line.build(settings, templates, not no_builtin, field, model, runtime.value)
    found = find(source)
    try:
        totals = Batch(line, found, settings, _engine(engine, jobs), out, overwrite, debug, quiet).run()
    except KeyboardInterrupt:
        print(f"ocrpipe: interrupted; {out} was not written", file=sys.stderr)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if totals.rows["failed"]:
        raise typer.Exit(EXIT_SOME_INPUTS_FAILED)


def parse_as(given: str | None) -> FieldSpec | None:
    """The field of `--as KIND[:FIELD]`.

    >>> parse_as("zip:home_zip").name
    'home_zip'
    """
    from ocrpipe.codes import PLACED
    from ocrpipe.records import FieldSpec

    if given is None:
        return None
    name, _, field = given.partition(":")
    kind = next((kind for kind in PLACED if kind == name), None)
    if kind is None:
        raise UsageError(f"--as {given}: expected one of {', '.join(PLACED)}, and perhaps :FIELD after it")
    return FieldSpec(field or kind, kind)


def _settings(max_error: float, readers: Readers, crops: Crops) -> Settings:
    from ocrpipe.settings import Settings

    if not 0 < max_error < 1:
        raise UsageError(f"--max-error {max_error}: expected a share between 0 and 1, such as 0.01")
    return Settings.model_validate({"max_error": max_error, "readers": tuple(readers.split(",")), "crops": crops.value})


def _engine(name: EngineName, jobs: int) -> Engine:
    import os

    from ocrpipe.engines.base import one_thread
    from ocrpipe.engines.processes import ProcessesEngine
    from ocrpipe.engines.serial import SerialEngine

    if name is EngineName.processes:
        return ProcessesEngine(jobs or len(os.sched_getaffinity(0)))
    one_thread()
    return SerialEngine()
