"""PNG, JPEG, BMP and WebP: one page each.

OpenCV decodes; the headers are read here first, because OpenCV allocates before it asks, hands back a
whole picture for half a JPEG, and tells nothing of densities.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.scans.exif import Exif, parse_exif
from ocrpipe.scans.raster import Raster, Refused, check_size, gray_of_bgr, oriented, oriented_density
from ocrpipe.settings import Settings

_INCH_M = 0.0254


@dataclass(frozen=True, slots=True)
class Header:
    width: int
    height: int
    density: tuple[float, float] | None = None
    absolute: bool = True
    transparent: bool = False
    orientation: int = 1


def decode_png(data: bytes, settings: Settings) -> Raster:
    return _decoded(data, png_header(data), settings)


def decode_jpeg(data: bytes, settings: Settings) -> Raster:
    return _decoded(data, jpeg_header(data), settings)


def decode_bmp(data: bytes, settings: Settings) -> Raster:
    return _decoded(data, bmp_header(data), settings)


def decode_webp(data: bytes, settings: Settings) -> Raster:
    return _decoded(data, webp_header(data), settings)


def _decoded(data: bytes, header: Header, settings: Settings) -> Raster:
    check_size(header.width, header.height, settings)
    flags = cv2.IMREAD_UNCHANGED if header.transparent else cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
    picture: NDArray[Any] | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if picture is None:
        raise Refused("unreadable", "the picture's data is damaged")
    if picture.dtype == np.uint16:
        picture = np.asarray(picture >> 8, np.uint8)
    if picture.dtype != np.uint8 or picture.shape[:2] != (header.height, header.width):
        raise Refused("unreadable", f"the decoder returned {picture.shape} {picture.dtype}")
    pixels = oriented(gray_of_bgr(np.asarray(picture, np.uint8)), header.orientation)
    return Raster(pixels, oriented_density(header.density, header.orientation), header.absolute)


def _with_exif(header: Header, exif: Exif) -> Header:
    """EXIF gives the orientation always, the density only where the format itself is silent."""
    header = replace(header, orientation=exif.orientation)
    if exif.density and not (header.density and header.absolute):
        header = replace(header, density=exif.density, absolute=True)
    return header


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
    return replace(_with_exif(header, exif), transparent=transparent)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return
        if at + 12 + size > len(data):
            break
        yield kind, b"" if kind == b"IDAT" else data[at + 8 : at + 8 + size]
        at += 12 + size
    raise Refused("truncated", "the PNG ends before its end chunk")


def jpeg_header(data: bytes) -> Header:
    """Reads the segments up to the first scan and looks for the end-of-image mark behind it.

    Inside a scan 0xFF is always followed by 0 or a restart mark, so 0xFFD9 behind its start can only be the end.
    """
    header: Header | None = None
    density: tuple[float, float] | None = None
    absolute = True
    exif = Exif()
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 4 > len(data):
            raise Refused("truncated", "the JPEG ends inside its header")
        mark, size = struct.unpack_from(">HH", data, at)
        if mark >> 8 != 0xFF:
            raise Refused("unreadable", "a JPEG with a damaged header")
        body = data[at + 4 : at + 2 + size]
        if mark == 0xFFDA:
            break
        if mark in (0xFFC4, 0xFFC8, 0xFFCC):
            pass  # tables between the frame headers
        elif 0xFFC0 <= mark <= 0xFFCF and len(body) >= 5:
            height, width = struct.unpack_from(">HH", body, 1)
            header = Header(width, height)
        elif mark == 0xFFE0 and body[:5] == b"JFIF\0" and len(body) >= 12:
            unit, x, y = struct.unpack_from(">BHH", body, 7)
            to_inch = 2.54 if unit == 2 else 1.0
            density, absolute = (x * to_inch, y * to_inch), unit in (1, 2)
        elif mark == 0xFFE1 and body[:6] == b"Exif\0\0":
            exif = parse_exif(body)
        at += 2 + size
    if header is None:
        raise Refused("unreadable", "a JPEG without a frame header")
    if data.find(b"\xff\xd9", at) < 0:
        raise Refused("truncated", "the JPEG has no end-of-image mark")
    return _with_exif(replace(header, density=density, absolute=absolute), exif)


def bmp_header(data: bytes) -> Header:
    """Uncompressed bitmaps state how many bytes they need. A fourth channel is padding more often than alpha."""
    if len(data) < 26:
        raise Refused("truncated", "the BMP ends inside its header")
    start, info = struct.unpack_from("<II", data, 10)
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
            return _with_exif(header, parse_exif(data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return header
