"""PDF through PDFium. A page that is one image is taken as that image, at its own pixels; others are drawn.

PDFium is not thread-safe: decode PDF in separate processes only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from ocrpipe.scans.guarded import guarded
from ocrpipe.scans.pdf_images import Habits, bitmap_of, gray_of, habits_of
from ocrpipe.scans.pdf_text import is_plain, text_of
from ocrpipe.scans.raster import Raster, Refused, check_size, gray_of_bgr, oriented, words
from ocrpipe.settings import Settings

_POINTS_PER_INCH = 72.0
_RENDER_DPI = 200.0
_MOST_RENDER_DPI = 400.0
_INVISIBLE_TEXT = 3
_ORIENTATIONS = {
    # signs of the image matrix (a, b, c, d) → EXIF orientation, before the page's own rotation
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, -1, -1, 0): 5,
    (0, -1, 1, 0): 6,
    (0, 1, 1, 0): 7,
    (0, 1, -1, 0): 8,
}


def decode_pdf(handle: BinaryIO, size: int, settings: Settings) -> Iterator[Raster | Refused]:
    """Yields the pages in order. `size` is the file's length in bytes."""
    handle.seek(0)
    content = handle.read(size)
    pages = partial(_pages, content, settings)
    if is_plain(content) or not hasattr(os, "fork"):
        yield from pages(0)[1]
    else:
        yield from guarded(pages)


def _pages(content: bytes, settings: Settings, first: int) -> tuple[int, Iterator[Raster | Refused]]:
    """How many pages there are, and those from `first` on."""
    whole = _is_whole(content)
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = b"/Encrypt" in content  # otherwise PDFium's code may be that of a file before
        if locked and error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise Refused("encrypted", "the PDF needs a password") from error
        if locked and error.err_code == pdfium_c.FPDF_ERR_SECURITY:
            raise Refused("encrypted", "the PDF is encrypted in a way that cannot be read") from error
        if not whole:
            raise Refused("truncated", "the PDF ends before its end mark") from error
        raise Refused("unreadable", "the PDF is damaged") from error
    count = len(document)
    try:
        if not whole:  # PDFium mends what it can, and drops pages in silence
            raise Refused("truncated", "the PDF ends before its end mark")
        if count > settings.max_pages:
            raise Refused("too_large", f"{count} pages, more than max_pages = {settings.max_pages}")
        if count == 0:
            raise Refused("unreadable", "the PDF has no pages")
    except Refused:
        document.close()
        raise
    return count, _decoded(document, range(first, count), habits_of(text_of(content)), settings)


def _decoded(document: Any, wanted: range, habits: Habits, settings: Settings) -> Iterator[Raster | Refused]:
    try:
        for index in wanted:
            try:
                page = document[index]
                try:
                    yield _page(page, habits, settings)
                finally:
                    page.close()
            except Refused as refusal:
                yield refusal
            except (pdfium.PdfiumError, ValueError, cv2.error) as error:
                yield Refused("unreadable", f"the PDF page is damaged: {words(error)}")
    finally:
        document.close()


def _is_whole(content: bytes) -> bool:
    """Has the end mark and, where the file is linearised, all the bytes that its head promises."""
    promised = re.search(rb"/Linearized.{0,200}?/L\s+(\d{1,12})", content[:1024], re.DOTALL)
    return not (promised and int(promised[1]) > len(content)) and b"%%EOF" in content[-4096:]


def _page(page: Any, habits: Habits, settings: Settings) -> Raster:
    images, others = _contents(page)
    grays = [gray_of(image, habits, settings) for image in images]
    if len(images) == 1 and not others and pdfium_c.FPDFPage_GetAnnotCount(page) == 0:
        taken = _taken(page, images[0], grays[0])
        if taken is not None:
            return taken
    return _drawn(page, images, settings)


def _contents(page: Any) -> tuple[list[Any], int]:
    """The images of a page and the number of its other visible objects (a layer of invisible text is none)."""
    images, others = [], 0
    for thing in page.get_objects(max_depth=4):
        if thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images.append(thing)
        elif thing.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            others += pdfium_c.FPDFTextObj_GetTextRenderMode(thing) != _INVISIBLE_TEXT
        elif thing.type != pdfium_c.FPDF_PAGEOBJ_FORM:
            others += 1
    return images, others


def _taken(page: Any, image: Any, gray: NDArray[np.uint8] | None) -> Raster | None:
    """The page's only image, whose pixels may be known as `gray`; None where taking it would not show the page."""
    orientation = _orientation(image)
    width, height = image.get_px_size()
    known = image.get_metadata().colorspace != pdfium_c.FPDF_COLORSPACE_UNKNOWN
    if orientation is None or not known or image.container is not None or pdfium_c.FPDFPageObj_HasTransparency(image):
        return None
    left, bottom, right, top = image.get_bounds()
    box = page.get_cropbox()
    slack = 0.02 * max(right - left, top - bottom)
    if left < box[0] - slack or bottom < box[1] - slack or right > box[2] + slack or top > box[3] + slack:
        return None  # the page shows a part of it
    picture = _gray(bitmap_of(image)) if gray is None else gray
    if picture.shape != (height, width):
        return None
    swapped = orientation in (5, 6, 7, 8)
    x = (height if swapped else width) / (right - left) * _POINTS_PER_INCH
    y = (width if swapped else height) / (top - bottom) * _POINTS_PER_INCH
    pixels = oriented(picture, orientation)
    quarter_turns = page.get_rotation() // 90 % 4
    if quarter_turns % 2:
        x, y = y, x
    return Raster(np.ascontiguousarray(np.rot90(pixels, -quarter_turns)), (x, y))


def _orientation(image: Any) -> int | None:
    """How the image lies on the page, as an EXIF orientation; None where it leans."""
    m = image.get_matrix()
    parts = (m.a, m.b, m.c, m.d)
    limit = 1e-3 * max(abs(part) for part in parts)
    signs = tuple(0 if abs(part) <= limit else (1 if part > 0 else -1) for part in parts)
    a, b, c, d = signs
    return _ORIENTATIONS.get((a, b, c, d))


def _drawn(page: Any, images: list[Any], settings: Settings) -> Raster:
    """Draws the page at the resolution of its finest image, within reason."""
    finest = max((max(_image_dpi(image)) for image in images), default=_RENDER_DPI)
    dpi = min(max(finest, _RENDER_DPI), _MOST_RENDER_DPI)
    width, height = page.get_size()
    check_size(round(width / _POINTS_PER_INCH * dpi), round(height / _POINTS_PER_INCH * dpi), settings)
    return Raster(_gray(page.render(scale=dpi / _POINTS_PER_INCH, grayscale=True)), (dpi, dpi))


def _image_dpi(image: Any) -> tuple[float, float]:
    width, height = image.get_px_size()
    m = image.get_matrix()
    along_x, along_y = float(np.hypot(m.a, m.b)), float(np.hypot(m.c, m.d))
    if min(along_x, along_y) <= 0:
        return 0.0, 0.0
    return width / along_x * _POINTS_PER_INCH, height / along_y * _POINTS_PER_INCH


def _gray(bitmap: Any) -> NDArray[np.uint8]:
    """A copy that outlives PDFium's buffer: (H, W) uint8."""
    picture = bitmap.to_numpy()
    if picture.ndim == 3 and picture.shape[2] == 4 and bitmap.mode.endswith("X"):
        picture = picture[:, :, :3]
    return gray_of_bgr(np.asarray(picture, np.uint8)).copy()
