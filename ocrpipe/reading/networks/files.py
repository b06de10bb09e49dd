"""Weights on disk: safetensors, each norm folded into the map before it, for whichever runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from ocrpipe.errors import UsageError
from ocrpipe.reading.networks.plans import KINDS, LENETS, MICR, SDNN, SHAPES, Kind, named, shapes_of, swept
from ocrpipe.reading.symbols import SHAPE_CLASSES

Weights = dict[str, NDArray[np.float32]]
"""By the names of `plans.shapes_of`."""


def load_readers(path: Path) -> tuple[Kind, dict[str, Weights]]:
    """Which LeNet there is in a file of readers of fields, and the weights of `lenet`, `shapes` and `sdnn`; UsageError
    where they are not those of this version's networks."""
    told = _metadata(path).get("lenet", "")
    kind = next((kind for kind in KINDS if kind == told), None)
    if kind is None:
        raise UsageError(f"{path}: weights of LeNet {told!r}; this version knows {', '.join(KINDS)}")
    maps = {"lenet": named(LENETS[kind]), "shapes": SHAPES, "sdnn": swept(SDNN)}
    shapes = {f"{net}.{name}": shape for net, own in maps.items() for name, shape in shapes_of(own).items()}
    tensors = _checked(path, shapes | {"shapes.prior": (len(SHAPE_CLASSES),)}, "networks")
    return kind, {net: {k[len(net) + 1 :]: v for k, v in tensors.items() if k.startswith(f"{net}.")} for net in maps}


def load_micr(path: Path) -> Weights:
    """The weights of a reader of MICR lines; UsageError as above."""
    return _checked(path, shapes_of(swept(MICR)), "MICR network")


def _metadata(path: Path) -> dict[str, str]:
    try:
        with safe_open(path, "numpy") as file:
            return dict(file.metadata() or {})
    except SafetensorError as error:
        raise UsageError(f"{path}: no file of weights ({error})") from error


def _checked(path: Path, shapes: dict[str, tuple[int, ...]], what: str) -> Weights:
    tensors = load_file(path)
    odd = [name for name in sorted(shapes.keys() | tensors.keys())
           if name not in tensors or tensors[name].shape != shapes.get(name)]  # fmt: skip
    if odd:
        raise UsageError(f"{path}: not weights of this version's {what}: {', '.join(odd[:3])} missing or other")
    return tensors
