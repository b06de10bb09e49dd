"""Registration on drawn forms: a known scan must be found to a fraction of a pixel, a foreign one not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrpipe.errors import UsageError
from ocrpipe.fields.fitting import affine, consensus, distances
from ocrpipe.fields.patches import prepare
from ocrpipe.fields.register import best, fit
from ocrpipe.fields.sheet import sheet_of, turned
from ocrpipe.fields.template import Template
from ocrpipe.geometry import apply, resample, rotation, translation
from ocrpipe.records import Document, Failure, Page, Upright
from tests.fields.drawn_forms import (
    DPI,
    FIELDS,
    HEIGHT,
    MARKS_MM,
    WIDTH,
    Scan,
    blank_form,
    corner_error_px,
    scanned,
    template_of,
)


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return template_of(tmp_path_factory.mktemp("form"), blank_form())


def laid(template: Template, scan: Scan) -> Document:
    document = fit(template, scan.upright)
    assert isinstance(document, Document), document.detail
    return document


@pytest.mark.parametrize(
    "scan",
    [
        pytest.param({}, id="as drawn"),
        pytest.param({"skew_deg": 3.0, "left_deg": 0.1, "shift": (6, -9)}, id="skewed"),
        pytest.param({"skew_deg": 1.0, "left_deg": 1.0, "scale": 1.012}, id="not straightened"),
        pytest.param({"scale": 0.75}, id="fewer dots per inch"),
        pytest.param({"scale": 2.0}, id="more dots per inch"),
        pytest.param({"scale": 2.0, "dpi": DPI}, id="resolution misstated"),
        pytest.param({"stretch": 0.006}, id="stretched by the feeder"),
        pytest.param({"noise": 25.0}, id="noise"),
        pytest.param({"bitonal": True, "skew_deg": -2.0}, id="bitonal"),
        pytest.param({"scribbles": 25}, id="written over"),
    ],
)
def test_a_scan_of_the_form_is_found(form: Template, scan: dict[str, float]) -> None:
    made = scanned(blank_form(), **scan)  # type: ignore[arg-type]
    document = laid(form, made)
    assert corner_error_px(document, made) < 1.0
    assert document.evidence > 0.6
    assert document.residual_px is not None and document.residual_px < 2.0


def test_a_page_upside_down_is_turned(form: Template) -> None:
    made = scanned(blank_form(), upside_down=True, skew_deg=1.5)
    document = laid(form, made)
    assert document.upright.rotation_deg == 180
    assert corner_error_px(document, made) < 1.0


def test_page_to_template_takes_the_page_home(form: Template) -> None:
    made = scanned(blank_form(), skew_deg=2.0, shift=(5, 5))
    transform = laid(form, made).page_to_template
    assert transform is not None
    points = np.array([(0.0, 0.0), (WIDTH, HEIGHT), (WIDTH, 0.0)])
    assert np.abs(apply(transform @ made.template_to_page, points) - points).max() < 1.0


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(-4, 4), st.floats(-0.5, 0.5), st.floats(0.97, 1.03), st.floats(-10, 10), st.integers(0, 12))
def test_any_small_move_is_undone(
    form: Template, skew_deg: float, left_deg: float, scale: float, shift: float, scribbles: int
) -> None:
    made = scanned(
        blank_form(),
        skew_deg=skew_deg,
        left_deg=left_deg,
        scale=scale,
        shift=(shift, -shift / 2),
        scribbles=scribbles,
        dpi=DPI,
        noise=8.0,
    )
    assert corner_error_px(laid(form, made), made) < 1.0


def test_a_form_of_the_same_house_is_another_form(form: Template, tmp_path: Path) -> None:
    other_blank = blank_form("CHANGE OF ADDRESS", ("New street", "New town", "Since"))
    other = template_of(tmp_path, other_blank, name="other")
    for blank, right in ((blank_form(), "form"), (other_blank, "other")):
        chosen = best([form, other], scanned(blank, skew_deg=1.0, scribbles=8).upright)
        assert isinstance(chosen, Document) and chosen.template == right


@pytest.mark.parametrize("page", ["noise", "white", "black", "writing", "tiny", "line"])
def test_a_foreign_page_fails(form: Template, page: str) -> None:
    rng = np.random.default_rng(1)
    pixels = {
        "noise": rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8),
        "white": np.full((HEIGHT, WIDTH), 255, np.uint8),
        "black": np.zeros((HEIGHT, WIDTH), np.uint8),
        "writing": scanned(np.full((HEIGHT, WIDTH), 250, np.uint8), scribbles=60).upright.page.pixels,
        "tiny": np.zeros((1, 1), np.uint8),
        "line": np.zeros((2, 3000), np.uint8),
    }[page]
    rows, columns = pixels.shape
    upright = Upright(Page("x.png", "0" * 64, 0, pixels, DPI, "file"), 0, 0.0, np.eye(3), columns, rows)
    failure = fit(form, upright)
    assert isinstance(failure, Failure) and failure.reason == "registration"
    assert best([form, form], upright) and all(isinstance(one, Failure) for one in best([form], upright))  # type: ignore[union-attr]


def test_a_crumpled_page_fails_with_its_residual(form: Template) -> None:
    made = scanned(blank_form())
    rows, columns = made.upright.page.pixels.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    wave = 1.5 * np.sin(y / 60), 1.5 * np.cos(x / 50)
    crumpled = cv2.remap(made.upright.page.pixels, x + wave[0], y + wave[1], cv2.INTER_LINEAR, borderValue=250)
    upright = replace(made.upright, page=replace(made.upright.page, pixels=crumpled))
    failure = fit(replace(form, residual_limit_mm=0.15), upright)
    assert isinstance(failure, Failure) and "mm from where it belongs, limit 0.15 mm" in failure.detail
    assert isinstance(fit(form, upright), Document)


def test_filled_blank_registers_by_its_print_alone(tmp_path: Path) -> None:
    reference = blank_form()
    cv2.putText(reference, "1234.56", (575, 187), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.3, 30, 3, cv2.LINE_AA)
    on = "on_px = [[80, 40, 500, 60], [80, 160, 200, 240], [80, 490, 480, 40], [80, 615, 500, 40]]"
    template = template_of(tmp_path, reference, register=f'blank = "blank.png"\n{on}')
    made = scanned(blank_form(), skew_deg=1.0, scribbles=5)
    document = laid(template, made)
    assert corner_error_px(document, made) < 1.0
    blank = prepare(template)
    assert blank is not None and all(box.x1 < 400 for box in blank.mid.boxes)


@pytest.mark.parametrize("shape", ["square", "circle", "cross"])
@pytest.mark.parametrize("hidden", [None, 0, 2])
def test_fiducials_alone_suffice_and_one_may_be_hidden(tmp_path: Path, shape: str, hidden: int | None) -> None:
    marks = f'fiducials = {{at_mm = {MARKS_MM}, shape = "{shape}", size_mm = 5}}'
    template = template_of(tmp_path, blank_form(), register=marks)
    drawn = blank_form(marks=shape)
    if hidden is not None:
        x, y = (round(v / 25.4 * DPI) for v in MARKS_MM[hidden])
        drawn[y - 25 : y + 25, x - 25 : x + 25] = 250
    made = scanned(drawn, skew_deg=2.0, left_deg=0.3, shift=(8, 3), noise=10.0, scribbles=5)
    assert corner_error_px(laid(template, made), made) < 1.0


def test_too_few_fiducials_fail(tmp_path: Path) -> None:
    template = template_of(tmp_path, blank_form(), register=f"fiducials = {{at_mm = {MARKS_MM}, size_mm = 5}}")
    assert isinstance(fit(template, scanned(blank_form()).upright), Failure)


def test_fiducials_and_print_together_tell_which_form_it_is(tmp_path: Path) -> None:
    register = f'blank = "blank.png"\nfiducials = {{at_mm = {MARKS_MM}, size_mm = 5}}'
    template = template_of(tmp_path, blank_form(marks="square"), register=register)
    made = scanned(blank_form(marks="square"), upside_down=True)
    assert corner_error_px(laid(template, made), made) < 1.0
    other = blank_form("CHANGE OF ADDRESS", ("New street", "New town", "Since"), marks="square")
    chosen = fit(template, scanned(other).upright)
    assert not isinstance(chosen, Document) or chosen.evidence < laid(template, made).evidence - 0.08


ANCHORED = """
[[fields]]
name = "amount"
kind = "amount"
box_px = [470, -32, 260, 48]
anchor = {{ {what}, search_px = [40, 110, 300, 120] }}
"""


@pytest.mark.parametrize("register", ['blank = "blank.png"', ""])
@pytest.mark.parametrize("kind", ["text", "mark"])
def test_a_field_follows_its_anchor(tmp_path: Path, kind: str, register: str) -> None:
    blank = blank_form()
    cv2.imwrite(str(tmp_path / "label.png"), blank[155:195, 90:270])
    what = "text_px = [90, 155, 180, 40]" if kind == "text" else 'mark = "label.png"'
    if kind == "text" and not register:
        pytest.skip("text is cut from the blank")
    fields = ANCHORED.format(what=what).replace("-32", "-5")
    template = template_of(tmp_path, blank, register=register, fields=fields)
    made = scanned(blank, shift=(4, 7))
    document = laid(template, made)
    assert corner_error_px(document, made, {"amount": (560, 150, 260, 48)}) < 1.0


def test_a_field_follows_a_rule(tmp_path: Path) -> None:
    fields = ANCHORED.format(what='line = "horizontal"').replace("[40, 110, 300, 120]", "[20, 70, 860, 70]")
    template = template_of(tmp_path, blank_form(), register="", fields=fields.replace("470, -32", "480, 45"))
    made = scanned(blank_form(), shift=(4, 7))
    assert corner_error_px(laid(template, made), made, {"amount": (560, 150, 260, 48)}) < 2.0


def test_an_anchor_that_is_missing_is_a_field_not_found(form: Template, tmp_path: Path) -> None:
    text = ANCHORED.format(what="text_px = [90, 155, 180, 40]")
    template = template_of(tmp_path, blank_form(), fields=text)
    page = blank_form()
    page[140:200, 60:300] = 250
    place = laid(template, scanned(page)).places[0]
    assert place.box is None and place.failure is not None and place.failure.reason == "not_found"


def test_no_anchor_no_document(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "label.png"), blank_form()[155:195, 90:270])
    template = template_of(tmp_path, blank_form(), register="", fields=ANCHORED.format(what='mark = "label.png"'))
    failure = fit(template, scanned(np.full((HEIGHT, WIDTH), 250, np.uint8), scribbles=20).upright)
    assert isinstance(failure, Failure) and failure.detail == "form: 0 of 1 anchors were found"


@pytest.mark.parametrize(
    ("blank", "words"),
    [
        (np.full((HEIGHT, WIDTH), 250, np.uint8), "expected print to register by"),
        (np.full((HEIGHT, WIDTH // 2), 250, np.uint8), "expected a picture of the shape of the page"),
    ],
)
def test_a_useless_blank_is_the_operators_mistake(tmp_path: Path, blank: np.ndarray, words: str) -> None:
    template = template_of(tmp_path, blank)
    with pytest.raises(UsageError, match=rf"form.toml: register.blank: {words}"):
        prepare(template)


def test_a_blank_that_is_no_picture(tmp_path: Path) -> None:
    template = template_of(tmp_path, blank_form())
    (tmp_path / "blank.png").write_bytes(b"no picture")
    with pytest.raises(UsageError, match=r"register.blank: expected a picture that can be read"):
        prepare(template)


@given(st.integers(0, 3), st.integers(1, 40), st.integers(1, 40))
def test_turning_a_sheet_shows_the_same_page(quarters: int, width: int, height: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width), dtype=np.uint8)
    upright = Upright(Page("x.png", "0" * 64, 0, pixels, 100.0, "file"), 0, 0.0, np.eye(3), width, height)
    sheet = turned(sheet_of(upright), 90 * quarters)
    shown = resample(pixels, sheet.upright.to_page, sheet.upright.width, sheet.upright.height)
    assert np.array_equal(shown, np.rot90(pixels, quarters))
    whole = sheet.upright.height, sheet.upright.width
    assert np.array_equal(sheet.drawn_parts(np.eye(3), np.zeros((1, 2)), whole)[0], shown)


@given(st.floats(-20, 20), st.floats(-50, 50), st.integers(0, 2**32 - 1))
def test_a_robust_fit_ignores_strays(angle: float, shift: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    source = rng.uniform(0, 1000, (40, 2))
    true = rotation(angle, (500, 500)) @ translation(shift, -shift)
    target = apply(true, source)
    target[:12] += rng.uniform(30, 100, (12, 2))
    agreed = consensus(source, target, 3.0)
    assert agreed is not None and agreed[12:].all() and not agreed[:12].any()
    assert distances(affine(source[agreed], target[agreed], 0.5), source[12:], target[12:]).max() < 0.01


def test_places_have_about_one_pixel_per_page_pixel(form: Template) -> None:
    made = scanned(blank_form(), scale=2.0)
    box = laid(form, made).places[0].box
    assert box is not None
    assert box.width == pytest.approx(2 * FIELDS["amount"][2], rel=0.01)
