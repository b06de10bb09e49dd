"""Amounts, dates and ZIP codes as they are written on a sheet: by one hand, or by a machine.

By hand they come from `training.drawing`, so that a sheet's figures are of the same hands as drawn fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

import cv2
import numpy as np
from numpy.random import Generator

from ocrpipe.records import FieldSpec
from ocrpipe.training.drawing import Drawer
from ocrpipe.training.layout import on_line
from ocrpipe.training.pen import Hand
from ocrpipe.training.sheets.chance import between, odds, pick
from ocrpipe.training.sheets.faces import figure_points, spelled
from ocrpipe.training.sheets.lettering import Script, by_hand
from ocrpipe.training.sheets.sheet import INK_DPI, Writing, side_by_side, uneven
from ocrpipe.training.wording import Mark, Wording, crores, grouped, round_amount, whole_sum, with_cents

_ALL_DIGITS = Wording(FieldSpec("digits", "digits"), tuple(Mark(c) for c in "0123456789"), "0123456789")
_FIGURES = re.compile(r"(\d[\d.,/-]*)")
_HEIGHT_PX = 40.0
"""For which a hand is chosen; it writes larger and smaller ones with the same pen."""


@dataclass(frozen=True, slots=True)
class Scribe:
    """One hand's figures."""

    drawer: Drawer
    hand: Hand

    @property
    def pen(self) -> float:
        """Its width as a share of the height of figures."""
        return self.hand.pen_px / self.hand.height_px

    def write(self, wording: Wording, height: float, rng: Generator) -> Writing:
        """A line of figures, `height` inches tall."""
        hand = self._sized(height)
        glyphs = self.drawer.written(wording, hand, rng)
        placed = on_line(glyphs, wording, hand.height_px, rng)
        ys, xs = (np.flatnonzero(placed.owners.any(axis=axis)) for axis in (1, 0))
        part = slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1)
        return Writing(
            uneven(placed.ink[part], rng), placed.owners[part].copy(), min(placed.foot, ys[-1] + 1) - float(ys[0])
        )

    def in_cells(self, wording: Wording, lefts: list[float], wide: float, high: float, rng: Generator) -> Writing:
        """One character a cell: cells begin at `lefts` inches from the writing's left and are `wide` × `high`; the
        writing is as large as the row of cells and stands on its foot."""
        hasty = odds(rng, 0.2)
        share = float(np.clip(rng.normal(0.78 if hasty else 0.66, 0.08), 0.45, 0.95))
        hand = self._sized(share * high)
        glyphs = self.drawer.written(wording, hand, rng)
        shape = round(high * INK_DPI), round((lefts[-1] + wide) * INK_DPI)
        ink, owners = np.zeros(shape, np.float32), np.zeros(shape, np.int16)
        off = rng.normal(0, 0.05, 2)
        unsteady = 0.08 if hasty else 0.05
        for i, (glyph, left) in enumerate(zip(glyphs, lefts, strict=False)):
            most = wide * INK_DPI * (1.05 if hasty else 0.88)
            mask = glyph.mask
            if mask.shape[1] > most:
                mask = np.asarray(cv2.resize(mask, (int(most), len(mask)), interpolation=cv2.INTER_AREA), np.float32)
            mask = mask[: shape[0], : shape[1]]
            h, w = mask.shape
            dx, dy = off + rng.normal(0, unsteady, 2)
            x = round(float(np.clip((left + wide * (0.5 + dx)) * INK_DPI - w / 2, 0, shape[1] - w)))
            y = round(float(np.clip(shape[0] * (0.5 + dy) - h / 2, 0, shape[0] - h)))
            part = slice(y, y + h), slice(x, x + w)
            owners[part][(mask > ink[part]) & (mask > 0.25)] = i + 1
            np.maximum(ink[part], mask, out=ink[part])
        return Writing(uneven(ink, rng), owners, float(shape[0]))

    def _sized(self, height: float) -> Hand:
        px = height * INK_DPI
        return replace(self.hand, height_px=px, pen_px=self.hand.pen_px / self.hand.height_px * px)


def scribe_of(drawer: Drawer, rng: Generator) -> Scribe:
    """A new hand that writes all digits."""
    return Scribe(drawer, drawer.hand(_ALL_DIGITS, _HEIGHT_PX, rng))


def in_print_cells(text: str, font: str, lefts: list[float], wide: float, high: float) -> Writing:
    """As `Scribe.in_cells`, by a machine."""
    points = figure_points(font, 0.55 * high)
    shape = round(high * INK_DPI), round((lefts[-1] + wide) * INK_DPI)
    ink, owners = np.zeros(shape, np.float32), np.zeros(shape, np.int16)
    for i, (char, left) in enumerate(zip(text, lefts, strict=False)):
        one = spelled(char, font, points).fitted(wide, high)
        h, w = one.ink.shape
        x, y = round((left + wide / 2) * INK_DPI - w / 2), (shape[0] - h) // 2
        part = slice(y, y + h), slice(max(x, 0), max(x, 0) + w)
        ink[part] = one.ink[:, : ink[part].shape[1]]
        owners[part] = (one.owners > 0)[:, : ink[part].shape[1]] * (i + 1)
    return Writing(ink, owners, float(shape[0]))


def by_machine(text: str, font: str, height: float) -> Writing:
    """Figures `height` inches high."""
    return spelled(text, font, figure_points(font, height))


def as_words(text: str) -> Wording:
    """Figures that are no field, such as a house number: digits and `. , - /`."""
    return Wording(FieldSpec("digits", "digits"), tuple(Mark(c) for c in text), text)


def amount_of(country: str, rng: Generator) -> Wording:
    """What a hand writes behind a printed mark, as its country does; a mark of its own only now and then."""
    whole = whole_sum(rng)[: 5 if odds(rng, 0.8) else 7]
    cents = "00" if odds(rng, 0.25) else f"{int(rng.integers(0, 100)):02d}"
    if country == "india" and odds(rng, 0.75):
        wording = crores(rng, "amount")
    elif country == "latin" and odds(rng, 0.7):
        wording = round_amount(whole, rng, "amount")
    else:
        style = between(rng, 0.3, 1.0) if country in ("us", "canada") else between(rng, 0.3, 0.8)
        wording = with_cents(whole, cents, style, [], rng)
    marks = wording.marks
    if marks[0].form and odds(rng, 0.9):
        marks = marks[1:]
    return replace(wording, marks=marks)


def printed_amount(value: str, country: str, mark: str, rng: Generator) -> str:
    """A sum as machines print it, with stars against forgery; `mark` is printed with it where it is not empty."""
    whole, cents = value.split(".")
    if country in ("euro", "latin") and odds(rng, 0.6):
        text = f"{grouped(whole, '.')},{cents}"
    else:
        text = f"{grouped(whole, ',', country == 'india')}.{cents}" if odds(rng, 0.9) else value
    before = pick(rng, ("", "**", "*", "***", "*" * int(rng.integers(4, 9))))
    after = pick(rng, ("", "", "**", "*", "***")) if before else ""
    if country == "india" and cents == "00" and odds(rng, 0.3):
        text, after = f"{grouped(whole, ',', True)}/-", ""
    return f"{mark}{before}{text}{after}" if odds(rng, 0.7) else f"{before}{mark}{text}{after}"


def words_by_hand(words: str, height: float, scribe: Scribe, script: Script, rng: Generator) -> Writing:
    """Words with capitals `height` inches tall, and the figures among them as the same hand writes figures."""
    parts = [part for part in _FIGURES.split(words) if part.strip()]
    writings = [
        scribe.write(as_words(part), 0.85 * height, rng) if part[0].isdigit() else by_hand(part, height, script, rng)
        for part in (part.strip() for part in parts)
    ]
    return side_by_side(writings, [0.0, *(between(rng, 0.04, 0.13) for _ in writings[1:])])


def any_day(rng: Generator) -> date:
    first, last = date(1998, 1, 1).toordinal(), date(2032, 1, 1).toordinal()
    return date.fromordinal(int(rng.integers(first, last)))


def date_text(when: date, order: str, rng: Generator) -> str:
    """A date in figures: `order` is MDY, DMY or YMD; leading zeros and centuries come and go."""
    separator = pick(rng, ("/", "/", "-", "."))
    full = odds(rng, 0.75)
    year = f"{when.year}" if odds(rng, 0.6) or order == "YMD" else f"{when.year % 100:02d}"
    parts = {
        "D": f"{when.day:02d}" if full else str(when.day), "M": f"{when.month:02d}" if full else str(when.month),
        "Y": year,
    }  # fmt: skip
    return separator.join(parts[c] for c in order)


def date_in_words(when: date, rng: Generator) -> str:
    """A date with its month's name, which the figures alone do not tell."""
    month = when.strftime(pick(rng, ("%b", "%B")))
    return pick(rng, (f"{month} {when.day}, {when.year}", f"{when.day} {month} {when.year}"))
