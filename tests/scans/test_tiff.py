from __future__ import annotations

import io
import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocrpipe.records import BadPage, Page
from ocrpipe.scans.fax import check_group3, decode_group4, decode_modified_huffman
from ocrpipe.scans.raster import Refused

from .conftest import Decode, bad, draw_letter, good

GRAY = draw_letter(700, 500)
INK = GRAY < 128
"""True where ink is."""


def written(path: Path, picture: np.ndarray, **options: object) -> Path:
    tifffile.imwrite(path, picture, **options)
    return path


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "deflate", "packbits"])
@pytest.mark.parametrize("tile", [None, (128, 128)])
@pytest.mark.parametrize("predictor", [False, True])
def test_lossless_gray(
    tmp_path: Path, decoded: Decode, compression: str | None, tile: tuple[int, int] | None, predictor: bool
) -> None:
    if predictor and compression in (None, "packbits"):
        pytest.skip("no predictor with this compression")
    path = written(tmp_path / "a.tif", GRAY, compression=compression, tile=tile, predictor=predictor)
    assert np.array_equal(good(decoded(path)).pixels, GRAY)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", ["miniswhite", "minisblack"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_depth_and_polarity(tmp_path: Path, decoded: Decode, bits: int, photometric: str, byteorder: str) -> None:
    samples = GRAY if photometric == "minisblack" else 255 - GRAY
    if bits == 16:
        samples = samples.astype(np.uint16) * 257
    path = written(tmp_path / "a.tif", samples, photometric=photometric, byteorder=byteorder)
    assert np.array_equal(good(decoded(path)).pixels, GRAY)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt", "tiff_lzw", "packbits", "raw"])
def test_black_and_white_as_pillow_reads_it(tmp_path: Path, decoded: Decode, compression: str) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(~INK).convert("1").save(path, compression=None if compression == "raw" else compression)
    with Image.open(path) as reference:
        expected = np.where(np.asarray(reference), 255, 0)
    assert np.array_equal(good(decoded(path)).pixels, expected)


def coded(bits: np.ndarray, compression: int, two_dimensional: bool) -> bytes:
    """One strip as libtiff codes it: False is a white run, whatever the polarity tag will say."""
    file = io.BytesIO()
    Image.fromarray(bits).save(
        file,
        "TIFF",
        compression="group4" if compression == 4 else "group3",
        tiffinfo={278: len(bits)} | ({292: 1} if two_dimensional else {}),
    )
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        (offset,), (count,) = tiff.pages[0].dataoffsets, tiff.pages[0].databytecounts
    return file.getvalue()[offset : offset + count]


def fax(
    path: Path,
    ink: np.ndarray,
    *,
    white_is_zero: bool = True,
    fill_order: int = 1,
    density: tuple[float, float] = (200, 200),
    orientation: int = 1,
    strip_rows: int = 128,
    damage: bool = False,
    compression: int = 4,
    two_dimensional: bool = False,
) -> Path:
    """A bilevel TIFF written tag by tag, the way fax servers do it."""
    strips = []
    for top in range(0, len(ink), strip_rows):
        part = ink[top : top + strip_rows]
        strips.append(coded(part if white_is_zero else ~part, compression, two_dimensional))
    if damage:
        middle = bytearray(strips[1])
        middle[len(middle) // 3 : len(middle) // 3 + 8] = bytes(8)
        strips[1] = bytes(middle)
    if fill_order == 2:
        strips = [bytes(imagecodecs.bitorder_encode(strip)) for strip in strips]
    rows, columns = ink.shape
    entries: list[tuple[int, int, list[int] | list[tuple[int, int]]]] = [
        (256, 4, [columns]),
        (257, 4, [rows]),
        (258, 3, [1]),
        (259, 3, [compression]),
        (262, 3, [0 if white_is_zero else 1]),
        (266, 3, [fill_order]),
        (273, 4, []),
        (274, 3, [orientation]),
        (277, 3, [1]),
        (278, 4, [strip_rows]),
        (279, 4, [len(strip) for strip in strips]),
        (282, 5, [(round(density[0] * 10), 10)]),
        (283, 5, [(round(density[1] * 10), 10)]),
        (292, 4, [1 if two_dimensional else 0]),
        (296, 3, [2]),
    ]
    if compression == 4:
        entries = [entry for entry in entries if entry[0] != 292]
    body = io.BytesIO()
    body.write(b"II*\0\0\0\0\0")
    offsets = []
    for strip in strips:
        offsets.append(body.tell())
        body.write(strip + b"\0" * (len(strip) % 2))
    packed = []
    for tag, kind, values in entries:
        numbers = offsets if tag == 273 else values
        form = {3: "<H", 4: "<I", 5: "<II"}[kind]
        raw_values = b"".join(struct.pack(form, *(v if isinstance(v, tuple) else (v,))) for v in numbers)
        if len(raw_values) > 4:
            at = body.tell()
            body.write(raw_values)
            raw_values = struct.pack("<I", at)
        packed.append(struct.pack("<HHI", tag, kind, len(numbers)) + raw_values.ljust(4, b"\0"))
    start = body.tell()
    body.write(struct.pack("<H", len(packed)) + b"".join(packed) + b"\0\0\0\0")
    content = bytearray(body.getvalue())
    content[4:8] = struct.pack("<I", start)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("white_is_zero", [True, False])
@pytest.mark.parametrize("fill_order", [1, 2])
@pytest.mark.parametrize(("compression", "two_dimensional"), [(3, False), (3, True), (4, False)])
def test_fax_polarity_and_bit_order(
    tmp_path: Path, decoded: Decode, white_is_zero: bool, fill_order: int, compression: int, two_dimensional: bool
) -> None:
    path = fax(
        tmp_path / "a.tif",
        INK,
        white_is_zero=white_is_zero,
        fill_order=fill_order,
        compression=compression,
        two_dimensional=two_dimensional,
    )
    expected = np.where(INK, 0, 255)
    assert np.array_equal(good(decoded(path)).pixels, expected)
    with Image.open(path) as reference:
        assert np.array_equal(np.where(np.asarray(reference.convert("L")) > 127, 255, 0), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_as_pillow_applies_it(
    tmp_path: Path, decoded: Decode, marked: np.ndarray, orientation: int
) -> None:
    path = fax(tmp_path / "a.tif", marked < 128, orientation=orientation)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    reference = Image.fromarray(marked)
    if orientation in turns:
        reference = reference.transpose(turns[orientation])
    assert np.array_equal(good(decoded(path)).pixels, np.asarray(reference))


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_group_4_strip_that_is_cut_short_is_a_failure(keep: float) -> None:
    strip = coded(INK[120:248], 4, False)
    assert np.array_equal(decode_group4(strip, 128, 700), INK[120:248])
    with pytest.raises(Refused):
        decode_group4(strip[: int(keep * len(strip))], 128, 700)


@pytest.mark.parametrize("two_dimensional", [False, True])
def test_a_group_3_strip_that_lacks_rows_is_a_failure(two_dimensional: bool) -> None:
    strip = coded(INK[120:248], 3, two_dimensional)
    check_group3(strip, 128)
    with pytest.raises(Refused):
        check_group3(strip[: len(strip) * 2 // 3], 128)


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 200), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_group_4_gives_back_any_picture(seed: int, rows: int, columns: int, ink: float) -> None:
    bits = np.random.default_rng(seed).random((rows, columns)) < ink
    assert np.array_equal(decode_group4(coded(bits, 4, False), rows, columns), bits)


def test_a_group_4_strip_without_end_mark_is_read() -> None:
    strip = coded(INK[120:248], 4, False)
    bits = int.from_bytes(strip, "big")
    zeros = (bits & -bits).bit_length() - 1
    length = 8 * len(strip) - zeros - 24
    bare = (bits >> zeros + 24 << -length % 8).to_bytes((length + 7) // 8, "big")
    assert np.array_equal(decode_group4(bare, 128, 700), INK[120:248])


def test_a_damaged_group_4_strip_is_a_failure(tmp_path: Path, decoded: Decode) -> None:
    page = bad(decoded(fax(tmp_path / "a.tif", INK, damage=True)))
    assert page.failure.reason == "unreadable"


def test_a_fax_in_standard_mode_gets_square_pixels(tmp_path: Path, decoded: Decode) -> None:
    flat = INK[::2]
    page = good(decoded(fax(tmp_path / "a.tif", flat, density=(204, 98))))
    assert page.pixels.shape == (round(250 * 204 / 98), 700)
    assert (page.dpi, page.dpi_from) == (204, "file")


def test_unequal_density_follows_the_orientation(tmp_path: Path, decoded: Decode) -> None:
    page = good(decoded(fax(tmp_path / "a.tif", INK[::2], density=(204, 102), orientation=6)))
    assert page.pixels.shape == (700, 500)


@pytest.mark.parametrize("subsampling", [(1, 1), (2, 2)])
@pytest.mark.parametrize("tile", [None, (128, 128)])
def test_jpeg_in_tiff(
    tmp_path: Path, decoded: Decode, subsampling: tuple[int, int], tile: tuple[int, int] | None
) -> None:
    colour = np.stack([GRAY, GRAY, GRAY], axis=2)
    colour[:, 300:] = colour[:, 300:] // 2 + np.array([90, 60, 20], np.uint8)
    path = written(
        tmp_path / "a.tif",
        colour,
        photometric="rgb",
        tile=tile,
        compression="jpeg",
        compressionargs={"level": 95},
        subsampling=subsampling,
    )
    expected = np.asarray(Image.fromarray(colour).convert("L")).astype(int)
    assert np.abs(good(decoded(path)).pixels - expected).mean() < 3


def test_jpeg_in_tiff_gray_as_pillow_writes_it(tmp_path: Path, decoded: Decode) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(GRAY).save(path, compression="jpeg", quality=95)
    assert np.abs(good(decoded(path)).pixels - GRAY.astype(int)).mean() < 3


def test_a_jpeg_strip_without_its_end_is_a_failure(tmp_path: Path, decoded: Decode) -> None:
    path = written(tmp_path / "a.tif", GRAY, compression="jpeg", rowsperstrip=500)
    with tifffile.TiffFile(path) as tiff:
        offset, count = tiff.pages[0].dataoffsets[0], tiff.pages[0].databytecounts[0]
    content = bytearray(path.read_bytes())
    content[offset + count // 2 : offset + count] = bytes(count - count // 2)
    path.write_bytes(content)
    assert bad(decoded(path)).failure.reason == "truncated"


def test_colour_separate_planes_and_alpha(tmp_path: Path, decoded: Decode) -> None:
    rgba = np.stack([GRAY, GRAY, GRAY, np.full_like(GRAY, 255)], axis=2)
    rgba[:100, :, :3] = 0
    rgba[:100, :, 3] = 0
    expected = GRAY.copy()
    expected[:100] = 255
    for name, picture, planes in (("a", rgba, "contig"), ("b", np.moveaxis(rgba, 2, 0), "separate")):
        path = written(
            tmp_path / f"{name}.tif", picture, photometric="rgb", planarconfig=planes, extrasamples=["unassalpha"]
        )
        assert np.array_equal(good(decoded(path)).pixels, expected)


def test_palette(tmp_path: Path, decoded: Decode) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(GRAY).quantize(16).save(path)
    with Image.open(path) as reference:
        expected = np.asarray(reference.convert("RGB").convert("L")).astype(int)
    assert np.abs(good(decoded(path)).pixels - expected).max() <= 1


def test_cmyk(tmp_path: Path, decoded: Decode) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(GRAY).convert("RGB").convert("CMYK").save(path)
    assert np.abs(good(decoded(path)).pixels - GRAY.astype(int)).max() <= 2


def test_density_in_centimetres(tmp_path: Path, decoded: Decode) -> None:
    path = written(tmp_path / "a.tif", GRAY, resolution=(118.11, 118.11), resolutionunit="CENTIMETER")
    assert good(decoded(path)).dpi == pytest.approx(300, abs=0.1)


def pages(path: Path, count: int = 4) -> Path:
    with tifffile.TiffWriter(path) as tiff:
        for index in range(count):
            tiff.write(np.roll(GRAY, index * 10, axis=0), compression="zlib", rowsperstrip=64, metadata=None)
    return path


def test_all_pages_come_in_order(tmp_path: Path, decoded: Decode) -> None:
    found = decoded(pages(tmp_path / "a.tif"))
    assert [page.index for page in found] == [0, 1, 2, 3]
    for index, page in enumerate(found):
        assert isinstance(page, Page)
        assert np.array_equal(page.pixels, np.roll(GRAY, index * 10, axis=0))


def test_one_bad_page_leaves_the_others(tmp_path: Path, decoded: Decode) -> None:
    path = pages(tmp_path / "a.tif")
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages[2].dataoffsets[3]
    content = bytearray(path.read_bytes())
    content[offset : offset + 60] = bytes(60)
    path.write_bytes(content)
    found = decoded(path)
    assert [isinstance(page, BadPage) for page in found] == [False, False, True, False]
    assert found[2].index == 2


def test_directories_that_loop_end_in_a_failure(tmp_path: Path, decoded: Decode) -> None:
    path = pages(tmp_path / "a.tif", 3)
    with tifffile.TiffFile(path) as tiff:
        first, last = tiff.pages[0].offset, tiff.pages[2].offset
    content = bytearray(path.read_bytes())
    (tags,) = struct.unpack_from("<H", content, last)
    struct.pack_into("<I", content, last + 2 + 12 * tags, first)
    path.write_bytes(content)
    found = decoded(path)
    assert [type(page) for page in found] == [Page, Page, Page, BadPage]
    assert isinstance(found[3], BadPage)
    assert "loop" in found[3].failure.detail


def test_thumbnails_are_no_pages(tmp_path: Path, decoded: Decode) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(GRAY, metadata=None)
        tiff.write(GRAY[::8, ::8], subfiletype=1, metadata=None)
        tiff.write(GRAY[::-1], metadata=None)
    found = decoded(tmp_path / "a.tif")
    assert [page.index for page in found] == [0, 1]
    assert isinstance(found[1], Page)
    assert np.array_equal(found[1].pixels, GRAY[::-1])


def test_big_tiff(tmp_path: Path, decoded: Decode) -> None:
    path = written(tmp_path / "a.tif", GRAY, bigtiff=True)
    assert np.array_equal(good(decoded(path)).pixels, GRAY)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
def test_a_truncated_tiff_is_a_failure(tmp_path: Path, decoded: Decode, share: float, compression: str) -> None:
    path = written(tmp_path / "a.tif", GRAY, compression=compression, rowsperstrip=64)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert bad(decoded(path)).failure.reason == "truncated"


def test_too_many_pages(tmp_path: Path, decoded: Decode) -> None:
    assert bad(decoded(pages(tmp_path / "a.tif"), max_pages=3)).failure.reason == "too_large"


def test_a_bomb_is_refused_by_its_header(tmp_path: Path, decoded: Decode) -> None:
    path = fax(tmp_path / "a.tif", INK)
    content = path.read_bytes()
    at = content.index(struct.pack("<HHI", 256, 4, 1))
    path.write_bytes(content[: at + 8] + struct.pack("<I", 40_000_000) + content[at + 12 :])
    assert bad(decoded(path)).failure.reason == "too_large"


def edited(path: Path, tag: int, value: int, count: int | None = None) -> Path:
    """The first page's tag with another value."""
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages[0].tags[tag].offset
    content = bytearray(path.read_bytes())
    if count is not None:
        struct.pack_into("<I", content, offset + 4, count)
    else:
        struct.pack_into("<HII", content, offset + 2, 4, 1, value)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("compression", [None, "zlib", "jpeg", "lzw"])
def test_missing_strips_are_not_black_rows(tmp_path: Path, decoded: Decode, compression: str | None) -> None:
    path = written(tmp_path / "a.tif", GRAY, compression=compression, rowsperstrip=64)
    for tag in (273, 279):
        edited(path, tag, 0, count=6)
    assert bad(decoded(path)).failure.reason == "truncated"


def test_a_taller_header_than_there_are_strips_for_is_a_failure(tmp_path: Path, decoded: Decode) -> None:
    path = written(tmp_path / "a.tif", GRAY, compression="zlib", rowsperstrip=64)
    assert bad(decoded(edited(path, 257, 5000))).failure.reason == "truncated"


@pytest.mark.parametrize("photometric", [2, 5, 6, 10, 32803])
def test_colours_that_the_samples_cannot_be_are_a_failure(tmp_path: Path, decoded: Decode, photometric: int) -> None:
    path = written(tmp_path / "a.tif", GRAY, compression="zlib")
    assert bad(decoded(edited(path, 262, photometric))).failure.reason == "unreadable"


def test_a_damaged_jpeg_strip_is_a_failure(tmp_path: Path, decoded: Decode) -> None:
    path = written(tmp_path / "a.tif", GRAY, compression="jpeg", rowsperstrip=500)
    with tifffile.TiffFile(path) as tiff:
        offset, count = tiff.pages[0].dataoffsets[0], tiff.pages[0].databytecounts[0]
    content = bytearray(path.read_bytes())
    content[offset + count // 3 : offset + count // 3 + 3000] = bytes(3000)
    path.write_bytes(content)
    assert bad(decoded(path)).failure.reason == "unreadable"


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_run_lengths_that_are_cut_short_are_a_failure(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(INK).convert("1").save(path, compression="tiff_ccitt", tiffinfo={278: 500})
    with tifffile.TiffFile(path) as tiff:
        offset, count = tiff.pages[0].dataoffsets[0], tiff.pages[0].databytecounts[0]
    strip = path.read_bytes()[offset : offset + count]
    assert np.array_equal(decode_modified_huffman(strip, 500, 700), INK)
    assert np.array_equal(decode_modified_huffman(strip + bytes(9), 500, 700), INK)
    with pytest.raises(Refused):
        decode_modified_huffman(strip[: int(keep * count)], 500, 700)
