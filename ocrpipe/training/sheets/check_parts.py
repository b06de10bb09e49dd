"""A check in the making: its facts, who prints and who fills it in, and the parts that all banks' checks have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator

from ocrpipe.geometry import Box
from ocrpipe.records import FieldSpec
from ocrpipe.training.sheets.chance import between, odds, pick
from ocrpipe.training.sheets.faces import POINT, Face, figure_points, in_print, spelled
from ocrpipe.training.sheets.figures import (
    Scribe,
    as_words,
    by_machine,
    date_in_words,
    date_text,
    in_print_cells,
    printed_amount,
    words_by_hand,
)  # fmt: skip
from ocrpipe.training.sheets.lettering import Script, signature
from ocrpipe.training.sheets.micr import micr_writing
from ocrpipe.training.sheets.ornaments import micro_rule
from ocrpipe.training.sheets.sheet import INK_DPI, Sheet, Truth, Writing, around
from ocrpipe.training.wording import Mark, Wording


@dataclass(frozen=True, slots=True)
class Facts:
    """What a check says."""

    amount: Wording
    when: date
    number: str
    payee: str
    drawer: str
    bank: str
    memo: str


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A check's sheet with all that its printer and its writer hold to."""

    sheet: Sheet
    facts: Facts
    country: str
    face: Face
    labels: Face
    print_dark: float
    label_dark: float
    scribe: Scribe
    script: Script
    machine: Face | None
    """What fills it in; None where a hand does."""
    pen_dark: float
    strange: bool
    rng: Generator

    def print(self, x: float, y: float, words: str, points: float, *, bold: bool = False, right: bool = False) -> Box:
        """The bank's own print with its line at y; x is its left end, or its right one."""
        one = in_print(words, self.face.bold if bold else self.face.regular, points)
        return self.sheet.write(one, x - one.width if right else x, y, self.print_dark)

    def label(self, x: float, y: float, words: str, points: float = 6.5, *, right: bool = False) -> Box:
        """A word that says what is to be written where."""
        one = in_print(words, self.labels.regular, points)
        return self.sheet.write(one, x - one.width if right else x, y, self.label_dark)

    def words(self, x: float, foot: float, words: str, height: float, width: float) -> Box:
        """Fills in words no wider than `width`, by hand or by the machine."""
        if self.machine:
            one = in_print(words, self.machine.regular, figure_points(self.machine.regular, 0.62 * height))
        else:
            one = words_by_hand(words, height, self.scribe, self.script, self.rng)
        return self.sheet.write(one.fitted(width), x, foot, self.filled_dark)

    @property
    def filled_dark(self) -> float:
        return self.print_dark if self.machine else self.pen_dark

    def amount(self, box: Box, style: str, mark: str, points: float) -> None:
        """The courtesy amount in or on `box`.

        `style` is `outside` (a frame, the mark to its left), `inside` (the mark in the frame), `line`, `labelled` (a
        frame and a word instead of a mark), `open` (a mark and no frame), `dark` (light characters on a dark field),
        `screened` (a tint, framed or not).
        """
        rng, sheet = self.rng, self.sheet
        # who prints the amount prints the mark with it where the form has none, and sometimes nonetheless
        own_mark = self.machine is not None and (style in ("dark", "labelled") or odds(rng, 0.12))
        if style == "dark":
            self._dark_amount(box, mark)
            return
        parts: list[Box] = []
        if style == "screened":
            parts.append(sheet.screen(box, between(rng, 0.72, 0.92), rng))
        if style in ("outside", "inside", "labelled") or (style == "screened" and odds(rng, 0.5)):
            parts.append(sheet.frame(box, width=between(rng, 0.006, 0.022), dark=self.label_dark))
        if style == "line":
            parts.append(sheet.rule(box.x0, box.y1, box.x1, box.y1, dark=self.label_dark))
        left = box.x0 + between(rng, 0.02, 0.08)
        if style == "labelled":
            word = pick(rng, ("AMOUNT", "Amount", "CHECK AMOUNT", "NET AMOUNT", "TOTAL"))
            at = (box.x0, box.y0 - 0.04) if odds(rng, 0.7) else (box.x0 + 0.03, box.y0 + 0.09)
            parts.append(self.label(*at, word, 6))
        else:
            one = in_print(mark, self.labels.bold if odds(rng, 0.6) else self.labels.regular, points)
            inside = style == "inside" or (style == "screened" and odds(rng, 0.5))
            x = left if inside else box.x0 - one.width - between(rng, 0.03, 0.1)
            middle = box.y1 - one.height - 0.01 if style in ("line", "open") else (box.y0 + box.y1 - one.height) / 2
            seen = sheet.write(one, x, middle + one.foot / INK_DPI, self.label_dark)
            parts.append(seen)
            left = max(left, seen.x1 + between(rng, 0.01, 0.06))
        place = Box(left, box.y0, box.x1, box.y1)
        writing = self._amount_writing(place, mark if own_mark else "")
        slack = max(place.width - writing.width, 0)
        x = left + slack * (between(rng, 0, 1) if self.machine else float(np.clip(rng.normal(0.2, 0.15), 0, 0.7)))
        on_line = style in ("line", "open")
        lift = between(rng, 0.02, 0.05) if on_line else (box.height - writing.foot / INK_DPI) / 2
        foot = box.y1 - lift + float(rng.normal(0, 0.012 if self.machine else 0.025))
        seen = sheet.write(writing, x, foot, self.filled_dark)
        self._tell("amount", "amount", self.facts.amount.value, writing, seen, around(seen, *parts), x, foot)

    def _amount_writing(self, place: Box, own_mark: str) -> Writing:
        if self.machine:
            text = printed_amount(self.facts.amount.value, self.country, own_mark, self.rng)
            bold = odds(self.rng, 0.4)
            font = self.machine.bold if bold else self.machine.regular
            one = by_machine(text, font, min(between(self.rng, 0.085, 0.15), 0.75 * place.height))
            return one.fitted(place.width)
        height = between(self.rng, 0.13, 0.23)
        one = self.scribe.write(self.facts.amount, min(height, 0.85 * place.height), self.rng)
        return one.fitted(place.width * 1.04)  # a hand leaves the box a little rather than write too small

    def _dark_amount(self, box: Box, mark: str) -> None:
        face = self.machine or self.labels
        text = printed_amount(self.facts.amount.value, self.country, pick(self.rng, ("", mark)), self.rng)
        one = by_machine(text, face.bold, min(0.13, 0.55 * box.height)).fitted(0.9 * box.width)
        x, foot = box.x1 - one.width - 0.05 * box.width, (box.y0 + box.y1 + one.foot / INK_DPI) / 2
        ground = np.ones((round(box.height * INK_DPI), round(box.width * INK_DPI)), np.float32)
        row, column = round((foot - box.y0) * INK_DPI - one.foot), round((x - box.x0) * INK_DPI)
        part = ground[row : row + len(one.ink), column : column + one.ink.shape[1]]
        part -= one.ink[: part.shape[0], : part.shape[1]]
        self.sheet.lay(ground, box.x0, box.y0, between(self.rng, 0.05, 0.35))
        seen = Box(x, foot - one.foot / INK_DPI, x + one.width, foot - one.foot / INK_DPI + one.height)
        self.sheet.truths.append(
            Truth("amount", "amount", self.facts.amount.value, seen, around(seen, box), True, inverse=True)
        )

    def date_line(self, x0: float, x1: float, y: float, order: str, label: str, where: str) -> None:
        """A date on a line: `where` the label stands, `left`, `below` or `above` it; empty for none."""
        rng = self.rng
        parts: list[Box] = []
        if where:
            at = {"left": (x0 - 0.05, y), "below": (x0, y + 0.1), "above": (x0, y - 0.22)}[where]
            parts.append(self.label(*at, label, between(rng, 5.5, 8), right=where == "left"))
        if odds(rng, 0.9):
            parts.append(self.sheet.rule(x0, y, x1, y, dark=self.label_dark, width=0.007))
        foot = y - between(rng, 0.015, 0.045)
        if odds(rng, 0.2):  # a month's name: no figures to read
            self.words(x0 + 0.05, foot, date_in_words(self.facts.when, rng), 0.15, x1 - x0)
            return
        text = date_text(self.facts.when, order, rng)
        one = self._figures(text, FieldSpec("date", "date")).fitted((x1 - x0) * 1.02)
        x = x0 + max(0.0, x1 - x0 - one.width) * between(rng, 0.05, 0.6)
        seen = self.sheet.write(one, x, foot, self.filled_dark)
        self._tell("date", "date", str(self.facts.when), one, seen, around(seen, *parts), x, foot)

    def _figures(self, text: str, spec: FieldSpec) -> Writing:
        if self.machine:
            return by_machine(text, self.machine.regular, between(self.rng, 0.08, 0.12))
        wording = Wording(spec, tuple(Mark(c) for c in text), text)
        return self.scribe.write(wording, between(self.rng, 0.1, 0.16), self.rng)

    def date_cells(
        self,
        x0: float,
        y: float,
        wide: float,
        high: float,
        order: str,
        label: str,
        legend: str,
        between_groups: float = 0,
    ) -> None:
        """A date in cells from x0 on, whose feet are at y; `order` such as DDMMYYYY. `legend` is `below`, `above`,
        `inside` (pale letters) or empty."""
        rng, sheet = self.rng, self.sheet
        lefts, x = [], 0.0
        for i, letter in enumerate(order):
            x += between_groups if i and letter != order[i - 1] else 0.0
            lefts.append(x)
            x += wide
        parts = []
        width = between(rng, 0.005, 0.012)
        for i, left in enumerate(lefts):
            cell = Box(x0 + left, y - high, x0 + left + wide, y)
            parts.append(sheet.frame(cell, width=width, dark=self.label_dark))
            if legend:
                letter = "A" if order[i] == "Y" and self.country == "latin" else order[i]  # año, ano
                one = in_print(letter, self.labels.regular, min(6.0, wide / POINT * 0.7))
                if legend == "inside":
                    middle = y - (high - one.height) / 2
                    parts.append(sheet.write(one, cell.centre[0] - one.width / 2, middle, 0.85))
                    continue
                level = y + one.height + 0.025 if legend == "below" else y - high - 0.025
                parts.append(sheet.write(one, cell.centre[0] - one.width / 2, level, self.label_dark))
        if label:
            parts.append(self.label(x0 - 0.05, y - 0.3 * high, label, between(rng, 6, 8), right=True))
        when = self.facts.when
        text = when.strftime(order.replace("YYYY", "%Y").replace("YY", "%y").replace("DD", "%d").replace("MM", "%m"))
        if self.machine:
            one = in_print_cells(text, self.machine.regular, lefts, wide, high)
        else:
            wording = Wording(FieldSpec("date", "date", cells=len(text)), tuple(Mark(c) for c in text), text)
            one = self.scribe.in_cells(wording, lefts, wide, high, rng)
        seen = sheet.write(one, x0, y, self.filled_dark)
        self._tell("date", "date", str(when), one, seen, around(seen, *parts), x0, y)

    def number(self, right: float, y: float, points: float, prefix: str = "") -> None:
        """The check's printed number, its right end at `right`."""
        font = self.face.bold if odds(self.rng, 0.6) else self.face.regular
        one = spelled(self.facts.number, font, points)
        x = right - one.width
        seen = self.sheet.write(one, x, y, self.print_dark)
        parts = [self.label(x - 0.04, y, prefix, min(points, 8), right=True)] if prefix else []
        self._tell("number", "digits", self.facts.number, one, seen, around(seen, *parts), x, y, printed=True)

    def micr(self, text: str, x: float, foot: float, *, right: bool = False) -> None:
        """The MICR line from x on, or up to it."""
        one = micr_writing(text, self.strange, self.rng)
        left = x - one.width if right else x
        left = max(0.1, min(left, self.sheet.width - one.width - 0.1))
        dark = between(self.rng, 0.05, 0.3) if odds(self.rng, 0.88) else between(self.rng, 0.3, 0.5)
        seen = self.sheet.write(one, left, foot, dark)
        self._tell("micr", "micr", " ".join(text.split()), one, seen, seen, left, foot, printed=True)

    def sign(self, x0: float, x1: float, y: float, label: str) -> None:
        """A signature on its line, sometimes down into the clear band."""
        rng = self.rng
        if odds(rng, 0.3):
            micro_rule(self.sheet, x0, x1, y, "authorized signature", self.labels.regular, self.label_dark)
        elif odds(rng, 0.85):
            self.sheet.rule(x0, y, x1, y, dark=self.label_dark)
        if label:
            self.label(between(rng, x0, (x0 + x1) / 2), y + 0.11, label, 6)
        if odds(rng, 0.93):
            one = signature(self.facts.drawer, between(rng, 0.2, 0.5), self.script, rng).fitted(1.3 * (x1 - x0), 0.8)
            foot = y + float(rng.normal(0, 0.05)) + (between(rng, 0.1, 0.4) if odds(rng, 0.15) else 0)
            self.sheet.write(one, x0 + between(rng, -0.1, 0.4), foot, self.pen_dark)

    def note(self, x: float, foot: float, height: float, width: float) -> None:
        """The memo: words, or figures that are no field."""
        if odds(self.rng, 0.35) and not self.machine:
            text = "".join(str(d) for d in self.rng.integers(0, 10, int(self.rng.integers(3, 9))))
            one = self.scribe.write(as_words(text), height, self.rng)
            self.sheet.write(one.fitted(width), x, foot, self.pen_dark)
        else:
            self.words(x, foot, self.facts.memo, height, width)

    def _tell(
        self, name: str, kind: str, value: str, writing: Writing, seen: Box, shown: Box, x: float, foot: float,
        *, printed: bool | None = None,
    ) -> None:  # fmt: skip
        is_printed = self.machine is not None if printed is None else printed
        self.sheet.tell(Truth(name, kind, value, seen, shown, is_printed), writing, x, foot)
