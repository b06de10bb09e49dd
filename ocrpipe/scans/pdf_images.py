"""The images of a PDF page, held against what they should be: PDFium draws a damaged one as white paper, or not at all.

What cannot be told: damage in run-length, LZW, JBIG2 and JPEG 2000 data that still decodes.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from ocrpipe.scans.fax import decode_group4
from ocrpipe.scans.jpeg import jpeg_layout, jpeg_pixels
from ocrpipe.scans.raster import Refused, check_size
from ocrpipe.settings import Settings

_FILTERS = {
    "ASCIIHexDecode", "AHx", "ASCII85Decode", "A85", "LZWDecode", "LZW", "FlateDecode", "Fl", "RunLengthDecode", "RL",
    "CCITTFaxDecode", "CCF", "JBIG2Decode", "DCTDecode", "DCT", "JPXDecode", "Crypt",
}  # fmt: skip
_JPEG_2000 = re.compile(rb"\xff\x4f\xff\x51|\0\0\0\x0cjP")
_GRAY_SPACES = (pdfium_c.FPDF_COLORSPACE_DEVICEGRAY, pdfium_c.FPDF_COLORSPACE_CALGRAY)
_RGB_SPACES = (pdfium_c.FPDF_COLORSPACE_DEVICERGB, pdfium_c.FPDF_COLORSPACE_CALRGB)


@dataclass(frozen=True, slots=True)
class Habits:
    """What the dictionaries of a file say that PDFium does not tell of an image. They are never compressed."""

    inverts: bool
    """Some image may map its samples otherwise than as they are."""
    least_bits: int
    """The fewest bits of a sample in any image."""
    fax_columns: int | None
    """How wide all of its Group 4 images are; None where there is none, or no saying."""


def habits_of(text: bytes) -> Habits:
    """`text` is all of the file that is no stream's data."""
    columns = {int(found) for found in re.findall(rb"/Columns\s+(\d{1,6})", text)}
    group4 = re.search(rb"/K\s+-", text) and not re.search(rb"/K\s+\d|/EncodedByteAlign\s+true", text)
    inverts = re.search(rb"/D(ecode)?\s*[\[\d]|#[0-9a-fA-F]{2}", text) is not None
    bits = [int(found) for found in re.findall(rb"/BitsPerComponent\s+(\d{1,2})\b", text)]
    mask = re.search(rb"/ImageMask\s+true|/BitsPerComponent\s+\d+\s+\d+\s+R", text)
    return Habits(inverts, 1 if mask else min(bits, default=1), columns.pop() if group4 and len(columns) == 1 else None)


def gray_of(image: Any, habits: Habits, settings: Settings) -> NDArray[np.uint8] | None:
    """(H, W) of a JPEG, decoded so that damage shows; None where another kind of image has no damage that shows.

    A JPEG is returned only where its pixels are the image's, which PDFium may still map otherwise.
    """
    filters = image.get_filters()
    width, height = image.get_px_size()
    check_size(width, height, settings)
    if not _FILTERS.issuperset(filters):
        raise Refused("unreadable", f"an image of the PDF page is packed in an unknown way ({' '.join(filters)})")
    if filters[-1:] in (["DCTDecode"], ["DCT"]):
        return _jpeg(image, habits, settings)
    if filters in (["FlateDecode"], ["Fl"]):
        _check_deflated(image, width, height, habits.least_bits)
    elif filters == ["CCITTFaxDecode"] and habits.fax_columns == width:
        decode_group4(bytes(image.get_data()), height, width)
    elif filters[-1:] in (["JBIG2Decode"], ["JPXDecode"]):
        bitmap_of(image)
        if filters[-1] == "JPXDecode" and not _JPEG_2000.match(bytes(image.get_data(decode_simple=True))[:12]):
            raise Refused("unreadable", "an image of the PDF page is damaged")
    return None


def bitmap_of(image: Any) -> Any:
    try:
        return image.get_bitmap(render=False)
    except pdfium.PdfiumError as error:
        raise Refused("unreadable", "an image of the PDF page is damaged") from error


def _jpeg(image: Any, habits: Habits, settings: Settings) -> NDArray[np.uint8] | None:
    data = bytes(image.get_data(decode_simple=True))
    if data[:2] != b"\xff\xd8":
        raise Refused("unreadable", "an image of the PDF page is damaged")
    layout = jpeg_layout(data)
    check_size(layout.header.width, layout.header.height, settings)
    if (layout.header.width, layout.header.height) != tuple(image.get_px_size()):
        raise Refused("unreadable", "an image of the PDF page has another size than its JPEG")
    pixels = jpeg_pixels(data, layout)
    space = image.get_metadata().colorspace
    known = {1: _GRAY_SPACES, 3: _RGB_SPACES}.get(len(layout.parts.components), ())
    return None if habits.inverts or space not in known else pixels


def _check_deflated(image: Any, width: int, height: int, least_bits: int) -> None:
    """All rows must be there, and the checksum right where there is one (some writers cut it off).

    PDFium tells the bits of a pixel as it draws it: 8 where the file has 2 or 16.
    """
    shown = image.get_metadata().bits_per_pixel
    needed = height * ((width * min(shown, max(1, shown // 8) * least_bits) + 7) // 8)
    data = bytes(image.get_data())
    try:
        if len(imagecodecs.deflate_decode(data, out=needed + height)) >= needed:
            return  # with or without the byte that some put before each row; three times as fast as zlib
    except imagecodecs.DeflateError:
        pass
    try:
        found = len(zlib.decompressobj().decompress(data, 2 * needed + (1 << 20)))
    except zlib.error as error:
        raise Refused("unreadable", "an image of the PDF page is damaged") from error
    if found < needed:
        raise Refused("truncated", f"an image of the PDF page has {found} of {needed} bytes")
