"""The readers taught further by fields of one's own, held near to what they know.

A few hundred confirmed fields would soon be learnt by heart. So every weight is drawn back to where it began (L2-SP:
Li, Grandvalet & Davoine, Explicit inductive bias for transfer learning, ICML 2018), steps are small and few; and what
the taught readers are worth is measured on documents that did not teach them: in turn, each fifth of them is read
by readers that the other four have taught. The readers that are kept have learnt from all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.sdnn import CLASSES, Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.training.confirmed import Lesson
from ocrpipe.training.train_paths import Readers, path_loss

FIELDS_A_STEP = 16


@dataclass(frozen=True, slots=True)
class Course:
    """How much is taught: chosen on drawn fields of pens, papers and scanners that the model does not know."""

    epochs: int = 8
    rate: float = 3e-4
    bond: float = 0.05
    """By how much a weight is drawn back, times half the square of how far it went."""


Three = tuple[LeNet, ShapeNet, Sdnn]


def taught(start: Three, alpha: float, lessons: Sequence[Lesson], seed: int, course: Course) -> Three:
    """LeNet-5 and the shape network taught through whole lattices, the swept network by CTC."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    first = Readers(deepcopy(start[0]), deepcopy(start[1]))
    second = deepcopy(start[2])
    of_first, of_second = _Bound(first, course), _Bound(second, course)
    steps = course.epochs * -(-len(lessons) // FIELDS_A_STEP)
    for step in range(steps):
        share = 1 - step / steps  # the rate falls to nothing
        some = [lessons[i] for i in rng.choice(len(lessons), min(FIELDS_A_STEP, len(lessons)), replace=False)]
        of_first.step(path_loss(first, alpha, [lesson.written for lesson in some]), share)
        of_second.step(_ctc(second, some), share)
    return first.lenet.eval(), first.shapes.eval(), second.eval()


class _Bound:
    """A network under training that does not go far from where it began."""

    def __init__(self, net: nn.Module, course: Course) -> None:
        self._net, self._course = net, course
        self._began = [parameter.detach().clone() for parameter in net.parameters()]
        self._adam = torch.optim.Adam(net.parameters(), lr=course.rate)

    def step(self, loss: Tensor, share: float) -> None:
        """One step down the gradient, at this share of the rate."""
        far = sum(((now - then) ** 2).sum() for now, then in zip(self._net.parameters(), self._began, strict=True))
        self._adam.param_groups[0]["lr"] = share * self._course.rate
        self._adam.zero_grad(set_to_none=True)
        (loss + 0.5 * self._course.bond * far).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._net.parameters(), 2.0)
        self._adam.step()


def _ctc(net: Sdnn, lessons: Sequence[Lesson]) -> Tensor:
    """Loss of strips of different widths, padded with paper."""
    wide = max(lesson.strip.shape[1] for lesson in lessons)
    strips = np.stack([np.pad(lesson.strip, ((0, 0), (0, wide - lesson.strip.shape[1]))) for lesson in lessons])
    log_prob = net(torch.from_numpy(strips).float().div_(255).unsqueeze(1))
    written = torch.tensor([symbol for lesson in lessons for symbol in lesson.written.symbols])
    lengths = torch.tensor([len(lesson.written.symbols) for lesson in lessons])
    frames = torch.full((len(lessons),), log_prob.shape[1])
    return F.ctc_loss(log_prob.transpose(0, 1), written, frames, lengths, blank=CLASSES - 1, zero_infinity=True)
