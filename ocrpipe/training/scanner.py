"""Ink on paper, and what a scanner, a fax or a phone makes of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def inked(sheet: Plane, ink: Plane, bitonal: bool, rng: Generator) -> Plane:
    """The coverage `ink` (H, W) written on `sheet` with a pen of its own darkness; dust."""
    rows, columns = ink.shape
    faint = rng.random() < 0.1
    pen = (
        float(rng.uniform(0.1, 0.35)) if bitonal else float(rng.uniform(0.6, 0.75) if faint else rng.uniform(0.15, 0.6))
    )
    skips, grain = (0.3, 3) if rng.random() < 0.07 else (0.12, 6)  # a ball that does not roll everywhere
    uneven = cv2.resize(
        rng.normal(0, skips, (max(2, rows // grain), max(2, columns // grain))).astype(np.float32), (columns, rows)
    )
    if rng.random() < 0.06:  # the ink runs into the paper
        ink = np.maximum(ink, cv2.GaussianBlur(ink, (0, 0), float(rng.uniform(0.8, 1.6))))
    coverage = np.clip(ink * (1 - np.abs(uneven)), 0, 1)
    picture = sheet * (1 - coverage * (1 - pen))
    for _ in range(int(rng.integers(1, 5)) if rng.random() < 0.25 else 0):
        spot = int(rng.integers(0, columns)), int(rng.integers(0, rows))
        cv2.circle(picture, spot, int(rng.integers(0, 3)), float(rng.uniform(0, 80)), -1)
    return np.asarray(picture, np.float32)


def scanned(picture: Plane, bitonal: bool, rng: Generator) -> NDArray[np.uint8]:
    """(H, W) uint8 as a file holds it: blurred, noisy, now and then too small or sharpened; bitonal or JPEG."""
    rows, columns = picture.shape
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.35, 1.0))), np.float32)
    if rng.random() < 0.04:  # a scan of half the resolution, enlarged
        small = cv2.resize(picture, (max(2, columns // 2), max(2, rows // 2)), interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)
    if rng.random() < 0.12:
        blurred = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.8, 1.6)))
        picture = picture + float(rng.uniform(0.3, 1.2)) * (picture - blurred)
    noise = float(rng.uniform(0, 7)) if rng.random() < 0.94 else float(rng.uniform(7, 12))
    picture = picture + noise * rng.standard_normal(picture.shape, np.float32)
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    if bitonal:
        return _bitonal(pixels, rng)
    if rng.random() < 0.7:
        _, code = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 96))])
        pixels = np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.ascontiguousarray(pixels, np.uint8)


def _bitonal(pixels: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    rows, columns = pixels.shape
    fax, share = rng.random() < 0.12, float(rng.uniform(0.62, 0.82))
    if fax:  # half as many rows, so that thin strokes lose half their darkness
        share = 0.5 + share / 2
        pixels = np.asarray(cv2.resize(pixels, (columns, max(2, rows // 2)), interpolation=cv2.INTER_AREA), np.uint8)
    black = np.where(pixels < np.median(pixels) * share, 0, 255).astype(np.uint8)
    if len(black) < rows:
        black = np.asarray(cv2.resize(black, (columns, rows), interpolation=cv2.INTER_NEAREST), np.uint8)
    specks = rng.random(black.shape, np.float32) < rng.uniform(0, 0.0015)
    black[specks] = 255 - black[specks]
    return black
