"""The MICR reader on disk: weights in safetensors, and a JSON card that says what they are and how good they are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrpipe.errors import UsageError
from ocrpipe.reading.decide import Calibration, Profile
from ocrpipe.reading.micr_features import FEATURE_NAMES
from ocrpipe.reading.model import model_folder

DEFAULT_MICR = "micr/e13b"
"""In a folder of its own, since it is no model for fields."""
PROFILE = "micr"


@dataclass(frozen=True, slots=True)
class MicrCard:
    """What a run needs of a card; `raw` is the whole of it, for people."""

    name: str
    weights: Path
    weights_sha256: str
    calibration: Calibration
    raw: dict[str, Any]

    @property
    def profile(self) -> Profile:
        """Confidence that a whole line is right, and thresholds."""
        return self.calibration.profile(PROFILE)


def load_micr_card(name_or_file: str = DEFAULT_MICR) -> MicrCard:
    """The card of a shipped MICR reader or of a `.json` file; UsageError says what is wrong with it."""
    given = Path(name_or_file)
    path = given if given.suffix == ".json" else model_folder() / f"{name_or_file}.json"
    weights = path.with_suffix(".safetensors")
    for needed in (path, weights):
        if not needed.is_file():
            raise UsageError(f"MICR reader {name_or_file!r}: {needed} is missing")
    try:
        raw = json.loads(path.read_text())
        calibration = Calibration.from_card(raw["calibration"], FEATURE_NAMES)
        card = MicrCard(raw["name"], weights, raw["weights_sha256"], calibration, raw)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: not the card of a MICR reader ({error!r}); restore the file") from error
    if hashlib.sha256(weights.read_bytes()).hexdigest() != card.weights_sha256:
        raise UsageError(f"{weights}: the weights are not those that {path.name} was written for; restore both files")
    return card
