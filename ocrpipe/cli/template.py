"""`ocrpipe template`: help for those who write templates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrpipe.errors import EXIT_SOME_INPUTS_FAILED, OutputError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ocrpipe.records import Document, Page

template = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look at a template's boxes on a page, or check a template."
)

_BOX = (200, 90, 0)
_LABEL = (160, 30, 120)


@template.command()
def check(
    file: Annotated[Path, typer.Argument(help="The template.", metavar="TEMPLATE")],
) -> None:
    """Check a template without reading a page, and list its fields.

    \b
        ocrpipe template check visit.toml
    """
    from ocrpipe.fields.template import load_template

    loaded = load_template(file)
    print(f"{loaded.name}: {len(loaded.fields)} fields")
    for field in loaded.fields:
        print(f"  {field.spec.name}: {field.spec.kind}")


@template.command()
def show(
    file: Annotated[Path, typer.Argument(help="The template.", metavar="TEMPLATE")],
    page: Annotated[Path, typer.Argument(help="A scan of the form.", metavar="PAGE")],
    out: Annotated[Path, typer.Option(help="Where the picture goes.", metavar="PNG")],
    number: Annotated[int, typer.Option("--page", min=0, help="Which page of the scan, from 0.")] = 0,
) -> None:
    """Draw the boxes of a template over a page, where registration puts them.

    \b
        ocrpipe template show visit.toml scan.png --out boxes.png
    """
    from ocrpipe.fields.register import fit
    from ocrpipe.fields.template import load_template
    from ocrpipe.records import Failure
    from ocrpipe.scans.straighten import straighten

    loaded = load_template(file)
    document = fit(loaded, straighten(_page(page, number)))
    if isinstance(document, Failure):
        print(f"ocrpipe: {page}: {document.detail}", file=sys.stderr)
        raise typer.Exit(EXIT_SOME_INPUTS_FAILED)
    _write(out, _drawn(document))
    residual = "" if document.residual_px is None else f", residual {document.residual_px:.2f} px"
    print(f"{out}: {loaded.name}, evidence {document.evidence:.2f}{residual}")
    for place in document.places:
        if place.failure is not None:
            print(f"  {place.spec.name}: {place.failure.detail}")


def _page(path: Path, number: int) -> Page:
    from ocrpipe.records import Page, ScanFile
    from ocrpipe.scans.decode import decode
    from ocrpipe.settings import Settings

    for index, page in enumerate(decode(ScanFile(path, path.name), Settings())):
        if index == number and isinstance(page, Page):
            return page
        if not isinstance(page, Page) and index <= number:
            raise UsageError(f"{path}: {page.failure.detail}")
    raise UsageError(f"{path}: has no page {number}; pages are counted from 0")


def _drawn(document: Document) -> NDArray[np.uint8]:
    """The upright page with the outline, name and kind of every field that has a place."""
    import cv2
    import numpy as np

    from ocrpipe.geometry import Box, quad_of

    upright = document.upright
    gray = upright.region(Box(0, 0, upright.width, upright.height))
    view = np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
    for place in document.places:
        if place.box is None:
            continue
        corners = np.round(np.array(quad_of(place.box, place.to_upright)).reshape(4, 2)).astype(np.int32)
        cv2.polylines(view, [corners], True, _BOX, 2, cv2.LINE_AA)
        x, y = (int(v) for v in corners.min(axis=0))
        words = f"{place.spec.name} ({place.spec.kind})".encode("ascii", "replace").decode()
        cv2.putText(view, words, (max(0, x), max(14, y - 5)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _LABEL, 1, cv2.LINE_AA)
    return view


def _write(out: Path, picture: NDArray[np.uint8]) -> None:
    import cv2

    try:
        out.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from error
