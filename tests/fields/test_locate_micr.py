"""The clear band of a check is found by its line, on the upright sheet alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.fields.locate_micr import locate_micr
from ocrpipe.fields.locate_view import look
from ocrpipe.training.micr_lines import draw_line
from tests.fields.test_locate import DPI, draw_check, upright_of, upside_down, write


def check(text: str, seed: int = 0) -> NDArray[np.uint8]:
    """A drawn check on whose lower edge a drawn line lies."""
    pixels, _ = draw_check("153.20", boxed=True, micr=False)
    rng = np.random.default_rng(seed)
    line = draw_line(rng, text=text)
    while abs(line.dpi - DPI) > 10 or line.picture.shape[1] > pixels.shape[1] or line.picture.mean() > 253:
        line = draw_line(rng, text=text)
    rows, columns = line.picture.shape
    pixels[-rows:, :columns] = line.picture
    return pixels


@pytest.mark.parametrize("seed", range(4))
def test_the_band_holds_the_line(seed: int) -> None:
    view = look(upright_of(check("T021000021T 12345678U 0417", seed)))
    assert view is not None
    band = locate_micr(view)
    assert band is not None and band.evidence > 0
    assert 0 <= band.box.x0 < band.box.x1 <= view.width
    assert band.box.y0 > 0.6 * view.height and band.box.height < 0.8


def test_a_check_that_lies_upside_down_is_less_sure() -> None:
    upright = upright_of(check("T021000021T 12345678U 0417"))
    bands = [locate_micr(view) for view in (look(upright), look(upside_down(upright))) if view]
    assert bands[0] is not None
    assert bands[1] is None or bands[1].evidence < bands[0].evidence


def test_a_letter_has_none() -> None:
    pixels = np.full((round(3 * DPI), round(7 * DPI)), 235, np.uint8)
    for i in range(12):
        write(pixels, "plain words of no bank at all", 0.5, 0.4 + 0.2 * i, 0.1)
    view = look(upright_of(pixels))
    assert view is not None
    band = locate_micr(view)
    assert band is None or band.evidence < 0.4
