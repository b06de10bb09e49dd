"""Drawn pages and small helpers; every picture of these tests is made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.records import BadPage, Page, ScanFile
from ocrpipe.scans.decode import decode
from ocrpipe.settings import Settings

Decode = Callable[..., list[Page | BadPage]]


@pytest.fixture
def decoded() -> Decode:
    def run(path: Path, **limits: int) -> list[Page | BadPage]:
        return list(decode(ScanFile(path, path.name), Settings(**limits)))

    return run


@pytest.fixture
def marked() -> NDArray[np.uint8]:
    """(90, 140): paper with a black corner at the top left and a bar along the left, so that no turn maps it to
    itself."""
    picture = np.full((90, 140), 255, np.uint8)
    picture[:30, :40] = 0
    picture[:80, :10] = 0
    return picture


@pytest.fixture
def letter() -> NDArray[np.uint8]:
    """A written sheet at 200 dpi with a left margin, as `Page.pixels`."""
    return draw_letter()


def draw_letter(width: int = 1300, height: int = 900) -> NDArray[np.uint8]:
    picture = np.full((height, width), 250, np.uint8)
    words = ["Please pay the sum below", "to the holder of this slip,", "payable at once and in full.", "Yours truly,"]
    for line in range((height - 300) // 60):
        text = words[line % 4] + (" by the end of May" if line % 3 == 0 else "")
        cv2.putText(picture, text, (140, 160 + 60 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 20, 2, cv2.LINE_AA)
    cv2.line(picture, (140, height - 120), (width - 200, height - 120), 40, 2)
    return picture


def leaning(picture: NDArray[np.uint8], degrees: float, border: int = 250) -> NDArray[np.uint8]:
    """Turned clockwise by `degrees` about its centre, same size."""
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
    return np.asarray(
        cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=border), np.uint8
    )


def page_of(pixels: NDArray[np.uint8], dpi: float = 200) -> Page:
    return Page("drawn.png", "", 0, np.ascontiguousarray(pixels), dpi, "file")


def good(found: list[Page | BadPage]) -> Page:
    """The only page."""
    assert len(found) == 1
    assert isinstance(found[0], Page), found[0]
    return found[0]


def bad(found: list[Page | BadPage]) -> BadPage:
    """The only page, which failed."""
    assert len(found) == 1
    assert isinstance(found[0], BadPage), found[0]
    return found[0]
