"""Forms drawn for the tests of registration, and scans of them whose true place is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.fields.template import Template, load_template
from ocrpipe.geometry import Box, Transform, apply, quad_of, resample, rotation, scaling, translation
from ocrpipe.records import Document, Page, Upright

DPI = 150.0
WIDTH, HEIGHT = 900, 720
FIELDS = {"amount": (560, 150, 260, 48), "account": (560, 250, 260, 48), "zip": (560, 350, 200, 48)}
MARKS_MM = [[8, 8], [144.4, 8], [8, 113.9], [144.4, 113.9]]


def blank_form(
    title: str = "METER READING",
    labels: tuple[str, ...] = ("Amount due", "Account no.", "Zip code"),
    *,
    marks: str | None = None,
) -> NDArray[np.uint8]:
    """(720, 900) uint8: a title, a rule, a line of small print, and a label and a box for each field."""
    form = np.full((HEIGHT, WIDTH), 250, np.uint8)
    _write(form, title, (90, 80), 1.1, 2)
    cv2.line(form, (80, 105), (820, 105), 60, 2)
    for i, (label, (x, y, w, h)) in enumerate(zip(labels, FIELDS.values(), strict=True)):
        _write(form, f"{i + 1}. {label}", (90, y + 32), 0.7, 1)
        cv2.rectangle(form, (x, y), (x + w, y + h), 60, 2)
    _write(form, "Please write in the boxes. Form 12 page 1 of 1", (90, 640), 0.5, 1)
    _write(form, "Return to: P. O. Box 99, Springfield", (90, 520), 0.6, 1)
    half = round(2.5 / 25.4 * DPI)
    for x, y in MARKS_MM if marks else []:
        at = round(x / 25.4 * DPI - 0.5), round(y / 25.4 * DPI - 0.5)
        if marks == "circle":
            cv2.circle(form, at, half, 10, cv2.FILLED, cv2.LINE_AA)
        elif marks == "cross":
            cv2.line(form, (at[0] - half, at[1]), (at[0] + half, at[1]), 10, 5)
            cv2.line(form, (at[0], at[1] - half), (at[0], at[1] + half), 10, 5)
        else:
            cv2.rectangle(form, (at[0] - half, at[1] - half), (at[0] + half, at[1] + half), 10, cv2.FILLED)
    return form


def _write(form: NDArray[np.uint8], text: str, at: tuple[int, int], size: float, thick: int) -> None:
    cv2.putText(form, text, at, cv2.FONT_HERSHEY_DUPLEX, size, 50, thick, cv2.LINE_AA)


def template_of(
    folder: Path,
    blank: NDArray[np.uint8],
    *,
    name: str = "form",
    register: str = 'blank = "blank.png"',
    fields: str | None = None,
) -> Template:
    cv2.imwrite(str(folder / "blank.png"), blank)
    boxes = "\n".join(
        f'[[fields]]\nname = "{name}"\nkind = "{"zip" if name == "zip" else "digits"}"\nbox_px = {list(box)}'
        for name, box in FIELDS.items()
    )
    text = f'name = "{name}"\n[page]\nsize_px = [{WIDTH}, {HEIGHT}]\ndpi = {DPI}\n'
    text += f"[register]\n{register}\n{fields or boxes}"
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return load_template(path)


@dataclass(frozen=True)
class Scan:
    upright: Upright
    template_to_page: Transform


def scanned(
    form: NDArray[np.uint8],
    *,
    skew_deg: float = 0.0,
    left_deg: float = 0.0,
    shift: tuple[float, float] = (0, 0),
    scale: float = 1.0,
    stretch: float = 0.0,
    noise: float = 0.0,
    scribbles: int = 0,
    dpi: float | None = None,
    upside_down: bool = False,
    bitonal: bool = False,
    seed: int = 0,
) -> Scan:
    """A scan of `form` turned by `skew_deg`, of which straightening has left `left_deg`."""
    rng = np.random.default_rng(seed)
    form = form.copy()
    for _ in range(scribbles):
        x, y = rng.uniform((60, 60), (WIDTH - 60, HEIGHT - 60))
        stroke = np.cumsum(np.vstack([(x, y), rng.normal(0, 12, (12, 2))]), axis=0).astype(np.int32)
        cv2.polylines(form, [stroke], False, 40, 3, cv2.LINE_AA)
    width, height = round(WIDTH * scale) + 30, round(HEIGHT * scale) + 30
    centre = ((width - 1) / 2, (height - 1) / 2)
    to_page = (
        rotation(skew_deg + (180 if upside_down else 0), centre)
        @ translation(15 + shift[0], 15 + shift[1])
        @ scaling(scale * (1 + stretch), scale)
    )
    pixels = resample(form, np.linalg.inv(to_page), width, height, border=250)
    if noise:
        pixels = np.clip(pixels + rng.normal(0, noise, pixels.shape), 0, 255).astype(np.uint8)
    if bitonal:
        pixels = np.where(pixels > 150, 255, 0).astype(np.uint8)
    page = Page("scan.png", "0" * 64, 0, pixels, dpi or DPI * scale, "file")
    undone = skew_deg - left_deg
    upright = Upright(page, 0, undone, rotation(undone, centre), width, height)
    return Scan(upright, to_page)


def corner_error_px(document: Document, scan: Scan, boxes: dict[str, tuple[int, int, int, int]] = FIELDS) -> float:
    """The farthest that a corner of a field is from its true place, in page pixels."""
    worst = 0.0
    for place in document.places:
        assert place.box is not None
        x, y, w, h = boxes[place.spec.name]
        true = apply(scan.template_to_page, Box(x, y, x + w, y + h).corners())
        found = np.array(quad_of(place.box, document.upright.to_page @ place.to_upright)).reshape(4, 2)
        worst = max(worst, float(np.hypot(*(true - found).T).max()))
    return worst
