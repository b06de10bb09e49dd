"""TIFF: every page, every compression a scanner writes.

tifffile and imagecodecs decode. What they leave to the caller is done here and in `tiff_directories` and
`tiff_segments`: polarity, palette, orientation, densities, thumbnails, and everything that damage does.

What cannot be told: a wrong bit in strips that are not packed, and most of them in LZW and run-length strips that still
come out at their full length.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, BinaryIO

import cv2
import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray

from ocrpipe.scans.raster import Raster, Refused, check_size, eight_bit, oriented, oriented_density, over_white, words
from ocrpipe.scans.tiff_directories import count_directories
from ocrpipe.scans.tiff_segments import JPEG, OLD_JPEG, PACKED_JPEG, check_segments, pixels_of_segments
from ocrpipe.settings import Settings

_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _PALETTE, _MASK, _SEPARATED, _YCBCR = range(7)
_LAB, _ICC_LAB = 8, 9
"""Their first sample is the lightness."""
_FEWEST_SAMPLES = {
    _MIN_IS_WHITE: 1, _MIN_IS_BLACK: 1, _RGB: 3, _PALETTE: 1, _MASK: 1, _SEPARATED: 4, _YCBCR: 3, _LAB: 1, _ICC_LAB: 1
}  # fmt: skip
_MOST_BYTES_A_PIXEL = 8
"""Four samples of 16 bits."""
logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # it says of damaged files on stderr what the rows say


def decode_tiff(handle: BinaryIO, size: int, settings: Settings) -> Iterator[Raster | Refused]:
    """Yields the pages in order, without thumbnails and masks. `size` is the file's length in bytes."""
    count, trouble = count_directories(handle, size, settings.max_pages)
    if trouble is not None and count == 0:
        raise trouble
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
            except MemoryError:
                raise
            except Exception as error:
                yield Refused("unreadable", f"the TIFF page is damaged: {words(error)}")
            shown += 1
    if trouble is not None:
        yield trouble
    elif shown == 0:
        yield Refused("unreadable", "a TIFF without a full page")


def _is_auxiliary(page: Any) -> bool:
    """Thumbnails (reduced resolution) and transparency masks are no pages."""
    return bool(int(page.subfiletype) & 0b101) or page.tags.valueof(255) == 2


def _page(page: Any, handle: BinaryIO, size: int, settings: Settings) -> Raster:
    check_size(page.imagewidth, page.imagelength, settings)
    if page.is_tiled:
        check_size(page.tilewidth, page.tilelength, settings)
    if page.imagedepth != 1 or page.samplesperpixel > 8:
        raise Refused("unreadable", "the TIFF page is no flat picture")
    _check_samples(page, settings)
    check_segments(page, handle, size)
    orientation = int(page.tags.valueof(274) or 1)
    photometric = int(page.photometric)
    if int(page.compression) == OLD_JPEG or (
        photometric == _YCBCR and int(page.compression) not in (JPEG, PACKED_JPEG)
    ):
        gray = _by_libtiff(page, handle)
    else:
        samples = pixels_of_segments(page, handle, settings)
        gray = _gray(page, page.asarray(maxworkers=1) if samples is None else samples)
    density, absolute = _density(page)
    return Raster(oriented(gray, orientation), oriented_density(density, orientation), absolute)


def _check_samples(page: Any, settings: Settings) -> None:
    """The memory that decoding takes, and that the samples are of a kind whose gray is known."""
    samples, photometric = max(1, int(page.samplesperpixel)), int(page.photometric)
    wanted = int(page.imagewidth) * int(page.imagelength) * samples * max(1, int(page.bitspersample) // 8)
    if wanted > _MOST_BYTES_A_PIXEL * settings.max_pixels:
        raise Refused("too_large", f"a TIFF page of {wanted} bytes")
    if samples < _FEWEST_SAMPLES.get(photometric, samples + 1):
        raise Refused("unreadable", f"a TIFF page of {samples} samples a pixel whose photometric tag is {photometric}")


def _gray(page: Any, samples: NDArray[Any]) -> NDArray[np.uint8]:
    photometric = int(page.photometric)
    if samples.dtype.kind not in "bu":
        raise Refused("unreadable", f"the TIFF page has samples of type {samples.dtype}")
    bits = 1 if samples.dtype == np.bool_ else int(page.bitspersample)
    if bits not in (1, 2, 4, 8, 12, 16, 32):
        raise Refused("unreadable", f"the TIFF page has samples of {bits} bits")
    if samples.ndim == 3 and int(page.planarconfig) == 2:
        samples = np.moveaxis(samples, 0, -1)
    if samples.ndim == 2 and photometric in (_RGB, _YCBCR):
        return np.asarray(samples, np.uint8)  # JPEG strips come as gray
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
