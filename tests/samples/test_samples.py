"""The samples are what their script draws, and what their tables say of them holds."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from ocrpipe.fields.template import load_template

SAMPLES = Path(__file__).parents[2] / "samples"
FONTS = Path("/usr/share/fonts/truetype/breip")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def scans() -> list[Path]:
    found = [path for path in SAMPLES.rglob("*.*") if path.suffix in (".png", ".jpg", ".tif")]
    return sorted(path for path in found if not path.parent.name.startswith("."))


def test_every_page_of_every_scan_is_in_the_table() -> None:
    told = {(row["file"], int(row["page"])) for row in rows_of(SAMPLES / "expected.csv")}
    pages = set()
    for path in scans():
        with Image.open(path) as picture:
            pages |= {(path.relative_to(SAMPLES).as_posix(), i) for i, _ in enumerate(ImageSequence.Iterator(picture))}
    assert told == pages


def test_the_whole_table_is_the_sum_of_the_cases() -> None:
    whole = [(row["file"], row["page"], row["field"], row["value"]) for row in rows_of(SAMPLES / "expected.csv")]
    parts = [
        (f"{case}/{row['file']}", row["page"], row["field"], row["value"])
        for case in ("checks", "envelopes", "forms")
        for row in rows_of(SAMPLES / case / "expected.csv")
    ]
    assert whole == parts


def test_the_template_names_the_fields_of_the_table() -> None:
    template = load_template(SAMPLES / "forms" / "remittance.toml")
    assert template.blank is not None and template.blank.is_file()
    assert {spec.name for spec in template.specs} == {row["field"] for row in rows_of(SAMPLES / "forms/expected.csv")}


def test_scans_say_their_resolution_and_stay_small() -> None:
    for path in scans():
        with Image.open(path) as picture:
            assert round(float(picture.info["dpi"][0])) == 200, path
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 1_500_000


@pytest.mark.skipif(not FONTS.is_dir(), reason="wants the Debian packages of fonts that samples/draw.py names")
def test_drawing_again_gives_the_same_tables_and_template(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLES / "draw.py", tmp_path], check=True)
    for path in ("expected.csv", "forms/remittance.toml", "checks/SOURCE.md"):
        assert (tmp_path / path).read_text("utf-8") == (SAMPLES / path).read_text("utf-8")
    for path in scans():
        with Image.open(path) as kept, Image.open(tmp_path / path.relative_to(SAMPLES)) as drawn:
            assert (kept.size, kept.mode) == (drawn.size, drawn.mode)
