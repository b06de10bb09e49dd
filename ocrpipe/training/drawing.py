"""Whole fields, drawn: one hand's characters strung on a line, over paper, boxes and rules, through a scanner.

The drawing knows which pixel belongs to which character, so every candidate that the segmenter proposes
can be labelled, and it knows the value, so a decision can be calibrated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.geometry import identity
from ocrpipe.records import FieldImage
from ocrpipe.training.layout import in_cells, on_line
from ocrpipe.training.paper import paper, printed_lines
from ocrpipe.training.pen import Glyph, Hand, Pressure, digit, mark, printed, zeros
from ocrpipe.training.scanner import inked, scanned
from ocrpipe.training.styles import style_of
from ocrpipe.training.wording import Mark, Wording, anything
from ocrpipe.training.writers import Writer

_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_LEAST_PX = 11
"""Height of the smallest character."""
_SCANS = 4
"""How often somebody tries to scan a field so that it can be read."""
_CONTRAST, _SHOWN = 12, 0.4
"""Gray levels by which ink is darker than most of the field, and the share of a character that must be."""
_FONT_NAMES = ("Liberation", "DejaVu", "Free", "GNUTypewriter")


@dataclass(frozen=True, slots=True, eq=False)
class DrawnField:
    """A field, what it says, and who owns its ink: `owners` (H, W) int16, 0 nobody, i + 1 character i."""

    field: FieldImage
    wording: Wording
    owners: NDArray[np.int16]

    @property
    def chars(self) -> list[str]:
        return [m.char for m in self.wording.marks]


def print_fonts() -> list[Path]:
    """Upright print fonts of the system; an empty list where none of the known families is installed."""
    found = [p for folder in _FONT_FOLDERS for p in folder.rglob("*.[to]tf") if p.name.startswith(_FONT_NAMES)]
    return sorted(p for p in found if "Math" not in p.name)


class Drawer:
    """Draws fields in the hands of `writers`; pen writers more often than scanned glyphs.

    A `strange` drawer shows digit shapes, pens and papers that an ordinary one never shows: what is taught on
    ordinary drawings is measured on these, so that promises hold on strangers.
    """

    def __init__(self, writers: list[Writer], fonts: list[Path], *, strange: bool = False) -> None:
        self._pens = [w for w in writers if w.strokes]
        self._scanned = [w for w in writers if w.glyphs]
        self._fonts = fonts
        self._strange = strange

    def draw(self, rng: Generator, wording: Wording | None = None, blank: float = 0.0) -> DrawnField:
        """One field; `blank` is the chance that nothing is written in it."""
        wording = wording or anything(rng)
        if rng.random() < blank:
            wording = replace(wording, marks=(), value="")
        cells = wording.spec.cells
        height = float(rng.uniform(22, 50) if cells else rng.uniform(18, 46))
        font = self._font(wording, rng)
        glyphs = [printed(font, m.char, round(height)) for m in wording.marks] if font else []
        glyphs = glyphs or self.written(wording, self.hand(wording, height, rng), rng)
        if cells:
            placed = in_cells(glyphs, wording, height, rng)
        else:
            placed = on_line(glyphs, wording, height, rng, by_hand=font is None)
        bitonal = rng.random() < 0.25
        sheet = paper(placed.ink.shape, faint=bitonal, rng=rng, strange=self._strange)
        sheet = sheet * (1 - printed_lines(placed, wording, height, rng) * (1 - float(rng.uniform(0.2, 0.75))))
        for _ in range(_SCANS):
            pixels = scanned(inked(sheet, placed.ink, bitonal, rng), bitonal, rng)
            if is_whole(pixels, placed.owners):
                break
        return DrawnField(FieldImage(wording.spec, pixels, identity(), placed.box, 200.0), wording, placed.owners)

    def hand(self, wording: Wording, height: float, rng: Generator) -> Hand:
        """A new hand that has all digits of `wording` and writes them `height` px tall."""
        pool = self._pens if rng.random() < 0.7 else self._scanned
        pool = pool or self._pens or self._scanned
        needed = {m.char for m in wording.marks if m.char.isdigit()}
        writer = pool[int(rng.integers(len(pool)))]
        while not needed <= writer.digits:
            writer = pool[int(rng.integers(len(pool)))]
        aspect = rng.uniform(0.8, 1.25) if rng.random() < 0.85 else rng.choice([0.7, 1.4]) * rng.uniform(0.9, 1.1)
        slant = float(np.clip(rng.normal(0.04, 0.14), -0.32, 0.42))
        return Hand(
            writer,
            style_of(rng, self._strange),
            height,
            self._pen(rng) * height,
            slant,
            float(aspect),
            self._pressure(rng),
        )

    def _pen(self, rng: Generator) -> float:
        """Width of the pen as a share of the height."""
        thick = rng.random() < 0.2
        if self._strange:
            return float(rng.uniform(0.17, 0.2) if thick else rng.uniform(0.035, 0.13))
        return float(rng.uniform(0.13, 0.17) if thick else rng.uniform(0.045, 0.13))

    def _pressure(self, rng: Generator) -> Pressure | None:
        if rng.random() > 0.22:
            return None
        kind = "nib" if self._strange else ("ends", "down")[int(rng.integers(2))]
        return Pressure(kind, float(rng.uniform(0.25, 0.45)))

    def _font(self, wording: Wording, rng: Generator) -> Path | None:
        """What the field is printed in; None where it is written by hand."""
        if not (wording.printable and self._fonts and rng.random() < 0.12):
            return None
        return self._fonts[int(rng.integers(len(self._fonts)))]

    def written(self, wording: Wording, hand: Hand, rng: Generator) -> list[Glyph]:
        """The characters of `wording` as the hand writes them this time; a tall one is `hand.height_px` high."""
        height = hand.height_px
        marks = _sized(wording.marks, height, rng)
        drawn: list[Glyph] = []
        while len(drawn) < len(marks):
            m = marks[len(drawn)]
            run = 1
            while len(drawn) + run < len(marks) and marks[len(drawn) + run].tight:
                run += 1
            sink = -m.raised * height * 0.5 if m.raised else 0.0
            if m.scale < 0.9 and not m.raised and rng.random() < 0.3:
                sink = -(1 - m.scale) * height * 0.6
            if run > 1 and hand.writer.strokes:
                new = zeros(hand, run, m.scale, rng)
            elif m.char.isdigit():
                new = [digit(hand, m.char, m.scale, rng)]
            else:
                new = [mark(hand, m.char, m.scale, rng, m.form)]
            drawn += [replace(glyph, top=glyph.top + sink) for glyph in new]
        return drawn


def is_whole(pixels: NDArray[np.uint8], owners: NDArray[np.int16]) -> bool:
    """Whether a scan still shows all characters: what has lost one says something else than what was written."""
    dark = (pixels < np.median(pixels) - _CONTRAST).ravel()
    sizes = np.bincount(owners.ravel())[1:]
    shown = np.bincount(owners.ravel(), weights=dark, minlength=len(sizes) + 1)[1:]
    return bool((shown >= _SHOWN * sizes).all())


def _sized(marks: tuple[Mark, ...], height: float, rng: Generator) -> list[Mark]:
    """Writing that grows or shrinks along the line, sometimes after a large first character; but never so small that
    nobody can read it."""
    growth = float(rng.normal(0, 0.08))
    first = float(rng.uniform(1.12, 1.45)) if rng.random() < 0.08 else 1.0
    last = max(len(marks) - 1, 1)
    scales = [m.scale * (first if i == 0 else 1.0) * (1 + growth * (i / last - 0.5)) for i, m in enumerate(marks)]
    return [replace(m, scale=max(s, _LEAST_PX / height)) for m, s in zip(marks, scales, strict=True)]
