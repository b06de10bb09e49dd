"""`ocrpipe run`: scans in, rows out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrpipe.cli.options import As, Jobs, NoBuiltin, Sources, Templates
from ocrpipe.cli.telling import LogFormat, telling
from ocrpipe.engines.threads import ask_for_one_thread
from ocrpipe.errors import EXIT_SOME_INPUTS_FAILED, Interrupted, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocrpipe.engines.base import Engine
    from ocrpipe.records import FieldSpec
    from ocrpipe.results.shelf import Shelf
    from ocrpipe.settings import Settings


class EngineName(StrEnum):
    serial = "serial"
    processes = "processes"
    ray = "ray"


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
    out: Annotated[
        str,
        typer.Option(
            help="Where the results go: a file, or with a slash at its end a dataset of files, by date of the run; "
            "here or in S3.",
            metavar="RESULTS.parquet",
        ),
    ],
    template: Templates = None,
    no_builtin: NoBuiltin = False,
    as_: As = None,
    max_error: Annotated[
        float, typer.Option(help="Largest share of wrong values among accepted ones.", metavar="SHARE")
    ] = 0.01,
    model: Annotated[str, typer.Option(help="The network that reads characters.", metavar="NAME_OR_FILE")] = "lenet5",
    readers: Annotated[
        Readers, typer.Option(help="Who reads: the lattice alone is faster and less sure.")
    ] = Readers.both,
    runtime: Annotated[
        RuntimeName, typer.Option(help="What runs the networks; auto: ONNX Runtime where it is installed.")
    ] = RuntimeName.auto,
    jobs: Jobs = 0,
    engine: Annotated[
        EngineName, typer.Option(help="Where the work is done: here, or by Ray on several machines.")
    ] = EngineName.processes,
    address: Annotated[
        str | None,
        typer.Option(help="A running cluster for --engine ray; without it, one is started here.", metavar="HOST:PORT"),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that a page may take before its file is given up.", metavar="S")
    ] = 300,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Read again what failed before.")] = False,
    min_age: Annotated[
        float, typer.Option(min=0, help="Leave files that changed less than so many seconds ago.", metavar="S")
    ] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Start over: read everything again, replace the results.")
    ] = False,
    crops: Annotated[Crops, typer.Option(help="Whose pictures go to RESULTS.crops.parquet.")] = Crops.review,
    debug: Annotated[
        Path | None, typer.Option(help="Draw what was read over the pages, into this folder.", metavar="DIR")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
    metrics: Annotated[
        Path | None, typer.Option(help="For Prometheus's node exporter: how the run went.", metavar="FILE.prom")
    ] = None,
    summary: Annotated[Path | None, typer.Option(help="How the run went, as JSON.", metavar="FILE.json")] = None,
    log_format: Annotated[
        LogFormat, typer.Option(help="On stderr: words for people, or one event a line.")
    ] = LogFormat.text,
) -> None:
    """Read every field of every page of SOURCE, and write one row for each.

    Without --template, the amounts of checks and the ZIP codes of envelopes are read:

    \b
        ocrpipe run scans/ --out results.parquet

    The same command again reads only what is new or changed, and takes up what was interrupted.

    With a template for a form of your own, and nothing else:

    \b
        ocrpipe run scans/ --template visit.toml --no-builtin --out visits.parquet

    Exit status: 0 done, also when nothing was new; 2 usage; 3 no input; 4 done, but some inputs failed (their rows
    say why); 5 output cannot be written; 6 another run is at work on it; 130 interrupted, to be taken up again.
    """
    ask_for_one_thread()

    from ocrpipe.cli.batch import Batch, Repeat
    from ocrpipe.operation.drift import Watch
    from ocrpipe.pipeline import Line
    from ocrpipe.results.output import Output
    from ocrpipe.scans.sources import find

    with telling(log_format, quiet, metrics, summary) as told:
        templates, field = tuple(template or ()), parse_as(as_)
        if field and (templates or no_builtin):
            raise UsageError("--as says that each picture is one field; it excludes --template and --no-builtin")
        if no_builtin and not templates:
            raise UsageError("--no-builtin leaves nothing to look for; add --template")
        settings = _settings(max_error, readers, crops)
        output = Output.named(out)
        output.check()
        line = Line.build(settings, templates, not no_builtin, field, model, runtime.value)
        watch = Watch(line.card.calibration, line.micr.calibration, max_error)
        repeat = Repeat(overwrite, retry_failed, min_age)
        engine_of = _engine(engine, jobs, timeout, address, debug)
        try:
            Batch(line, find(source), settings, engine_of, output, repeat, debug, watch, told).run()
        except KeyboardInterrupt:
            raise Interrupted(f"stopped; {out} is as it was, and the same command goes on from here") from None
        if told.totals.rows["failed"]:
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


def _engine(
    name: EngineName, jobs: int, timeout_s: float, address: str | None, debug: Path | None
) -> Callable[[Shelf], Engine]:
    if name is EngineName.ray:
        return _ray(jobs, timeout_s, address, debug)
    if address is not None:
        raise UsageError("--address names a cluster of Ray; add --engine ray")
    import os

    from ocrpipe.engines.base import one_thread
    from ocrpipe.engines.processes import ProcessesEngine
    from ocrpipe.engines.serial import SerialEngine

    if name is EngineName.processes:
        return lambda _: ProcessesEngine(jobs or len(os.sched_getaffinity(0)), timeout_s)
    one_thread()
    return lambda _: SerialEngine()


def _ray(jobs: int, timeout_s: float, address: str | None, debug: Path | None) -> Callable[[Shelf], Engine]:
    if debug is not None:
        raise UsageError("--debug draws on this machine; read the pages in question with --engine processes")
    try:
        from ocrpipe.engines.ray import RayEngine
    except ModuleNotFoundError as error:
        raise UsageError(f'--engine ray: {error}; pip install "ocrpipe[ray]"') from error
    return lambda shelf: RayEngine(shelf, address=address, jobs=jobs, timeout_s=timeout_s)
