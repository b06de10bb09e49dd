from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from ocrpipe.geometry import Box, apply
from ocrpipe.records import Failure, Page, Upright
from ocrpipe.scans import sheets
from ocrpipe.scans.documents import documents
from ocrpipe.scans.ink import reduced
from ocrpipe.scans.outline import Shape
from ocrpipe.scans.pitch import pitch_dpi
from ocrpipe.scans.resolution import sheet_resolution
from ocrpipe.scans.straighten import straighten

from .conftest import draw_letter, page_of
from .papers import check, form, pasted, picture
from .scenes import (
    Corners,
    Scene,
    bed,
    bitonal,
    corners_of,
    curled,
    lay,
    one_on,
    partly_out,
    photographed,
    placed,
    plain,
    scanned,
    several,
    shaded,
    shadowed,
    stacked,
)  # fmt: skip

SMALL_CHECK = (6.0, 2.75)


def sheets_of(page: Page) -> list[Upright | Failure]:
    return documents(page, reduced(page))


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@cache
def small_check() -> np.ndarray:
    return check(rng(), 200, SMALL_CHECK, 235)


def silent(pixels: np.ndarray) -> Page:
    """A page whose file says nothing of its resolution."""
    return Page("drawn.png", "", 0, np.ascontiguousarray(pixels), 200.0, "inferred")


def uprights(scene: Scene) -> list[Upright]:
    made = sheets_of(page_of(scene.pixels) if scene.dpi else silent(scene.pixels))
    assert all(isinstance(one, Upright) for one in made), made
    return [one for one in made if isinstance(one, Upright)]


def quad(upright: Upright) -> Corners:
    return apply(upright.to_page, Box(-0.5, -0.5, upright.width - 0.5, upright.height - 0.5).corners())


def off_px(upright: Upright, truth: Corners) -> float:
    """How far the worst corner lies from the truth's, whichever way up."""
    return float(min(np.hypot(*(np.roll(quad(upright), turn, axis=0) - truth).T).max() for turn in range(4)))


def assert_found(scene: Scene, most_px: float) -> list[Upright]:
    made = uprights(scene)
    assert len(made) == len(scene.sheets)
    for truth in scene.sheets:
        assert min(off_px(one, truth) for one in made) < most_px
    return made


def assert_left_whole(pixels: np.ndarray) -> None:
    page = page_of(pixels)
    made, alone = sheets_of(page), straighten(page)
    assert len(made) == 1
    assert isinstance(made[0], Upright)
    assert np.array_equal(made[0].to_page, alone.to_page)
    assert (made[0].width, made[0].height) == (alone.width, alone.height)


def test_a_check_that_fills_the_picture_is_left_as_it_is() -> None:
    assert_left_whole(plain(rng(), small_check()).pixels)
    assert_left_whole(shaded(small_check(), rng()).pixels)
    assert_left_whole(bitonal(plain(rng(), small_check())).pixels)
    assert_left_whole(draw_letter())


def test_boxes_bands_and_photographs_on_a_form_are_no_sheets() -> None:
    for seed in range(3):
        assert_left_whole(plain(rng(seed), form(rng(seed), 100, (8.5, 11.0))).pixels)


@pytest.mark.parametrize("kind", ["stamps", "pictures"])
def test_pictures_pasted_on_a_page_are_no_documents(kind: str) -> None:
    assert_left_whole(plain(rng(), pasted(rng(), kind)).pixels)


@pytest.mark.parametrize("name", ["astronaut", "brick", "camera", "chelsea", "coins", "page", "text", "horse"])
def test_a_photograph_is_one_document_or_none(name: str) -> None:
    shown = cv2.resize(picture(name), (900, 700))
    assert len(sheets_of(page_of(shown))) == 1


@pytest.mark.parametrize("kind", ["black", "dark", "gray", "wood", "cloth"])
def test_a_sheet_on_a_bed_is_found_to_a_pixel(kind: str) -> None:
    (upright,) = assert_found(one_on(rng(), kind, small_check()), 4 if kind == "gray" else 2)
    assert upright.width == pytest.approx(small_check().shape[1], abs=4)
    assert upright.height == pytest.approx(small_check().shape[0], abs=4)


def test_a_sheet_on_a_lighter_bed_is_found_by_its_step_and_shadow() -> None:
    assert_found(one_on(rng(), "light", small_check()), 8)


def test_turn_and_skew_come_from_the_sheet_itself() -> None:
    scene = bed(rng(), "black", 1500, 1500)
    where = lay(scene, small_check(), placed(small_check(), 750, 750, 90 + 3.0))
    (upright,) = uprights(Scene(scanned(scene, rng()), (where,)))
    assert upright.rotation_deg == 90
    assert upright.skew_deg == pytest.approx(3.0, abs=0.1)
    seen = upright.region(Box(0, 0, upright.width, upright.height))
    expected = cv2.resize(small_check(), seen.shape[::-1])
    assert np.abs(seen.astype(int) - expected).mean() < 10


@pytest.mark.parametrize("kind", ["black", "gray", "light"])
def test_several_checks_are_as_many_documents(kind: str) -> None:
    scene = several(rng(4), kind, 4, lambda _: small_check())
    assert len(scene.sheets) == 4
    assert_found(scene, 8)


def test_documents_come_from_top_to_bottom() -> None:
    made = uprights(stacked(rng(2), "black", 30, 3))
    heights = [quad(one)[:, 1].mean() for one in made]
    assert len(heights) == 3
    assert heights == sorted(heights)


@pytest.mark.parametrize("gap", [0.0, 6.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_sheets_that_touch_are_told_apart(gap: float, seed: int) -> None:
    assert_found(stacked(rng(seed), "black", gap, 2), 30)


def test_a_sheet_that_runs_out_of_the_picture_keeps_what_is_seen() -> None:
    scene = partly_out(rng(), "black")
    (upright,) = uprights(scene)
    inside = quad(upright).clip((0, 0), (scene.pixels.shape[1], scene.pixels.shape[0]))
    truth = scene.sheets[0].clip((0, 0), (scene.pixels.shape[1], scene.pixels.shape[0]))
    area, truly = (cv2.contourArea(part.astype(np.float32)) for part in (inside, truth))
    assert area == pytest.approx(truly, rel=0.05)


@pytest.mark.parametrize("kind", ["wood", "dark", "gravel"])
def test_a_phone_picture_is_flattened(kind: str) -> None:
    scene = photographed(rng(3), kind, small_check(), 0.12)
    (upright,) = assert_found(scene, 3)
    assert upright.width / upright.height == pytest.approx(6.0 / 2.75, rel=0.05)
    assert not np.allclose(upright.to_page[2], (0, 0, 1))
    seen = upright.region(Box(0, 0, upright.width, upright.height))
    upside = np.rot90(small_check(), 2)
    alike = [
        np.corrcoef(cv2.resize(one, seen.shape[::-1]).ravel(), seen.ravel())[0, 1] for one in (small_check(), upside)
    ]
    assert max(alike) > 0.6


def test_a_phone_picture_tells_its_resolution_by_paper_and_micr_line() -> None:
    scene = photographed(rng(5), "dark", small_check(), 0.1)
    (upright,) = uprights(scene)
    assert upright.page.dpi == pytest.approx(upright.width / 6.0, rel=0.03)


@pytest.mark.parametrize("kind", ["dark", "wood"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_curled_sheet_is_never_flattened(kind: str, seed: int) -> None:
    (made,) = sheets_of(silent(curled(rng(seed), kind).pixels))
    assert isinstance(made, Failure) or np.allclose(made.to_page[2], (0, 0, 1))
    if isinstance(made, Failure):
        assert (made.stage, made.reason) == ("straighten", "distorted")
        assert "curled" in made.detail or "hides" in made.detail


def test_a_curled_sheet_on_a_plain_bed_says_so() -> None:
    (made,) = sheets_of(silent(curled(rng(1), "dark").pixels))
    assert isinstance(made, Failure)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_hard_shadow_ends_in_no_guess(seed: int) -> None:
    scene = shadowed(rng(seed), "dark")
    for one in sheets_of(silent(scene.pixels)):
        assert isinstance(one, Failure) or np.allclose(one.to_page[2], (0, 0, 1))


@pytest.mark.parametrize("dpi", [150, 200, 300])
@pytest.mark.parametrize("size", [(6.0, 2.75), (8.0, 3.67)])
def test_the_micr_line_tells_the_resolution(dpi: int, size: tuple[float, float]) -> None:
    sheet = check(rng(2), dpi, size)
    found = pitch_dpi(straighten(page_of(sheet, dpi)))
    assert found == pytest.approx(dpi, rel=0.02)
    resolution = sheet_resolution(sheet.shape[1], sheet.shape[0], 200.0, found)
    assert resolution.dpi == pytest.approx(dpi, rel=0.01)
    assert resolution.sure > 0.9


def test_a_letter_has_no_pitch() -> None:
    assert pitch_dpi(straighten(page_of(draw_letter(1700, 2200)))) is None


def test_a_file_that_says_its_resolution_is_believed() -> None:
    made = uprights(one_on(rng(), "black", small_check()))
    assert [one.page.dpi for one in made] == [200]


def test_any_picture_however_small_has_documents() -> None:
    random = np.random.default_rng(0)
    for size in ((1, 1), (3, 50), (20, 20), (70, 90)):
        for pixels in (np.zeros(size, np.uint8), random.integers(0, 256, size).astype(np.uint8)):
            assert len(sheets_of(page_of(pixels))) >= 1
            assert len(sheets_of(silent(pixels))) >= 1


def test_a_picture_of_nothing_but_bed_is_left_whole() -> None:
    assert_left_whole(np.full((600, 900), 20, np.uint8))
    assert_left_whole(bed(rng(), "wood", 900, 600).astype(np.uint8))


def test_corners_are_those_of_the_sheet_not_of_its_pixels() -> None:
    scene = np.full((700, 1400), 20, np.uint8)
    scene[100:600, 150:1250] = 235
    (upright,) = sheets_of(page_of(scene))
    assert isinstance(upright, Upright)
    assert (upright.width, upright.height) == (1100, 500)
    assert off_px(upright, corners_of(scene[100:600, 150:1250]) + np.array((150, 100))) < 1


def test_a_part_whose_sides_all_lie_outside_the_picture_is_no_sheet() -> None:
    """Cutting an outline along the picture's rim left such parts."""
    corners = np.array([(190, 2), (163, 412), (136, 410), (163, 0)], np.float64)
    shape = Shape(corners, (False, False, False, False), 1.0, 0.0)
    assert sheets._edged(shape, np.full((420, 200), 200, np.uint8), 1) is None


@pytest.mark.parametrize("seed", range(40))
def test_whatever_lies_about_there_is_a_document(seed: int) -> None:
    """Rectangles of any shade, leaning, overlapping, cut off by the picture's rim."""
    rng = np.random.default_rng(seed)
    height, width = (int(v) for v in rng.integers(150, 900, 2))
    pixels = np.full((height, width), rng.integers(0, 256), np.uint8)
    for _ in range(int(rng.integers(1, 6))):
        middle = rng.uniform((-0.2 * width, -0.2 * height), (1.2 * width, 1.2 * height))
        sides = rng.uniform(0.1, 1.4, 2) * (width, height)
        lean = float(rng.normal(0, 20))
        box = cv2.boxPoints(((float(middle[0]), float(middle[1])), (float(sides[0]), float(sides[1])), lean))
        cv2.fillPoly(pixels, [np.rint(box).astype(np.int32)], int(rng.integers(0, 256)))
    noisy = np.clip(pixels + rng.normal(0, rng.uniform(0, 8), pixels.shape), 0, 255).astype(np.uint8)
    assert sheets_of(Page("a.png", "", 0, noisy, 100.0, "file" if seed % 2 else "inferred"))
