"""Print: faces of the system's free fonts, and words set in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocrpipe.errors import UsageError
from ocrpipe.training.drawing import print_fonts
from ocrpipe.training.sheets.chance import pick
from ocrpipe.training.sheets.sheet import INK_DPI, Writing

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

POINT = 1 / 72
"""Inch."""
_RARE = "₹£€"
_HAS_RARE = "DejaVuSans"
"""The family that lends what another lacks."""


@dataclass(frozen=True, slots=True)
class Face:
    """A family of fonts in its upright and its bold cut."""

    regular: str
    bold: str


_SANS = Face("LiberationSans-Regular", "LiberationSans-Bold")
_MONO = Face("LiberationMono-Regular", "LiberationMono-Bold")
ORDINARY = (
    _SANS, _SANS, Face("LiberationSerif-Regular", "LiberationSerif-Bold"),
    Face("LiberationSansNarrow-Regular", "LiberationSansNarrow-Bold"), Face("DejaVuSans", "DejaVuSans-Bold"),
    Face("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"), Face("FreeSans", "FreeSansBold"),
    Face("FreeSerif", "FreeSerifBold"), Face("DejaVuSerif", "DejaVuSerif-Bold"),
    Face("LiberationSerif-Italic", "LiberationSerif-BoldItalic"),
)  # fmt: skip
"""What banks set their forms in."""
STRANGE = (
    Face("DejaVuSans-ExtraLight", "DejaVuSans-Oblique"), Face("FreeSerifItalic", "FreeSerifBoldItalic"),
    Face("DejaVuSerifCondensed", "DejaVuSerifCondensed-BoldItalic"), Face("FreeMono", "FreeMonoBold"),
)  # fmt: skip
"""What ordinary sheets never use."""
MACHINES = (_MONO, _MONO, _SANS, Face("DejaVuSansMono", "DejaVuSansMono-Bold"), ORDINARY[2], ORDINARY[3])
"""What forms are filled in with."""
STRANGE_MACHINES = (Face("GNUTypewriter", "GNUTypewriter"), Face("FreeMonoBold", "FreeMonoBold"), STRANGE[2])


@cache
def _files() -> dict[str, Path]:
    return {path.stem: path for path in print_fonts()}


def face_of(rng: Generator, faces: Sequence[Face]) -> Face:
    """One of those that are installed. Raises UsageError where no print font is."""
    installed = [face for face in faces if face.regular in _files() and face.bold in _files()]
    if not installed and not _files():
        raise UsageError("no print fonts; install one of fonts-liberation, fonts-dejavu, fonts-freefont")
    return pick(rng, installed) if installed else Face(*[pick(rng, sorted(_files()))] * 2)


@lru_cache(maxsize=256)
def _loaded(name: str, size_px: int) -> FreeTypeFont:
    from PIL import ImageFont  # drawing print is the one thing that needs Pillow

    return ImageFont.truetype(str(_files()[name]), size_px)


def _cut(name: str, words: str) -> str:
    """The font, or one that has the currency signs that it lacks."""
    lacks = name.startswith(("Liberation", "GNU")) and any(c in words for c in _RARE)
    return _HAS_RARE if lacks and _HAS_RARE in _files() else name


def in_print(words: str, font: str, points: float) -> Writing:
    """`words` set in one piece, tight; all of it has one owner. `points`: the body's height, 72 to the inch."""
    from PIL import Image, ImageDraw

    face = _loaded(_cut(font, words), max(4, round(points * POINT * INK_DPI)))
    left, top, right, bottom = face.getbbox(words or " ", anchor="ls")
    size = max(1, int(right - left) + 2), max(1, int(bottom - top) + 2)
    image = Image.new("L", size)
    ImageDraw.Draw(image).text((1 - left, 1 - top), words, fill=255, font=face, anchor="ls")
    ink = np.asarray(image, np.float32) / np.float32(255)
    return Writing(ink, (ink > 0.3).astype(np.int16), 1 - float(top))


def spelled(words: str, font: str, points: float) -> Writing:
    """As `in_print`, but each character has an owner."""
    whole = in_print(words, font, points)
    face = _loaded(_cut(font, words), max(4, round(points * POINT * INK_DPI)))
    left = face.getbbox(words, anchor="ls")[0]
    ends = np.array([face.getlength(words[: i + 1]) for i in range(len(words))]) - left + 1
    owners = np.searchsorted(ends, np.arange(whole.ink.shape[1]), side="right").clip(0, len(words) - 1)
    inked = {i for i, c in enumerate(words) if c != " "}
    numbers: NDArray[np.int16] = np.zeros(len(words), np.int16)
    numbers[sorted(inked)] = np.arange(1, len(inked) + 1)
    return Writing(whole.ink, np.where(whole.ink > 0.3, numbers[owners][None, :], 0).astype(np.int16), whole.foot)


def length(words: str, font: str, points: float) -> float:
    """How far print reaches, inches."""
    face = _loaded(_cut(font, words), max(4, round(points * POINT * INK_DPI)))
    return float(face.getlength(words)) / INK_DPI


def figure_points(font: str, height: float) -> float:
    """The size at which a digit is so many inches high."""
    box = _loaded(font, 300).getbbox("8", anchor="ls")
    return height * 72 * 300 / (box[3] - box[1])
