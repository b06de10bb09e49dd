from __future__ import annotations

import io
import re
import zlib
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from ocrpipe.records import BadPage, Page
from tests.hostile.good import pdf as pdf_of

from .conftest import Decode, bad, draw_letter, good

GRAY = draw_letter(850, 1100)


def pdf(path: Path, objects: list[bytes], *, trailer: bytes = b"") -> Path:
    """Writes numbered objects (the first is the catalogue) with a cross-reference table."""
    path.write_bytes(pdf_of(objects, trailer=trailer))
    return path


def jpeg(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=95)
    return file.getvalue()


def stream(head: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(data), data)


def image_page(
    path: Path,
    picture: np.ndarray,
    *,
    matrix: tuple[float, ...] = (306, 0, 0, 396, 0, 0),
    rotate: int = 0,
    size: tuple[int, int] = (306, 396),
    data: bytes | None = None,
    extra: bytes = b"",
    copies: int = 1,
) -> Path:
    """`copies` pages, each of them one JPEG."""
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray" % picture.shape[::-1]
    content = b"q %s cm /I Do Q %s" % (b" ".join(b"%g" % part for part in matrix), extra)
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Rotate %d /Contents 4 0 R"
        b" /Resources << /XObject << /I 3 0 R >>"
        b" /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
    ) % (*size, rotate)
    kids = b" ".join(b"%d 0 R" % (5 + index) for index in range(copies))
    return pdf(
        path,
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, copies),
            stream(head + b" /BitsPerComponent 8 /Filter /DCTDecode", data or jpeg(picture)),
            stream(b"", content),
        ]
        + [page] * copies,
    )


def test_a_page_that_is_an_image_is_taken_as_its_pixels(tmp_path: Path, decoded: Decode) -> None:
    page = good(decoded(image_page(tmp_path / "a.pdf", GRAY)))
    assert page.pixels.shape == GRAY.shape
    assert (page.dpi, page.dpi_from) == (200, "file")
    assert np.abs(page.pixels - GRAY.astype(int)).mean() < 3


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "matrix",
    [
        (140, 0, 0, 90, 0, 0),
        (-140, 0, 0, 90, 140, 0),
        (-140, 0, 0, -90, 140, 90),
        (140, 0, 0, -90, 0, 90),
        (0, -140, -90, 0, 90, 140),
        (0, -140, 90, 0, 0, 140),
        (0, 140, 90, 0, 0, 0),
        (0, 140, -90, 0, 90, 0),
    ],
)
def test_turned_images_lie_as_the_page_shows_them(
    tmp_path: Path, decoded: Decode, marked: np.ndarray, matrix: tuple[float, ...], rotate: int
) -> None:
    size = (140, 90) if matrix[0] else (90, 140)
    path = image_page(tmp_path / "a.pdf", marked, matrix=matrix, rotate=rotate, size=size)
    with pdfium.PdfDocument(path) as document:
        shown = document[0].render(scale=1, grayscale=True).to_numpy().copy()
    page = good(decoded(path))
    assert page.dpi_from in ("file", "inferred")
    assert page.pixels.shape == shown.shape
    assert np.abs(page.pixels - shown.astype(int)).mean() < 6


def test_invisible_text_is_no_drawing(tmp_path: Path, decoded: Decode) -> None:
    layer = b"BT /F 12 Tf 3 Tr 20 20 Td (hidden) Tj ET"
    assert good(decoded(image_page(tmp_path / "a.pdf", GRAY, extra=layer))).pixels.shape == GRAY.shape


def test_a_page_with_visible_text_is_drawn(tmp_path: Path, decoded: Decode) -> None:
    white = np.full((110, 85), 255, np.uint8)
    layer = b"BT /F 40 Tf 20 200 Td (1234.56) Tj ET"
    page = good(decoded(image_page(tmp_path / "a.pdf", white, extra=layer)))
    assert page.pixels.shape == (1100, 850)
    assert page.pixels.min() < 50


def test_a_leaning_image_is_drawn(tmp_path: Path, decoded: Decode) -> None:
    page = good(decoded(image_page(tmp_path / "a.pdf", GRAY, matrix=(300, 10, -10, 380, 10, 0))))
    assert page.pixels.shape != GRAY.shape
    assert abs(page.pixels.shape[0] / page.pixels.shape[1] - 396 / 306) < 0.01


def test_black_and_white_and_palette_images(tmp_path: Path, decoded: Decode) -> None:
    for mode in ("1", "P", "RGB"):
        path = tmp_path / f"{mode}.pdf"
        picture = Image.fromarray(GRAY).convert(mode)
        picture.save(path, resolution=200)
        page = good(decoded(path))
        assert page.pixels.shape == GRAY.shape
        assert page.dpi == pytest.approx(200, abs=0.5)
        expected = np.asarray(picture.convert("RGB").convert("L")).astype(int)
        assert np.abs(page.pixels - expected).mean() < 3


def test_all_pages(tmp_path: Path, decoded: Decode) -> None:
    found = decoded(image_page(tmp_path / "a.pdf", GRAY, copies=3))
    assert [page.index for page in found] == [0, 1, 2]
    assert all(isinstance(page, Page) for page in found)


def test_limits(tmp_path: Path, decoded: Decode) -> None:
    path = image_page(tmp_path / "a.pdf", GRAY, copies=3)
    assert bad(decoded(path, max_pages=2)).failure.reason == "too_large"
    found = decoded(path, max_pixels=1000)
    assert [isinstance(page, BadPage) and page.failure.reason for page in found] == ["too_large"] * 3
    huge = image_page(tmp_path / "b.pdf", GRAY, size=(14_000, 14_000), extra=b"0 0 9 9 re f")
    assert bad(decoded(huge)).failure.reason == "too_large"


def test_a_truncated_jpeg_inside_is_a_failure(tmp_path: Path, decoded: Decode) -> None:
    path = image_page(tmp_path / "a.pdf", GRAY, data=jpeg(GRAY)[:-400])
    assert bad(decoded(path)).failure.reason == "truncated"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.995])
def test_a_truncated_pdf_is_a_failure(tmp_path: Path, decoded: Decode, share: float) -> None:
    path = image_page(tmp_path / "a.pdf", GRAY, copies=3)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert bad(decoded(path)).failure.reason == "truncated"


def test_an_encrypted_pdf_says_so(tmp_path: Path, decoded: Decode) -> None:
    path = image_page(tmp_path / "a.pdf", GRAY)
    content = path.read_bytes()
    lock = (
        b"/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt <<"
        b" /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"ab" * 32 + b"> /U <" + b"cd" * 32 + b"> >>"
    )
    path.write_bytes(re.sub(rb"(/Root 1 0 R)", rb"\1 " + lock, content))
    assert bad(decoded(path)).failure.reason == "encrypted"


def test_an_empty_page_is_white_paper(tmp_path: Path, decoded: Decode) -> None:
    document = pdfium.PdfDocument.new()
    document.new_page(612, 792)
    document.save(tmp_path / "a.pdf")
    page = good(decoded(tmp_path / "a.pdf"))
    assert page.pixels.shape == (2200, 1700)
    assert page.pixels.min() == 255


def deflated(
    path: Path, data: bytes, *, space: bytes = b"/DeviceGray", bits: int = 8, packed: bytes = b"/FlateDecode"
) -> Path:
    """A page that is one image of 64 × 48 pixels."""
    head = b"/Type /XObject /Subtype /Image /Width 64 /Height 48 /ColorSpace %s /BitsPerComponent %d" % (space, bits)
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 64 48] /Contents 4 0 R"
        b" /Resources << /XObject << /I 3 0 R >> >> >>"
    )
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>"]
    picture = stream(head + b" /Filter " + packed, data)
    return pdf(path, [*objects, picture, stream(b"", b"q 64 0 0 48 0 0 cm /I Do Q"), page])


@pytest.mark.parametrize(
    ("space", "bits"),
    [
        (b"/DeviceGray", 1),
        (b"/DeviceGray", 4),
        (b"/DeviceGray", 8),
        (b"/DeviceRGB", 8),
        (b"/DeviceCMYK", 8),
        (b"[ /Indexed /DeviceRGB 3 <000000 404040 808080 ffffff> ]", 2),
        (b"[ /Indexed /DeviceGray 1 <00ff> ]", 1),
    ],
)
def test_deflated_images_of_every_depth_must_have_all_their_rows(
    tmp_path: Path, decoded: Decode, space: bytes, bits: int
) -> None:
    channels = {b"/DeviceRGB": 3, b"/DeviceCMYK": 4}.get(space, 1)
    whole = bytes(range(256)) * 200
    needed = 48 * 64 * channels * bits // 8
    good(decoded(deflated(tmp_path / "a.pdf", zlib.compress(whole[:needed]), space=space, bits=bits)))
    short = decoded(deflated(tmp_path / "b.pdf", zlib.compress(whole[: needed // 2]), space=space, bits=bits))
    assert bad(short).failure.reason == "truncated"


def test_an_image_that_cannot_be_decoded_is_no_blank_page(tmp_path: Path, decoded: Decode) -> None:
    for packed in (b"/JPXDecode", b"/NobodyDecode"):
        path = deflated(tmp_path / "a.pdf", zlib.compress(bytes(48 * 64)), packed=packed)
        assert bad(decoded(path)).failure.reason == "unreadable"


@pytest.mark.parametrize("place", [0.3, 0.6])
def test_a_damaged_jpeg_inside_is_a_failure(tmp_path: Path, decoded: Decode, place: float) -> None:
    data = jpeg(GRAY)
    at = int(place * len(data))
    path = image_page(tmp_path / "a.pdf", GRAY, data=data[:at] + bytes(2000) + data[at + 2000 :])
    assert bad(decoded(path)).failure.reason == "unreadable"


def test_a_damaged_file_is_not_called_locked_for_the_sake_of_one_before(tmp_path: Path, decoded: Decode) -> None:
    test_an_encrypted_pdf_says_so(tmp_path, decoded)
    nested = b"<< /Type /Catalog /Pages 2 0 R /X %s >>" % (b"[" * 100_000 + b"]" * 100_000)
    assert bad(decoded(pdf(tmp_path / "b.pdf", [nested]))).failure.reason == "unreadable"


def test_a_damaged_group_4_image_inside_is_a_failure(tmp_path: Path, decoded: Decode) -> None:
    Image.fromarray(GRAY).convert("1").save(tmp_path / "a.pdf", resolution=200)
    content = (tmp_path / "a.pdf").read_bytes()
    at = content.index(b"stream", content.index(b"CCITTFax")) + 3000
    (tmp_path / "a.pdf").write_bytes(content[:at] + bytes(60) + content[at + 60 :])
    assert bad(decoded(tmp_path / "a.pdf")).failure.reason == "unreadable"


def test_a_jpeg_whose_samples_are_turned_about_is_shown_as_the_page_shows_it(tmp_path: Path, decoded: Decode) -> None:
    path = image_page(tmp_path / "a.pdf", GRAY)
    content = path.read_bytes().replace(b"/BitsPerComponent 8 ", b"/BitsPerComponent 8 /Decode [1 0] ")
    path.write_bytes(content)
    assert np.abs(good(decoded(path)).pixels - (255 - GRAY.astype(int))).mean() < 3
