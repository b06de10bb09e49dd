"""Which of the world's digit shapes a hand uses: chosen once per hand and kept from character to character.

Each family has variants that are taught and at least one that is held out: a drawer of strangers mixes those
in, so that what is promised can be measured on hands unlike any that taught.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.training import shapes_curled as curled
from ocrpipe.training import shapes_looped as looped
from ocrpipe.training import shapes_open as opened
from ocrpipe.training import shapes_ornamented as ornamented
from ocrpipe.training import shapes_ringed as ringed
from ocrpipe.training import shapes_swung as swung
from ocrpipe.training.curves import HELD, Knobs, Line, warped
from ocrpipe.training.shapes_bent import Bend, bend_of
from ocrpipe.training.shapes_ornamented import Ornament
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
        0.27,
        (
            ringed.zero_open, ringed.zero_overlapping, ringed.zero_flicked, ringed.zero_slashed,
            ringed.zero_flat, ringed.zero_flat, ringed.zero_tiny, ringed.zero_sliver,
        ),
        (ringed.zero_square, ringed.zero_horned, ringed.zero_lens),
    ),
    "1": Family(
        0.48,
        (
            opened.one_flag, opened.one_flag, opened.one_long_upstroke, opened.one_wave, opened.one_footed,
            curled.one_script, curled.one_eyelet, curled.one_large_flag, swung.one_swung, swung.one_bridged,
        ),
        (opened.one_looped, opened.one_sickle, curled.one_letter, curled.one_snake),
    ),
    "2": Family(
        0.34,
        (
            opened.two_looped, opened.two_looped_wavy, opened.two_curled, opened.two_angular,
            curled.two_first_curl, curled.two_first_loop, swung.two_large_loop,
        ),
        (opened.two_wide_loop, opened.two_swan, curled.two_scrolled),
    ),
    "3": Family(
        0.16,
        (opened.three_flat, opened.three_looped, curled.three_first_curl),
        (opened.three_tailed, curled.three_both_curls),
    ),
    "4": Family(
        0.3,
        (ringed.four_h, ringed.four_open, ringed.four_closed, ringed.four_lightning, curled.four_u),
        (ringed.four_hanging, ringed.four_square, curled.four_looped),
    ),
    "5": Family(
        0.26,
        (
            opened.five_root, opened.five_s, opened.five_detached,
            curled.five_sharp, curled.five_long_s, swung.five_check,
        ),
        (opened.five_flowing, opened.five_angular, curled.five_tick),
    ),
    "6": Family(
        0.17,
        (ringed.six_b, ringed.six_large_loop, ringed.six_small_loop, curled.six_curled),
        (ringed.six_spiral,),
    ),
    "7": Family(
        0.33,
        (
            opened.seven_hooked, opened.seven_waved, opened.seven_plain, opened.seven_round, opened.seven_scrolled,
            swung.seven_short,
        ),
        (opened.seven_clawed,),
    ),
    "8": Family(
        0.2,
        (
            looped.eight_circles, looped.eight_open, looped.eight_horned,
            looped.eight_wide, looped.eight_leaning, looped.eight_unequal,
        ),
        (looped.eight_barred, looped.eight_tailed),
    ),
    "9": Family(
        0.38,
        (
            looped.nine_rho, looped.nine_p, looped.nine_straight, looped.nine_g,
            curled.nine_scrolled, curled.nine_open, swung.nine_knotted, swung.nine_leaf,
        ),
        (looped.nine_stick, looped.nine_flicked, curled.nine_hooked),
    ),
}  # fmt: skip
_BAR_WITH_FLAG, _BAR = 0.75, 0.2
_STRANGER = 1.3
"""How much oftener strangers use a family, or adorn their digits: what they are drawn for is to be unfamiliar."""
_UNFAMILIAR = 0.5
"""How often what a stranger uses is held out. Not always: nobody's digits are all of a kind never seen."""
_ADORNED, _ADORNS = 0.23, 0.65
"""Share of hands that add ornaments, and of the digits that may take one of theirs."""


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """How one hand forms its characters: shapes for some digits, how far they lean, which hang below the line,
    the bar of its 7, what it adds to which digits, how it bends them all, and `held` (len(CHARS), HELD), the numbers
    behind all of these."""

    shapes: dict[str, Shape]
    lean: float
    drops: dict[str, float]
    bar: Callable[[Knobs], Line] | None
    ornaments: dict[str, tuple[Ornament, ...]]
    bend: Bend
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

    def formed(self, char: str, strokes: Strokes, rng: Generator) -> Strokes:
        """A digit, of the hand's own shape or collected, with all else that the hand does to it."""
        for ornament in self.ornaments.get(char, ()):
            # from the far end of what it holds: the near one decides on the digit's own shape
            strokes = ornament.add(strokes, Knobs(self.held[CHARS.index(char), ::-1], rng), char)
        return self.bend(char, self.barred(strokes, rng) if char == "7" else strokes)

    def barred(self, seven: Strokes, rng: Generator) -> Strokes:
        """A 7 with this hand's bar, if it writes one; one that came in two strokes has its bar already."""
        if self.bar is None or len(seven) > 1:
            return seven
        height = float(np.ptp(seven[0][:, 1]))
        level = float(seven[0][:, 1].min()) + height * (0.46 + 0.2 * float(self.held[CHARS.index("|"), -1]))
        half = len(seven[0]) // 2
        crossed = seven[0][half + int(np.abs(seven[0][half:, 1] - level).argmin())]
        size = np.array((min(max(float(np.ptp(seven[0][:, 0])), 0.3), 0.65), height), np.float32)
        return [*seven, self.bar(self.knobs("|", rng)) * size + np.array((crossed[0], level), np.float32)]


def style_of(rng: Generator, strange: bool = False) -> Style:
    """The style of a new hand."""
    more = _STRANGER if strange else 1.0
    shapes = {}
    for char, family in FAMILIES.items():
        if rng.random() < family.share * more:
            variants = family.held_out if strange and rng.random() < _UNFAMILIAR else family.taught
            shapes[char] = variants[int(rng.integers(len(variants)))]
    barred = rng.random() < (_BAR_WITH_FLAG if "1" in shapes else _BAR)
    bars = (opened.bar_bowed,) if strange else (opened.bar_straight, opened.bar_straight, opened.bar_wavy)
    drops = {char: float(rng.uniform(0.05, 0.3)) for char in "3579"} if rng.random() < 0.1 else {}
    return Style(
        shapes,
        float(np.clip(rng.normal(0.11, 0.08), -0.05, 0.3)),
        {char: drop for char, drop in drops.items() if rng.random() < 0.6},
        bars[int(rng.integers(len(bars)))] if barred else None,
        _ornaments(rng, strange),
        bend_of(rng, strange),
        rng.random((len(CHARS), HELD)),
        strange,
    )


def _ornaments(rng: Generator, strange: bool) -> dict[str, tuple[Ornament, ...]]:
    """What a new hand adds: at the start, at the end, or at both, and not to all digits that would take it."""
    if rng.random() > _ADORNED * (_STRANGER if strange else 1.0):
        return {}
    starts, ends = ornamented.HELD_OUT if strange and rng.random() < _UNFAMILIAR else ornamented.TAUGHT
    where = rng.random()
    places = [starts] * (where < 0.65) + [ends] * (where > 0.35)
    chosen: dict[str, tuple[Ornament, ...]] = {}
    for kinds in places:
        kind = kinds[int(rng.integers(len(kinds)))]
        for char in kind.chars:
            if len(kind.chars) == 1 or rng.random() < _ADORNS:
                chosen[char] = (*chosen.get(char, ()), kind)
    return chosen
