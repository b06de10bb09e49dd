"""A line of E-13B (ANSI X9.100-20, ISO 1004-1): eight characters to the inch, aligned on their right edges."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from drawing.sheet import SCALE, Sheet
from ocrpipe.e13b import MODULE_IN, PITCH_IN
from ocrpipe.training.e13b import FINE, glyph


def micr_line(sheet: Sheet, x: float, text: str, bottom: float = 0.31) -> None:
    """Prints `text` (digits, T transit, A amount, U on-us, D dash, spaces) with its feet `bottom` inches above the
    lower edge."""
    scale = MODULE_IN * SCALE / FINE
    for place, letter in enumerate(text):
        if letter == " ":
            continue
        drawn = cv2.resize(255 * glyph(letter), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        rows, columns = drawn.shape
        at = round((x + (place + 1) * PITCH_IN) * SCALE) - columns, round((sheet.height - bottom) * SCALE) - rows
        sheet.print.paste(255, at, Image.fromarray(drawn.astype(np.uint8)))
