"""The networks run by ONNX Runtime, which starts in a tenth of torch's time and memory and is faster.

The graphs are built from the very weights that torch would load, when a process first reads: nothing else is shipped.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, numpy_helper
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info

from ocrpipe.reading.networks.files import Weights, load_micr, load_readers
from ocrpipe.reading.networks.nets import Net, Nets
from ocrpipe.reading.networks.plans import LEAST, LENETS, LOGS, MICR, SDNN, SHAPES, Map, Plan, Swept, named

# on import it would give this machine an id, keep it in the user's home and tell its maker of every start
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime

_OPSET, _IR_VERSION = 17, 8
"""Of 2022: every ONNX Runtime that runs on a supported Python knows them."""
_CROPS_AT_ONCE = 64
_BLOCK = 16
"""Maps that the runtime computes at a time, and keeps side by side from layer to layer."""
_INPUT, _OUTPUT = "batch", "found"
_PICTURES = (TensorProto.UINT8, ["n", 1, "height", "width"])
_TABLE = (TensorProto.FLOAT, ["n", "columns"])


def readers_from(path: Path) -> Nets:
    """The readers of fields in a file of weights."""
    kind, weights = load_readers(path)
    return Nets(
        _at_work(_lenet(LENETS[kind], weights["lenet"])),
        _CROPS_AT_ONCE,
        _at_work(_shapes(weights["shapes"])),
        weights["shapes"]["prior"].astype(np.float64),
        _at_work(_swept(SDNN, weights["sdnn"])),
    )


def micr_from(path: Path) -> Net:
    """The reader of MICR lines in a file of weights."""
    return _at_work(_swept(MICR, load_micr(path)))


class _Graph:
    """A graph as it grows from `batch` to `found`. Each method adds to it and returns the name of what comes out."""

    def __init__(self, weights: Weights, pictures: bool) -> None:
        self._weights = weights
        self._pictures = pictures
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def start(self) -> str:
        """What is given, as float; pictures with ink 0 … 1."""
        if not self._pictures:
            return _INPUT
        return self.node("Div", self.node("Cast", _INPUT, to=TensorProto.FLOAT), self.constant(np.float32(255)))

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"{operator}_{len(self._nodes)}"
        self._nodes.append(make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, value: Any) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def plan(self, x: str, plan: Plan) -> str:
        """The layers of a plan, one after another."""
        for i, step in enumerate(plan):
            x = self._layer(x, f"layers.{i}", step) if isinstance(step, Map) else self.node("Flatten", x)
        return x

    def _layer(self, x: str, name: str, step: Map) -> str:
        if step.bare:
            return self.linear(x, name)
        name = f"{name}.map"
        if step.kernel is None:
            x = self.linear(x, name)
        elif step.pool and step.inputs == 1 and len(self._weights[f"{name}.weight"]) % _BLOCK:
            x = self._largest_of_windows(x, name, step, step.pool)
        else:
            x = self._convolution(x, *self._map(name), [step.stride, step.stride], step.padding)
            if step.pool:
                x = self.node("MaxPool", x, kernel_shape=list(step.pool), strides=list(step.pool))
        return self.node("Mul", x, self.node("Sigmoid", x))  # SiLU

    def _largest_of_windows(self, x: str, name: str, step: Map, pool: tuple[int, int]) -> str:
        """A convolution of a picture and the largest of each window, with each place of a window a map of its own.

        Of maps that fill no block, such as 6, the runtime would compute one that is full and then reorder every pixel
        of it. The result is the same to the last bit, a sixth of the whole network's time sooner.
        """
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        maps, _, high, wide = weight.shape
        rows, columns = pool
        places = [(row, column) for row in range(rows) for column in range(columns)]
        shifted = np.zeros((len(places), maps, 1, high + rows - 1, wide + columns - 1), np.float32)
        for kernel, (row, column) in zip(shifted, places, strict=True):
            kernel[:, :, row : row + high, column : column + wide] = weight
        every = self.constant(np.concatenate(shifted)), self.constant(np.tile(bias, len(places)))
        x = self._convolution(x, *every, list(pool), step.padding)  # (N, places × maps, H, W)
        x = self.node("Reshape", x, self.constant(np.array([0, len(places), -1, 0])))  # (N, places, maps × H, W)
        x = self.node("ReduceMax", x, axes=[1], keepdims=1)
        return self.node("Reshape", x, self.constant(np.array([0, maps, -1, 0])))

    def _convolution(self, x: str, weight: str, bias: str, strides: list[int], padding: tuple[int, int]) -> str:
        return self.node("Conv", x, weight, bias, strides=strides, pads=[*padding, *padding])

    def linear(self, x: str, name: str) -> str:
        """(N, C) → (N, C')."""
        return self.node("Gemm", x, *self._map(name), transB=1)

    def _map(self, name: str) -> tuple[str, str]:
        return self.constant(self._weights[f"{name}.weight"]), self.constant(self._weights[f"{name}.bias"])

    def model(self, found: str) -> bytes:
        self._nodes.append(make_node("Identity", [found], [_OUTPUT]))
        given = make_tensor_value_info(_INPUT, *(_PICTURES if self._pictures else _TABLE))
        out = make_tensor_value_info(_OUTPUT, TensorProto.FLOAT, None)
        graph = make_graph(self._nodes, "ocrpipe", [given], [out], self._constants)
        model = make_model(graph, opset_imports=[make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
        return bytes(model.SerializeToString())


def _lenet(plan: Plan, weights: Weights) -> bytes:
    graph = _Graph(weights, pictures=True)
    return graph.model(graph.node("Softmax", graph.plan(graph.start(), plan), axis=1))


def _swept(net: Swept, weights: Weights) -> bytes:
    graph = _Graph(_filled(net, weights), pictures=True)
    row = graph.plan(graph.start(), net.layers)  # (N, C, 1, frames)
    frames = graph.node("Transpose", graph.node("Squeeze", row, graph.constant(np.array([2]))), perm=[0, 2, 1])
    logits = graph.node("MatMul", frames, graph.constant(weights["out.weight"].T.copy()))
    logits = graph.node("Add", logits, graph.constant(weights["out.bias"]))
    return graph.model(graph.node("LogSoftmax", logits, axis=2))


def _filled(net: Swept, weights: Weights) -> Weights:
    """The weights with maps of zeros in the first layer, which the second does not heed, where few fill the last block:
    nothing is then reordered on the way, a twentieth of the network's time."""
    first, second = list(named(net.layers))[:2]
    idle = -len(weights[f"{first}.weight"]) % _BLOCK
    if idle > _BLOCK // 4:
        return weights
    more, none = (0, idle), (0, 0)
    return weights | {
        f"{first}.weight": np.pad(weights[f"{first}.weight"], (more, none, none, none)),
        f"{first}.bias": np.pad(weights[f"{first}.bias"], (more,)),
        f"{second}.weight": np.pad(weights[f"{second}.weight"], (none, more, none, none)),
    }


def _shapes(weights: Weights) -> bytes:
    graph = _Graph(weights, pictures=False)
    logged = graph.node("Gather", graph.start(), graph.constant(np.array(LOGS)), axis=1)
    logged = graph.node("Log", graph.node("Max", logged, graph.constant(np.float32(LEAST))))
    x = graph.node("Concat", graph.start(), logged, axis=1)
    first, second, out = SHAPES
    x = graph.node("Tanh", graph.linear(x, first))
    x = graph.node("Tanh", graph.linear(x, second))
    return graph.model(graph.node("Softmax", graph.linear(x, out), axis=1))


def _at_work(model: bytes) -> Net:
    """A net on one thread: engines give each of their processes one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it keeps what the largest batch took, 55 MB a worker, and is no faster here
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(batch: NDArray[Any]) -> NDArray[np.float32]:
        given = batch[:, None] if batch.dtype == np.uint8 else batch
        found: NDArray[np.float32] = session.run([_OUTPUT], {_INPUT: given})[0]
        return found

    return run
