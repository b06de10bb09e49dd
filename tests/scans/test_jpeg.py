"""JPEG data that is damaged must not be read as if it were the page."""

from __future__ import annotations

import io
import os
import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocrpipe.scans.jpeg import jpeg_layout, jpeg_pixels
from ocrpipe.scans.jpeg_witness import row_behind, row_behind_mark
from ocrpipe.scans.murmurs import overheard
from ocrpipe.scans.raster import Refused

from .conftest import draw_letter

GRAY = draw_letter(700, 500)


def jpeg(mode: str = "L", picture: np.ndarray = GRAY, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(file, "JPEG", **({"quality": 85} | options))
    return file.getvalue()


def plain(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)


def pixels(data: bytes) -> np.ndarray:
    return jpeg_pixels(data, jpeg_layout(data))


@given(
    st.sampled_from(["L", "RGB", "CMYK"]),
    st.integers(1, 90),
    st.integers(1, 90),
    st.integers(0, 2),
    st.integers(5, 100),
    st.booleans(),
    st.integers(0, 1000),
)
@settings(max_examples=150)
def test_a_witness_changes_no_pixel(
    mode: str, width: int, height: int, subsampling: int, quality: int, optimize: bool, seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    data = jpeg(mode, noise, subsampling=subsampling, quality=quality, optimize=optimize)
    parts = jpeg_layout(data).parts
    for witness in (row_behind(data, parts), row_behind_mark(data, parts)):
        if witness is not None:
            assert np.array_equal(plain(witness)[:height], plain(data))
    assert np.array_equal(pixels(data), plain(data))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 2}, {"optimize": True}])
def test_a_sector_of_zeros_is_a_failure(mode: str, options: dict[str, object]) -> None:
    data = jpeg(mode, **options)
    start, told = jpeg_layout(data).parts.scan + 20, 0
    places = range(start, len(data) - 600, (len(data) - 600 - start) // 40)
    for place in places:
        try:
            pixels(data[:place] + bytes(512) + data[place + 512 :])
        except Refused:
            told += 1
    assert told >= 0.8 * len(places)


def test_data_that_is_left_over_is_a_failure() -> None:
    data = jpeg()
    middle = len(data) // 2
    with pytest.raises(Refused, match="extraneous"):
        pixels(data[: middle + 700] + data[middle:])


def test_a_picture_of_more_blocks_than_a_restart_interval_can_count_has_a_witness_all_the_same() -> None:
    data = jpeg(picture=np.tile(GRAY, (5, 4)))
    parts = jpeg_layout(data).parts
    assert row_behind_mark(data, parts) is None
    middle = len(data) // 2
    witness = row_behind(data, parts)
    assert witness is not None
    assert np.array_equal(pixels(data), plain(data))
    with pytest.raises(Refused):
        pixels(data[:middle] + bytes(3000) + data[middle + 3000 :])


@pytest.mark.parametrize("behind", [b"\0" * 40, b"\xff\xd8\xff\xd9", b"second"])
def test_what_follows_the_end_mark_is_no_damage(behind: bytes) -> None:
    data = jpeg()
    assert np.array_equal(pixels(data + behind), plain(data))
    assert np.array_equal(pixels(data + jpeg("RGB", GRAY[::-1])), plain(data))


@pytest.mark.parametrize("progressive", [False, True])
def test_zeros_before_the_end_mark_are_no_damage(progressive: bool) -> None:
    data = jpeg(progressive=progressive)
    assert np.array_equal(pixels(data[:-2] + bytes(12) + data[-2:]), plain(data))


def test_a_scan_header_that_claims_no_coefficients_is_no_damage() -> None:
    data = jpeg()
    at = jpeg_layout(data).parts.scan
    odd = data[: at + 7] + b"\0\0\0" + data[at + 10 :]
    assert np.array_equal(pixels(odd), plain(data))


def test_endless_scans_are_refused() -> None:
    data = jpeg(progressive=True)
    with pytest.raises(Refused, match="scans"):
        jpeg_layout(data[:-2] + b"\xff\xda\0\0" * 300 + data[-2:])


def test_a_segment_without_a_length_ends_the_header() -> None:
    data = jpeg()
    with pytest.raises(Refused):
        jpeg_layout(data[:4] + struct.pack(">H", 0) + data[6:])


def test_what_others_write_to_the_error_stream_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        os.write(2, b"a progress bar\nCorrupt JPEG data: nonsense\n")
        return 7

    assert overheard(work) == (7, "Corrupt JPEG data: nonsense")
    assert capfd.readouterr().err == "a progress bar\n"
    assert overheard(lambda: 8) == (8, "")


def test_the_error_stream_is_given_back_when_the_work_raises(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no"):
        overheard(lambda: int("no"))
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"
