"""Which of the world's digit shapes a hand uses: chosen once per hand and kept from character to character.

Each family has variants that are taught and at least one that is held out: a drawer of strangers uses those
alone, so that what is promised can be measured on hands unlike any that taught.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training import shapes_looped as looped
from ocrpipe.training import shapes_open as opened
from ocrpipe.training import shapes_ringed as ringed
from ocrpipe.training.curves import HELD, Knobs, Line, warped
from ocrpipe.training.writers import Strokes

Shape = Callable[[Knobs], Strokes]
CHARS = "0123456789.,-=/$*x|"
"""Rows of the numbers that a hand holds; the last is for the bar of its 7."""


@dataclass(frozen=True, slots=True)
class Family:
    """Shapes of one digit that many collected hands lack, and the share of all hands that use one of them."""

    share: float
    taught: tuple[Shape, ...]
    held_out: tuple[Shape, ...]


FAMILIES: dict[str, Family] = {
    "0": Family(
        0.19,
        (ringed.zero_open, ringed.zero_overlapping, ringed.zero_flicked, ringed.zero_slashed),
        (ringed.zero_square, ringed.zero_horned),
    ),
    "1": Family(
        0.4,
        (opened.one_flag, opened.one_flag, opened.one_long_upstroke, opened.one_wave, opened.one_footed),
        (opened.one_looped, opened.one_sickle),
    ),
    "2": Family(
        0.22,
        (opened.two_looped, opened.two_looped_wavy, opened.two_curled, opened.two_angular),
        (opened.two_wide_loop, opened.two_swan),
    ),
    "3": Family(0.1, (opened.three_flat, opened.three_looped), (opened.three_tailed,)),
    "4": Family(
        0.25,
        (ringed.four_h, ringed.four_open, ringed.four_closed, ringed.four_lightning),
        (ringed.four_hanging, ringed.four_square),
    ),
    "5": Family(
        0.15, (opened.five_root, opened.five_s, opened.five_detached), (opened.five_flowing, opened.five_angular)
    ),
    "6": Family(0.15, (ringed.six_b, ringed.six_large_loop, ringed.six_small_loop), (ringed.six_spiral,)),
    "7": Family(
        0.3, (opened.seven_hooked, opened.seven_waved, opened.seven_plain, opened.seven_round), (opened.seven_clawed,)
    ),
    "8": Family(
        0.2,
        (
            looped.eight_circles, looped.eight_open, looped.eight_horned,
            looped.eight_wide, looped.eight_leaning, looped.eight_tailed,
        ),
        (looped.eight_barred, looped.eight_unequal),
    ),
    "9": Family(
        0.27,
        (looped.nine_rho, looped.nine_p, looped.nine_straight, looped.nine_g),
        (looped.nine_stick, looped.nine_flicked),
    ),
}  # fmt: skip
_BAR_WITH_FLAG, _BAR = 0.75, 0.2
_STRANGER = 1.6
"""How much oftener strangers use a family: what they are drawn for is to be unfamiliar."""


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """How one hand forms its characters: shapes for some digits, how far they lean, which hang below the line,
    the bar of its 7, and `held` (len(CHARS), HELD), the numbers behind all of these."""

    shapes: dict[str, Shape]
    lean: float
    drops: dict[str, float]
    bar: Callable[[Knobs], Line] | None
    held: NDArray[np.float64]
    strange: bool = False

    def knobs(self, char: str, rng: Generator) -> Knobs:
        return Knobs(self.held[CHARS.index(char)], rng)

    def strokes(self, char: str, rng: Generator) -> Strokes | None:
        """The hand's own shape of a digit; None where it writes it as its collected samples show."""
        if char not in self.shapes:
            return None
        k = self.knobs(char, rng)
        lines = warped(self.shapes[char](k), k)
        return [line + (1 - line[:, 1:]) * np.array((self.lean, 0), np.float32) for line in lines]

    def barred(self, seven: Strokes, rng: Generator) -> Strokes:
        """A 7 with this hand's bar, if it writes one; one that came in two strokes has its bar already."""
        if self.bar is None or len(seven) > 1:
            return seven
        height = float(np.ptp(seven[0][:, 1]))
        level = float(seven[0][:, 1].min()) + height * (0.42 + 0.2 * float(self.held[CHARS.index("|"), -1]))
        half = len(seven[0]) // 2
        crossed = seven[0][half + int(np.abs(seven[0][half:, 1] - level).argmin())]
        return [*seven, self.bar(self.knobs("|", rng)) * np.float32(height) + np.array((crossed[0], level), np.float32)]


def style_of(rng: Generator, strange: bool = False) -> Style:
    """The style of a new hand."""
    more = _STRANGER if strange else 1.0
    shapes = {}
    for char, family in FAMILIES.items():
        if rng.random() < family.share * more:
            variants = family.held_out if strange else family.taught
            shapes[char] = variants[int(rng.integers(len(variants)))]
    barred = rng.random() < (_BAR_WITH_FLAG if "1" in shapes else _BAR)
    drops = {char: float(rng.uniform(0.05, 0.3)) for char in "3579"} if rng.random() < 0.1 else {}
    return Style(
        shapes,
        float(np.clip(rng.normal(0.11, 0.08), -0.05, 0.3)),
        {char: drop for char, drop in drops.items() if rng.random() < 0.6},
        (opened.bar_wavy if strange else opened.bar_straight) if barred else None,
        rng.random((len(CHARS), HELD)),
        strange,
    )
