"""PNG, BMP and WebP: one page each (JPEG has a file of its own).

OpenCV decodes; the headers are read here first, because OpenCV allocates before it asks and tells nothing of densities.

What cannot be told: a wrong bit in a BMP, or in most of a lossy WebP. They have no checksum.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.scans.exif import Exif, parse_exif
from ocrpipe.scans.murmurs import overheard
from ocrpipe.scans.raster import (
    Header,
    Raster,
    Refused,
    check_size,
    gray_of_bgr,
    oriented,
    oriented_density,
    with_exif,
)
from ocrpipe.settings import Settings

_INCH_M = 0.0254


def decode_png(data: bytes, settings: Settings) -> Raster:
    return _decoded(data, png_header(data), settings)


def decode_bmp(data: bytes, settings: Settings) -> Raster:
    return _decoded(data, bmp_header(data), settings)


def decode_webp(data: bytes, settings: Settings) -> Raster:
    return _decoded(data, webp_header(data), settings)


def _decoded(data: bytes, header: Header, settings: Settings) -> Raster:
    check_size(header.width, header.height, settings)
    flags = cv2.IMREAD_UNCHANGED if header.transparent else cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
    picture: NDArray[Any] | None
    picture, murmurs = overheard(lambda: cv2.imdecode(np.frombuffer(data, np.uint8), flags))
    if picture is None:
        error = re.search(r"libpng error: (.+)", murmurs)
        raise Refused("unreadable", "the picture's data is damaged" + (f": {error[1]}" if error else ""))
    if picture.dtype == np.uint16:
        picture = np.asarray(picture >> 8, np.uint8)
    if picture.dtype != np.uint8 or picture.shape[:2] != (header.height, header.width):
        raise Refused("unreadable", "the picture's data does not fit its header")
    pixels = oriented(gray_of_bgr(np.asarray(picture, np.uint8)), header.orientation)
    return Raster(pixels, oriented_density(header.density, header.orientation), header.absolute)


def png_header(data: bytes) -> Header:
    """Reads the chunks up to IEND; a file without it is cut short."""
    header: Header | None = None
    exif = Exif()
    transparent = False
    for kind, body in _png_chunks(data):
        if kind == b"IHDR" and len(body) >= 13:
            width, height, _, colour = struct.unpack_from(">IIBB", body)
            header = Header(width, height)
            transparent = colour in (4, 6)
        elif kind == b"pHYs" and len(body) == 9 and header:
            x, y, unit = struct.unpack(">IIB", body)
            header = replace(header, density=(x * _INCH_M, y * _INCH_M), absolute=unit == 1)
        elif kind == b"tRNS":
            transparent = True
        elif kind == b"eXIf":
            exif = parse_exif(body)
    if header is None:
        raise Refused("unreadable", "a PNG without a header")
    return replace(with_exif(header, exif), transparent=transparent)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return
        if at + 12 + size > len(data) or not kind.isalpha():  # zeros where a download stopped
            break
        yield kind, b"" if kind == b"IDAT" else data[at + 8 : at + 8 + size]
        at += 12 + size
    raise Refused("truncated", "the PNG ends before its end chunk")


def bmp_header(data: bytes) -> Header:
    """Uncompressed bitmaps state how many bytes they need. A fourth channel is padding more often than alpha."""
    if len(data) < 26:
        raise Refused("truncated", "the BMP ends inside its header")
    start, info = struct.unpack_from("<II", data, 10)
    if start < 14 + info:
        raise Refused("unreadable", "the BMP's pixels lie inside its header")
    if info < 16:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        packed, x, y = 0, 0, 0
    elif len(data) < 54:
        raise Refused("truncated", "the BMP ends inside its header")
    else:
        width, height, _, bits, packed, _, x, y = struct.unpack_from("<iiHHIIii", data, 18)
    if packed in (0, 3) and start + (width * bits + 31) // 32 * 4 * abs(height) > len(data):
        raise Refused("truncated", "the BMP has fewer bytes than its size needs")
    return Header(width, abs(height), (x * _INCH_M, y * _INCH_M) if x > 0 and y > 0 else None)


def webp_header(data: bytes) -> Header:
    """Simple (VP8, VP8L) and extended (VP8X) WebP; EXIF may follow the picture."""
    if len(data) < 30 or struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise Refused("truncated", "the WebP is shorter than its header says")
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
        header = Header(width, height, transparent=bool(data[20] & 0x10))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        header = Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), transparent=bool(bits >> 28 & 1))
    elif kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        header = Header(width & 0x3FFF, height & 0x3FFF)
    else:
        raise Refused("unreadable", "a WebP without a picture")
    at = 12
    while at + 8 <= len(data):
        chunk, size = struct.unpack_from("<4sI", data, at)
        if chunk == b"EXIF":
            return with_exif(header, parse_exif(data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return header
