"""What every decoder hands over, and the arithmetic that all of them share: gray, polarity, turns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.codes import Reason
from ocrpipe.scans.exif import Exif
from ocrpipe.settings import Settings

_LONGEST_COMPLAINT = 200


class Refused(Exception):
    """A page or file that is not decoded; `decode` turns it into a `Failure`, nobody else sees it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[Refused], tuple[Reason, str]]:
        return Refused, (self.reason, self.detail)  # from a child process, see `guarded`


def words(error: Exception) -> str:
    """A decoder's complaint for people: one short line, without objects' addresses and OpenCV's source lines.

    >>> words(ValueError("<Page 0x7f12> has no strips")), words(KeyError())
    ('it has no strips', 'KeyError')
    """
    text = re.sub(r"OpenCV\([^)]*\)[^:]*:\d+: error: \([^)]*\) ?", "", str(error))
    text = re.sub(r"<[^<>]*>", "it", " ".join(text.split())).strip()
    return text[:_LONGEST_COMPLAINT] or type(error).__name__


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """(H, W) uint8, 0 ink … 255 paper, turned as the file says, with the density that the file states."""

    pixels: NDArray[np.uint8]
    density: tuple[float, float] | None = None
    """Pixels per inch along x and y."""
    absolute: bool = True
    """False where the file states only the ratio of the two densities."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture's header says, in the order in which its rows and columns are stored."""

    width: int
    height: int
    density: tuple[float, float] | None = None
    absolute: bool = True
    transparent: bool = False
    orientation: int = 1


def with_exif(header: Header, exif: Exif) -> Header:
    """EXIF gives the orientation always, the density only where the format itself is silent."""
    header = replace(header, orientation=exif.orientation)
    if exif.density and not (header.density and header.absolute):
        header = replace(header, density=exif.density, absolute=True)
    return header


def check_size(width: int, height: int, settings: Settings) -> None:
    """Refuses a picture before any memory is taken for it."""
    if width < 1 or height < 1:
        raise Refused("unreadable", f"the header says {width} × {height} pixels")
    if width * height > settings.max_pixels:
        raise Refused("too_large", f"{width} × {height} pixels, more than max_pixels = {settings.max_pixels}")


def oriented(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Applies a TIFF or EXIF orientation (1 … 8; anything else counts as 1)."""
    match orientation:
        case 2:
            turned = pixels[:, ::-1]
        case 3:
            turned = pixels[::-1, ::-1]
        case 4:
            turned = pixels[::-1]
        case 5:
            turned = pixels.T
        case 6:
            turned = pixels[::-1].T
        case 7:
            turned = pixels[::-1, ::-1].T
        case 8:
            turned = pixels[:, ::-1].T
        case _:
            turned = pixels
    return np.ascontiguousarray(turned)


def oriented_density(density: tuple[float, float] | None, orientation: int) -> tuple[float, float] | None:
    """Densities are stated for the stored rows and columns; orientations 5 … 8 swap them."""
    return (density[1], density[0]) if density and orientation in (5, 6, 7, 8) else density


def eight_bit(samples: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Scales unsigned samples of `bits` bits to 0 … 255."""
    if samples.dtype == np.bool_:
        return np.negative(samples.view(np.uint8))  # 1 → 255
    if bits == 8:
        return np.asarray(samples, np.uint8)
    if bits > 8:
        return np.asarray(samples >> (bits - 8), np.uint8)
    return np.asarray(samples * (255 // (2**bits - 1)), np.uint8)


def over_white(gray: NDArray[np.uint8], alpha: NDArray[np.uint8], *, premultiplied: bool = False) -> NDArray[np.uint8]:
    """Lays a picture on white paper; what is transparent is paper, not ink."""
    opacity = alpha.astype(np.uint16)
    shown = gray.astype(np.uint16) * (255 if premultiplied else opacity)
    return np.asarray(np.minimum((shown + 255 * (255 - opacity) + 127) // 255, 255), np.uint8)


def gray_of_bgr(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W), (H, W, 3) or (H, W, 4) in OpenCV's order → (H, W), luminance, over white."""
    if picture.ndim == 2:
        return picture
    if picture.shape[2] == 1:
        return np.ascontiguousarray(picture[:, :, 0])
    gray = np.asarray(cv2.cvtColor(picture[:, :, :3], cv2.COLOR_BGR2GRAY), np.uint8)
    return over_white(gray, picture[:, :, 3]) if picture.shape[2] == 4 else gray
