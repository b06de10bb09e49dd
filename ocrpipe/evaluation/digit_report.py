"""`--digits --report DIR`: the confusion matrix, and the worst errors on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrpipe.errors import OutputError
from ocrpipe.evaluation.digits import DigitFigures
from ocrpipe.evaluation.report import WORST

Picture = NDArray[np.uint8]

CONFUSION, SHEET = "confusion.svg", "worst.png"
_CELL, _LEFT, _TOP = 44, 56, 76
"""Of the matrix, px."""
TILE_WIDTH, TILE_HEIGHT = 104, 136
COLUMNS = 10
_PICTURE = 84
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def write_digit_report(folder: Path, figures: DigitFigures, images: Sequence[Picture]) -> None:
    """Writes confusion.svg and worst.png; `images` are those of the figures, paper 0."""
    sheet = cv2.imencode(".png", contact_sheet(figures, images))[1].tobytes()
    try:
        folder.mkdir(exist_ok=True)
        (folder / CONFUSION).write_text(confusion_chart(figures), "utf-8")
        (folder / SHEET).write_bytes(sheet)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error


def confusion_chart(figures: DigitFigures) -> str:
    """The matrix as a heat map: right ones gray, confusions the redder the larger their share of the label."""
    width, height = _LEFT + 10 * _CELL + 20, _TOP + 10 * _CELL + 20
    rows = figures.confusion / np.maximum(figures.confusion.sum(axis=1, keepdims=True), 1)
    highest = float(np.where(np.eye(10, dtype=bool), 0, rows).max())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        'font-family="sans-serif" font-size="13" text-anchor="middle">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{_LEFT}" y="24" font-size="15" text-anchor="start">'
        f"{figures.wrong} of {figures.count} digits misread ({figures.error:.2%})</text>",
        f'<text x="{_LEFT + 5 * _CELL}" y="48">read as</text>',
        f'<text transform="translate(20 {_TOP + 5 * _CELL}) rotate(-90)">label</text>',
    ]
    for i in range(10):
        middle = i * _CELL + _CELL // 2
        parts.append(f'<text x="{_LEFT + middle}" y="{_TOP - 8}">{i}</text>')
        parts.append(f'<text x="{_LEFT - 14}" y="{_TOP + middle + 5}">{i}</text>')
        parts += [_cell(i, j, int(figures.confusion[i, j]), float(rows[i, j]), highest) for j in range(10)]
    return "\n".join([*parts, "</svg>\n"])


def _cell(label: int, guess: int, count: int, share: float, highest: float) -> str:
    x, y = _LEFT + guess * _CELL, _TOP + label * _CELL
    if label == guess:
        colour = "#e4e4e4"
    else:
        fade = round(255 - 175 * share / highest) if count else 255
        colour = f"#ff{fade:02x}{fade:02x}"
    number = f'<text x="{x + _CELL // 2}" y="{y + _CELL // 2 + 5}">{count}</text>' if count else ""
    return (
        f'<g><title>{label} read as {guess}: {count} ({share:.2%})</title><rect x="{x}" y="{y}" width="{_CELL}" '
        f'height="{_CELL}" fill="{colour}" stroke="#ccc"/>{number}</g>'
    )


def contact_sheet(figures: DigitFigures, images: Sequence[Picture]) -> Picture:
    """The surest errors in tiles, row by row: picture, label → guess, confidence; (H, W, 3) blue, green, red."""
    worst = figures.worst()[:WORST]
    lines = max(1, -(-len(worst) // COLUMNS))
    sheet = np.full((lines * TILE_HEIGHT, COLUMNS * TILE_WIDTH, 3), 255, np.uint8)
    for place, i in enumerate(worst):
        y, x = place // COLUMNS * TILE_HEIGHT, place % COLUMNS * TILE_WIDTH
        tile = sheet[y : y + TILE_HEIGHT, x : x + TILE_WIDTH]
        _draw_tile(tile, images[i], int(figures.labels[i]), int(figures.guesses[i]), float(figures.confidence[i]))
    if not worst:
        _write(sheet, f"none of {figures.count} digits is misread", (20, TILE_HEIGHT // 2))
    return sheet


def _draw_tile(tile: Picture, image: Picture, label: int, guess: int, confidence: float) -> None:
    scale = _PICTURE / max(image.shape)
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    drawn = 255 - cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    x, y = (TILE_WIDTH - size[0]) // 2, 8 + (_PICTURE - size[1]) // 2
    tile[y : y + size[1], x : x + size[0]] = drawn[:, :, None]
    cv2.rectangle(tile, (9, 7), (TILE_WIDTH - 10, 8 + _PICTURE), (200, 200, 200), 1)
    _write(tile, str(label), (28, 110))
    cv2.arrowedLine(tile, (43, 105), (61, 105), (60, 60, 60), 1, cv2.LINE_AA, tipLength=0.35)
    _write(tile, str(guess), (66, 110), (30, 30, 200))
    _write(tile, f"{confidence:.2%}", (28, 128), size=0.38)


def _write(
    sheet: Picture, words: str, at: tuple[int, int], colour: tuple[int, int, int] = (40, 40, 40), size: float = 0.5
) -> None:
    cv2.putText(sheet, words, at, _FONT, size, colour, 1, cv2.LINE_AA)
