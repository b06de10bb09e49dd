"""The networks run by torch: where they were just taught, and where ONNX Runtime is not installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from ocrpipe.reading.networks.files import Weights, load_micr, load_readers
from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.micr import MicrNet
from ocrpipe.reading.networks.nets import Net, Nets
from ocrpipe.reading.networks.sdnn import Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet

_CROPS_AT_ONCE = 256
"""Fewer pay for each call, more for page faults."""


def readers_from(path: Path) -> Nets:
    """The readers of fields in a file that `save_readers` wrote."""
    return readers_of(*modules_from(path))


def modules_from(path: Path) -> tuple[LeNet, ShapeNet, Sdnn]:
    """The same, to be taught further."""
    kind, weights = load_readers(path)
    modules = folded(LeNet(kind)), ShapeNet(), folded(Sdnn())
    for module, own in zip(modules, (weights["lenet"], weights["shapes"], weights["sdnn"]), strict=True):
        _fill(module, own)
    return modules


def readers_of(lenet: LeNet, shapes: ShapeNet, sdnn: Sdnn) -> Nets:
    """Networks that were taught in this process."""
    return Nets(
        _at_work(lenet, lambda logits: torch.softmax(logits, dim=1)),
        _CROPS_AT_ONCE,
        _at_work(shapes, lambda logits: torch.softmax(logits, dim=1)),
        shapes.prior.double().numpy(),
        _at_work(sdnn, lambda log_probs: log_probs),
    )


def save_readers(lenet: LeNet, shapes: ShapeNet, sdnn: Sdnn, path: Path) -> None:
    """Safetensors with the prefixes `lenet.`, `shapes.` and `sdnn.`, and in their metadata which LeNet it is."""
    networks = {"lenet": folded(lenet), "shapes": shapes, "sdnn": folded(sdnn)}
    tensors = {f"{name}.{k}": v.contiguous() for name, net in networks.items() for k, v in net.state_dict().items()}
    save_file(tensors, path, metadata={"lenet": lenet.kind})


def micr_from(path: Path) -> Net:
    """The reader of MICR lines in a file that `save_micr` wrote."""
    net = folded(MicrNet())
    _fill(net, load_micr(path))
    return micr_of(net)


def micr_of(net: MicrNet) -> Net:
    return _at_work(net, lambda logits: torch.log_softmax(logits, dim=2))


def save_micr(net: MicrNet, path: Path) -> None:
    save_file({name: tensor.contiguous() for name, tensor in folded(net).state_dict().items()}, path)


def _fill(module: nn.Module, weights: Weights) -> None:
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})


def _at_work(module: nn.Module, ending: Callable[[Tensor], Tensor]) -> Net:
    """Pictures (N, H, W) uint8 are given to it as (N, 1, H, W) float, ink 0 … 1."""
    net = folded(module).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def run(batch: NDArray[Any]) -> NDArray[np.float32]:
        x = torch.from_numpy(batch)
        x = x.float().div_(255).unsqueeze(1) if x.dtype == torch.uint8 else x
        found: NDArray[np.float32] = ending(net(x)).numpy()
        return found

    return run
