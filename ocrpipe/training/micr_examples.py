"""Drawn MICR lines as the reader's own strips, labelled frame by frame; kept on disk, so that a training can be killed
and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrpipe.e13b import SYMBOLS
from ocrpipe.geometry import apply
from ocrpipe.reading.micr_strip import HEIGHT, strips
from ocrpipe.reading.networks.micr import CLASSES, STRIDE
from ocrpipe.records import MicrStrip
from ocrpipe.training.micr_lines import DrawnLine, draw_line

LINES_PER_SHARD = 125
NONE = CLASSES - 1
UNTOLD = -1
"""Frames beside a character's middle, of which nothing is asked."""
_AT, _BESIDE = 0.75, 1.75
"""Frames from a character's middle that show it, and from which on there is none."""
_OFF_LEVEL = 4.0
"""A strip whose middle is further from the characters' (px) shows another line."""


@dataclass(frozen=True, slots=True, eq=False)
class MicrExamples:
    """Strips side by side: (24, W) ink and (W / 2,) the class of each frame, or `UNTOLD`."""

    ink: NDArray[np.uint8]
    labels: NDArray[np.int8]


def labelled(line: DrawnLine, strip: MicrStrip) -> NDArray[np.int8] | None:
    """(W / 2,) classes of a strip's frames; None where the strip is not that of the line."""
    centres = apply(np.asarray(np.linalg.inv(strip.to_picture), np.float64), line.centres)
    if abs(np.median(centres[:, 1]) - (HEIGHT - 1) / 2) > _OFF_LEVEL:
        return None
    places = (centres[:, 0] - (STRIDE - 1) / 2) / STRIDE
    labels = np.full(strip.ink.shape[1] // STRIDE, NONE, np.int8)
    frames = np.arange(len(labels))
    for reach, told in ((_BESIDE, False), (_AT, True)):
        for place, letter in zip(places, line.text.replace(" ", ""), strict=True):
            labels[abs(frames - place) <= reach] = SYMBOLS.index(letter) if told else UNTOLD
    return labels


def draw_micr_shards(work: Path, count: int, seed: int, done: Callable[[], None]) -> list[Path]:
    """Files of `LINES_PER_SHARD` lines each under `work`; those that are there already are kept."""
    work.mkdir(parents=True, exist_ok=True)
    paths = [work / f"lines-{seed}-{i:04d}.npz" for i in range(count)]
    for i, path in enumerate(paths):
        if not path.exists():
            drawn = _draw((seed, i))
            part = path.with_suffix(".part.npz")
            np.savez_compressed(part, ink=drawn.ink, labels=drawn.labels)
            part.rename(path)
        done()
    return paths


def load_micr(paths: list[Path]) -> MicrExamples:
    inks, labels = [], []
    for path in paths:
        with np.load(path) as shard:
            inks.append(shard["ink"])
            labels.append(shard["labels"])
    return MicrExamples(np.concatenate(inks, axis=1), np.concatenate(labels))


def _draw(seed: tuple[int, int]) -> MicrExamples:
    inks, labels = [], []
    for number in range(LINES_PER_SHARD):
        line = draw_line(np.random.default_rng((*seed, number)))
        for strip in strips(line.picture, line.dpi):
            told = labelled(line, strip)
            if told is not None:
                inks.append(strip.ink[:, : STRIDE * len(told)])
                labels.append(told)
    return MicrExamples(np.concatenate(inks, axis=1), np.concatenate(labels))
