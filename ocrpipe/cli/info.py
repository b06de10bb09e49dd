"""`ocrpipe info`: what is installed, which models there are, and what stands behind their promises."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ocrpipe import __version__
from ocrpipe.errors import UsageError

_PACKAGES = (
    "imagecodecs", "numba", "numpy", "opencv-python", "pyarrow", "pydantic", "pypdfium2", "rich", "safetensors",
    "scikit-image", "scipy", "tifffile", "torch", "typer",
)  # fmt: skip
_LONGEST_LIST = 8


def info() -> None:
    """Print the versions of ocrpipe and its libraries, the models with their cards, and the processors.

    Put this into a bug report:

    \b
        ocrpipe info
    """
    from ocrpipe.reading.model import load_card, shipped

    print(f"ocrpipe {__version__}, Python {platform.python_version()}, {platform.platform()}")
    print(f"processors: {len(os.sched_getaffinity(0))} of {os.cpu_count()} usable, {platform.machine()}")
    print("libraries: " + ", ".join(f"{name} {_version(name)}" for name in _PACKAGES))
    names = shipped()
    if not names:
        print("models: none found")
    for name in names:
        print()
        try:
            card = load_card(name)
        except UsageError as error:
            print(error)
            continue
        print(f"model {name}, calibration {card.calibration.name}, weights {card.weights}")
        print("\n".join(_lines(card.raw, "  ")))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(absent)"


def _lines(card: dict[str, Any], indent: str) -> list[str]:
    """Keys and their values; long lists, such as curves, by their length."""
    lines: list[str] = []
    for key, value in card.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list) and len(value) > _LONGEST_LIST:
            lines.append(f"{indent}{key}: ({len(value)} values)")
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
