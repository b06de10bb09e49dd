"""Loops that numpy cannot say, compiled by numba.

The first run waits for all of them, so they are written for the compiler too. Plain loops over elements take it
hundredths of a second; a slice that is assigned to takes it a second (an error message is put together in there),
`max`, `sum`, `zeros` or an array expression a tenth or more each. A function is compiled for every set of argument
types, layouts and constants such as 0 among them, and once more within each function that calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

_njit: Any = partial(njit, no_cfunc_wrapper=True)
"""No C program calls these functions: without a wrapper for it they compile a tenth faster. Numba's types do not know
the option."""


def compiled(function: Function) -> Function:
    """Compiles on first use and keeps the result beside the module or in the user's cache; where neither can be
    written (a read-only container without a home), every process compiles for itself."""
    try:
        fast = _njit(cache=True)(function)
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        fast = _njit()(function)
    return cast(Function, fast)
