"""The hostile inputs, all of them: made by script, the same every time.

python -m tests.hostile.corpus FOLDER      writes them for a look
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.hostile.cases import Case
from tests.hostile.pdfs import pdf_cases
from tests.hostile.places import place_cases
from tests.hostile.stills import still_cases
from tests.hostile.tiffs import tiff_cases


@cache
def cases() -> tuple[Case, ...]:
    found = (*still_cases(), *tiff_cases(), *pdf_cases(), *place_cases())
    names = [case.name for case in found]
    assert len(set(names)) == len(names), sorted({name for name in names if names.count(name) > 1})
    return found


def quick_cases() -> tuple[Case, ...]:
    """Those of every `make test`: at least one of each kind of trouble."""
    return tuple(case for case in cases() if case.quick)


def write(chosen: Iterable[Case], folder: Path) -> None:
    for case in chosen:
        path = folder / case.name
        path.parent.mkdir(parents=True, exist_ok=True)
        case.make(path)


if __name__ == "__main__":
    write(cases(), Path(sys.argv[1]))
