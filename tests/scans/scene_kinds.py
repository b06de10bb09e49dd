"""The kinds of drawn scenes that `tests.bench.documents` measures: those the constants were made with, and others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .papers import Picture, Random, check, envelope, form, letter, paper, pasted, three_parts
from .scenes import (
    Scene,
    bitonal,
    curled,
    noise,
    one_on,
    partly_out,
    photo,
    photographed,
    plain,
    several,
    shaded,
    shadowed,
    stacked,
)  # fmt: skip


def _check(rng: Random) -> Picture:
    return check(rng, 200, (6.0, 2.75))


KINDS: dict[str, Callable[[Random, int], Scene]] = {
    "fills: check": lambda rng, i: plain(rng, check(rng)),
    "fills: envelope": lambda rng, i: plain(rng, envelope(rng)),
    "fills: letter": lambda rng, i: plain(rng, letter(rng)),
    "fills: form": lambda rng, i: plain(rng, form(rng)),
    "fills: shaded": lambda rng, i: shaded(check(rng), rng),
    "fills: bitonal": lambda rng, i: bitonal(plain(rng, check(rng))),
    "no sheet: stamps": lambda rng, i: plain(rng, pasted(rng, "stamps")),
    "no sheet: pictures": lambda rng, i: plain(rng, pasted(rng, "pictures")),
    "no sheet: photo": lambda rng, i: photo(rng, i),
    "no sheet: noise": lambda rng, i: noise(rng),
    "one: black": lambda rng, i: one_on(rng, "black", check(rng)),
    "one: dark": lambda rng, i: one_on(rng, "dark", check(rng)),
    "one: gray": lambda rng, i: one_on(rng, "gray", check(rng)),
    "one: light": lambda rng, i: one_on(rng, "light", check(rng, light=int(rng.integers(195, 238)))),
    "one: form, dark": lambda rng, i: one_on(rng, "dark", form(rng)),
    "one: bitonal, black": lambda rng, i: bitonal(one_on(rng, "black", check(rng))),
    "several: black": lambda rng, i: several(rng, "black", 1 + i % 6, _check),
    "several: gray": lambda rng, i: several(rng, "gray", 1 + i % 6, _check),
    "several: light": lambda rng, i: several(rng, "light", 1 + i % 6, lambda r: check(r, 200, (6.0, 2.75), 228)),
    "several: envelopes": lambda rng, i: several(rng, "dark", 2 + i % 2, envelope),
    "stacked: apart": lambda rng, i: stacked(rng, "black", 6.0, 2 + i % 2),
    "stacked: touching": lambda rng, i: stacked(rng, "black", 0.0, 2 + i % 2),
    "partly out: black": lambda rng, i: partly_out(rng, "black"),
    "phone: wood": lambda rng, i: photographed(rng, "wood", check(rng), 0.12),
    "phone: dark": lambda rng, i: photographed(rng, "dark", envelope(rng), 0.12),
    "phone: cloth": lambda rng, i: photographed(rng, "cloth", check(rng), 0.12),
    "curled": lambda rng, i: curled(rng, "dark"),
    "shadowed": lambda rng, i: shadowed(rng, "dark"),
}
HELD_OUT: dict[str, Callable[[Random, int], Scene]] = {
    "fills: three parts": lambda rng, i: plain(rng, three_parts(rng)),
    "fills: empty": lambda rng, i: plain(rng, paper(rng, 8.5, 3.5, 200)),
    "one: wood": lambda rng, i: one_on(rng, "wood", check(rng)),
    "one: letter, light": lambda rng, i: one_on(rng, "light", letter(rng)),
    "one: letter, black": lambda rng, i: one_on(rng, "black", letter(rng)),
    "several: cloth": lambda rng, i: several(rng, "cloth", 1 + i % 6, _check),
    "several: bitonal": lambda rng, i: bitonal(several(rng, "dark", 1 + i % 6, _check)),
    "stacked: gray": lambda rng, i: stacked(rng, "gray", 4.0, 2 + i % 2),
    "stacked: touching, light": lambda rng, i: stacked(rng, "light", 0.0, 2 + i % 2),
    "partly out: light": lambda rng, i: partly_out(rng, "light"),
    "phone: brick": lambda rng, i: photographed(rng, "brick", check(rng), 0.15),
    "phone: gravel": lambda rng, i: photographed(rng, "gravel", envelope(rng), 0.12),
    "phone: grass, form": lambda rng, i: photographed(rng, "grass", form(rng), 0.1),
    "phone: gray, letter": lambda rng, i: photographed(rng, "gray", letter(rng), 0.1),
    "curled: wood": lambda rng, i: curled(rng, "wood"),
    "shadowed: wood": lambda rng, i: shadowed(rng, "wood"),
}


def scene_of(kind: str, index: int) -> Scene:
    """The same scene for the same kind and index, always."""
    kinds = KINDS | HELD_OUT
    rng = np.random.default_rng([list(kinds).index(kind), index])
    return kinds[kind](rng, index)
