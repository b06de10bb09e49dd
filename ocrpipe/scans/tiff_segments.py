"""The strips and tiles of a TIFF page: that all are there, and the pixels of the kinds whose damage tifffile lets pass.

tifffile fills what is missing with black, and its decoders of JPEG and fax go on after damage without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from ocrpipe.scans.fax import check_group3, decode_group4, decode_modified_huffman
from ocrpipe.scans.jpeg import jpeg_layout, jpeg_pixels
from ocrpipe.scans.raster import Refused, check_size
from ocrpipe.settings import Settings

MODIFIED_HUFFMAN, GROUP_3, GROUP_4, OLD_JPEG, JPEG, PACKED_JPEG = 2, 3, 4, 6, 7, 34892
_RAW = 1
_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _YCBCR = 0, 1, 2, 6
_HEADER_BYTES = 8
_COLOURS_AS_THEY_ARE = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"
"""A segment that tells a JPEG decoder not to take red, green and blue for luminance and colour difference."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A strip or tile: where its picture goes and how many rows and columns it codes."""

    index: int
    top: int
    left: int
    rows: int
    columns: int


def _parts(page: Any) -> Iterator[_Part]:
    """Of one plane, row by row."""
    width, height = int(page.imagewidth), int(page.imagelength)
    columns = int(page.tilewidth) if page.is_tiled else width
    rows = int(page.tilelength) if page.is_tiled else min(int(page.rowsperstrip), height)
    if columns < 1 or rows < 1:
        raise Refused("unreadable", f"the TIFF page has strips or tiles of {columns} × {rows} pixels")
    for index in range(-(-width // columns) * -(-height // rows)):
        down, across = divmod(index, -(-width // columns))
        coded = rows if page.is_tiled else min(rows, height - down * rows)
        yield _Part(index, down * rows, across * columns, coded, columns)


def check_segments(page: Any, handle: BinaryIO, size: int) -> None:
    """There must be as many strips or tiles as the picture needs, each in the file; a Group 3 strip with its rows."""
    offsets, counts = page.dataoffsets, page.databytecounts
    if not offsets or len(offsets) != len(counts):
        raise Refused("unreadable", "the TIFF page has no picture data")
    for offset, count in zip(offsets, counts, strict=True):
        if offset + count > size or count == 0:
            raise Refused("truncated", "a strip of the TIFF page lies behind the end of the file")
        if offset < _HEADER_BYTES:
            raise Refused("unreadable", "a strip of the TIFF page lies in the file's header")
    if int(page.compression) == _RAW and len(offsets) == 1 and not page.is_tiled:
        return  # one strip holds all, whatever the tag for its rows says; tifffile checks its length
    planes = int(page.samplesperpixel) if int(page.planarconfig) == 2 else 1
    parts = list(_parts(page))
    if len(offsets) < planes * len(parts):
        raise Refused("truncated", f"the TIFF page has {len(offsets)} of {planes * len(parts)} strips")
    if int(page.compression) == GROUP_3:
        for part in parts:
            check_group3(_segment(page, handle, part.index), part.rows)


def pixels_of_segments(page: Any, handle: BinaryIO, settings: Settings) -> NDArray[Any] | None:
    """(H, W) as they are stored: gray of JPEG, bool of fax; None for kinds that tifffile decodes."""
    compression, samples = int(page.compression), int(page.samplesperpixel)
    if compression in (GROUP_4, MODIFIED_HUFFMAN):
        if samples != 1 or int(page.bitspersample) != 1:
            raise Refused("unreadable", "the TIFF page is a fax of more than one bit")
        return _joined(page, handle, decode_group4 if compression == GROUP_4 else decode_modified_huffman, np.bool_)
    if compression in (JPEG, PACKED_JPEG) and _is_plain_jpeg(page):
        head = _jpeg_head(page)

        def decode(data: bytes, rows: int, columns: int) -> NDArray[Any]:
            return _jpeg_strip(head + data[2:], rows, columns, settings)

        return _joined(page, handle, decode, np.uint8)
    return None


def _joined(
    page: Any, handle: BinaryIO, decode: Callable[[bytes, int, int], NDArray[Any]], kind: type[np.generic]
) -> NDArray[Any]:
    width, height = int(page.imagewidth), int(page.imagelength)
    picture = np.empty((height, width), kind)
    for part in _parts(page):
        shown = decode(_segment(page, handle, part.index), part.rows, part.columns)
        place = picture[part.top : part.top + part.rows, part.left : part.left + part.columns]
        place[:] = shown[: place.shape[0], : place.shape[1]]
    return picture


def _segment(page: Any, handle: BinaryIO, index: int) -> bytes:
    """The bytes of a strip or tile, highest bit first where the order of bits means anything."""
    handle.seek(page.dataoffsets[index])
    data = handle.read(page.databytecounts[index])
    in_bits = int(page.fillorder) == 2 and int(page.compression) in (MODIFIED_HUFFMAN, GROUP_3, GROUP_4)
    return bytes(imagecodecs.bitorder_decode(data)) if in_bits else data


def _is_plain_jpeg(page: Any) -> bool:
    """Whether a JPEG strip decodes to the page's gray by itself."""
    samples, photometric = int(page.samplesperpixel), int(page.photometric)
    if samples == 3:
        return photometric in (_RGB, _YCBCR) and int(page.planarconfig) == 1
    return samples == 1 and photometric in (_MIN_IS_WHITE, _MIN_IS_BLACK)


def _jpeg_head(page: Any) -> bytes:
    """What goes before the data of each strip: the tables that all share."""
    tables = page.jpegtables or b""
    shared = tables[2:-2] if tables[:2] == b"\xff\xd8" else b""
    as_they_are = int(page.photometric) == _RGB and not page.is_jfif
    return b"\xff\xd8" + (_COLOURS_AS_THEY_ARE if as_they_are else b"") + shared


def _jpeg_strip(data: bytes, rows: int, columns: int, settings: Settings) -> NDArray[np.uint8]:
    layout = jpeg_layout(data)
    width, height = layout.header.width, layout.header.height
    check_size(width, height, settings)
    if width != columns or height < rows:
        raise Refused("unreadable", f"a JPEG strip of the TIFF page is {width} × {height}, not {columns} × {rows}")
    return jpeg_pixels(data, layout)
