"""The hostile inputs, all of them: made by script, the same every time.

python -m tests.hostile.corpus FOLDER      writes them for a look
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.hostile.cases import Case
from tests.hostile.pdfs import pdf_cases
from tests.hostile.places import place_cases
from tests.hostile.stills import still_cases
from tests.hostile.tiffs import tiff_cases

QUICK = frozenset((
    # good ones in between, which must lose nothing
    "good-gray.png", "good-colour.jpg", "good-g4.tif", "good-pages.tif", "good-pages.pdf",
    # stills
    "png-bit-in-IDAT-body-at-33.png", "bomb-png-20000-by-20000.png", "bomb-png-text.png",
    "jpeg-cut-at-008463-progressive.jpg", "jpeg-900-bytes-zero-base.jpg", "jpeg-900-bytes-lost-colour.jpg",
    "jpeg-restart-mark-lost.jpg", "exif-next-directory-is-the-first.jpg", "bmp-height--2147483648.bmp",
    "bmp-pixels-at-13.bmp", "webp-canvas-of-281-million-million.webp",
    # TIFF
    "tiff-cut-at-000166.tif", "tiff-g4-strip-partly-zero.tif", "tiff-jpeg-strip-partly-zero.tif",
    "tiff-strip-beyond-the-file.tif", "tiff-one-strip-too-few.tif", "tiff-2-thousand-million-values-of-offsets.tif",
    "tiff-directories-last-links-to-first.tif", "bigtiff-18-million-million-million-tags.tif",
    "bomb-tiff-deflate-400-MB-in-a-strip.tif", "bomb-tiff-100000-directories.tif",
    # PDF
    "pdf-encrypted.pdf", "pdf-jpeg-900-bytes-zero.pdf", "pdf-deflate-cut-short.pdf", "pdf-one-page-missing.pdf",
    "pdf-forms-in-a-ring.pdf", "bomb-pdf-100000-pages.pdf",
    # files and names
    "empty.pdf", "line\nfeed.png", "invalid-\udcff\udcfe.png", "link-to-nothing.png", "link-to-zeros.png", "pipe.png",
    "sparse-10-GB.png", "vanishes.png",
))  # fmt: skip


@cache
def cases() -> tuple[Case, ...]:
    found = (*still_cases(), *tiff_cases(), *pdf_cases(), *place_cases())
    names = [case.name for case in found]
    assert len(set(names)) == len(names), sorted({name for name in names if names.count(name) > 1})
    return found


def quick_cases() -> tuple[Case, ...]:
    """The forty of every `make test`: at least one of each kind of trouble."""
    return tuple(case for case in cases() if case.name in QUICK)


def write(chosen: Iterable[Case], folder: Path) -> None:
    for case in chosen:
        path = folder / case.name
        path.parent.mkdir(parents=True, exist_ok=True)
        case.make(path)


if __name__ == "__main__":
    write(cases(), Path(sys.argv[1]))
