"""From ink to a picture of 32 by 32 pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocrpipe.reading.crops import CROP, CROP_FLOOR, CROP_SIDE, fit_crop
from tests.reading.drawn import Picture


@given(st.integers(1, 120), st.integers(1, 120), st.integers(1, 255))
def test_a_crop_is_centred_with_its_longest_side_given(height: int, width: int, gray: int) -> None:
    crop = fit_crop(np.full((height, width), gray, np.uint8))
    assert crop.shape == (CROP, CROP) and crop.dtype == np.uint8 and crop.max() == 255
    rows, columns = (np.flatnonzero(crop.any(axis=axis)) for axis in (1, 0))
    longest = max(len(rows), len(columns))
    assert longest == max(1, round(CROP_SIDE * min(1.0, max(height, width) / CROP_FLOOR)))
    for inked in (rows, columns):
        assert abs(int(inked[0]) - (CROP - 1 - int(inked[-1]))) <= 1
    ratio = len(rows) / len(columns)
    if min(height, width) * CROP_SIDE / max(height, width, CROP_FLOOR) >= 4:
        assert ratio == pytest.approx(height / width, rel=0.35)


@given(
    hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=90)),
    st.sampled_from([0, 1, 2, 3]),
)
def test_a_crop_is_resized_as_opencv_does_it(ink: Picture, soft: int) -> None:
    ink = np.asarray(cv2.blur(ink, (2 * soft + 1, 2 * soft + 1)), np.uint8)
    scale = CROP_SIDE / max(*ink.shape, CROP_FLOOR)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    small = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    gain = 255 / max(1, int(small.max()))
    expected = np.zeros((CROP, CROP))
    expected[(CROP - height) // 2 :, (CROP - width) // 2 :][:height, :width] = small * gain
    assert np.abs(fit_crop(ink) - expected).max() <= 0.51


def test_a_dot_stays_small() -> None:
    dot, digit = (fit_crop(np.full((side, side), 200, np.uint8)) for side in (4, 40))
    assert (dot > 0).sum() < 0.1 * (digit > 0).sum()


@given(hnp.arrays(np.uint8, (18, 14), elements=st.sampled_from([0, 30, 60])), st.integers(1, 4))
def test_the_strength_of_the_ink_is_no_matter(ink: Picture, gain: int) -> None:
    difference = fit_crop(ink).astype(int) - fit_crop(ink * np.uint8(gain))
    assert np.abs(difference).mean() < 1
