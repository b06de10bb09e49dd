"""What the networks are made of, before any runtime: their layers in order, and the names and shapes of their weights.

torch teaches them (`lenet5`, `sdnn`, `micr`, `shapes`); torch or ONNX Runtime runs them (`torch_nets`, `onnx_nets`).
Both build from these plans, so that one file of weights fits either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ocrpipe.e13b import SYMBOLS as MICR_SYMBOLS
from ocrpipe.reading.segment import SHAPE_NAMES
from ocrpipe.reading.symbols import NETWORK_CLASSES, SHAPE_CLASSES, SYMBOLS

Kind = Literal["lenet5", "lenet5-wide"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FLATTEN: Literal["flatten"] = "flatten"
"""(N, C, H, W) → (N, C × H × W)."""


@dataclass(frozen=True, slots=True)
class Map:
    """A convolution, or with no `kernel` a linear map. Unless it is `bare`, there follow the largest of each window of
    `pool`, batch norm while it learns, and SiLU. Pairs are rows, columns."""

    inputs: int
    outputs: int
    kernel: tuple[int, int] | None = None
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    pool: tuple[int, int] | None = None
    bare: bool = False


Plan = Sequence[Map | Literal["flatten"]]


@dataclass(frozen=True, slots=True)
class Swept:
    """A network along a line: its layers leave one row, of which every column makes a frame of `out`."""

    layers: Plan
    out: Map
    stride: int
    """Pixels of the strip to a frame."""


LENETS: dict[Kind, Plan] = {
    "lenet5": (
        Map(1, 6, (5, 5), pool=(2, 2)),  # C1, S2: (N, 6, 14, 14)
        Map(6, 16, (5, 5), pool=(2, 2)),  # C3, S4: (N, 16, 5, 5)
        FLATTEN,
        Map(400, 120),  # C5
        Map(120, 84),  # F6
        Map(84, len(NETWORK_CLASSES), bare=True),
    ),
    "lenet5-wide": (  # two 3×3 kernels see what one 5×5 does, for less (Simonyan & Zisserman 2015)
        Map(1, 16, (5, 5), stride=2, padding=(2, 2)),  # (N, 16, 16, 16)
        Map(16, 32, (3, 3), padding=(1, 1), pool=(2, 2)),  # (N, 32, 8, 8)
        Map(32, 48, (3, 3), padding=(1, 1)),
        Map(48, 64, (3, 3), padding=(1, 1), pool=(2, 2)),  # (N, 64, 4, 4)
        Map(64, 64, (3, 3)),  # (N, 64, 2, 2)
        FLATTEN,
        Map(256, len(NETWORK_CLASSES), bare=True),
    ),
}
"""(N, 1, 32, 32) crops → (N, 14) logits over `NETWORK_CLASSES`."""

SDNN = Swept(
    (
        Map(1, 12, (5, 5), padding=(2, 2), pool=(2, 2)),  # (N, 12, 24, W/2)
        Map(12, 32, (3, 3), padding=(1, 1), pool=(2, 2)),  # (N, 32, 12, W/4)
        Map(32, 48, (3, 3), padding=(1, 1), pool=(2, 1)),  # (N, 48, 6, W/4)
        Map(48, 64, (3, 3), padding=(1, 1), pool=(2, 1)),  # (N, 64, 3, W/4)
        Map(64, 112, (3, 3), padding=(0, 1)),  # (N, 112, 1, W/4)
        Map(112, 96, (1, 5), padding=(0, 2)),  # (N, 96, 1, W/4)
    ),
    out=Map(96, len(SYMBOLS), bare=True),  # the symbols without noise, then the blank of CTC in its column
    stride=4,
)
"""(N, 1, 48, W) strips → (N, W / 4, 18) logits."""

MICR = Swept(
    (
        Map(1, 8, (5, 5), padding=(2, 2), pool=(2, 2)),  # (N, 8, 12, W/2)
        Map(8, 12, (3, 3), padding=(1, 1), pool=(2, 1)),  # (N, 12, 6, W/2)
        Map(12, 16, (3, 3), padding=(1, 1), pool=(2, 1)),  # (N, 16, 3, W/2)
        Map(16, 32, (3, 9), padding=(0, 4)),  # (N, 32, 1, W/2)
    ),
    out=Map(32, len(MICR_SYMBOLS) + 1, bare=True),  # the symbols, then none: paper, a space, foreign ink
    stride=2,
)
"""(N, 1, 24, W) strips of the clear band → (N, W / 2, 15) logits."""

LOGS = (SHAPE_NAMES.index("height"), SHAPE_NAMES.index("width"), SHAPE_NAMES.index("ink"))
"""Of these shapes the shape network sees the logarithm, too, of at least `LEAST`."""
LEAST = 0.01
SHAPES = {
    "first": Map(len(SHAPE_NAMES) + len(LOGS), 32, bare=True),
    "second": Map(32, 32, bare=True),
    "out": Map(32, len(SHAPE_CLASSES), bare=True),
}
"""(N, S) `SHAPE_NAMES` and their `LOGS` → (N, 7) logits over `SHAPE_CLASSES`; tanh between the maps."""


def named(plan: Plan) -> dict[str, Map]:
    """The maps of a plan by the names that their weights have in a file."""
    steps = enumerate(plan)
    return {f"layers.{i}" if step.bare else f"layers.{i}.map": step for i, step in steps if isinstance(step, Map)}


def swept(net: Swept) -> dict[str, Map]:
    return named(net.layers) | {"out": net.out}


def shapes_of(maps: dict[str, Map]) -> dict[str, tuple[int, ...]]:
    """What the weights of these maps are called and how large they are."""
    weights = {f"{name}.weight": (step.outputs, step.inputs, *(step.kernel or ())) for name, step in maps.items()}
    return weights | {f"{name}.bias": (step.outputs,) for name, step in maps.items()}
