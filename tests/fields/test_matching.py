"""Patches are found together as each is found alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrpipe.fields.matching import match, match_all, patches_of, softened
from ocrpipe.geometry import resample, resampled_parts, rotation, scaling, translation


@given(
    st.integers(1, 7),
    st.lists(st.tuples(st.integers(3, 30), st.integers(3, 30)), min_size=1, max_size=4),
    st.integers(0, 99),
)
def test_patches_are_found_together_as_alone(reach: int, shapes: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    page = cv2.GaussianBlur(rng.integers(0, 256, (80, 80), dtype=np.uint8), (0, 0), 1.2)
    pictures = [softened(page[20 : 20 + high, 25 : 25 + wide]) for high, wide in shapes]
    patches = patches_of(pictures, reach)
    y, x = 20 - rng.integers(0, 2 * reach + 1), 25 - rng.integers(0, 2 * reach + 1)
    window = page[y : y + patches.shape[0], x : x + patches.shape[1]]
    found = match_all(np.stack([window] * len(pictures)), patches)
    for one, picture in zip(found, pictures, strict=True):
        own = window[: picture.shape[0] + 2 * reach, : picture.shape[1] + 2 * reach]
        assert one == pytest.approx(match(softened(own), picture), abs=1e-3)


def test_nothing_is_found_on_bare_paper() -> None:
    rng = np.random.default_rng(0)
    patches = patches_of([rng.integers(0, 256, (9, 9), dtype=np.uint8)], 3)
    assert match_all(np.full((1, 15, 15), 240, np.uint8), patches)[0, 2] == 0


@pytest.mark.parametrize("scale", [0.7, 1.0, 2.5])
def test_parts_are_drawn_together_as_alone(scale: float) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 120), dtype=np.uint8)
    to_pixels = rotation(3.0, (40, 40)) @ scaling(scale, scale)
    corners = np.array([(-9.0, 4.0), (20.0, 11.0), (300.0, 300.0)])
    for part, (x, y) in zip(resampled_parts(pixels, to_pixels, corners, (15, 20)), corners, strict=True):
        assert np.array_equal(part, resample(pixels, to_pixels @ translation(x, y), 20, 15))
