"""An envelope in the making: who sends it, where it goes, what the post adds; places are chosen by its kind."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from ocrpipe.geometry import Box
from ocrpipe.training.sheets import postal
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.faces import Face, figure_points, in_print, spelled
from ocrpipe.training.sheets.figures import Scribe, words_by_hand
from ocrpipe.training.sheets.lettering import Script, by_hand, person
from ocrpipe.training.sheets.ornaments import logo
from ocrpipe.training.sheets.sheet import Sheet, Truth, Writing, around
from ocrpipe.training.sheets.words import TOWNS, address, firm, street
from ocrpipe.training.wording import Wording

_ENDORSEMENTS = ("FORWARDING SERVICE REQUESTED", "RETURN SERVICE REQUESTED", "ADDRESS SERVICE REQUESTED")
_NOTES = (
    "Do not bend",
    "Personal",
    "PRIORITY",
    "Fragile",
    "Confidential",
    "Attn: accounts",
    "VIA AIR MAIL",
    "FIRST CLASS",
)


@dataclass(frozen=True, slots=True, eq=False)
class Mail:
    """An envelope in the making, and who addresses it."""

    sheet: Sheet
    face: Face
    machine: Face | None
    """What prints the address; None where it is written by hand."""
    scribe: Scribe
    script: Script
    pen_dark: float
    print_dark: float
    zip: Wording
    rng: Generator

    def line(self, words: str, height: float) -> Writing:
        """Capitals `height` inches tall, by the machine or by hand."""
        if self.machine:
            return in_print(words, self.machine.regular, figure_points(self.machine.regular, height))
        return words_by_hand(words, height, self.scribe, self.script, self.rng)

    @property
    def dark(self) -> float:
        return self.print_dark if self.machine else self.pen_dark

    def block(self, x: float, y: float, width: float, height: float, pitch: float, lines: list[str], last: str) -> Box:
        """The destination: lines from y on (the first one's foot), then the town with the ZIP code behind or under it.

        Returns its extent.
        """
        rng, ragged = self.rng, 0.0 if self.machine else 0.06
        step = float(rng.normal(0, 0.12)) if not self.machine and odds(rng, 0.25) else 0.0  # lines that move right
        parts = []
        for i, words in enumerate(lines):
            at = x + step * i + ragged * float(rng.normal())
            parts.append(self.sheet.write(self.line(words, height).fitted(width), at, y + i * pitch, self.dark))
        foot = y + len(lines) * pitch
        at = x + step * len(lines) + ragged * float(rng.normal())
        figures_high = height * (between(rng, 1.0, 1.5) if odds(rng, 0.3) and not self.machine else 1.0)
        zip_ = self.zip_writing(figures_high)
        gap = between(rng, 0.08, 0.5) * (0.4 if self.machine else 1.0) + 0.04
        town = self.line(last, height).fitted(max(0.6, width - zip_.width - gap))
        parts.append(seen := self.sheet.write(town, at, foot, self.dark))
        if odds(rng, 0.08):  # on a line of its own
            zip_x, foot = at + between(rng, 0, 0.8 * town.width), foot + pitch * between(rng, 0.9, 1.2)
        else:
            zip_x = seen.x1 + gap
            foot -= (
                0.0
                if self.machine
                else float(rng.normal(0, 0.05)) + (between(rng, 0.03, 0.12) if odds(rng, 0.1) else 0)
            )
        zip_x = min(zip_x, self.sheet.width - zip_.width - 0.05)
        parts.append(seen := self.sheet.write(zip_, zip_x, foot, self.dark))
        self.tell(zip_, seen, seen, zip_x, foot)
        return around(*parts)

    def zip_writing(self, height: float) -> Writing:
        if self.machine:
            return spelled(self.zip.value, self.machine.regular, figure_points(self.machine.regular, height))
        return self.scribe.write(self.zip, height, self.rng)

    def tell(self, writing: Writing, seen: Box, shown: Box, x: float, foot: float) -> None:
        truth = Truth("zip", "zip", self.zip.value, seen, shown, self.machine is not None)
        self.sheet.tell(truth, writing, x, foot)

    def destination(self) -> tuple[list[str], str]:
        """The lines above the town, and the town with its state."""
        rng = self.rng
        lines = [pick(rng, ("", "", "Mr. ", "Mrs. ", "Dr. ")) + person(rng)]
        if odds(rng, 0.3):
            lines.append(firm(rng))
        elif odds(rng, 0.08):
            lines.append(f"c/o {person(rng)}")
        lines.append(street(rng) if odds(rng, 0.88) else f"PO Box {figures(rng, int(rng.integers(2, 6)))}")
        if odds(rng, 0.18):
            lines[-1] += f" Apt {figures(rng, 2)}" if odds(rng, 0.5) else ""
            lines += [] if lines[-1].count("Apt") else [f"Suite {figures(rng, 3)}"]
        name, state = pick(rng, TOWNS)
        last = f"{name}{pick(rng, (', ', ' '))}{state}"
        if self.machine and odds(rng, 0.4):
            return [line.upper() for line in lines], last.upper().replace(",", "")
        return lines, last

    def sender(self, *, printed: bool) -> None:
        """The return address at the top left, with a ZIP code of its own that is not wanted."""
        rng, sheet = self.rng, self.sheet
        x, y = between(rng, 0.2, 0.45), between(rng, 0.25, 0.45)
        lines = [firm(rng) if printed else person(rng), *address(rng)]
        if printed and odds(rng, 0.4):
            logo(sheet, Box(x, y - 0.1, x + 0.45, y + 0.35), self.print_dark, rng)
            x += 0.55
        for i, words in enumerate(lines):
            if printed:
                sheet.write(
                    in_print(words, self.face.bold if i == 0 else self.face.regular, 8),
                    x,
                    y + 0.14 * i,
                    self.print_dark,
                )
            else:
                one = words_by_hand(words, between(rng, 0.09, 0.13), self.scribe, self.script, rng)
                sheet.write(one.fitted(0.42 * sheet.width), x, y + 0.2 * i, self.pen_dark)
        if printed and odds(rng, 0.25):
            words = pick(rng, _ENDORSEMENTS)
            sheet.write(in_print(words, self.face.regular, 7), x, y + 0.14 * len(lines) + 0.15, self.print_dark)

    def postage(self) -> None:
        rng, sheet = self.rng, self.sheet
        right, top = sheet.width - between(rng, 0.2, 0.5), between(rng, 0.18, 0.4)
        place = rng.random()
        if place < (0.2 if self.machine else 0.8):
            at = postal.stamp(sheet, right, top, self.face, rng)
            if odds(rng, 0.7):
                postal.postmark(sheet, at, self.face, rng)
        elif place < 0.65:
            postal.meter(sheet, right, top, self.face, rng)
        elif place < 0.93:
            postal.permit(sheet, right, top, self.face, rng)

    def extras(self, block: Box) -> None:
        """Bar codes, and notes in corners."""
        rng, sheet = self.rng, self.sheet
        if odds(rng, 0.35):
            place = pick(rng, ("above", "below", "corner")) if self.machine else "corner"
            x = block.x0 if place != "corner" else sheet.width - between(rng, 3.2, 3.8)
            foot = {"above": block.y0 - 0.08, "below": block.y1 + 0.26, "corner": sheet.height - 0.25}[place]
            if place == "above" or foot - 0.13 > block.y1 + 0.05:
                postal.bar_code(sheet, x, foot, between(rng, 0.05, 0.4), rng)
        if odds(rng, 0.12):
            words = pick(rng, _NOTES)
            x, y = between(rng, 0.2, 1.0), sheet.height - between(rng, 0.3, 0.9)
            if odds(rng, 0.5):
                postal.leaning_words(sheet, words, self.face.bold, between(rng, 9, 16), x, y - 0.2, rng)
            else:
                sheet.write(by_hand(words, 0.16, self.script, rng), x, y, self.pen_dark)
