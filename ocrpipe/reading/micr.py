"""MICR lines through their network, and what comes of it: text, characters, alternatives and what predicts error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrpipe.e13b import SYMBOLS
from ocrpipe.geometry import Box, Quad, apply, quad_of
from ocrpipe.reading.micr_decode import MicrPath, likeliest
from ocrpipe.reading.micr_features import FEATURE_NAMES
from ocrpipe.reading.micr_fields import MicrFields, fields_of
from ocrpipe.reading.micr_strip import HEIGHT, PITCH
from ocrpipe.reading.networks.nets import Net
from ocrpipe.reading.networks.plans import MICR
from ocrpipe.reading.networks.runtimes import Runtime, micr_from
from ocrpipe.records import MicrStrip
from ocrpipe.rows import Character

_WIDEN = 64
"""Strips of like width go through the network together: widths are rounded up to multiples of this."""
_STRIDE = MICR.stride
_ALTERNATIVES = 5
_BAND = 5 * PITCH
"""Height of the clear band, 5/8 inch (ANSI X9.100-160-1), strip pixels."""


@dataclass(frozen=True, slots=True)
class MicrReading:
    """What a line says, before anyone decides whether to believe it."""

    text: str
    """T transit, A amount, U on-us, D dash, single spaces between groups; empty where no line was found."""
    fields: MicrFields
    characters: tuple[Character, ...]
    """Spaces left out; quads in pixels of the picture."""
    quad: Quad | None
    """The clear band around the characters, pixels of the picture; None where no line was found."""
    alternatives: tuple[tuple[str, float], ...]
    """The text with another character in one place, likeliest first, with probabilities that are not calibrated."""
    features: tuple[float, ...]
    """In the order of `FEATURE_NAMES`."""


NOTHING = MicrReading("", MicrFields(None, {}, None), (), None, (), (0.0,) * len(FEATURE_NAMES))


class MicrReader:
    """The network of `plans.MICR` at work."""

    def __init__(self, net: Net) -> None:
        self._net = net

    @classmethod
    def from_file(cls, weights: Path, runtime: Runtime = "auto") -> MicrReader:
        """Reads a file of weights; UsageError where it does not fit."""
        return cls(micr_from(weights, runtime))

    def read(self, strips: Sequence[MicrStrip]) -> list[MicrReading]:
        """One reading for each strip."""
        return [
            reading_of(strip, likeliest(frames))
            for strip, frames in zip(strips, self.frames([strip.ink for strip in strips]), strict=True)
        ]

    def frames(self, inks: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        """(W / 2, 15) log probabilities of each (24, W) strip; how they are batched changes at most the rounding."""
        widths = [-(-ink.shape[1] // _WIDEN) * _WIDEN for ink in inks]
        found: dict[int, NDArray[np.float32]] = {}
        for width in sorted(set(widths)):
            group = [i for i, w in enumerate(widths) if w == width]
            batch = np.zeros((len(group), HEIGHT, width), np.uint8)
            for row, i in enumerate(group):
                batch[row, :, : inks[i].shape[1]] = inks[i]
            log_probs = self._net(batch)
            for row, i in enumerate(group):
                found[i] = log_probs[row, : inks[i].shape[1] // _STRIDE]
        return [found[i] for i in range(len(inks))]


def reading_of(strip: MicrStrip, path: MicrPath) -> MicrReading:
    """A decoded strip as a reading."""
    if not path.text:
        return NOTHING
    fields = fields_of(path.text)
    best = path.probs.max(axis=1)
    letters = path.text.replace(" ", "")
    cells = _cells(path.frames, strip)
    characters = tuple(
        Character(letter, prob, quad)
        for letter, prob, quad in zip(letters, (best * path.present).tolist(), cells, strict=True)
    )
    posterior = min(exp(path.log_prob), 1 - 1e-6)
    features = (
        log(max(posterior, 1e-6) / (1 - posterior)),
        log(float(best.min())),
        log(max(float(path.present.min()), 1e-6)),
        log(max(path.unread, 1e-3)),
        path.uneven,
        strip.evidence,
        float(fields.country is not None),
        float(fields.check_digit is True),
        float(fields.check_digit is False),
    )
    first, last = (float(_STRIDE * frame) for frame in (path.frames[0], path.frames[-1]))
    around = Box(first - 1.5 * PITCH, (HEIGHT - _BAND) / 2, last + 1.5 * PITCH, (HEIGHT + _BAND) / 2)
    quad = quad_of(around, strip.to_picture)
    return MicrReading(path.text, fields, characters, quad, _alternatives(path), features)


def _cells(frames: NDArray[np.int64], strip: MicrStrip) -> list[Quad]:
    """The characters' cells, pixels of the picture."""
    cell = Box(-PITCH / 2, (HEIGHT - PITCH) / 2, PITCH / 2, (HEIGHT + PITCH) / 2).corners()
    corners = np.tile(cell, (len(frames), 1))
    corners[:, 0] += np.repeat(_STRIDE * frames + (_STRIDE - 1) / 2, 4)
    quads = apply(strip.to_picture, corners).reshape(-1, 8).tolist()
    return [(x0, y0, x1, y1, x2, y2, x3, y3) for x0, y0, x1, y1, x2, y2, x3, y3 in quads]


def _alternatives(path: MicrPath) -> tuple[tuple[str, float], ...]:
    places = [i for i, letter in enumerate(path.text) if letter != " "]
    ratios = path.probs / path.probs.max(axis=1, keepdims=True)
    ratios[np.arange(len(ratios)), path.probs.argmax(axis=1)] = 0
    found = []
    for flat in np.argsort(-ratios, axis=None)[:_ALTERNATIVES]:
        row, symbol = divmod(int(flat), len(SYMBOLS))
        at = places[row]
        other = path.text[:at] + SYMBOLS[symbol] + path.text[at + 1 :]
        found.append((other, float(ratios[row, symbol]) * exp(path.log_prob)))
    return tuple(found)
