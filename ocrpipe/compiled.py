"""Loops that numpy cannot say, compiled by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compiles on first use and keeps the result beside the module or in the user's cache; where neither can be
    written (a read-only container without a home), every process compiles for itself."""
    try:
        fast: Any = njit(cache=True)(function)
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        fast = njit(function)
    return cast(Function, fast)
