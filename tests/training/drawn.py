"""A folder of digits in the four formats of the training data, small enough for a test."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import cv2
import numpy as np

from ocrpipe.training.writers import Writer

TRACES = {
    "0": [[(20, 0), (0, 25), (0, 75), (20, 100), (45, 75), (45, 25), (20, 0)]],
    "1": [[(0, 0), (4, 50), (2, 100)]],
    "2": [[(0, 20), (20, 0), (45, 20), (5, 95), (0, 100), (50, 100)]],
    "3": [[(0, 0), (45, 5), (15, 45), (45, 70), (20, 100), (0, 90)]],
    "4": [[(25, 0), (0, 60), (50, 60)], [(38, 30), (36, 100)]],
    "5": [[(45, 0), (5, 0), (3, 42), (40, 52), (38, 90), (0, 100)]],
    "6": [[(35, 0), (5, 50), (5, 95), (40, 95), (40, 60), (8, 62)]],
    "7": [[(0, 0), (50, 0), (15, 100)]],
    "8": [[(40, 15), (8, 10), (42, 75), (20, 100), (3, 75), (42, 20), (38, 12)]],
    "9": [[(40, 10), (5, 20), (15, 45), (42, 20), (36, 100)]],
}
"""Strokes in a box 100 units high, y down."""


def strokes_of(char: str) -> list[np.ndarray]:
    return [np.array(line, np.float32) / 100 for line in TRACES[char]]


def pen_writer(name: str = "pen") -> Writer:
    return Writer(name, {char: [strokes_of(char)] for char in TRACES}, {})


def scanned_writer(name: str = "scanned") -> Writer:
    glyphs = {char: glyph_of(char) for char in TRACES}
    cropped = {char: g[np.ix_((g > 40).any(axis=1), (g > 40).any(axis=0))] for char, g in glyphs.items()}
    return Writer(name, {}, {char: [glyph] for char, glyph in cropped.items()})


def glyph_of(char: str) -> np.ndarray:
    """(28, 28) uint8, ink high, as MNIST has them."""
    image = np.zeros((28, 28), np.uint8)
    for line in TRACES[char]:
        points = [(round(4 + x * 0.2), round(4 + y * 0.2)) for x, y in line]
        cv2.polylines(image, [np.array(points, np.int32)], False, 255, 2, cv2.LINE_AA)
    return image


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + b"".join(int(n).to_bytes(4, "big") for n in array.shape) + array.tobytes()


def digits_folder(folder: Path, *, writers: int = 30, closed: tuple[int, ...] = (0, 1, 2)) -> Path:
    """`writers` of each kind, each with all ten digits; those of `closed` are held for evaluation."""
    for name in ("mnist", "unipen", "pendigits"):
        (folder / name).mkdir(parents=True)
    images = np.array([glyph_of(str(i % 10)) for i in range(10 * writers)])
    labels = np.array([i % 10 for i in range(10 * writers)], np.uint8)
    (folder / "mnist/train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
    (folder / "mnist/train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    rows = ["split,index,writer", *(f"train,{i},{i // 10}" for i in range(len(labels))), "test,0,9999"]
    (folder / "mnist/writers.csv.gz").write_bytes(gzip.compress("\n".join(rows).encode()))
    (folder / "mnist/bench_writers.csv").write_text("\n".join(["writer", *map(str, closed)]))
    samples = [
        {
            "label": char, "source": "aga", "writer": f"w{i}", "x_ppi": 200.0, "y_ppi": 200.0,
            "strokes": [[[x, 100 - y] for x, y in line] for line in lines],
        }
        for i in range(writers) for char, lines in TRACES.items()
    ]  # fmt: skip
    (folder / "unipen/digits.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, samples)).encode()))
    lines_ = [".LEXICON"]
    for i in range(writers):
        for char, strokes in TRACES.items():
            lines_.append(f".COMMENT {char} {100 + i} 1")  # no name of the real 30, of whom samples are left out
            for line in strokes:
                lines_ += [".PEN_DOWN", *(f" {x}  {100 - y}" for x, y in line), ".PEN_UP"]
    (folder / "pendigits/pendigits-orig.tra.gz").write_bytes(gzip.compress("\n".join(lines_).encode()))
    return folder
