"""Readers taught further by fields of one's own, and held near to what they know.

A few hundred fields would soon be learnt by heart: so steps are few and small, the second reader sees every field bent
another way each time, and what is kept lies between what the readers were and what they became (Wortsman et al., Robust
fine-tuning of zero-shot models, CVPR 2022, section 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from math import ceil, cos, pi
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.sdnn import CLASSES, Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.training.lessons import Lesson
from ocrpipe.training.train_paths import Readers, path_loss
from ocrpipe.training.train_sweep import varied_strips

Net = TypeVar("Net", bound=nn.Module)
Three = tuple[LeNet, ShapeNet, Sdnn]


@dataclass(frozen=True, slots=True)
class Course:
    """How readers are taught: chosen on drawn fields of pens, papers and scanners that they do not know."""

    epochs: float = 15.0
    """How often each field is shown, where that does not take more than `most` steps."""
    most: int = 600
    fields: int = 20
    """To a step."""
    first: float = 3e-4
    second: float = 1e-3
    """The rates at which the two readers learn."""
    kept: float = 0.5
    """The share of the way from what was to what became."""

    def steps(self, lessons: int) -> int:
        """Steps of a course over so many.

        >>> [Course().steps(count) for count in (50, 200, 4000)]
        [38, 150, 600]
        """
        return min(ceil(self.epochs * lessons / self.fields), self.most)


def taught(start: Three, alpha: float, lessons: Sequence[Lesson], seed: int, course: Course) -> Three:
    """LeNet-5 and the shape network taught through whole lattices, the swept network by CTC; `start` stays."""
    first = Readers(start[0], start[1])
    with ThreadPoolExecutor(2) as both:  # on a core each
        to_first = both.submit(
            _taught, first, lambda net, some, _: path_loss(net, alpha, [one.written for one in some]),
            lessons, seed, course, course.first,
        )  # fmt: skip
        second = _taught(start[2], _ctc, lessons, seed, course, course.second)
        first = to_first.result()
    return first.lenet, first.shapes, second


def _taught(
    start: Net, loss: Callable[[Net, list[Lesson], torch.Generator], Tensor], lessons: Sequence[Lesson], seed: int,
    course: Course, rate: float,
) -> Net:  # fmt: skip
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    net = deepcopy(start).train()
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    steps = course.steps(len(lessons))
    for step in range(steps):
        done = step / steps
        adam.param_groups[0]["lr"] = rate * min(1.0, 10 * done + 0.1) * (1 + cos(pi * done)) / 2
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
    """Mean loss of the lessons by symbol, all texts of each together; strips of one width share a batch, for what bends
    them turns about the middle."""
    by_width: defaultdict[int, list[Lesson]] = defaultdict(list)
    for one in some:
        by_width[one.strip.shape[1]].append(one)
    nats = torch.cat([_ctc_of_width(net, lessons, generator) for _, lessons in sorted(by_width.items())])
    return nats[torch.isfinite(nats)].mean()


def _ctc_of_width(net: Sdnn, lessons: list[Lesson], generator: torch.Generator) -> Tensor:
    """(N,) nats by symbol; infinite where no text fits into the frames."""
    strips = torch.from_numpy(np.stack([one.strip for one in lessons])).float().div_(255).unsqueeze(1)
    log_prob = net(varied_strips(strips, generator)).transpose(0, 1)
    place = torch.tensor([i for i, one in enumerate(lessons) for _ in one.texts])
    texts = [text for one in lessons for text in one.texts]
    nats = F.ctc_loss(
        log_prob[:, place], torch.tensor([symbol for text in texts for symbol in text]),
        torch.full((len(texts),), len(log_prob)), torch.tensor([len(text) for text in texts]),
        blank=CLASSES - 1, reduction="none",
    )  # fmt: skip
    together = [-torch.logsumexp(-nats[place == i], 0) / len(one.texts[0]) for i, one in enumerate(lessons)]
    return torch.stack(together)
