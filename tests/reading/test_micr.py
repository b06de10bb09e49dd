"""The shipped MICR reader: network, readings of drawn lines, card."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from ocrpipe.errors import UsageError
from ocrpipe.reading.micr import MicrReader
from ocrpipe.reading.micr_features import FEATURE_NAMES
from ocrpipe.reading.micr_model import load_micr_card
from ocrpipe.reading.micr_strip import HEIGHT, strips
from ocrpipe.reading.networks.layers import folded
from ocrpipe.reading.networks.micr import CLASSES, PARAMETERS, STRIDE, MicrNet
from tests.reading.test_micr_strip import TEXT, picture


@pytest.fixture(scope="module", params=["onnx", "torch"])
def reader(request: pytest.FixtureRequest) -> MicrReader:
    return MicrReader.from_file(load_micr_card().weights, request.param)


def test_the_network_has_its_parameters_and_frames() -> None:
    net = folded(MicrNet())
    assert sum(p.numel() for p in net.parameters()) == PARAMETERS
    assert net(torch.zeros(2, 1, HEIGHT, 96)).shape == (2, 96 // STRIDE, CLASSES)


@pytest.mark.parametrize("dpi", [100, 150, 200, 300])
def test_clean_lines_are_read_exactly(reader: MicrReader, dpi: float) -> None:
    for text in (TEXT, "T123456780T 12D34567D8U 0987 A0000012345A", "U309061U 500211012T 426160U 31"):
        page, _ = picture(dpi, text=text)
        (reading,) = reader.read(strips(page, dpi))
        assert reading.text == text
        assert len(reading.characters) == len(text.replace(" ", ""))
        assert len(reading.features) == len(FEATURE_NAMES)


def test_characters_say_where_they_stand(reader: MicrReader) -> None:
    page, centres = picture(200, 0.7)
    (reading,) = reader.read(strips(page, 200))
    for character, centre in zip(reading.characters, centres, strict=True):
        assert np.array(character.quad).reshape(4, 2).mean(axis=0) == pytest.approx(centre, abs=5)
    assert reading.quad is not None
    corners = np.array(reading.quad).reshape(4, 2)
    assert (corners.min(axis=0) < centres.min(axis=0)).all() and (corners.max(axis=0) > centres.max(axis=0)).all()


def test_batches_change_nothing(reader: MicrReader) -> None:
    found = [
        strips(picture(dpi, text=text)[0], dpi)[0] for dpi, text in ((200, TEXT), (150, TEXT[:20]), (200, TEXT[::-1]))
    ]
    together = reader.read(found)
    assert [reading.text for reading in together] == [reader.read([strip])[0].text for strip in found]


def test_confidence_is_high_on_a_clean_line(reader: MicrReader) -> None:
    (reading,) = reader.read(strips(picture(200)[0], 200))
    assert load_micr_card().profile.confidence(reading.features) > 0.9
    assert all(prob < 0.5 for _, prob in reading.alternatives)


def test_a_card_of_other_weights_is_refused(tmp_path: Path) -> None:
    shipped = load_micr_card()
    for suffix in (".json", ".safetensors"):
        shutil.copy(shipped.weights.with_suffix(suffix), tmp_path / f"other{suffix}")
    card = tmp_path / "other.json"
    assert load_micr_card(str(card)).name == shipped.name
    told = json.loads(card.read_text())
    card.write_text(json.dumps(told | {"weights_sha256": "0" * 64}))
    with pytest.raises(UsageError, match="restore both"):
        load_micr_card(str(card))
    card.write_text("{}")
    with pytest.raises(UsageError, match="not the card"):
        load_micr_card(str(card))
    with pytest.raises(UsageError, match="missing"):
        load_micr_card("micr/none")
