"""`ocrpipe review`: what the machine doubts, before people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrpipe.cli.options import Templates
from ocrpipe.errors import UsageError

if TYPE_CHECKING:
    from ocrpipe.review.desk import Desk


def review(
    results: Annotated[Path, typer.Argument(help="What `ocrpipe run` wrote.", metavar="RESULTS.parquet")],
    scans: Annotated[
        Path | None,
        typer.Option(help="Where the scans are now, if they were moved since the run.", metavar="FOLDER"),
    ] = None,
    template: Templates = None,
    audit: Annotated[
        float, typer.Option(help="Share of the accepted fields that people check, drawn at random.", metavar="SHARE")
    ] = 0.01,
    audit_most: Annotated[int, typer.Option(min=0, help="And no more of them than this.", metavar="N")] = 200,
    double_key: Annotated[
        bool, typer.Option("--double-key", help="Two people key each field blind; where they differ, a third settles.")
    ] = False,
    export: Annotated[bool, typer.Option("--export", help="Write what was decided so far, and open nothing.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Where exports go; reviewed.parquet beside RESULTS if not given.", metavar="FILE.parquet"),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.", metavar="PORT")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open the fields that need a person in the browser: one after another, keyed without the mouse.

    \b
        ocrpipe review results.parquet
        ocrpipe review results.parquet --export

    Decisions are on disk before the next picture shows, in RESULTS.reviews.sqlite: who, when, what, from which
    pixels. RESULTS itself never changes. --template tells what may stand in the fields of a form.

    Exit status: 0 done; 2 usage; 5 cannot be written; 6 somebody else has this review open; 130 interrupted.
    """
    from ocrpipe.fields.template import BUILTIN_NAMES, load_template
    from ocrpipe.results.lock import locked
    from ocrpipe.review.desk import Desk
    from ocrpipe.review.record import Record, record_path

    if not 0 <= audit <= 1:
        raise UsageError(f"--audit {audit}: expected a share between 0 and 1, such as 0.01")
    if results.parts[0] == "s3:":
        raise UsageError(f"{results.name} lies in S3; decisions are kept beside results, on a disk: copy it here first")
    if not results.exists():
        raise UsageError(f"{results}: no such file or folder; `ocrpipe run … --out {results}` writes one")
    templates = [load_template(name) for name in template or () if name not in BUILTIN_NAMES]
    out = out or results.with_name("reviewed.parquet")
    path = record_path(results)
    with locked(path.with_suffix(".lock"), "review", "open its address in another browser"):
        record = Record(path)
        try:
            desk = Desk(results, audit, record, double_key, templates, audit_most)
            if export:
                _export(desk, results, out)
            else:
                _open(desk, results, scans, out, port, not no_browser)
        finally:
            record.close()


def _export(desk: Desk, results: Path, out: Path) -> None:
    from ocrpipe.review.export import export

    decided = export(results, desk.queue, desk.entries(), desk.double_key, out)
    print(f"{out}: {decided} of {len(desk.queue)} fields in question were decided by people")


def _open(desk: Desk, results: Path, scans: Path | None, out: Path, port: int, browser: bool) -> None:
    import webbrowser

    from ocrpipe.review.app import Review
    from ocrpipe.review.export import check_out
    from ocrpipe.review.pictures import Scans
    from ocrpipe.web import Doors, listening, serve

    check_out(results, out)
    app = Review(desk, Scans(results, scans), results, out)
    with listening(port) as ours:
        doors = Doors(ours.getsockname()[1])
        left = desk.counts({})["left"]
        print(f"{left} of {len(desk.queue)} fields wait for a person: {doors.address}", flush=True)
        if browser:
            webbrowser.open(doors.address)
        serve(app.app(doors), ours)
    print("what was keyed is in the record; the same command goes on, --export writes it out")
