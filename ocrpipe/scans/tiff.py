"""TIFF: every page, every compression a scanner writes.

tifffile and imagecodecs decode. What they leave to the caller is done here: polarity, palette, orientation,
densities, thumbnails, directories that loop, strips that lie outside of the file, JPEG strips without an end,
and Group 4 strips that are damaged.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import cv2
import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray

from ocrpipe.scans.fax import check_group3, decode_group4
from ocrpipe.scans.raster import Raster, Refused, check_size, eight_bit, oriented, oriented_density, over_white
from ocrpipe.settings import Settings

_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _PALETTE, _MASK, _SEPARATED, _YCBCR = range(7)
_GROUP_3, _GROUP_4, _OLD_JPEG, _JPEG, _PACKED_JPEG = 3, 4, 6, 7, 34892


def decode_tiff(handle: BinaryIO, size: int, settings: Settings) -> Iterator[Raster | Refused]:
    """Yields the pages in order, without thumbnails and masks. `size` is the file's length in bytes."""
    count, trouble = _directories(handle, size, settings.max_pages)
    shown = 0
    handle.seek(0)
    with tifffile.TiffFile(handle, name="scan") as tiff:
        for index in range(count):
            try:
                page = tiff.pages[index]
                if count > 1 and _is_auxiliary(page):
                    continue
                yield _page(page, handle, size, settings)
            except Refused as refusal:
                yield refusal
            except Exception as error:
                yield Refused("unreadable", f"damaged TIFF page: {error}")
            shown += 1
    if trouble is not None:
        yield trouble
    elif shown == 0:
        yield Refused("unreadable", "a TIFF without a full page")


def _directories(handle: BinaryIO, size: int, most: int) -> tuple[int, Refused | None]:
    """Walks the chain of directories: how many there are, and what ended the chain before its proper end."""
    handle.seek(0)
    head = handle.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in (b"+\0", b"\0+")
    if len(head) < (16 if big else 8):
        raise Refused("truncated", "the TIFF ends inside its header")
    pointer, count_format, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    (at,) = struct.unpack_from(order + pointer, head, 8 if big else 4)
    seen: set[int] = set()
    while at:
        if at in seen:
            return len(seen), Refused("unreadable", "the TIFF's directories form a loop")
        if len(seen) >= most:
            raise Refused("too_large", f"more pages than max_pages = {most}")
        handle.seek(at)
        raw = handle.read(struct.calcsize(count_format))
        if len(raw) < struct.calcsize(count_format):
            return len(seen), Refused("truncated", "a TIFF directory lies behind the end of the file")
        after = at + len(raw) + entry * struct.unpack(order + count_format, raw)[0]
        if after + struct.calcsize(pointer) > size:
            return len(seen), Refused("truncated", "the TIFF ends inside a directory")
        seen.add(at)
        handle.seek(after)
        (at,) = struct.unpack(order + pointer, handle.read(struct.calcsize(pointer)))
    return len(seen), None


def _is_auxiliary(page: Any) -> bool:
    """Thumbnails (reduced resolution) and transparency masks are no pages."""
    return bool(int(page.subfiletype) & 0b101) or page.tags.valueof(255) == 2


def _page(page: Any, handle: BinaryIO, size: int, settings: Settings) -> Raster:
    check_size(page.imagewidth, page.imagelength, settings)
    if page.is_tiled:
        check_size(page.tilewidth, page.tilelength, settings)
    if page.imagedepth != 1 or page.samplesperpixel > 8:
        raise Refused("unreadable", "the TIFF page is no flat picture")
    _check_segments(page, handle, size)
    orientation = int(page.tags.valueof(274) or 1)
    photometric = int(page.photometric)
    if int(page.compression) == _OLD_JPEG or (
        photometric == _YCBCR and int(page.compression) not in (_JPEG, _PACKED_JPEG)
    ):
        gray = _by_libtiff(page, handle)
    else:
        gray = _gray(page, _group4(page, handle) if int(page.compression) == _GROUP_4 else page.asarray(maxworkers=1))
    density, absolute = _density(page)
    return Raster(oriented(gray, orientation), oriented_density(density, orientation), absolute)


def _check_segments(page: Any, handle: BinaryIO, size: int) -> None:
    """Every strip or tile must lie in the file; a JPEG strip must have its end, a Group 3 strip all of its rows."""
    compression = int(page.compression)
    if not page.dataoffsets or len(page.dataoffsets) != len(page.databytecounts):
        raise Refused("unreadable", "the TIFF page has no picture data")
    for index, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
        if offset + count > size or count == 0:
            raise Refused("truncated", "a strip of the TIFF page lies behind the end of the file")
        if compression == _JPEG and b"\xff\xd9" not in _segment(page, handle, index)[-16:]:
            raise Refused("truncated", "a JPEG strip of the TIFF page has no end-of-image mark")
        if compression == _GROUP_3 and not page.is_tiled:
            rows = min(int(page.rowsperstrip), int(page.imagelength) - index * int(page.rowsperstrip))
            check_group3(_segment(page, handle, index), rows)


def _segment(page: Any, handle: BinaryIO, index: int) -> bytes:
    """The bytes of a strip or tile, highest bit first where the order of bits means anything."""
    handle.seek(page.dataoffsets[index])
    data = handle.read(page.databytecounts[index])
    in_bits = int(page.fillorder) == 2 and int(page.compression) in (_GROUP_3, _GROUP_4)
    return bytes(imagecodecs.bitorder_decode(data)) if in_bits else data


def _group4(page: Any, handle: BinaryIO) -> NDArray[np.bool_]:
    """(H, W) bool, as the polarity tag will say; see `fax` why tifffile does not do this."""
    width, height = int(page.imagewidth), int(page.imagelength)
    columns = int(page.tilewidth) if page.is_tiled else width
    rows = int(page.tilelength) if page.is_tiled else min(int(page.rowsperstrip), height)
    across = -(-width // columns)
    if int(page.samplesperpixel) != 1 or len(page.dataoffsets) < across * -(-height // rows):
        raise Refused("unreadable", "the TIFF page has too few strips for its size")
    picture = np.empty((height, width), np.bool_)
    for index in range(across * -(-height // rows)):
        top, left = index // across * rows, index % across * columns
        coded_rows = rows if page.is_tiled else min(rows, height - top)
        part = decode_group4(_segment(page, handle, index), coded_rows, columns)
        picture[top : top + rows, left : left + columns] = part[: height - top, : width - left]
    return picture


def _gray(page: Any, samples: NDArray[Any]) -> NDArray[np.uint8]:
    photometric = int(page.photometric)
    if samples.dtype.kind not in "bu":
        raise Refused("unreadable", f"the TIFF page has samples of type {samples.dtype}")
    bits = 1 if samples.dtype == np.bool_ else int(page.bitspersample)
    if bits not in (1, 2, 4, 8, 12, 16, 32):
        raise Refused("unreadable", f"the TIFF page has samples of {bits} bits")
    if samples.ndim == 3 and int(page.planarconfig) == 2:
        samples = np.moveaxis(samples, 0, -1)
    channels = samples if samples.ndim == 3 else samples[:, :, None]
    if photometric == _PALETTE:
        return np.asarray(_palette(page)[channels[:, :, 0]], np.uint8)
    gray = _channels_to_gray(channels, bits, photometric)
    extra = [int(kind) for kind in page.extrasamples]
    alpha = channels.shape[2] - len(extra)
    if extra and extra[0] in (1, 2) and alpha >= 1:
        return over_white(gray, eight_bit(channels[:, :, alpha], bits), premultiplied=extra[0] == 1)
    return gray


def _channels_to_gray(channels: NDArray[Any], bits: int, photometric: int) -> NDArray[np.uint8]:
    if photometric in (_RGB, _YCBCR) and channels.shape[2] >= 3:
        rgb = np.ascontiguousarray(eight_bit(channels[:, :, :3], bits))
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    if photometric == _SEPARATED and channels.shape[2] >= 4:
        cmyk = eight_bit(channels[:, :, :4], bits)
        rgb = np.asarray(
            (255 - cmyk[:, :, :3].astype(np.uint16)) * (255 - cmyk[:, :, 3:].astype(np.uint16)) // 255, np.uint8
        )
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    gray = np.ascontiguousarray(eight_bit(channels[:, :, 0], bits))
    return np.asarray(255 - gray, np.uint8) if photometric in (_MIN_IS_WHITE, _MASK) else gray


def _palette(page: Any) -> NDArray[np.uint8]:
    """The gray of every palette entry, (2^bits,) uint8."""
    colours = np.asarray(page.colormap)
    if colours.max() > 255:  # the standard says 16 bits; some writers store 8
        colours = colours >> 8
    rgb = np.ascontiguousarray(colours.astype(np.uint8).T[None])
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[0], np.uint8)


def _by_libtiff(page: Any, handle: BinaryIO) -> NDArray[np.uint8]:
    """Old-style JPEG and subsampled YCbCr, which only libtiff puts together."""
    handle.seek(0)
    rgba = np.asarray(imagecodecs.tiff_decode(handle.read(), index=page.index, asrgb=True), np.uint8)
    return np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2GRAY), np.uint8)


def _density(page: Any) -> tuple[tuple[float, float] | None, bool]:
    """Pixels per inch along x and y, and whether the unit is known."""
    values = [page.tags.valueof(tag) for tag in (282, 283)]
    if not all(isinstance(value, tuple) and len(value) == 2 and all(value) for value in values):
        return None, False
    unit = int(page.tags.valueof(296) or 2)
    to_inch = 2.54 if unit == 3 else 1.0
    (x, x_below), (y, y_below) = values
    return (x / x_below * to_inch, y / y_below * to_inch), unit in (2, 3)
