from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrpipe.geometry import Box, quad_of
from ocrpipe.results.overlay import MASK, field_overlay, overlay_stem, page_overlay, straightened, write_overlays
from ocrpipe.rows import Row
from tests.builders import row_of


@pytest.fixture
def page() -> np.ndarray:
    pixels = np.full((600, 800), 255, np.uint8)
    pixels[22:48, 12:108] = 0  # the ink of the field at QUAD
    return pixels


def on_page(row: Row, **context: float) -> Row:
    return replace(row, context=replace(row.context, **{"skew_deg": 0.0, **context}))  # type: ignore[arg-type]


def test_the_page_is_drawn_upright(page: np.ndarray) -> None:
    view = page_overlay(page, [on_page(row_of(), rotation_deg=90)])
    assert view.shape == (800, 600, 3)
    assert view[800 - 60, 35].max() < 30  # (60, 35) lies at (35, 799 - 60) after a turn counter-clockwise


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 1.5, -7.0])
def test_straightening_keeps_all_of_the_page(degrees: float) -> None:
    to_view, width, height = straightened((600, 800), degrees)
    quad = np.array(quad_of(Box(0, 0, 799, 599), to_view)).reshape(4, 2)
    assert quad.min() >= -1 and quad[:, 0].max() <= width and quad[:, 1].max() <= height


def test_fields_are_boxed_in_the_colour_of_their_status(page: np.ndarray) -> None:
    accepted = page_overlay(page, [on_page(row_of())])
    review = page_overlay(page, [on_page(row_of(status="review"))])
    assert accepted[50, 60].argmax() == 1 and review[50, 60].argmax() == 2


def test_sensitive_fields_are_masked_everywhere(page: np.ndarray) -> None:
    row = on_page(row_of(sensitive=True))
    assert (page_overlay(page, [row])[30:40, 20:100] == MASK).all()
    view = field_overlay(page, row)
    assert (view[:120, :400] == MASK).all()
    assert np.array_equal(view, field_overlay(page, on_page(row_of(sensitive=True, value="99.99"))))


def test_a_field_is_enlarged(page: np.ndarray) -> None:
    view = field_overlay(page, on_page(row_of()))
    assert view.shape[0] > 128 and view[64, 200].max() < 30


def test_names_are_safe_and_distinct(page: np.ndarray, tmp_path: Path) -> None:
    rows = [on_page(row_of("../a\n b.png", "größe/1")), on_page(row_of("../a\n b.png", None, None, status="failed"))]
    write_overlays(tmp_path, page, rows)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 2 and all(name.isascii() or "größe_1" in name for name in names)
    assert cv2.imread(str(tmp_path / names[0])) is not None
    assert overlay_stem("a/b.png", 0) != overlay_stem("a_b.png", 0)
