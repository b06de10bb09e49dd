from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Decode, bad, draw_letter, good

GRAY = draw_letter(700, 500)


def saved(path: Path, picture: Image.Image, **options: object) -> Path:
    picture.save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "bmp", "webp"])
@pytest.mark.parametrize("mode", ["L", "RGB", "1", "P"])
def test_lossless_formats(tmp_path: Path, decoded: Decode, suffix: str, mode: str) -> None:
    picture = Image.fromarray(GRAY).convert(mode)
    if suffix == "webp":
        picture = picture.convert("RGB")
    options = {"lossless": True} if suffix == "webp" else {}
    page = good(decoded(saved(tmp_path / f"a.{suffix}", picture, **options)))
    expected = np.asarray(picture.convert("RGB").convert("L")).astype(int)
    assert np.abs(page.pixels - expected).max() <= 1


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg(tmp_path: Path, decoded: Decode, mode: str, progressive: bool) -> None:
    path = saved(tmp_path / "a.jpg", Image.fromarray(GRAY).convert(mode), quality=95, progressive=progressive)
    assert np.abs(good(decoded(path)).pixels - GRAY.astype(int)).mean() < 3


def test_lossy_webp(tmp_path: Path, decoded: Decode) -> None:
    path = saved(tmp_path / "a.webp", Image.fromarray(GRAY), quality=90)
    assert np.abs(good(decoded(path)).pixels - GRAY.astype(int)).mean() < 4


def test_sixteen_bit_png(tmp_path: Path, decoded: Decode) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(GRAY.astype(np.uint16) * 257))
    assert np.abs(good(decoded(path)).pixels - GRAY.astype(int)).max() <= 1


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_what_is_transparent_is_paper(tmp_path: Path, decoded: Decode, suffix: str) -> None:
    rgba = np.zeros((500, 700, 4), np.uint8)
    rgba[:, :, 3] = 255 - GRAY
    options = {"lossless": True, "exact": True} if suffix == "webp" else {}
    page = good(decoded(saved(tmp_path / f"a.{suffix}", Image.fromarray(rgba), **options)))
    assert np.array_equal(page.pixels, GRAY)


@pytest.mark.parametrize("mode", ["P", "L", "LA"])
def test_every_kind_of_png_transparency(tmp_path: Path, decoded: Decode, mode: str) -> None:
    if mode == "LA":
        picture = Image.merge("LA", [Image.new("L", (700, 500), 0), Image.fromarray(255 - GRAY)])
        assert np.array_equal(good(decoded(saved(tmp_path / "a.png", picture))).pixels, GRAY)
        return
    two = Image.fromarray(np.where(GRAY < 128, 0, 200).astype(np.uint8)).convert(mode)
    clear = two.getpixel((0, 0))
    page = good(decoded(saved(tmp_path / "a.png", two, transparency=clear)))
    if mode == "P":  # OpenCV does not apply a transparent gray level, which stays light gray
        assert set(np.unique(page.pixels)) == {0, 255}


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path: Path, decoded: Decode, marked: np.ndarray, suffix: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x112] = orientation
    path = saved(tmp_path / f"a.{suffix}", Image.fromarray(marked).convert("RGB"), exif=exif, quality=95)
    turned = {2: marked[:, ::-1], 3: np.rot90(marked, 2), 4: marked[::-1], 5: marked.T, 6: np.rot90(marked, -1)}
    turned |= {1: marked, 7: np.rot90(marked, 2).T, 8: np.rot90(marked)}
    page = good(decoded(path))
    assert page.pixels.shape == turned[orientation].shape
    assert np.abs(page.pixels.astype(int) - turned[orientation]).mean() < 4


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "tif"])
def test_density_from_the_file(tmp_path: Path, decoded: Decode, suffix: str) -> None:
    page = good(decoded(saved(tmp_path / f"a.{suffix}", Image.fromarray(GRAY), dpi=(300, 300))))
    assert page.dpi == pytest.approx(300, abs=0.05)
    assert page.dpi_from == "file"


def test_density_from_exif(tmp_path: Path, decoded: Decode) -> None:
    exif = Image.Exif()
    exif[0x11A], exif[0x11B], exif[0x128] = 240.0, 240.0, 2
    page = good(decoded(saved(tmp_path / "a.webp", Image.fromarray(GRAY), exif=exif)))
    assert (page.dpi, page.dpi_from) == (240, "file")


@pytest.mark.parametrize(
    ("size", "dpi"),
    [((1700, 2200), 200), ((3300, 2550), 300), ((1654, 2339), 200), ((1200, 550), 200), ((2850, 1238), 300)],
)
@pytest.mark.parametrize("claimed", [None, (72, 72), (96, 96), (1, 1)])
def test_density_from_the_paper_size(
    tmp_path: Path, decoded: Decode, size: tuple[int, int], dpi: int, claimed: tuple[int, int] | None
) -> None:
    if claimed in ((72, 72), (96, 96)) and size == (1200, 550) and claimed[0] == 96:
        pytest.skip("12.5 inches at 96 dpi may be true")
    options = {"dpi": claimed} if claimed else {}
    page = good(decoded(saved(tmp_path / "a.png", Image.new("1", size, 1), **options)))
    assert (page.dpi, page.dpi_from) == (dpi, "inferred")


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
def test_truncated(tmp_path: Path, decoded: Decode, suffix: str, share: float) -> None:
    path = saved(tmp_path / f"a.{suffix}", Image.fromarray(GRAY))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert bad(decoded(path)).failure.reason == "truncated"


def test_a_truncated_jpeg_with_a_thumbnail_has_no_end_of_its_own(tmp_path: Path, decoded: Decode) -> None:
    thumbnail = io.BytesIO()
    Image.new("L", (80, 60)).save(thumbnail, "JPEG")
    segment = b"Exif\0\0" + thumbnail.getvalue()
    path = saved(tmp_path / "a.jpg", Image.fromarray(GRAY))
    whole = path.read_bytes()
    with_thumbnail = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + whole[2:]
    path.write_bytes(with_thumbnail)
    good(decoded(path))
    path.write_bytes(with_thumbnail[:-200])
    assert bad(decoded(path)).failure.reason == "truncated"


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize("rows", [0, 250])
def test_a_png_with_too_few_rows_is_a_failure(tmp_path: Path, decoded: Decode, rows: int) -> None:
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in GRAY[:rows]))
    header = struct.pack(">IIBBBBB", 700, 500, 8, 0, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    assert bad(decoded(tmp_path / "a.png")).failure.reason == "unreadable"


def test_a_png_with_a_flipped_bit_is_a_failure(tmp_path: Path, decoded: Decode) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(GRAY))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    assert bad(decoded(path)).failure.reason == "unreadable"


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp"])
def test_bombs_are_refused_by_their_headers(tmp_path: Path, decoded: Decode, suffix: str) -> None:
    path = saved(tmp_path / f"a.{suffix}", Image.fromarray(GRAY))
    assert bad(decoded(path, max_pixels=349_999)).failure.reason == "too_large"
    good(decoded(path, max_pixels=350_000))


def test_a_picture_of_40000_by_40000_is_refused(tmp_path: Path, decoded: Decode) -> None:
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(5001 * 40_000 // 100))
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    assert bad(decoded(tmp_path / "a.png")).failure.reason == "too_large"


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tif"])
def test_one_pixel_is_a_page(tmp_path: Path, decoded: Decode, suffix: str) -> None:
    page = good(decoded(saved(tmp_path / f"a.{suffix}", Image.new("L", (1, 1), 255))))
    assert page.pixels.shape == (1, 1)
