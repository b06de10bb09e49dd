"""Whole pages: letters, handwriting, statements, numbers, staves, squares."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from ocrpipe.geometry import Box
from ocrpipe.training.curves import arc
from ocrpipe.training.sheets.chance import between, figures, odds, pick
from ocrpipe.training.sheets.faces import POINT, Face, in_print
from ocrpipe.training.sheets.figures import any_day, date_in_words
from ocrpipe.training.sheets.lettering import Script, by_hand, person, signature
from ocrpipe.training.sheets.ornaments import logo, stamp, sums, table
from ocrpipe.training.sheets.sheet import INK_DPI, Sheet
from ocrpipe.training.sheets.words import address, bank, firm, in_words

_SENTENCES = (
    "we thank you for your letter of last week", "the goods have been sent by rail", "please find enclosed our offer",
    "nothing was heard of it for several days", "the meeting will take place as planned", "he asked for a second copy",
    "it would be kind of you to reply soon", "all rooms on the upper floor are let", "the rain has spoiled the harvest",
    "as agreed we shall pay within thirty days", "there is little to add to what was said",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A page in the making: its print, a hand that writes on it, and how dark both are."""

    sheet: Sheet
    face: Face
    script: Script
    print_dark: float
    pale_dark: float
    rng: Generator

    def print(self, x: float, y: float, words: str, points: float, *, bold: bool = False, right: bool = False) -> Box:
        """Words with their line at y; x is the left end, or the right one."""
        one = in_print(words, self.face.bold if bold else self.face.regular, points)
        return self.sheet.write(one, x - one.width if right else x, y, self.print_dark)

    def paragraph(self, x: float, y: float, width: float, lines: int, points: float) -> float:
        """Sentences, broken into lines; returns where the next one would begin."""
        step = points * POINT * 1.3
        for i in range(lines):
            words = ", ".join(pick(self.rng, _SENTENCES) for _ in range(3))
            one = in_print(words[: int(width / (points * POINT * 0.47))], self.face.regular, points)
            last = between(self.rng, 0.3, 0.9) if i == lines - 1 else 1.0
            ink = one.ink[:, : round(min(one.width, last * width) * INK_DPI)]
            self.sheet.lay(ink, x, y + i * step - one.foot / INK_DPI, self.print_dark)
        return y + (lines + 0.8) * step

    def heading(self) -> float:
        """A firm's head at the top; returns where the page's own text may begin."""
        rng, sheet = self.rng, self.sheet
        if odds(rng, 0.5):
            logo(sheet, Box(0.7, 0.5, 1.3, 1.1), self.print_dark, rng)
        self.print(1.5, 0.8, firm(rng) if odds(rng, 0.5) else bank(rng), 14, bold=True)
        for i, line in enumerate(address(rng)):
            self.print(sheet.width - 0.8, 0.7 + 0.15 * i, line, 8, right=True)
        return 1.6


def letter(leaf: Leaf) -> None:
    """With an address, a date, paragraphs, a signature."""
    rng, sheet = leaf.rng, leaf.sheet
    y, points = leaf.heading(), between(rng, 9.5, 12)
    for i, line in enumerate((person(rng), *address(rng))):
        leaf.print(1.0, y + 0.19 * i, line, points)
    y += 1.0
    when = any_day(rng)
    leaf.print(
        sheet.width - 1.0,
        y,
        date_in_words(when, rng) if odds(rng, 0.5) else when.strftime("%m/%d/%Y"),
        points,
        right=True,
    )
    y = leaf.paragraph(1.0, y + 0.4, sheet.width - 2, 1, points)
    while y < sheet.height - 2.2 and odds(rng, 0.9):
        if odds(rng, 0.3):
            leaf.print(
                1.0, y, f"Our reference {figures(rng, 6)}, total {sums(rng, pick(rng, ('$', '£', 'Rs. ')))}", points
            )
            y += 0.25
        y = leaf.paragraph(1.0, y, sheet.width - 2, int(rng.integers(2, 7)), points)
    leaf.print(1.0, y, "Yours sincerely", points)
    one = signature(person(rng), 0.4, leaf.script, rng).fitted(2.5, 0.8)
    sheet.write(one, 1.0, y + 0.6, leaf.print_dark)


def handwriting(leaf: Leaf) -> None:
    """A page of notes, on lines or none, with figures among the words."""
    rng, sheet = leaf.rng, leaf.sheet
    step, high = between(rng, 0.28, 0.4), between(rng, 0.14, 0.22)
    ruled = odds(rng, 0.5)
    for y in np.arange(1.0, sheet.height - 0.5, step):
        if ruled:
            sheet.rule(0.0, float(y) + 0.03, sheet.width, float(y) + 0.03, width=0.005, dark=0.75)
        if odds(rng, 0.85):
            words = pick(rng, _SENTENCES) if odds(rng, 0.8) else f"{in_words(int(rng.integers(1, 10**5)))} and no more"
            one = by_hand(words, high, leaf.script, rng).fitted(sheet.width - 1.2)
            sheet.write(one, between(rng, 0.5, 0.8), float(y), leaf.pale_dark)


def statement(leaf: Leaf) -> None:
    """A bank's list of movements, with sums, dates and numbers of checks."""
    rng, sheet = leaf.rng, leaf.sheet
    y = leaf.heading()
    leaf.print(0.8, y, f"Statement of account {figures(rng, 10)}", 12, bold=True)
    for i, line in enumerate((person(rng), *address(rng))):
        leaf.print(0.8, y + 0.35 + 0.17 * i, line, 9)
    rows = [
        [
            any_day(rng).strftime("%m/%d/%Y"),
            pick(rng, ("Check", "Deposit", "Card", "Fee", "Transfer")),
            figures(rng, 4),
            sums(rng),
            sums(rng, "$"),
        ]
        for _ in range(int(rng.integers(8, 30)))
    ]
    box = Box(0.8, y + 1.3, sheet.width - 0.8, min(y + 1.5 + 0.22 * len(rows), sheet.height - 0.8))
    table(sheet, box, ["Date", "Kind", "Number", "Amount", "Balance"], rows, leaf.face, leaf.print_dark, rng)


def numbers(leaf: Leaf) -> None:
    """A table of nothing but figures."""
    rng, sheet = leaf.rng, leaf.sheet
    columns, lines = int(rng.integers(3, 10)), int(rng.integers(10, 45))
    digits = int(rng.integers(1, 7))
    rows = [[figures(rng, digits) for _ in range(columns)] for _ in range(lines)]
    box = Box(0.6, 0.8, sheet.width - 0.6, sheet.height - 0.8)
    table(sheet, box, [chr(65 + i) for i in range(columns)], rows, leaf.face, leaf.print_dark, rng)


def music(leaf: Leaf) -> None:
    """Staves with notes."""
    rng, sheet = leaf.rng, leaf.sheet
    gap = between(rng, 0.06, 0.09)
    for top in np.arange(1.0, sheet.height - 1.2, between(rng, 0.9, 1.4)):
        for i in range(5):
            sheet.rule(
                0.7, float(top) + i * gap, sheet.width - 0.7, float(top) + i * gap, width=0.006, dark=leaf.print_dark
            )
        for x in np.arange(1.2, sheet.width - 0.8, between(rng, 0.2, 0.4)):
            y = float(top) + gap * 0.5 * int(rng.integers(-2, 11))
            head = arc((float(x), y), (0.55 * gap, 0.35 * gap), 0, 2 * np.pi)
            sheet.strokes([head], width=0.025, dark=leaf.print_dark)
            stem = 3.2 * gap if y > top + 2 * gap else -3.2 * gap
            sheet.rule(float(x) + 0.5 * gap, y, float(x) + 0.5 * gap, y - stem, width=0.009, dark=leaf.print_dark)


def graph_paper(leaf: Leaf) -> None:
    """Squares, empty or with a curve and some figures."""
    rng, sheet = leaf.rng, leaf.sheet
    step, pale = between(rng, 0.12, 0.25), between(rng, 0.6, 0.85)
    for x in np.arange(0, sheet.width, step):
        sheet.rule(float(x), 0, float(x), sheet.height, width=0.004, dark=pale)
    for y in np.arange(0, sheet.height, step):
        sheet.rule(0, float(y), sheet.width, float(y), width=0.004, dark=pale)
    if odds(rng, 0.7):
        x = np.linspace(1, sheet.width - 1, 60)
        y = sheet.height / 2 + np.cumsum(rng.normal(0, 0.12, 60))
        sheet.strokes([np.stack([x, y], axis=1).astype(np.float32)], width=0.02, dark=leaf.pale_dark)
    for _ in range(int(rng.integers(0, 12))):
        one = by_hand(pick(rng, _SENTENCES).split()[0], 0.18, leaf.script, rng)
        sheet.write(one, between(rng, 0.5, sheet.width - 1.5), between(rng, 0.5, sheet.height - 0.5), leaf.pale_dark)


def dirt(leaf: Leaf) -> None:
    """Nothing but specks, hairs, punch holes, a fold, a stain, a stamp."""
    rng, sheet = leaf.rng, leaf.sheet
    for _ in range(int(rng.integers(0, 200))):
        dot = np.array((between(rng, 0, sheet.width), between(rng, 0, sheet.height)), np.float32)
        sheet.strokes(
            [np.stack([dot, dot + rng.normal(0, 0.02, 2).astype(np.float32)])], width=0.012, dark=leaf.pale_dark
        )
    if odds(rng, 0.5):
        for y in (0.3 * sheet.height, 0.7 * sheet.height):
            sheet.strokes([arc((0.45, y), (0.12, 0.12), 0, 2 * np.pi, 30)], width=0.03, dark=leaf.print_dark)
    if odds(rng, 0.5):
        sheet.rule(0, sheet.height / 2, sheet.width, sheet.height / 2, width=0.01, dark=0.8)
    if odds(rng, 0.4):
        canvas = np.zeros((600, 600), np.float32)
        cv2.circle(canvas, (300, 300), int(rng.integers(120, 260)), 1.0, int(rng.integers(4, 30)))
        soft = np.asarray(cv2.GaussianBlur(canvas, (0, 0), 5), np.float32)
        sheet.lay(soft, between(rng, 0, sheet.width - 2), between(rng, 0, sheet.height - 2), between(rng, 0.6, 0.85))
    if odds(rng, 0.3):
        stamp(sheet, sheet.width / 2, sheet.height / 2, leaf.face, rng)
