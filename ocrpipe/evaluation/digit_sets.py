"""Sets of single digits as others publish them: IDX files, USPS text, folders by class.

Whatever the form, the pictures come out alike: (h, w) uint8, paper 0, darkest ink 255.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.digits import content
from ocrpipe.errors import UsageError
from ocrpipe.evaluation.digit_files import FORMS, idx_pair, text_set
from ocrpipe.reading.segment import CROP, CROP_FLOOR

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class DigitSet:
    """Pictures with their labels."""

    path: Path
    images: Sequence[Picture]
    """Paper 0, darkest ink 255; all 0 where a picture has but one gray."""
    labels: NDArray[np.int64]
    """0 … 9 for each picture."""
    names: Sequence[str]
    """Each picture's place in the set: its number from 0, or its file."""
    dark_ink: bool
    """Whether the pictures as given showed dark ink on light paper."""


def read_digits(path: Path, labels: Path | None = None) -> DigitSet:
    """Reads a set, its form told by its content; `labels` is for IDX files whose labels are not named as MNIST's.

    UsageError names the file and the cure.
    """
    is_folder = path.is_dir()
    data = b"" if is_folder else content(path)
    is_idx = data.startswith(b"\0\0")
    if labels and not is_idx:
        raise UsageError(f"--labels {labels}: {path} is no IDX file and has its labels within; leave --labels out")
    if is_folder:
        return _digit_set(path, *_pictures(path))
    grays, classes = idx_pair(path, data, labels) if is_idx else text_set(path, data)
    return _digit_set(path, list(grays), classes, [str(number) for number in range(len(grays))])


def _digit_set(path: Path, images: Sequence[Picture], labels: NDArray[Any], names: Sequence[str]) -> DigitSet:
    if not len(images):
        raise UsageError(f"{path}: holds no picture; {FORMS}")
    strange = np.flatnonzero(~np.isin(labels, range(10)))
    if len(strange):
        first = int(strange[0])
        raise UsageError(
            f"{path}: picture {names[first]} is labelled {labels[first]:g}; leave in the set what is labelled 0 … 9"
        )
    dark = has_dark_ink(images)
    return DigitSet(path, [enlarged(as_ink(image, dark)) for image in images], labels.astype(np.int64), names, dark)


def has_dark_ink(images: Sequence[Picture]) -> bool:
    """Whether most pictures have a light rim: a set has one polarity, though some digit may fill its rim."""

    def is_light(image: Picture) -> bool:
        rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        return bool(np.median(rim) > (float(image.min()) + float(image.max())) / 2)

    return 2 * sum(map(is_light, images)) > len(images)


def as_ink(image: Picture, dark: bool) -> Picture:
    """Paper → 0, darkest ink → 255; paper is the median of the lighter half of the grays.

    >>> as_ink(np.array([[200, 200, 120], [210, 40, 200], [200, 40, 200]], np.uint8), dark=True)[0].tolist()
    [0, 0, 128]
    """
    ink = (255 - image if dark else image).astype(np.float32)
    low, high = float(ink.min()), float(ink.max())
    paper = float(np.median(ink[ink <= (low + high) / 2])) if high > low else high
    stretched = np.clip((ink - paper) * (255 / max(high - paper, 1.0)), 0, 255)
    return np.asarray(stretched.round(), np.uint8)


def enlarged(image: Picture) -> Picture:
    """A tiny picture, such as one of 8×8 pixels, grows: to `fit_crop` a small character is a dot."""
    height, width = image.shape
    if max(height, width) >= CROP_FLOOR:
        return image
    factor = math.ceil(CROP / max(height, width))
    size = width * factor, height * factor
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _pictures(folder: Path) -> tuple[list[Picture], NDArray[np.int64], list[str]]:
    """All pictures below the folders 0 … 9, in the order of their names."""
    from ocrpipe.records import BadPage
    from ocrpipe.scans.decode import decode
    from ocrpipe.scans.sources import find
    from ocrpipe.settings import Settings

    images: list[Picture] = []
    labels: list[int] = []
    names: list[str] = []
    found = find([str(folder)])
    for bad in found.unreadable:
        raise UsageError(f"{folder / bad.source}: {bad.failure.detail}")
    for file in found.files:
        label, _, rest = file.name.partition("/")
        if not rest or label not in set("0123456789"):
            raise UsageError(f"{file.path}: lies in none of the folders 0 … 9 of {folder}; move it there or elsewhere")
        for page in decode(file, Settings()):
            if isinstance(page, BadPage):
                raise UsageError(f"{file.path}: {page.failure.detail}; mend the picture or take it out of the set")
            images.append(page.pixels)
            labels.append(int(label))
            names.append(file.name)
    return images, np.array(labels, np.int64), names
