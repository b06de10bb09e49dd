"""The line in this process: pages in, one row for each expected field out, whatever the page."""

from __future__ import annotations

import csv
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrpipe.errors import UsageError
from ocrpipe.pipeline import Line
from ocrpipe.records import BadPage, FieldSpec, Page, ScanFile
from ocrpipe.rows import Row
from ocrpipe.scans.decode import decode
from ocrpipe.settings import Settings
from tests.reading.drawn import paper, text

SAMPLES = Path(__file__).parents[1] / "samples"
FORM = str(SAMPLES / "forms" / "remittance.toml")
FIELDS = ["account", "date", "zip", "amount_due", "amount_paid", "invoice"]


def line_of(*templates: str, builtin: bool = True, field: FieldSpec | None = None, **settings: float) -> Line:
    return Line.build(Settings.model_validate(settings), templates, builtin, field, "lenet5")


@pytest.fixture(scope="module")
def line() -> Line:
    return line_of(FORM)


@pytest.fixture(scope="module")
def only_form() -> Line:
    return line_of(FORM, builtin=False)


def rows_of(line: Line, page: Page) -> list[Row]:
    return line.recognise(line.prepare(page))


def page_of(pixels: np.ndarray, dpi: float = 200.0) -> Page:
    return Page("a.png", "0" * 64, 0, pixels, dpi, "file")


def sample(name: str) -> list[Page]:
    pages = list(decode(ScanFile(SAMPLES / name, name), Settings()))
    assert not any(isinstance(page, BadPage) for page in pages)
    return typed(pages)


def typed(pages: list[Page | BadPage]) -> list[Page]:
    return [page for page in pages if isinstance(page, Page)]


@pytest.fixture(scope="module")
def letter() -> np.ndarray:
    """A page of writing that is neither form, check nor envelope."""
    page = np.full((2200, 1700), 250, np.uint8)
    for i, words in enumerate(["Dear Sir or Madam,", "thank you for your letter of last week.", "We write to you"] * 5):
        cv2.putText(page, words, (200, 250 + 110 * i), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 40, 2, cv2.LINE_AA)
    return page


def test_every_field_of_every_form_page_has_a_row(line: Line) -> None:
    pages = sample("forms/two-pages.tif")
    for page in pages:
        rows = rows_of(line, page)
        assert [row.spec.name for row in rows if row.spec] == FIELDS
        assert {row.context.template for row in rows} == {"remittance"}
        assert {row.context.page for row in rows} == {page.index}
        assert all(row.quad and row.reading and row.decision.status != "failed" for row in rows)


@pytest.fixture(scope="module")
def read(line: Line) -> dict[tuple[str, int, str], Row]:
    """All samples, read in one batch."""
    with (SAMPLES / "expected.csv").open(encoding="utf-8") as file:
        names = sorted({row["file"] for row in csv.DictReader(file)})
    batch = [
        prepared for name in names for page in line.prepare_file(ScanFile(SAMPLES / name, name)) for prepared in page
    ]
    return {
        (row.context.source, row.context.page, row.spec.name if row.spec else ""): row for row in line.recognise(batch)
    }


def expected() -> Iterator[tuple[tuple[str, int, str], str]]:
    with (SAMPLES / "expected.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield (row["file"], int(row["page"]), row["field"]), row["value"]


def test_rows_out_are_the_fields_expected(read: dict[tuple[str, int, str], Row]) -> None:
    wanted = {key for key, _ in expected()}
    assert wanted <= set(read)
    assert {key[2] for key in set(read) - wanted} <= {"date"}, "a month's name is not in the table"


def test_most_samples_are_read_as_they_were_written(read: dict[tuple[str, int, str], Row]) -> None:
    right = [(read[key].decision.value or "") == value for key, value in expected()]
    assert np.mean(right) > 0.6


def test_what_is_blank_is_blank(read: dict[tuple[str, int, str], Row]) -> None:
    blank = read["forms/two-pages.tif", 1, "invoice"].decision
    assert blank.value is None
    assert blank.status == "blank" or blank.reason in ("blank_unsure", "uncalibrated")


def test_rows_tell_of_their_page(read: dict[tuple[str, int, str], Row]) -> None:
    turned = read["checks/upside-down.jpg", 0, "amount"].context
    assert turned.rotation_deg == 180 and turned.template == "check"
    quarter = read["checks/quarter-turn.jpg", 0, "amount"].context
    assert quarter.rotation_deg in (90, 270) and quarter.page_height > quarter.page_width
    form = read["forms/one-page.jpg", 0, "zip"].context
    assert form.registration_residual_px is not None and form.page_to_template is not None and form.dpi == 200


def test_fields_lie_on_their_page(read: dict[tuple[str, int, str], Row]) -> None:
    for row in read.values():
        corners = np.array(row.quad).reshape(4, 2)
        size = row.context.page_width, row.context.page_height
        assert (corners > -5).all() and (corners < np.array(size) + 5).all()
        inside = [np.array(c.quad).reshape(4, 2).mean(axis=0) for c in row.reading.characters]
        grown = cv2.boxPoints(cv2.minAreaRect(corners.astype(np.float32)))
        assert all(cv2.pointPolygonTest(grown, tuple(map(float, p)), True) > -40 for p in inside)


def test_a_batch_reads_what_its_parts_read(line: Line) -> None:
    prepared = line.prepare(sample("forms/one-page.jpg")[0])
    together = line.recognise(prepared)
    alone = [line.recognise([one])[0] for one in prepared[::-1]][::-1]
    for a, b in zip(together, alone, strict=True):
        assert a.decision.value == b.decision.value and a.decision.status == b.decision.status
        assert a.decision.confidence == pytest.approx(b.decision.confidence, abs=1e-3)


def test_a_blank_sheet_is_one_skipped_row(line: Line, only_form: Line) -> None:
    for one in (line, only_form):
        [row] = rows_of(one, page_of(np.full((2200, 1700), 245, np.uint8)))
        assert (row.decision.status, row.decision.reason, row.spec) == ("skipped", "blank_page", None)


def test_a_page_that_is_not_the_only_template_fails_field_by_field(only_form: Line, letter: np.ndarray) -> None:
    rows = rows_of(only_form, page_of(letter))
    assert [row.spec.name for row in rows if row.spec] == FIELDS
    assert {(row.decision.status, row.decision.reason) for row in rows} == {("failed", "registration")}
    assert {row.context.template for row in rows} == {"remittance"} and all(row.decision.detail for row in rows)


def test_a_page_that_nothing_claims_is_one_failed_row(line: Line, letter: np.ndarray) -> None:
    [row] = rows_of(line, page_of(letter))
    assert (row.decision.status, row.decision.reason, row.spec) == ("failed", "unknown", None)
    assert all(name in (row.decision.detail or "") for name in ("check", "envelope", "remittance"))


def test_each_picture_can_be_one_field() -> None:
    spec = FieldSpec("home", "zip")
    line = line_of(field=spec)
    page = paper(60, 240)
    text(page, "02139", 20)
    [row] = rows_of(line, page_of(page))
    assert row.spec is spec and row.context.template is None
    assert row.quad == (0, 0, 240, 0, 240, 60, 0, 60)
    assert row.reading is not None and row.reading.text


def test_an_empty_picture_of_one_field_is_a_blank_field() -> None:
    [row] = rows_of(line_of(field=FieldSpec("home", "zip")), page_of(paper(60, 240)))
    assert row.spec is not None and row.decision.value is None
    assert row.reading is not None and row.reading.value == "" and row.decision.reason != "no_reading"


@pytest.mark.parametrize("shape", [(2, 3), (1, 300), (300, 1), (9, 9)])
def test_tiny_pictures_have_a_row(line: Line, shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    for one in (line, line_of(field=FieldSpec("home", "zip"))):
        assert len(rows_of(one, page_of(pixels))) == 1


def test_an_unreadable_file_is_one_row(line: Line, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    [page] = line.prepare_file(ScanFile(tmp_path / "empty.png", "empty.png"))
    [row] = line.recognise(page)
    assert (row.decision.status, row.decision.reason, row.spec) == ("failed", "unreadable", None)
    assert row.context.source == "empty.png"


def test_a_stricter_promise_accepts_no_more(line: Line) -> None:
    strict, lax = (
        Counter(row.decision.status for row in line_of(FORM, max_error=error).recognise(
            line.prepare(sample("forms/one-page.jpg")[0])))
        for error in (0.01, 0.2)
    )  # fmt: skip
    assert strict["accepted"] + strict["blank"] <= lax["accepted"] + lax["blank"]


def test_a_line_travels_to_a_worker(line: Line) -> None:
    again = pickle.loads(pickle.dumps(line_of(FORM)))
    assert again.fingerprint == line.fingerprint


def test_the_fingerprint_follows_what_decides_the_rows(line: Line, tmp_path: Path) -> None:
    changed = line_of(FORM, max_error=0.05), line_of(FORM, builtin=False), line_of(field=FieldSpec("a", "zip"))
    hashes = {one.fingerprint["settings_sha256"] for one in (line, *changed)}
    assert len(hashes) == 4 and line_of(FORM).fingerprint == line.fingerprint
    assert line.fingerprint["model"].startswith("lenet5@")


def test_a_template_of_one_locator_leaves_the_other_out() -> None:
    line = line_of("check", builtin=False)
    rows = rows_of(line, sample("checks/printed-line.tif")[0])
    assert {row.context.template for row in rows} == {"check"}
    [row] = rows_of(line, sample("envelopes/printed.tif")[0])
    assert row.context.template != "envelope"


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match=r"absent\.toml: unknown template"):
        line_of("absent.toml")
    with pytest.raises(UsageError, match="model 'other'"):
        Line.build(Settings(), (), True, None, "other")
