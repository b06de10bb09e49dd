"""Sets of single digits in every form, and the numbers of their reading."""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.errors import NoInputError, UsageError
from ocrpipe.evaluation.digit_report import COLUMNS, TILE_HEIGHT, TILE_WIDTH, confusion_chart, contact_sheet
from ocrpipe.evaluation.digit_sets import DigitSet, as_ink, enlarged, read_digits
from ocrpipe.evaluation.digits import Confused, DigitFigures, figures

LABELS = [3, 1, 9]
Array = NDArray[np.uint8]


@pytest.fixture
def glyphs() -> Array:
    """Three bars, light on dark, (3, 16, 16)."""
    images = np.zeros((3, 16, 16), np.uint8)
    for i, image in enumerate(images):
        image[2:14, 4 : 6 + i] = 255
        image[2:4, 4:12] = 102
    return images


def idx(array: Array) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def idx_pair(folder: Path, images: Array, labels: list[int], pack: Callable[[bytes], bytes], ending: str) -> Path:
    path = folder / f"t10k-images-idx3-ubyte{ending}"
    path.write_bytes(pack(idx(images)))
    (folder / f"t10k-labels-idx1-ubyte{ending}").write_bytes(pack(idx(np.array(labels, np.uint8))))
    return path


def lines(images: Array, labels: list[int]) -> bytes:
    """As USPS has them, from -1 to 1."""
    values = images.reshape(len(images), -1) / 127.5 - 1
    rows = zip(labels, values, strict=True)
    return "".join(f"{label}.0000 {' '.join(f'{v:.3f}' for v in row)} \n" for label, row in rows).encode()


def libsvm(images: Array, labels: list[int]) -> bytes:
    """As MNIST is handed round, zeros left out."""
    rows = zip(labels, images.reshape(len(images), -1), strict=True)
    return "".join(
        f"{label} {' '.join(f'{i}:{v}' for i, v in enumerate(row, 1) if v)}\n" for label, row in rows
    ).encode()


def pictures(folder: Path, images: Array, labels: list[int]) -> Path:
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / str(label) / f"{i}.png"), image)
    return folder


def assert_same(found: DigitSet, glyphs: Array, labels: list[int]) -> None:
    assert found.labels.tolist() == labels and len(found.names) == len(labels)
    for image, glyph in zip(found.images, glyphs, strict=True):
        assert image.dtype == np.uint8 and np.abs(image.astype(int) - glyph).max() <= 1


@pytest.mark.parametrize(("pack", "ending"), [(bytes, ""), (gzip.compress, ".gz"), (bz2.compress, ".bz2")])
def test_idx_files_find_their_labels(
    glyphs: Array, tmp_path: Path, pack: Callable[[bytes], bytes], ending: str
) -> None:
    found = read_digits(idx_pair(tmp_path, glyphs, LABELS, pack, ending))
    assert_same(found, glyphs, LABELS)
    assert not found.dark_ink


def test_labels_of_another_name_are_given(glyphs: Array, tmp_path: Path) -> None:
    path = idx_pair(tmp_path, glyphs, LABELS, bytes, "")
    pictures_, labels = path.rename(tmp_path / "a"), (tmp_path / "t10k-labels-idx1-ubyte").rename(tmp_path / "b")
    with pytest.raises(UsageError, match=r"/a: .* --labels FILE"):
        read_digits(pictures_)
    assert_same(read_digits(pictures_, labels), glyphs, LABELS)


@pytest.mark.parametrize("form", [lines, libsvm])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_lines_of_text_are_read(
    glyphs: Array, tmp_path: Path, form: Callable[[Array, list[int]], bytes], pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "zip.train").write_bytes(pack(form(glyphs, LABELS)))
    assert_same(read_digits(tmp_path / "zip.train"), glyphs, LABELS)


def test_libsvm_may_count_digits_from_one(glyphs: Array, tmp_path: Path) -> None:
    (tmp_path / "usps").write_bytes(libsvm(glyphs, [label + 1 for label in LABELS]))
    assert_same(read_digits(tmp_path / "usps"), glyphs, LABELS)


def test_pictures_lie_by_class_whatever_their_polarity(glyphs: Array, tmp_path: Path) -> None:
    order = np.argsort(LABELS)
    light = read_digits(pictures(tmp_path / "light", glyphs, LABELS))
    dark = read_digits(pictures(tmp_path / "dark", 230 - glyphs // 2, LABELS))
    assert (light.dark_ink, dark.dark_ink) == (False, True)
    assert light.names == ["1/1.png", "3/0.png", "9/2.png"]
    for found in (light, dark):
        assert_same(found, glyphs[order], sorted(LABELS))


def test_a_picture_of_one_gray_is_blank_and_a_tiny_one_grows() -> None:
    assert not as_ink(np.full((28, 28), 77, np.uint8), dark=False).any()
    tiny = np.zeros((8, 8), np.uint8)
    tiny[1:7, 4] = 16
    assert enlarged(tiny).shape == (32, 32) and enlarged(np.zeros((28, 28), np.uint8)).shape == (28, 28)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x", b"", "x: .*empty.*expected an IDX file"),
        ("x", b"\x89PNG\r\n", "x: not a set of digits"),
        ("x", b"3 1 2 three 4\n", "x: not a set of digits"),
        ("x", b"3 0 0 0\n", "x: 3 values .* no square picture"),
        ("x", b"3 0 1 nan 0\n", "x: not a set of digits"),
        ("x", b"3 0 0 0 1\n4 0 0 1\n", "x: not a set of digits"),
        ("x", b"3 0:1 1:1\n", "counts from 1"),
        ("x", b"3 999999999:1\n", "value number 999999999"),
        ("x", b"12 0 0 0 1\n", "x: picture 0 is labelled 12"),
        ("x", b"3.5 0 0 0 1\n", "x: picture 0 is labelled 3.5"),
        ("x", b"\x1f\x8bno", "x: cannot be read"),
        ("x", b"\0\0\x0d\1", "x: not an IDX file of unsigned bytes"),
        ("x", b"\0\0\x08\3" + b"\0\0\0\1" * 3, "x: is not as long"),
        ("x", b"\0\0\x08\1" + b"\0\0\0\1" + b"\3", "x: .*file of the pictures"),
        ("x", b"\0\0\x08\3" + b"\0\0\0\1" * 3 + b"\3", "x: .* --labels FILE"),
        ("images-idx3", b"\0\0\x08\3" + b"\0\0\0\1" * 3 + b"\3", "no labels in .*/labels-idx1; .* --labels FILE"),
    ],
)  # fmt: skip
def test_what_is_no_set_is_named_with_the_cure(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=words):
        read_digits(tmp_path / name)


def test_labels_must_be_those_of_the_pictures(glyphs: Array, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"labels-idx1-ubyte: .*has 3 pictures"):
        read_digits(idx_pair(tmp_path, glyphs, [1, 2], bytes, ""))
    (tmp_path / "text").write_bytes(lines(glyphs, LABELS))
    with pytest.raises(UsageError, match="leave --labels out"):
        read_digits(tmp_path / "text", tmp_path / "t10k-labels-idx1-ubyte")
    with pytest.raises(UsageError, match="absent: no such file"):
        read_digits(tmp_path / "absent")


def test_folders_hold_pictures_of_digits_alone(glyphs: Array, tmp_path: Path) -> None:
    with pytest.raises(NoInputError):
        read_digits(tmp_path)
    folder = pictures(tmp_path / "set", glyphs, LABELS)
    (folder / "3" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UsageError, match=r"3/broken\.png: "):
        read_digits(folder)
    (folder / "3" / "broken.png").rename(folder / "stray.png")
    with pytest.raises(UsageError, match=r"stray\.png: lies in none of the folders"):
        read_digits(folder)


@pytest.fixture
def read() -> DigitFigures:
    """4 is read as 9 twice, once surely, and once right; 7 as 1 unsurely; junk never wins."""
    guesses, confidence = [9, 9, 4, 1], [0.6, 0.9, 0.8, 0.5]
    table = np.full((4, 14), 0.0)
    for row, guess, sure in zip(table, guesses, confidence, strict=True):
        row[:10] = (1 - sure) / 9
        row[guess] = sure
    table[:, :10] *= 0.25
    table[:, 13] = 0.75
    return figures(np.array([4, 4, 4, 7]), table)


def test_ten_classes_are_counted(read: DigitFigures) -> None:
    assert (read.count, read.wrong, read.error) == (4, 3, 0.75)
    assert read.confidence == pytest.approx([0.6, 0.9, 0.8, 0.5])
    assert read.of_digit(4) == (3, 2) and read.of_digit(0) == (0, 0)
    assert read.most_confused() == [Confused(4, 9, 2), Confused(7, 1, 1)]
    assert read.worst() == [1, 0, 3]
    assert read.ece == pytest.approx((0.6 + 0.9 + 0.2 + 0.5) / 4)
    assert read.interval[0] < 0.75 < read.interval[1]


def test_what_is_surely_no_digit_is_an_unsure_guess() -> None:
    junk = figures(np.array([7]), np.eye(14)[[13]])
    assert (junk.wrong, junk.confidence[0], junk.ece) == (1, 0.0, 0.0)


def test_json_holds_the_whole_matrix(read: DigitFigures) -> None:
    told = json.loads(json.dumps(read.as_json(list("abcd")), allow_nan=False))
    assert np.array(told["confusion"]).shape == (10, 10) and told["confusion"][4][9] == 2
    assert told["per_digit"]["0"]["error"] is None and told["per_digit"]["7"]["error"] == 1.0
    assert told["errors"][0] == {"picture": "b", "label": 4, "guess": 9, "confidence": pytest.approx(0.9)}


def test_the_matrix_is_drawn(read: DigitFigures) -> None:
    drawn = confusion_chart(read)
    assert drawn.count("<rect") == 101 and "4 read as 9: 2 (66.67%)" in drawn and "3 of 4 digits" in drawn


def test_the_sheet_shows_the_surest_error_first(read: DigitFigures) -> None:
    images = [np.full((20, 10), 60 * i, np.uint8) for i in range(4)]
    sheet = contact_sheet(read, images)
    assert sheet.shape == (TILE_HEIGHT, COLUMNS * TILE_WIDTH, 3)
    assert [int(sheet[50, x, 0]) for x in (52, 156, 260)] == [255 - 60, 255, 255 - 180]
    right = figures(np.array([4]), np.eye(10)[[4]])
    assert contact_sheet(right, images).min() < 128  # words
