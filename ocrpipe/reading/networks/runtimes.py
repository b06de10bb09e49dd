"""What runs the networks: torch, which taught them, or ONNX Runtime, which starts in a tenth of its time and is faster.

Either is imported where it is first used, and only that one.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from ocrpipe.errors import UsageError
from ocrpipe.reading.networks.nets import Net, Nets

Runtime = Literal["auto", "onnx", "torch"]
"""`auto`: ONNX Runtime where it is installed."""


def chosen(runtime: Runtime) -> Literal["onnx", "torch"]:
    """What `auto` means here; UsageError where ONNX Runtime is asked for and is not installed."""
    if runtime == "torch":
        return "torch"
    if all(find_spec(package) for package in ("onnx", "onnxruntime")):
        return "onnx"
    if runtime == "onnx":
        raise UsageError('ONNX Runtime is not installed: pip install "ocrpipe[onnx]"')
    return "torch"


def readers_from(weights: Path, runtime: Runtime) -> Nets:
    """The readers of fields in a file of weights; UsageError where it does not fit."""
    if chosen(runtime) == "onnx":
        from ocrpipe.reading.networks import onnx_nets

        return onnx_nets.readers_from(weights)
    from ocrpipe.reading.networks import torch_nets

    return torch_nets.readers_from(weights)


def micr_from(weights: Path, runtime: Runtime) -> Net:
    """The reader of MICR lines in a file of weights, (N, 24, W) uint8 → (N, W / 2, 15) log probabilities; UsageError
    where it does not fit."""
    if chosen(runtime) == "onnx":
        from ocrpipe.reading.networks import onnx_nets

        return onnx_nets.micr_from(weights)
    from ocrpipe.reading.networks import torch_nets

    return torch_nets.micr_from(weights)
