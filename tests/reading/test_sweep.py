"""The second reader: its strips, its network, and that batches change nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ocrpipe.fields.clean import darkness_of
from ocrpipe.looks import lattice_of
from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.lenet5 import LeNet
from ocrpipe.reading.networks.sdnn import CLASSES, PARAMETERS, STRIDE, Sdnn
from ocrpipe.reading.networks.shapes import ShapeNet
from ocrpipe.reading.networks.torch_nets import readers_of
from ocrpipe.reading.strip import STRIP_HEIGHT, STRIP_LINE, STRIP_STEP
from ocrpipe.reading.sweep import swept
from ocrpipe.records import FieldImage
from tests.reading.drawn import AMOUNT, field_of, paper, text


def written(words: str, *, size: float = 1.6, shade: int = 0) -> FieldImage:
    page = paper(70, 60 + round(23 * size * len(words)))
    text(page, words, 20, size=size)
    return field_of(np.maximum(page, shade).astype(np.uint8), AMOUNT)


def strip_of(words: str, *, size: float = 1.6, shade: int = 0) -> NDArray[np.uint8]:
    strip = lattice_of(written(words, size=size, shade=shade), second=True).strip
    assert strip is not None
    return strip


def test_a_strip_shows_the_line_at_one_height_whatever_the_scan() -> None:
    for size in (0.9, 1.6):
        strip = strip_of("1234", size=size)
        assert strip.shape[0] == STRIP_HEIGHT and strip.shape[1] % STRIP_STEP == 0 and strip.dtype == np.uint8
        rows = np.flatnonzero((strip > 127).any(axis=1))
        assert rows[-1] - rows[0] + 1 == pytest.approx(STRIP_LINE, abs=4)
        assert (rows[-1] + rows[0]) / 2 == pytest.approx(STRIP_HEIGHT / 2, abs=3)


def test_faint_writing_is_as_dark_in_a_strip_as_black() -> None:
    assert strip_of("77", shade=150).max() == pytest.approx(int(strip_of("77").max()), abs=25)


def test_a_strip_holds_all_of_the_writing_and_blank_fields_have_none() -> None:
    strip = strip_of("12345678")
    inked = np.flatnonzero((strip > 127).any(axis=0))
    assert inked[0] > 4 and inked[-1] < strip.shape[1] - 4
    assert lattice_of(field_of(paper(40, 80)), second=True).strip is None
    assert lattice_of(written("12"), second=False).strip is None


def test_darkness_is_told_from_shade() -> None:
    shaded = (written("42").pixels * np.linspace(0.6, 1.0, written("42").pixels.shape[1])).astype(np.uint8)
    shares, pen = darkness_of(shaded)
    assert float(np.median(shares)) < 0.05 and pen > 0.6


def test_the_network_is_small_and_halves_twice() -> None:
    net = folded(Sdnn())
    assert PARAMETERS == sum(p.numel() for p in net.parameters()) <= 200_000
    frames = net(torch.zeros(2, 1, STRIP_HEIGHT, 96))
    assert frames.shape == (2, 96 // STRIDE, CLASSES)
    torch.testing.assert_close(frames.exp().sum(2), torch.ones(2, 96 // STRIDE))


def test_folding_batch_norm_changes_nothing() -> None:
    torch.manual_seed(3)
    net = Sdnn()
    x = torch.rand(8, 1, STRIP_HEIGHT, 64)
    for _ in range(3):
        net(x)
    net.eval()
    torch.testing.assert_close(folded(net)(x), net(x), atol=1e-4, rtol=1e-4)


def test_batches_change_no_frame() -> None:
    torch.manual_seed(5)
    sdnn = readers_of(LeNet(), ShapeNet(), Sdnn()).sdnn
    rng = np.random.default_rng(2)
    strips = [rng.integers(0, 256, (STRIP_HEIGHT, w), dtype=np.uint8) for w in (64, 96, 64, 512, 96, 64)] * 5
    together = swept(strips, sdnn)
    for strip, frames in zip(strips, together, strict=True):
        assert frames.shape == (strip.shape[1] // STRIDE, CLASSES)
        np.testing.assert_allclose(swept([strip], sdnn)[0], frames, atol=1e-4)
    assert swept([], sdnn) == []
