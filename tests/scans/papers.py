"""Sheets drawn for the tests of `scans.documents`: checks, envelopes, forms, letters, pages of pictures.

Every function returns (H, W) uint8, 0 ink … 255 light, of a sheet that lies straight.
"""

from __future__ import annotations

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Random = np.random.Generator
FONT = cv2.FONT_HERSHEY_SIMPLEX

CHECKS_IN = ((6.0, 2.75), (8.5, 3.5), (8.0, 3.67))
ENVELOPES_IN = ((9.5, 4.125), (6.5, 3.625))
PICTURES = (
    "astronaut", "brick", "camera", "cell", "chelsea", "clock", "coffee", "coins", "colorwheel", "grass", "gravel",
    "horse", "hubble_deep_field", "immunohistochemistry", "logo", "moon", "page", "retina", "rocket", "text",
)  # fmt: skip
"""Of scikit-image's own data."""


def picture(name: str) -> Picture:
    found = getattr(skimage.data, name)()
    if found.dtype == bool:
        found = found.astype(np.uint8) * 255
    if found.ndim == 3:
        found = cv2.cvtColor(np.ascontiguousarray(found[:, :, :3]), cv2.COLOR_RGB2GRAY)
    return np.ascontiguousarray(found, np.uint8)


def paper(rng: Random, width_in: float, height_in: float, dpi: float, light: int | None = None) -> Picture:
    """An empty sheet: a shade of its own, now and then a fine wave of print over it."""
    height, width = round(height_in * dpi), round(width_in * dpi)
    shade = int(rng.integers(215, 250)) if light is None else light
    sheet = np.full((height, width), shade, np.float32)
    if rng.random() < 0.4:
        y, x = np.mgrid[:height, :width].astype(np.float32) * np.float32(200 / dpi)
        sheet -= float(rng.uniform(2, 9)) * (1 + np.sin(x / rng.uniform(1.5, 4) + 3 * np.sin(y / 11)))
    return np.clip(sheet, 0, 255).astype(np.uint8)


def micr(sheet: Picture, x_in: float, y_in: float, symbols: int, dpi: float, rng: Random) -> None:
    """A row of marks on the E-13B raster: 0.117 inch high, right edges every eighth of an inch, now and then a gap."""
    stroke = max(1, round(0.013 * dpi))
    for i in range(symbols):
        if rng.random() < 0.12:
            continue
        right = (x_in + i / 8) * dpi
        wide = rng.choice((0.052, 0.065, 0.078, 0.091)) * dpi
        x0, x1, y0, y1 = round(right - wide), round(right), round(y_in * dpi), round((y_in + 0.117) * dpi)
        cv2.rectangle(sheet, (x0, y0), (x1 - 1, y1 - 1), 20, -1)
        if rng.random() < 0.8:
            cv2.rectangle(
                sheet, (x0 + stroke, y0 + stroke), (x1 - 1 - stroke, (y0 + y1) // 2 - 1), int(sheet[0, 0]), -1
            )
        if rng.random() < 0.5:
            cv2.rectangle(sheet, (x0, (y0 + y1) // 2), (x1 - 1 - stroke, y1 - 1 - stroke), int(sheet[0, 0]), -1)


def words(sheet: Picture, text: str, x_in: float, y_in: float, high_in: float, dpi: float, ink: int = 30) -> None:
    scale = high_in * dpi / 22
    thick = max(1, round(0.01 * dpi * min(1.5, high_in / 0.12)))
    cv2.putText(sheet, text, (round(x_in * dpi), round(y_in * dpi)), FONT, scale, ink, thick, cv2.LINE_AA)


def rule(sheet: Picture, x0: float, y0: float, x1: float, y1: float, dpi: float, ink: int = 60) -> None:
    ends = [(round(x * dpi), round(y * dpi)) for x, y in ((x0, y0), (x1, y1))]
    cv2.line(sheet, ends[0], ends[1], ink, max(1, round(0.01 * dpi)), cv2.LINE_AA)


def check(
    rng: Random, dpi: float = 200, size_in: tuple[float, float] | None = None, light: int | None = None
) -> Picture:
    width, height = size_in or CHECKS_IN[rng.integers(len(CHECKS_IN))]
    sheet = paper(rng, width, height, dpi, light)
    words(sheet, "MARTHA P. FIELDING", 0.3, 0.35, 0.09, dpi)
    words(sheet, "18 Quay Street, Millport", 0.3, 0.52, 0.07, dpi)
    words(sheet, str(rng.integers(100, 9999)), width - 0.8, 0.35, 0.1, dpi)
    words(sheet, "Date  04/11/2019", width - 2.4, 0.62, 0.09, dpi)
    words(sheet, "PAY TO", 0.3, 1.05, 0.06, dpi)
    words(sheet, "Harbour Supply Company", 0.95, 1.05, 0.13, dpi, 50)
    rule(sheet, 0.9, 1.1, width - 1.9, 1.1, dpi)
    x0, x1 = round((width - 1.55) * dpi), round((width - 0.3) * dpi)
    cv2.rectangle(sheet, (x0, round(0.85 * dpi)), (x1, round(1.15 * dpi)), 60, max(1, round(0.01 * dpi)))
    words(sheet, f"${rng.integers(10, 9999)}.{rng.integers(10, 99)}", width - 1.5, 1.1, 0.14, dpi, 40)
    words(sheet, "One hundred and eleven and no/100", 0.4, 1.45, 0.12, dpi, 50)
    rule(sheet, 0.3, 1.5, width - 1.0, 1.5, dpi)
    rule(sheet, 0.3, height - 0.75, 0.4 * width, height - 0.75, dpi)
    rule(sheet, 0.58 * width, height - 0.75, width - 0.3, height - 0.75, dpi)
    words(sheet, "M Fielding", 0.62 * width, height - 0.78, 0.18, dpi, 50)
    micr(sheet, 0.6, height - 0.31, 32, dpi, rng)
    if rng.random() < 0.3:
        cv2.rectangle(
            sheet,
            (round(0.1 * dpi), round(0.1 * dpi)),
            (round((width - 0.1) * dpi), round((height - 0.6) * dpi)),
            90,
            2,
        )
    return sheet


def envelope(rng: Random, dpi: float = 200, light: int | None = None) -> Picture:
    width, height = ENVELOPES_IN[rng.integers(len(ENVELOPES_IN))]
    sheet = paper(rng, width, height, dpi, light)
    for line, text in enumerate(("Hill & Sons", "PO Box 11", "Dover NH 03820")):
        words(sheet, text, 0.3, 0.4 + 0.18 * line, 0.08, dpi)
    for line, text in enumerate(("Dr. Ada Novak", "77 Orchard Lane", "Salem MA 01970")):
        words(sheet, text, 0.4 * width, 0.55 * height + 0.3 * line, 0.15, dpi, 45)
    at = round((width - 1.1) * dpi), round(0.2 * dpi)
    stamp = cv2.resize(picture("camera"), (round(0.85 * dpi), round(dpi)))
    sheet[at[1] : at[1] + stamp.shape[0], at[0] : at[0] + stamp.shape[1]] = stamp
    return sheet


def letter(rng: Random, dpi: float = 200, size_in: tuple[float, float] = (8.5, 11.0)) -> Picture:
    sheet = paper(rng, *size_in, dpi)
    y = 1.2
    while y < size_in[1] - 1.0:
        if rng.random() < 0.85:
            words(sheet, "we have received your kind letter of the"[: int(rng.integers(20, 40))], 1.0, y, 0.1, dpi)
        y += 0.25
    return sheet


def form(rng: Random, dpi: float = 200, size_in: tuple[float, float] = (8.5, 11.0)) -> Picture:
    """Boxes as large as checks, a dark band, a photograph, cells: edges of all sorts that are none of a sheet."""
    width, height = size_in
    sheet = paper(rng, width, height, dpi)
    shade = int(sheet[-1, -1])
    if rng.random() < 0.6:
        top = float(rng.choice((0.0, 0.4)))
        cv2.rectangle(sheet, (0, round(top * dpi)), (round(width * dpi), round((top + 0.5) * dpi)), 40, -1)
        words(sheet, "APPLICATION FOR RELIEF", 0.6, top + 0.33, 0.16, dpi, 240)
    y = 1.3
    while y < height - 3.2:
        high = float(rng.uniform(1.0, 2.9))
        words(sheet, "Section of this form", 0.6, y - 0.08, 0.08, dpi)
        fill = shade - int(rng.choice((0, 0, 15, 40)))
        corners = (round(0.6 * dpi), round(y * dpi)), (round((width - 0.6) * dpi), round((y + high) * dpi))
        cv2.rectangle(sheet, *corners, fill, -1)
        cv2.rectangle(sheet, *corners, 50, max(1, round(rng.uniform(0.008, 0.03) * dpi)))
        for line in np.arange(0.35, high - 0.1, 0.3):
            words(sheet, "name and place", 0.8, y + line, 0.09, dpi)
        y += high + 0.4
    photo = cv2.resize(picture("chelsea"), (round(3.0 * dpi), round(2.0 * dpi)))
    at = round((height - 2.4) * dpi), round(0.6 * dpi)
    sheet[at[0] : at[0] + photo.shape[0], at[1] : at[1] + photo.shape[1]] = photo
    words(sheet, "page 1 of 2", width - 2, height - 0.4, 0.08, dpi)
    return sheet


def three_parts(rng: Random, dpi: float = 200) -> Picture:
    """A check with two stubs on one letter sheet, perforations from edge to edge."""
    sheet = paper(rng, 8.5, 11.0, dpi)
    top = check(rng, dpi, (8.5, 3.5), int(sheet[0, 0]))
    sheet[: top.shape[0]] = np.minimum(sheet[: top.shape[0]], top)
    for y in (3.6, 7.3):
        sheet[round(y * dpi) : round((y + 0.01) * dpi), :: max(2, round(0.04 * dpi))] = 120
        sheet[round(y * dpi) : round((y + 0.01) * dpi), 1 :: max(2, round(0.04 * dpi))] = 120
        for line in range(6):
            words(sheet, "invoice 1881   gross   net", 0.6, y + 0.6 + 0.4 * line, 0.09, dpi)
    return sheet


def pasted(rng: Random, kind: str, dpi: float = 200) -> Picture:
    """A white page with `stamps` (small) or `pictures` (as large as checks) scattered over it."""
    sheet = paper(rng, 8.5, 11.0, dpi, 245)
    rows, columns = (6, 5) if kind == "stamps" else (3, 2)
    for row in range(rows):
        for column in range(columns):
            high, wide = 8.5 / rows * rng.uniform(0.6, 0.75), 7.0 / columns * rng.uniform(0.6, 0.85)
            one = cv2.resize(picture(PICTURES[rng.integers(len(PICTURES))]), (round(wide * dpi), round(high * dpi)))
            y = round((0.8 + 9.4 / rows * row + rng.uniform(0, 0.2)) * dpi)
            x = round((0.6 + 7.4 / columns * column + rng.uniform(0, 0.2)) * dpi)
            sheet[y : y + one.shape[0], x : x + one.shape[1]] = one
    return sheet
