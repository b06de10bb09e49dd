"""Readers taught further by fields of one's own, and held near to what they know.

A few hundred fields would soon be learnt by heart: so steps are few and small, every field is shown bent another way
each time, and what is kept lies between what the readers were and what they became (Wortsman et al., Robust
fine-tuning of zero-shot models, CVPR 2022, section 3). Without that, they would read strangers worse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from math import cos, pi
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.sdnn import CLASSES, STRIDE, Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.training.lessons import Lesson
from ocrpipe.training.train_paths import Readers, path_loss
from ocrpipe.training.train_sweep import varied_strips

Net = TypeVar("Net", bound=nn.Module)
Three = tuple[LeNet, ShapeNet, Sdnn]


@dataclass(frozen=True, slots=True)
class Course:
    """How readers are taught: chosen on drawn fields of pens, papers and scanners that they do not know."""

    steps: int = 150
    fields: int = 20
    """To a step."""
    rate: float = 3e-4
    kept: float = 0.5
    """The share of the way from what was to what became."""


def taught(start: Three, alpha: float, lessons: Sequence[Lesson], seed: int, course: Course) -> Three:
    """LeNet-5 and the shape network taught through whole lattices, the swept network by CTC; `start` stays."""
    first = Readers(start[0], start[1])
    with ThreadPoolExecutor(2) as both:  # on a core each
        to_first = both.submit(
            _taught, first, lambda net, some, _: path_loss(net, alpha, [one.written for one in some]),
            lessons, seed, course,
        )  # fmt: skip
        second = _taught(start[2], _ctc, lessons, seed, course)
        first = to_first.result()
    return first.lenet, first.shapes, second


def _taught(
    start: Net, loss: Callable[[Net, list[Lesson], torch.Generator], Tensor], lessons: Sequence[Lesson], seed: int,
    course: Course,
) -> Net:  # fmt: skip
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    net = deepcopy(start).train()
    adam = torch.optim.Adam(net.parameters(), lr=course.rate)
    for step in range(course.steps):
        done = step / course.steps
        adam.param_groups[0]["lr"] = course.rate * min(1.0, 10 * done + 0.1) * (1 + cos(pi * done)) / 2
        some = rng.choice(len(lessons), min(course.fields, len(lessons)), replace=False)
        adam.zero_grad(set_to_none=True)
        loss(net, [lessons[i] for i in some], generator).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        adam.step()
    with torch.no_grad():
        for now, then in zip(net.parameters(), start.parameters(), strict=True):
            now.copy_(torch.lerp(then, now, course.kept))
    return net.eval()


def _ctc(net: Sdnn, some: list[Lesson], generator: torch.Generator) -> Tensor:
    """Loss of strips of different widths, padded with paper: of each its texts together, by symbol."""
    widths = [one.strip.shape[1] for one in some]
    strips = np.stack([np.pad(one.strip, ((0, 0), (0, max(widths) - w))) for one, w in zip(some, widths, strict=True)])
    log_prob = net(varied_strips(torch.from_numpy(strips).float().div_(255).unsqueeze(1), generator)).transpose(0, 1)
    place = torch.tensor([i for i, one in enumerate(some) for _ in one.texts])
    texts = [text for one in some for text in one.texts]
    nats = F.ctc_loss(
        log_prob[:, place], torch.tensor([symbol for text in texts for symbol in text]),
        torch.tensor([widths[i] // STRIDE for i in place]), torch.tensor([len(text) for text in texts]),
        blank=CLASSES - 1, reduction="none",
    )  # fmt: skip
    losses = [-torch.logsumexp(-nats[place == i], 0) / len(one.texts[0]) for i, one in enumerate(some)]
    fit = torch.stack(losses)
    return fit[torch.isfinite(fit)].mean()
