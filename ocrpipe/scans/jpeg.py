"""JPEG, alone or inside TIFF and PDF, decoded so that damage shows.

libjpeg murmurs of nonsense and of missing data, which is listened to; a witness (`jpeg_witness`) tells of data that is
left over. What cannot be told: a wrong bit after which the codes fall into step again with as many blocks, about half
of all single bits. JPEG has no checksum.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.scans.exif import Exif, parse_exif
from ocrpipe.scans.jpeg_witness import Parts, is_in_place, row_behind, row_behind_mark
from ocrpipe.scans.murmurs import overheard
from ocrpipe.scans.raster import Header, Raster, Refused, check_size, oriented, oriented_density, with_exif
from ocrpipe.settings import Settings

_DAMAGE = re.compile("Corrupt JPEG|Premature end|Inconsistent progression")
_END = b"\xff\xd9"
_MOST_PADDING = 16
"""Zeros that some cameras write before the end mark. More may be the codes of white paper."""
_MOST_SCANS = 200
"""Progressive files have about ten; each costs a walk over the whole picture."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a JPEG says before its coded data, and where its parts lie."""

    header: Header
    parts: Parts


def decode_jpeg(data: bytes, settings: Settings) -> Raster:
    layout = jpeg_layout(data)
    header = layout.header
    check_size(header.width, header.height, settings)
    pixels = oriented(jpeg_pixels(data, layout), header.orientation)
    return Raster(pixels, oriented_density(header.density, header.orientation), header.absolute)


def jpeg_pixels(data: bytes, layout: Layout) -> NDArray[np.uint8]:
    """(H, W), as it is stored; refuses data that is corrupt."""
    parts = layout.parts
    watched = row_behind(data, parts)
    picture, murmurs = _decoded(watched or data)
    if murmurs or picture is None or (watched and not is_in_place(picture[-1], parts)):
        picture, murmurs = _looked_at_closely(data, parts)
    if murmurs or picture is None:
        what = murmurs.partition("\n")[0].removeprefix("Corrupt JPEG data: ")
        raise Refused("unreadable", "the JPEG's data is damaged" + (f": {what}" if what else ""))
    if picture.dtype != np.uint8 or picture.shape[0] < parts.height or picture.shape[1] != parts.width:
        raise Refused("unreadable", "the JPEG's data does not fit its header")
    return np.asarray(picture[: parts.height], np.uint8)


def _looked_at_closely(data: bytes, parts: Parts) -> tuple[NDArray[Any] | None, str]:
    """The picture, and what libjpeg murmurs of it that is no mere padding, where the quick look found something."""
    picture, murmurs = _decoded(row_behind_mark(data, parts) or data)
    first = data.find(_END, parts.scan)
    if murmurs and first < parts.end:  # more behind the picture, such as another one
        parts = replace(parts, end=first)
        picture, murmurs = _decoded(row_behind_mark(data, parts) or data)
    surplus = re.fullmatch(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd[09]", murmurs)
    size = int(surplus[1]) if surplus else _MOST_PADDING + 1
    if size <= _MOST_PADDING and not any(data[parts.end - size : parts.end]):
        return picture, ""
    return picture, murmurs


def _decoded(data: bytes) -> tuple[NDArray[Any] | None, str]:
    """The picture and what libjpeg murmured of its data (of odd headers it murmurs, too, and reads them well)."""
    flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
    picture, murmurs = overheard(lambda: cv2.imdecode(np.frombuffer(data, np.uint8), flags))
    return picture, "\n".join(line for line in murmurs.splitlines() if _DAMAGE.match(line))


def jpeg_layout(data: bytes) -> Layout:
    """Reads the segments up to the first scan and looks for the last end-of-image mark behind it."""
    frame: tuple[int, int, bytes] | None = None
    huffman: list[bytes] = []
    density: tuple[float, float] | None = None
    absolute, restarts, exif = True, False, Exif()
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 4 > len(data):
            raise Refused("truncated", "the JPEG ends inside its header")
        mark, size = struct.unpack_from(">HH", data, at)
        if mark >> 8 != 0xFF or size < 2:
            raise Refused("unreadable", "a JPEG with a damaged header")
        body = data[at + 4 : at + 2 + size]
        if mark == 0xFFDA:
            break
        if mark == 0xFFC4:
            huffman.append(body)
        elif mark in (0xFFC8, 0xFFCC):
            pass  # other tables between the frame headers
        elif 0xFFC0 <= mark <= 0xFFCF and len(body) >= 6:
            frame = at, mark, body
        elif mark == 0xFFDD:
            restarts = body != b"\0\0"
        elif mark == 0xFFE0 and body[:5] == b"JFIF\0" and len(body) >= 12:
            unit, x, y = struct.unpack_from(">BHH", body, 7)
            to_inch = 2.54 if unit == 2 else 1.0
            density, absolute = (x * to_inch, y * to_inch), unit in (1, 2)
        elif mark == 0xFFE1 and body[:6] == b"Exif\0\0":
            exif = parse_exif(body)
        at += 2 + size
    if frame is None:
        raise Refused("unreadable", "a JPEG without a frame header")
    start, kind, body = frame
    height, width, count = struct.unpack_from(">HHB", body, 1)
    sizes = {body[i]: (body[i + 1] >> 4, body[i + 1] & 15) for i in range(6, min(6 + 3 * count, len(body) - 2), 3)}
    end = data.rfind(_END, at)  # from behind: looking for the first is a walk through all the data
    if end < 0:
        raise Refused("truncated", "the JPEG has no end-of-image mark")
    if at + 6 > end:
        raise Refused("unreadable", "a JPEG without data")
    if kind != 0xFFC0 and data.count(b"\xff\xda", at, end) > _MOST_SCANS:
        raise Refused("unreadable", f"the JPEG has more than {_MOST_SCANS} scans")
    header = with_exif(Header(width, height, density, absolute), exif)
    return Layout(header, Parts(start, kind, width, height, sizes, tuple(huffman), restarts, at, end))
