"""Kinds of documents in kinds of files, for the benches of speed.

Pages of `../shared/bench`, written in several formats: gray, at 200 dpi, JPEG of quality 85; black and white by Otsu's
threshold for fax coding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from PIL import Image

from ocrpipe.pipeline import Line
from ocrpipe.reading.networks.runtimes import Runtime
from ocrpipe.records import ScanFile
from ocrpipe.settings import Settings
from tests.bench.given import BENCH, ROOT, page_of

COMBS = ROOT / "tests" / "templates" / "form-a0.toml"
MOST_PAGES = 12
_DPI = 200
_QUALITY = 85
_ENDINGS = {"JPEG": "jpg", "G4": "tif", "PNG": "png", "PDF": "pdf"}


@dataclass(frozen=True, slots=True)
class PageKind:
    """Pages that differ in what is written on them alone."""

    document: str
    format: str
    files: tuple[ScanFile, ...]
    template: Path | None

    @property
    def name(self) -> str:
        return f"{self.document}, {self.format}"

    def line(self, runtime: Runtime) -> Line:
        templates = () if self.template is None else (str(self.template),)
        return Line.build(Settings(crops="none"), templates, self.template is None, None, "lenet5", runtime)


def kinds(folder: Path) -> list[PageKind]:
    """All kinds; twins and a template with 20 combs are written into `folder`."""
    forms = comb_template(20, folder / "twenty-combs.toml")
    made = []
    for document, names, formats, template in (
        ("form with 20 combs", _gray_pages("form-A0"), ("JPEG", "G4", "PNG", "PDF"), forms),
        ("check", _gray_pages("check"), ("JPEG", "G4"), None),
        ("envelope", _gray_pages("envelope"), ("JPEG", "G4"), None),
    ):
        made += [
            PageKind(document, format_, tuple(_twins(folder / f"{document}-{format_}", names, format_)), template)
            for format_ in formats
        ]
    cheques = sorted((BENCH / "cheques" / "images").iterdir())[:MOST_PAGES]
    given = tuple(ScanFile(path, path.name) for path in cheques)
    return [*made, PageKind("Indian cheque", "JPEG", given, None)]


def comb_template(fields: int, path: Path) -> Path:
    """Writes a template with so many of the combs of the drawn form, again and again under other names."""
    head, *combs = COMBS.read_text().split("[[fields]]\n")
    repeated = [combs[i % len(combs)].replace('name = "', f'name = "{i}_') for i in range(fields)]
    blank = (BENCH / "blank_forms" / "form-A0.png").as_posix()
    head = head.replace("../../../shared/bench/blank_forms/form-A0.png", blank)
    path.write_text("[[fields]]\n".join([head, *repeated]))
    return path


def _gray_pages(layout: str) -> list[str]:
    """Files of the drawn pages of a layout that are not black and white, so that any format can be made of them."""
    sheets = map(json.loads, (BENCH / "pages" / "truth.jsonl").read_text().splitlines())
    return [s["file"] for s in sheets if s["layout"].startswith(layout) and s["encoding"] != "g4"][:MOST_PAGES]


def _twins(folder: Path, names: Sequence[str], format_: str) -> Iterator[ScanFile]:
    folder.mkdir()
    for name in names:
        gray = page_of(BENCH / "pages", name).pixels
        picture = Image.fromarray(gray)
        path = folder / f"{Path(name).stem}.{_ENDINGS[format_]}"
        if format_ == "G4":
            _, bitonal = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
            Image.fromarray(bitonal).convert("1").save(path, compression="group4", dpi=(_DPI, _DPI))
        elif format_ == "PDF":
            picture.save(path, resolution=_DPI, quality=_QUALITY)
        else:
            picture.save(path, dpi=(_DPI, _DPI), quality=_QUALITY)
        yield ScanFile(path, path.name)
