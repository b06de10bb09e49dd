"""A file becomes pages. Trouble with its content never raises: it is a `BadPage`."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import BinaryIO

import cv2

from ocrpipe.records import BadPage, Failure, Page, ScanFile
from ocrpipe.remote import Remote
from ocrpipe.scans.jpeg import decode_jpeg
from ocrpipe.scans.pdf import decode_pdf
from ocrpipe.scans.raster import Raster, Refused, words
from ocrpipe.scans.resolution import resolution_of, squared
from ocrpipe.scans.still import decode_bmp, decode_png, decode_webp
from ocrpipe.scans.tiff import decode_tiff
from ocrpipe.settings import Settings

_TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def decode(file: ScanFile, settings: Settings) -> Iterator[Page | BadPage]:
    """Yields every page of `file`, one in memory at a time; what is bad is one `BadPage` and the rest go on.

    The kind of file is told by its first bytes, never by its name.
    """
    yield from _decoded(file.name, lambda: _opened(file, settings), settings)


def decode_bytes(content: bytes, name: str, settings: Settings) -> Iterator[Page | BadPage]:
    """What `decode` yields of a file that lies in memory and nowhere else; rows would call it `name`."""
    yield from _decoded(name, lambda: BytesIO(content), settings)


def _decoded(name: str, opened: Callable[[], BinaryIO], settings: Settings) -> Iterator[Page | BadPage]:
    sha256 = ""
    index = 0
    try:
        with opened() as handle:
            size = handle.seek(0, os.SEEK_END)
            _check_file(size, settings)
            sha256 = _sha256(handle)
            for found in _rasters(handle, size, settings):
                yield _page(name, sha256, index, found, settings)
                index += 1
    except Refused as refusal:
        yield _bad(name, sha256, index, refusal)
    except OSError as error:
        yield _bad(name, sha256, index, Refused("unreadable", error.strerror or type(error).__name__))
    except MemoryError:
        yield _bad(name, sha256, index, Refused("too_large", "not enough memory"))
    except Exception as error:  # decoders meet bytes that nobody foresaw; the file is lost, the run is not
        yield _bad(name, sha256, index, Refused("unreadable", f"the file is damaged: {words(error)}"))


def _opened(file: ScanFile, settings: Settings) -> BinaryIO:
    """Opens without waiting for a pipe or a device that only looks like a scan; an object of a store is fetched."""
    if isinstance(file.path, Remote):
        with file.path.open() as content:
            _check_file(content.size(), settings)
            return BytesIO(content.read())
    descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused("unreadable", "not a regular file")
    return os.fdopen(descriptor, "rb")


def _sha256(handle: BinaryIO) -> str:
    digest = hashlib.sha256()
    handle.seek(0)
    while block := handle.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _check_file(size: int, settings: Settings) -> None:
    if size == 0:
        raise Refused("unreadable", "the file is empty")
    if size > settings.max_file_bytes:
        raise Refused("too_large", f"{size} bytes, more than max_file_bytes = {settings.max_file_bytes}")


def _rasters(handle: BinaryIO, size: int, settings: Settings) -> Iterator[Raster | Refused]:
    handle.seek(0)
    head = handle.read(1024)
    if head.startswith(_TIFF_MAGICS):
        yield from decode_tiff(handle, size, settings)
    elif b"%PDF-" in head:
        yield from decode_pdf(handle, size, settings)
    else:
        decoder = _still_decoder(head)
        handle.seek(0)
        yield decoder(handle.read(size), settings)  # without a size, Python holds it twice while it grows


def _still_decoder(head: bytes) -> Callable[[bytes, Settings], Raster]:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return decode_png
    if head.startswith(b"\xff\xd8\xff"):
        return decode_jpeg
    if head.startswith(b"BM"):
        return decode_bmp
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return decode_webp
    raise Refused("unreadable", f"not a picture: the file begins with {_shown(head[:8])}")


def _shown(head: bytes) -> str:
    """
    >>> _shown(b"Dear Sir"), _shown(bytes([0, 255]))
    ('"Dear Sir"', '00 ff')
    """
    return f'"{head.decode()}"' if head.isascii() and head.decode().isprintable() else head.hex(" ")


def _page(name: str, sha256: str, index: int, found: Raster | Refused, settings: Settings) -> Page | BadPage:
    if isinstance(found, Refused):
        return _bad(name, sha256, index, found)
    try:
        raster = squared(found, settings)
    except Refused as refusal:
        return _bad(name, sha256, index, refusal)
    except cv2.error as error:
        return _bad(name, sha256, index, Refused("unreadable", f"the page is damaged: {words(error)}"))
    dpi, dpi_from = resolution_of(raster)
    return Page(name, sha256, index, raster.pixels, dpi, dpi_from)


def _bad(name: str, sha256: str, index: int, refusal: Refused) -> BadPage:
    return BadPage(name, sha256, index, Failure("decode", refusal.reason, refusal.detail))
