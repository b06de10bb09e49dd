"""What the trainings share: AdamW under a one-cycle rate, a running mean of the weights, a checkpoint an epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

_EMA = 0.999
_SEEDED = Lock()
"""Torch has one random state for all threads; who starts from a seed must be alone."""

Net = TypeVar("Net", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a training tells: which network, of how many epochs which, the mean loss, and shares misread of what."""

    network: str
    number: int
    epochs: int
    loss: float
    errors: dict[str, float]
    seconds: float = 0.0
    """What it took, its measuring included; 0 where nobody looked at a clock."""

    @property
    def left_seconds(self) -> float:
        """Until the last epoch of this network, if all take as long as this one."""
        return self.seconds * (self.epochs - self.number)


class Learning(Generic[Net]):
    """One network under training. It goes on from `checkpoint` where there is one; `mean` is what should be used."""

    def __init__(
        self, make: Callable[[], Net], seed: int, epochs: int, steps: int, checkpoint: Path, rate: float = 4e-3
    ) -> None:
        with _SEEDED:
            torch.manual_seed(seed)
            self.net, self.mean = make(), make()
        self.mean.load_state_dict(self.net.state_dict())
        self.epochs, self.steps = epochs, steps
        self._checkpoint = checkpoint
        self._optimiser = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=0.01)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, rate, total_steps=epochs * steps + 1, pct_start=0.15
        )
        self.done = 0
        """Epochs that are finished and saved."""
        self._steps_done, self._loss = 0, 0.0
        if checkpoint.exists():
            saved = torch.load(checkpoint, weights_only=True)
            for name, part in self._parts().items():
                part.load_state_dict(saved[name])
            self.done, self._steps_done = saved["epoch"], saved["epoch"] * steps

    def _parts(self) -> dict[str, nn.Module | torch.optim.AdamW | torch.optim.lr_scheduler.OneCycleLR]:
        return {"net": self.net, "mean": self.mean, "optimiser": self._optimiser, "schedule": self._schedule}

    def step(self, loss: Tensor) -> None:
        """One step down the gradient of `loss`."""
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self._optimiser.step()
        self._schedule.step()
        self._steps_done += 1
        self._loss += float(loss.detach())
        self._follow(min(_EMA, (1 + self._steps_done) / (10 + self._steps_done)))

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        for ours, theirs in zip(self.mean.state_dict().values(), self.net.state_dict().values(), strict=True):
            if ours.dtype.is_floating_point:
                ours.lerp_(theirs, 1 - decay)
            else:
                ours.copy_(theirs)

    def save(self) -> float:
        """Ends an epoch: writes the checkpoint and returns the epoch's mean loss."""
        self.done += 1
        part = self._checkpoint.with_suffix(".part")
        torch.save({name: p.state_dict() for name, p in self._parts().items()} | {"epoch": self.done}, part)
        part.rename(self._checkpoint)
        loss, self._loss = self._loss / max(self.steps, 1), 0.0
        return loss
