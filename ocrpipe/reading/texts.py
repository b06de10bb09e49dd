"""Texts as strings and as rows of symbols, which compiled loops take and give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrpipe.reading.search import Ints, Texts
from ocrpipe.reading.symbols import SYMBOLS

_NAMES, _INDICES = "".join(SYMBOLS).encode(), bytes(range(len(SYMBOLS)))
_TO_NAMES, _TO_INDICES = bytes.maketrans(_INDICES, _NAMES), bytes.maketrans(_NAMES, _INDICES)


def strings(texts: Texts, lengths: Ints) -> list[str]:
    """What the rows spell.

    >>> strings(*rows(["1,234.50", "", "$7/-"]))
    ['1,234.50', '', '$7/-']
    """
    longest, whole = texts.shape[1], texts.tobytes().translate(_TO_NAMES).decode("latin-1")
    return [whole[i * longest : i * longest + length] for i, length in enumerate(lengths.tolist())]


def rows(texts: Sequence[str]) -> tuple[Texts, Ints]:
    """The texts in rows, and their lengths."""
    lengths = [len(text) for text in texts]
    longest = max(lengths, default=0)
    whole = bytearray("".join([text.ljust(longest) for text in texts]).encode().translate(_TO_INDICES))
    return np.frombuffer(whole, np.uint8).reshape(len(texts), longest), np.array(lengths, np.int64)
