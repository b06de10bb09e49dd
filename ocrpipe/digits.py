"""Files of digits in the IDX form of MNIST, packed or plain, and the part of a glyph's picture that holds ink."""

from __future__ import annotations

import bz2
import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrpipe.errors import UsageError

_FAINTEST_INK = 40
"""Of 255; less is the blur around a glyph."""


def content(path: Path) -> bytes:
    """The bytes of a file, unpacked; its first bytes tell how it is packed."""
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            return gzip.decompress(data)
        if data.startswith(b"BZh"):
            return bz2.decompress(data)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file or folder; check the path") from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UsageError(f"{path}: cannot be read ({error}); fetch or copy the file again") from error
    return data


def packed_or_plain(packed: Path) -> Path:
    """`packed`, which ends in .gz, or where only that is there, the file without that ending."""
    plain = packed.with_suffix("")
    return plain if plain.is_file() and not packed.is_file() else packed


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an IDX file, packed or plain."""
    return idx(path, content(path))


def idx(path: Path, data: bytes) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes (LeCun, Cortes & Burges): 0, 0, 8, dimensions, big-endian sizes, values.

    `path` is for the message of the UsageError where `data` is nothing of the kind.
    """
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise UsageError(f"{path}: not an IDX file of unsigned bytes; bring it to the form of MNIST's files")
    try:
        shape = tuple(int(size) for size in np.frombuffer(data, ">u4", data[3], 4))
        return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)
    except ValueError as error:
        raise UsageError(f"{path}: is not as long as its header says; fetch or copy the file again") from error


def ink_box(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The part of a glyph's picture (paper 0) that holds ink.

    >>> ink_box(np.array([[0, 0, 30], [0, 255, 0]], np.uint8)).tolist()
    [[255]]
    """
    ink = image > _FAINTEST_INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
