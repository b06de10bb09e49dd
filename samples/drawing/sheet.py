"""A sheet of paper with two inks, print and pen, and the scanner that takes it in.

Everything is placed in inches from the sheet's top left corner and drawn at twice the scan's
resolution, so that edges come out soft as a scanner's do.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

DPI = 200
SCALE = 2 * DPI
FONTS = Path("/usr/share/fonts/truetype")
BWHT = Path("/usr/share/fonts/opentype/bwht")

PRINT = {
    "sans": FONTS / "liberation/LiberationSans-Regular.ttf",
    "sans-bold": FONTS / "liberation/LiberationSans-Bold.ttf",
    "narrow": FONTS / "liberation/LiberationSansNarrow-Regular.ttf",
    "serif": FONTS / "liberation/LiberationSerif-Regular.ttf",
    "serif-bold": FONTS / "liberation/LiberationSerif-Bold.ttf",
    "mono": FONTS / "liberation/LiberationMono-Regular.ttf",
    "mono-bold": FONTS / "dejavu/DejaVuSansMono-Bold.ttf",
    "dejavu": FONTS / "dejavu/DejaVuSans.ttf",
    "dejavu-serif": FONTS / "dejavu/DejaVuSerif.ttf",
    "typewriter": FONTS / "gnutypewriter/GNUTypewriter.ttf",
}
PENS = {
    "breip": FONTS / "breip/Breip.ttf",
    "dkg": FONTS / "fifthhorseman/dkg.ttf",
    "rufscript": FONTS / "rufscript/Rufscript010.ttf",
    "humor": FONTS / "humor-sans/Humor-Sans.ttf",
    "build": BWHT / "BecauseWeBuild-Regular.otf",
    "create": BWHT / "BecauseWeCreate-Regular.otf",
    "learn": BWHT / "BecauseWeLearn-Regular.otf",
    "mentor": BWHT / "BecauseWeMentor-Regular.otf",
}

Extent = tuple[float, float, float, float]
"""x0, y0, x1, y1 of what was drawn, inches."""


class Sheet:
    """`print` and `pen` are (H, W) uint8 layers at `SCALE` pixels an inch, 255 where there is ink."""

    def __init__(self, width: float, height: float, rng: Generator) -> None:
        self.width, self.height, self.rng = width, height, rng
        size = round(width * SCALE), round(height * SCALE)
        self.print = Image.new("L", size)
        self.pen = Image.new("L", size)
        self._draw = ImageDraw.Draw(self.print)

    def text(self, x: float, y: float, words: str, size: float, font: str = "sans", ink: int = 255) -> Extent:
        """Prints `words` with its baseline at y; `size` is the body height in points."""
        face = ImageFont.truetype(PRINT[font], size / 72 * SCALE)
        self._draw.text((x * SCALE, y * SCALE), words, fill=ink, font=face, anchor="ls")
        box = self._draw.textbbox((x * SCALE, y * SCALE), words, font=face, anchor="ls")
        return box[0] / SCALE, box[1] / SCALE, box[2] / SCALE, box[3] / SCALE

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.008, ink: int = 255) -> None:
        ends = x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE
        self._draw.line(ends, fill=ink, width=max(1, round(width * SCALE)))

    def frame(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.01, ink: int = 255) -> None:
        corners = x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE
        self._draw.rectangle(corners, outline=ink, width=max(1, round(width * SCALE)))

    def fill(self, x0: float, y0: float, x1: float, y1: float, ink: int = 255) -> None:
        self._draw.rectangle((x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE), fill=ink)

    def write(self, x: float, y: float, words: str, height: float, pen: str, ink: int = 255) -> Extent:
        """Writes by hand: each letter gets its own size, slant, lean, baseline and bend.

        `height` is that of a capital or digit in inches. Returns the extent of the ink.
        """
        rng = self.rng
        face = ImageFont.truetype(PENS[pen], 300)
        cap = face.getbbox("H", anchor="ls")
        unit = height * SCALE / -cap[1]
        slant = rng.normal(0.08, 0.1)
        pace = rng.uniform(0.96, 1.08)
        cursor, boxes = x * SCALE, []
        for letter in words:
            advance = face.getlength(letter) * unit
            if letter != " ":
                glyph, dx, dy = _bent(face, letter, unit * rng.normal(1, 0.05), slant + rng.normal(0, 0.05), rng)
                at = round(cursor + dx), round(y * SCALE + dy + rng.normal(0, 0.035) * height * SCALE)
                self.pen.paste(ink, at, Image.fromarray(glyph))
                boxes.append((at[0], at[1], at[0] + glyph.shape[1], at[1] + glyph.shape[0]))
            cursor += advance * pace + rng.normal(0, 0.03) * height * SCALE
        ends = np.array(boxes)
        return (
            float(ends[:, 0].min() / SCALE),
            float(ends[:, 1].min() / SCALE),
            float(ends[:, 2].max() / SCALE),
            float(ends[:, 3].max() / SCALE),
        )


def _bent(
    face: ImageFont.FreeTypeFont, letter: str, unit: float, slant: float, rng: Generator
) -> tuple[NDArray[np.uint8], float, float]:
    """One letter as (H, W) ink with its offset from the pen's position, bent by a smooth random field."""
    x0, y0, x1, y1 = face.getbbox(letter, anchor="ls")
    pad = 60
    big = Image.new("L", (round(x1 - x0) + 2 * pad, round(y1 - y0) + 2 * pad))
    ImageDraw.Draw(big).text((pad - x0, pad - y0), letter, fill=255, font=face, anchor="ls")
    rows, columns = big.height, big.width
    field = rng.normal(0, 9.0, (2, 4, 4))
    bend = [cv2.resize(part, (columns, rows), interpolation=cv2.INTER_CUBIC) for part in field]
    gx, gy = np.meshgrid(np.arange(columns, dtype=float), np.arange(rows, dtype=float))
    lean = (gy - (pad - y0)) * slant
    drawn = cv2.remap(
        np.asarray(big),
        (gx + lean + bend[0]).astype(np.float32),
        (gy + bend[1]).astype(np.float32),
        cv2.INTER_LINEAR,
    )
    size = max(1, round(columns * unit)), max(1, round(rows * unit))
    small = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)
    ys, xs = np.nonzero(small > 60)
    if ys.size == 0:
        return small, (x0 - pad) * unit, (y0 - pad) * unit
    part = small[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    return np.ascontiguousarray(part), (x0 - pad) * unit + xs.min(), (y0 - pad) * unit + ys.min()


def wavy_background(sheet: Sheet, period: float, contrast: float) -> NDArray[np.float32]:
    """A security pattern: (H, W) float32 at the scan's resolution, 1 paper, 1 - contrast on the waves."""
    height, width = round(sheet.height * DPI), round(sheet.width * DPI)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / DPI
    phase = sheet.rng.uniform(0, 6.28)
    wave = np.sin((y + 0.03 * np.sin(x * 30 + phase) + 0.05 * np.sin(x * 7)) * 6.28 / period)
    return (1 - contrast * (wave > 0.2)).astype(np.float32)


def scan(
    sheet: Sheet,
    *,
    paper: tuple[int, int, int] = (250, 250, 250),
    print_ink: tuple[int, int, int] = (35, 35, 35),
    pen_ink: tuple[int, int, int] = (60, 45, 40),
    background: NDArray[np.float32] | None = None,
    skew_deg: float = 0.0,
    quarter_turns: int = 0,
    blur: float = 0.6,
    noise: float = 3.0,
) -> NDArray[np.uint8]:
    """The sheet as a scanner sees it: (H, W, 3) uint8, blue, green, red, at `DPI`.

    `skew_deg` turns the sheet clockwise on a light bed, `quarter_turns` counter-clockwise.
    """
    size = round(sheet.width * DPI), round(sheet.height * DPI)
    picture = np.ones((size[1], size[0], 3), np.float32) * np.float32(paper)
    if background is not None:
        picture *= background[:, :, None]
    for layer, ink in ((sheet.print, print_ink), (sheet.pen, pen_ink)):
        cover = cv2.resize(np.asarray(layer), size, interpolation=cv2.INTER_AREA).astype(np.float32)[:, :, None] / 255
        picture = picture * (1 - cover) + np.float32(ink) * cover
    if skew_deg:
        turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), -skew_deg, 1.0)
        grown = size[0] + 40, size[1] + 40
        turn[:, 2] += 20
        picture = cv2.warpAffine(picture, turn, grown, borderValue=(252, 252, 252))
    picture = cv2.GaussianBlur(picture, (0, 0), blur)
    picture += sheet.rng.normal(0, noise, picture.shape).astype(np.float32)
    return np.ascontiguousarray(np.rot90(np.clip(picture, 0, 255).astype(np.uint8), quarter_turns))
