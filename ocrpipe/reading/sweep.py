"""The second reader at work: strips of many fields through the swept network, in batches of equal width."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from ocrpipe.reading.networks.nets import Net

_BATCH_PIXELS = 48 * 4096
"""More pixels at once lose to page faults what they gain."""


def swept(strips: list[NDArray[np.uint8]], sdnn: Net) -> list[NDArray[np.float64]]:
    """For each strip (48, W): (W / 4, 18) natural logs, the blank of CTC in the last column. Which strips share a batch
    changes nothing, for only equal widths do."""
    widths: dict[int, list[int]] = defaultdict(list)
    for i, strip in enumerate(strips):
        widths[strip.shape[1]].append(i)
    found: list[NDArray[np.float64]] = [np.empty((0, 0))] * len(strips)
    for width, members in widths.items():
        together = max(1, _BATCH_PIXELS // (48 * width))
        for at in range(0, len(members), together):
            batch = members[at : at + together]
            frames = sdnn(np.stack([strips[i] for i in batch])).astype(np.float64)
            for i, log_prob in zip(batch, frames, strict=True):
                found[i] = log_prob
    return found
