"""`ocrpipe info`: what is installed, which models there are, and what stands behind their promises."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ocrpipe import __version__

_PACKAGES = (
    "imagecodecs", "numba", "numpy", "opencv-python", "pyarrow", "pydantic", "pypdfium2", "rich", "safetensors",
    "scikit-image", "scipy", "tifffile", "torch", "typer",
)  # fmt: skip


def info() -> None:
    """Print the versions of ocrpipe and its libraries, the models with their cards, and the processors.

    Put this into a bug report:

    \b
        ocrpipe info
    """
    print(f"ocrpipe {__version__}, Python {platform.python_version()}, {platform.platform()}")
    print(f"processors: {len(os.sched_getaffinity(0))} of {os.cpu_count()} usable, {platform.machine()}")
    print("libraries: " + ", ".join(f"{name} {_version(name)}" for name in _PACKAGES))
    cards = model_cards()
    if not cards:
        print("models: none found")
    for path in cards:
        print(f"\nmodel {path.stem} ({path})")
        _print_card(json.loads(path.read_text("utf-8")), "  ")


def model_cards() -> list[Path]:
    """The cards inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    folder = next((path for path in (package / "models", package.parent / "models") if path.is_dir()), None)
    return sorted(folder.glob("*.json")) if folder else []


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(absent)"


def _print_card(card: dict[str, Any], indent: str) -> None:
    """Keys and their values; long lists, such as curves, by their length."""
    for key, value in card.items():
        if isinstance(value, dict):
            print(f"{indent}{key}:")
            _print_card(value, indent + "  ")
        elif isinstance(value, list) and len(value) > 8:
            print(f"{indent}{key}: ({len(value)} values)")
        else:
            print(f"{indent}{key}: {value}")
