"""Draws of chance, in plain Python types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from numpy.random import Generator

T = TypeVar("T")


def odds(rng: Generator, share: float) -> bool:
    return bool(rng.random() < share)


def between(rng: Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def pick(rng: Generator, items: Sequence[T]) -> T:
    """One of `items`, all alike."""
    return items[int(rng.integers(len(items)))]


def figures(rng: Generator, count: int) -> str:
    """`count` digits of which the first is no zero."""
    return str(rng.integers(1, 10)) + "".join(str(d) for d in rng.integers(0, 10, count - 1))
