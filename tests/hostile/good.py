"""The small good files that are damaged: drawn here, written by Pillow, tifffile and by hand."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT = 320, 160


@cache
def drawing(shift: int = 0) -> NDArray[np.uint8]:
    """(160, 320) uint8: some writing on paper with a grain, so that no stretch of the file is idle."""
    picture = np.full((HEIGHT, WIDTH), 235, np.uint8)
    cv2.putText(picture, "Pay 1234.56", (12 + shift, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 20, 2, cv2.LINE_AA)
    cv2.putText(picture, "90210-4711", (30, 130), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 20, 2, cv2.LINE_AA)
    grain = np.random.default_rng(7).integers(0, 9, picture.shape, np.uint8)
    picture = np.minimum(picture, 246) + grain
    picture.setflags(write=False)
    return picture


def saved(kind: str, mode: str = "L", **options: Any) -> bytes:
    """The drawing as Pillow writes it."""
    file = io.BytesIO()
    Image.fromarray(drawing()).convert(mode).save(file, kind, **options)
    return file.getvalue()


def tiff(picture: NDArray[Any] | None = None, pages: int = 1, *, bigtiff: bool = False, **options: Any) -> bytes:
    """The drawing as tifffile writes it; several pages are shifted a little each."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file, bigtiff=bigtiff, byteorder=options.pop("byteorder", "<")) as writer:
        for page in range(pages):
            shown = drawing(page * 5) if picture is None else picture
            writer.write(shown, metadata=None, **({"rowsperstrip": 40} | options))
    return file.getvalue()


def fax(compression: str, **options: Any) -> bytes:
    return saved("TIFF", "1", compression=compression, tiffinfo={278: 40} | options)


@cache
def stills() -> dict[str, bytes]:
    return {
        "gray.png": saved("PNG"),
        "rgb.png": saved("PNG", "RGB"),
        "bits.png": saved("PNG", "1"),
        "palette.png": saved("PNG", "P"),
        "alpha.png": saved("PNG", "RGBA"),
        "base.jpg": saved("JPEG", quality=85),
        "colour.jpg": saved("JPEG", "RGB", quality=85),
        "progressive.jpg": saved("JPEG", quality=85, progressive=True),
        "cmyk.jpg": saved("JPEG", "CMYK", quality=85),
        "restarts.jpg": restarts(),
        "gray.bmp": saved("BMP"),
        "rgb.bmp": saved("BMP", "RGB"),
        "bits.bmp": saved("BMP", "1"),
        "lossy.webp": saved("WEBP", "RGB", quality=80),
        "lossless.webp": saved("WEBP", "RGB", lossless=True),
        "extended.webp": saved("WEBP", "RGBA", lossless=True, exif=exif(6)),
    }


def restarts() -> bytes:
    file = io.BytesIO()
    Image.fromarray(drawing()).save(file, "JPEG", quality=85, restart_marker_rows=1)
    return file.getvalue()


def exif(orientation: int = 1) -> bytes:
    block = Image.Exif()
    block[0x112] = orientation
    block[0x11A], block[0x11B], block[0x128] = 240.0, 240.0, 2
    return block.tobytes()


@cache
def tiffs() -> dict[str, bytes]:
    rgb = np.repeat(drawing()[:, :, None], 3, axis=2)
    return {
        "raw.tif": tiff(),
        "g4.tif": fax("group4"),
        "g3.tif": fax("group3"),
        "lzw.tif": tiff(compression="lzw"),
        "predictor.tif": tiff(compression="lzw", predictor=True),
        "deflate.tif": tiff(compression="zlib"),
        "packbits.tif": tiff(compression="packbits"),
        "jpeg.tif": tiff(compression="jpeg"),
        "colour-jpeg.tif": tiff(rgb, compression="jpeg", photometric="rgb"),
        "tiled.tif": tiff(compression="zlib", tile=(64, 64), rowsperstrip=None),
        "big.tif": tiff(compression="zlib", bigtiff=True),
        "motorola.tif": tiff(compression="zlib", byteorder=">"),
        "white-is-zero.tif": tiff(255 - drawing(), compression="zlib", photometric="miniswhite"),
        "pages.tif": tiff(pages=3, compression="zlib"),
    }


def pdf(objects: list[bytes], *, trailer: bytes = b"") -> bytes:
    """Numbered objects (the first is the catalogue) with a cross-reference table."""
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start))
    return out.getvalue()


def stream(head: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(data), data)


def pdf_image(data: bytes, filters: bytes, *, extra: bytes = b"", size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    """An image object."""
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8" % size
    return stream(head + b" /Filter " + filters + b" " + extra, data)


def pdf_page(
    image: bytes | None = None,
    *,
    content: bytes = b"q 115 0 0 58 0 0 cm /I Do Q",
    box: bytes = b"[0 0 115 58]",
    extra: bytes = b"",
    more: tuple[bytes, ...] = (),
    copies: int = 1,
    resources: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """`copies` pages with the same content; objects: 3 the image, 4 the content, 5 … the pages, then `more`."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox %s %s /Contents 4 0 R /Resources << /XObject << /I 3 0 R %s >>"
        b" /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
    ) % (box, extra, resources)
    kids = b" ".join(b"%d 0 R" % (5 + index) for index in range(copies))
    tree = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, copies)
    picture = image or pdf_image(stills()["base.jpg"], b"/DCTDecode")
    catalogue = b"<< /Type /Catalog /Pages 2 0 R >>"
    return pdf([catalogue, tree, picture, stream(b"", content), *[page] * copies, *more], trailer=trailer)


@cache
def pdfs() -> dict[str, bytes]:
    return {
        "image.pdf": pdf_page(),
        "vector.pdf": pdf_page(content=b"BT /F 20 Tf 8 20 Td (1234.56) Tj ET"),
        "pages.pdf": pdf_page(copies=3),
    }
