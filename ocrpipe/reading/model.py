"""A model on disk: weights in safetensors beside a JSON card that says what they are and how far to trust them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrpipe.errors import UsageError
from ocrpipe.reading.decide import Calibration
from ocrpipe.reading.decode import Weights

DEFAULT_MODEL = "lenet5"


@dataclass(frozen=True, slots=True)
class Card:
    """What a run needs of a card; `raw` is the whole of it, for people."""

    name: str
    weights: Path
    weights_sha256: str
    readers: Weights
    calibration: Calibration
    digit_temperature: float
    """For digits by themselves."""
    raw: dict[str, Any]


def model_folder() -> Path:
    """`models/` inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "models"
    return inside if inside.is_dir() else package.parent / "models"


def shipped() -> list[str]:
    """Names of the models that came with this installation."""
    return sorted(path.stem for path in model_folder().glob("*.json"))


def load_card(name_or_file: str) -> Card:
    """The card of a shipped model or of a `.json` or `.safetensors` file; UsageError says what is there instead."""
    given = Path(name_or_file)
    path = (
        given.with_suffix(".json")
        if given.suffix in {".json", ".safetensors"}
        else model_folder() / f"{name_or_file}.json"
    )
    weights = path.with_suffix(".safetensors")
    for needed in (path, weights):
        if not needed.is_file():
            known = ", ".join(shipped()) or "none"
            raise UsageError(f"model {name_or_file!r}: {needed} is missing; shipped models: {known}")
    try:
        raw = json.loads(path.read_text())
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        card = Card(
            raw["name"], weights, digest, Weights(float(raw["lattice"]["alpha"]), float(raw["lattice"]["second"])),
            Calibration.from_card(raw["calibration"]), float(raw["digit_temperature"]), raw,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: not a model card ({error!r}); train the model again or restore the file") from error
    if raw.get("weights_sha256") != digest:
        raise UsageError(f"{weights}: the weights are not those that {path.name} was written for; restore both files")
    return card
