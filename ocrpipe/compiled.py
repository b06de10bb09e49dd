"""Loops that numpy cannot say, compiled by numba.

The first run waits for all of them, so they are written for the compiler too. Plain loops over elements take it
hundredths of a second; a slice that is assigned to takes it a second (an error message is put together in there),
`max`, `sum`, `zeros` or an array expression a tenth or more each. A function is compiled for every set of argument
types, layouts and constants such as 0 among them, and once more within each function that calls it.

What is compiled is kept on disk, by numba's cache, but for two of its ways that cost rows: it writes what a file holds
before the file, under a name that an older version of the function may have had, so that a process killed between the
two leaves the older code to be taken for the newer, for good; and it looks for changes in the file of a function alone,
though functions of other files are compiled into it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit
from numba.core.caching import FunctionCache, IndexDataCacheFile

Function = TypeVar("Function", bound=Callable[..., Any])

_njit: Any = partial(njit, no_cfunc_wrapper=True)
"""No C program calls these functions: without a wrapper for it they compile a tenth faster. Numba's types do not know
the option."""
_PACKAGE = Path(__file__).parent


def compiled(function: Function) -> Function:
    """Compiles on first use and keeps the result beside the module or in the user's cache; where neither can be
    written (a read-only container without a home), every process compiles for itself."""
    try:
        fast = _njit(cache=True)(function)
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        fast = _njit()(function)
    else:
        fast._cache._cache_file = _Kept.of(fast._cache, sources(_PACKAGE))
    return cast(Function, fast)


class _Kept(IndexDataCacheFile):
    """The compiled forms of one function on disk: files whose names no other version of the package gives, written
    before the index speaks of them."""

    @classmethod
    def of(cls, cache: FunctionCache, package: str) -> _Kept:
        """In place of what numba would keep there; `package` changes with any module."""
        implementation = cache._impl
        stamp = implementation.locator.get_source_stamp(), package
        return cls(cache.cache_path, implementation.filename_base, stamp)

    def save(self, key: Any, data: Any) -> None:
        """One more form, called for by the types in `key`."""
        forms: dict[Any, str] = self._load_index()  # type: ignore[no-untyped-call]
        if not forms:
            self._remove_others()
        digest = hashlib.sha256(repr((self._source_stamp, key)).encode()).hexdigest()
        forms[key] = self._data_name_pattern.replace("{number:d}", digest[:16])
        self._save_data(forms[key], data)  # type: ignore[no-untyped-call]
        self._save_index(forms)  # type: ignore[no-untyped-call]

    def _remove_others(self) -> None:
        """What older versions have left; whoever still runs one of them compiles anew."""
        for old in Path(self._cache_path).glob(self._data_name_pattern.replace("{number:d}", "*")):
            old.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def sources(package: Path) -> str:
    """What changes when any module of the package does."""
    stamps = sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in package.rglob("*.py"))
    return hashlib.sha256(repr(stamps).encode()).hexdigest()
