"""The second reader at work: strips of many fields through the swept network, in batches of equal width."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import torch
from numpy.typing import NDArray

from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.sdnn import Sdnn

_BATCH_PIXELS = 48 * 4096
"""More pixels at once lose to page faults what they gain."""


class Sweep:
    """Frames of strips; which strips share a batch changes nothing, for only equal widths do."""

    def __init__(self, sdnn: Sdnn) -> None:
        self.sdnn = folded(sdnn).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def frames(self, strips: list[NDArray[np.uint8]]) -> list[NDArray[np.float64]]:
        """For each strip (48, W): (W / 4, 18) natural logs, the blank of CTC in the last column."""
        widths: dict[int, list[int]] = defaultdict(list)
        for i, strip in enumerate(strips):
            widths[strip.shape[1]].append(i)
        found: list[NDArray[np.float64]] = [np.empty((0, 0))] * len(strips)
        for width, members in widths.items():
            together = max(1, _BATCH_PIXELS // (48 * width))
            for at in range(0, len(members), together):
                batch = members[at : at + together]
                x = torch.from_numpy(np.stack([strips[i] for i in batch])).float().div_(255).unsqueeze(1)
                for i, log_prob in zip(batch, self.sdnn(x).double().numpy(), strict=True):
                    found[i] = log_prob
        return found
