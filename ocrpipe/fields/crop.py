"""From a placed field to its pixels: only what is read is drawn, and no finer than reading needs."""

from __future__ import annotations

import numpy as np

from ocrpipe.geometry import Box, resample, scaling, translation
from ocrpipe.records import Document, FieldImage, FieldSpec, Page, Place

READ_DPI = 200.0
"""Fields of finer scans are reduced to this: characters of handwriting are then about 36 px tall."""
FIELD_HEIGHT = 160
"""Height to which the picture of a single field is reduced, px: a line of writing at 200 dpi, with room around it."""


def whole(page: Page, spec: FieldSpec) -> FieldImage:
    """A page that is one field; a picture of writing that is much finer than a scan is reduced."""
    tall = page.height > 1.5 * FIELD_HEIGHT and spec.kind != "micr"
    scale = min(1.0, FIELD_HEIGHT / page.height) if tall else 1.0
    width, height = max(1, round(page.width * scale)), max(1, round(page.height * scale))
    to_page = scaling(page.width / width, page.height / height)
    pixels = page.pixels if scale == 1.0 else resample(page.pixels, to_page, width, height)
    return FieldImage(spec, pixels, to_page, Box(0, 0, width, height), page.dpi * scale)


def crop(document: Document, place: Place, box: Box) -> FieldImage:
    """The field with a margin for strokes that overshoot, at most at `READ_DPI`."""
    page = document.upright.page
    scale = min(1.0, READ_DPI / page.dpi) if page.dpi > 1.3 * READ_DPI else 1.0
    margin = max(4, round(0.15 * box.height * scale))
    width, height = round(box.width * scale), round(box.height * scale)
    to_box = translation(box.x0, box.y0) @ scaling(1 / scale, 1 / scale) @ translation(-margin, -margin)
    to_page = document.upright.to_page @ place.to_upright @ to_box
    pixels = resample(page.pixels, to_page, width + 2 * margin, height + 2 * margin)
    pixels = np.asarray(255 - pixels, np.uint8) if place.inverse else pixels
    inner = Box(margin, margin, margin + width, margin + height)
    shown = place.shown
    if shown is not None:
        shown = shown.moved(-box.x0, -box.y0).scaled(scale).moved(margin, margin)
    return FieldImage(place.spec, pixels, to_page, inner, page.dpi * scale, shown)
