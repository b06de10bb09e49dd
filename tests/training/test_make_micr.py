"""The making of the MICR reader, in small: it learns, is killed and goes on, and writes a card that can be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ocrpipe.reading.micr_model import load_micr_card
from ocrpipe.training.learning import Epoch
from ocrpipe.training.make_micr import MicrRecipe, make_micr


def test_a_reader_is_made_and_a_killed_making_goes_on(tmp_path: Path) -> None:
    recipe = MicrRecipe(lines=125, epochs=2, calibration_lines=12)
    epochs: list[Epoch] = []

    def stage(name: str, steps: int) -> Callable[[], None]:
        return lambda: None

    make_micr(tmp_path / "work", tmp_path / "first", recipe, stage, epochs.append)
    assert [epoch.number for epoch in epochs] == [1, 2] and epochs[1].loss < epochs[0].loss
    card = load_micr_card(str(tmp_path / "first.json"))
    assert card.profile.fields > 0 and card.profile.threshold(0.01) is None, "a dozen lines carry no promise"
    make_micr(tmp_path / "work", tmp_path / "again", recipe, stage, epochs.append)
    assert len(epochs) == 2, "nothing is learnt twice"
    assert load_micr_card(str(tmp_path / "again.json")).weights_sha256 == card.weights_sha256
