"""Whole checks in this process: MICR lines and their parts, several checks on one scan, rival places of a field."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.geometry import Box, identity, translation
from ocrpipe.pipeline import Line
from ocrpipe.records import Document, FieldSpec, Page, Place, ScanFile, Upright
from ocrpipe.rows import Context, Row
from ocrpipe.scans.decode import decode
from ocrpipe.settings import Settings
from tests.reading.test_micr_strip import picture

CHECKS = Path(__file__).parents[1] / "samples" / "checks"


@pytest.fixture(scope="module")
def line() -> Line:
    return Line.build(Settings(), (), True, None, "lenet5")


def page_of(pixels: NDArray[np.uint8]) -> Page:
    return Page("a.png", "0" * 64, 0, pixels, 200.0, "file")


def sample(name: str) -> Page:
    page = next(iter(decode(ScanFile(CHECKS / name, name), Settings())))
    assert isinstance(page, Page)
    return page


def read(line: Line, page: Page) -> dict[str | None, Row]:
    return {row.spec.name if row.spec else None: row for row in line.recognise(line.prepare(page))}


def corners(row: Row) -> NDArray[np.float32]:
    assert row.quad is not None
    return np.array(row.quad, np.float32).reshape(4, 2)


@pytest.mark.parametrize("name", ["upside-down.jpg", "colour.jpg"])
def test_the_parts_of_a_line_lie_in_its_band(line: Line, name: str) -> None:
    rows = read(line, sample(name))
    band = corners(rows["micr"])
    for part in ("micr_routing", "micr_account", "micr_serial"):
        middle = corners(rows[part]).mean(axis=0)
        assert cv2.pointPolygonTest(band, (float(middle[0]), float(middle[1])), False) > 0
    order = [corners(rows[part])[:, 0].mean() for part in ("micr_serial", "micr_routing", "micr_account")]
    assert order == sorted(order, reverse=name == "upside-down.jpg")
    reading = rows["micr_routing"].reading
    assert reading is not None and "".join(c.text for c in reading.characters) == reading.value


@pytest.mark.parametrize(("last", "reason"), [("1", None), ("2", "checksum")])
def test_a_routing_number_stands_by_its_check_digit(last: str, reason: str | None) -> None:
    line = Line.build(Settings(), (), True, FieldSpec("line", "micr"), "lenet5")
    rows = read(line, page_of(picture(200, text=f"U123456U T02100002{last}T 98765432U")[0]))
    assert set(rows) == {"line", "line_routing", "line_account", "line_serial"}
    routing = rows["line_routing"]
    assert routing.decision.reason == reason and routing.decision.value == f"02100002{last}"
    whole, fair = rows["line"].decision.confidence, 0.97
    assert whole is not None and (whole > fair) == (last == "1")


def test_a_picture_without_a_line_says_so() -> None:
    line = Line.build(Settings(), (), True, FieldSpec("line", "micr"), "lenet5")
    rows = read(line, page_of(np.full((120, 900), 245, np.uint8)))
    assert rows["line"].decision.reason == "not_found" and rows["line"].decision.status == "failed"


def test_checks_that_were_scanned_together_are_documents_of_their_own(line: Line) -> None:
    names = "handwritten-box.png", "upside-down.jpg"
    first, second = (np.asarray(sample(name).pixels) for name in names)
    bed = np.full((first.shape[0] + second.shape[0] + 260, 2000), 30, np.uint8)
    bed[80 : 80 + first.shape[0], 120 : 120 + first.shape[1]] = first
    bed[-second.shape[0] - 60 : -60, 240 : 240 + second.shape[1]] = second
    rows = line.recognise(line.prepare(page_of(bed)))
    told = {(row.context.document, row.spec.name): row for row in rows if row.spec}
    assert (told[0, "amount"].decision.value, told[1, "amount"].decision.value) == ("384.60", "72.45")
    assert told[0, "micr_serial"].decision.value == "001187" and told[1, "micr_serial"].decision.value == "002101"
    assert corners(told[0, "amount"])[:, 1].max() < corners(told[1, "amount"])[:, 1].min()


def test_of_rival_places_the_one_that_reads_is_taken(line: Line) -> None:
    """A place with a little less evidence, but an amount in it, against one that holds a word."""
    page = np.full((540, 1200), 245, np.uint8)
    cv2.putText(page, "Hwdkv", (700, 120), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.5, 40, 2, cv2.LINE_AA)
    cv2.putText(page, "128.40", (700, 320), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 40, 3, cv2.LINE_AA)
    upright = Upright(page_of(page), 0, 0.0, identity(), 1200, 540)
    spec = FieldSpec("amount", "amount")
    word, figures = (
        Place(spec, Box(0, 0, 220, 70), translation(690, top), evidence=evidence)
        for top, evidence in ((70, 0.9), (270, 0.6))
    )
    document = Document(0, "check", upright, (word, figures), 0.9)
    context = Context.of(upright.page, document)
    rows = line.recognise([line._placed(context, document, place) for place in document.places])
    assert [row.decision.value for row in rows] == ["128.40"]
    other = replace(context, page=1)
    rows = line.recognise([line._placed(one, document, word) for one in (context, other)])
    assert len(rows) == 2, "places on different pages are no rivals"
