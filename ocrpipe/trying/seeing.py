"""One picture of one field, read as `ocrpipe run --as KIND` reads it, with all that was seen on the way told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrpipe.clock import Clock
from ocrpipe.fields.crop import whole
from ocrpipe.looks import Look, lattice_of, looks
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decide import decide, reading_of
from ocrpipe.reading.decode import Decoded, agreed, decode, second_alone
from ocrpipe.reading.model import Card
from ocrpipe.reading.networks.runtimes import Runtime, chosen
from ocrpipe.records import FieldSpec, Page
from ocrpipe.rows import Reading
from ocrpipe.trying.cuts import drawn, upright
from ocrpipe.trying.plain import plane, share
from ocrpipe.trying.verdict import because

_TOLD = 5
"""Readings of each reader, and runners-up."""


class Eyes:
    """A model at work on single fields, in one process and without a batch."""

    def __init__(self, card: Card, runtime: Runtime = "auto") -> None:
        self.card = card
        self._classifier = Classifier.from_file(card.weights, chosen(runtime))

    def see(self, page: Page, spec: FieldSpec, max_errors: Sequence[float]) -> dict[str, Any]:
        """Everything that there is to show of a picture, as plain values; a decision for each of the `max_errors`."""
        image = whole(page, spec)
        first = lattice_of(image, second=True)
        (taken,) = looks([image], [first], self._classifier, self.card.readers, Clock())
        decoded = agreed([look.decoded for look in taken])
        reading = reading_of(first, decoded)
        shown = next(look for look in taken if look.decoded.path is decoded.path)
        return {
            "field": plane(image.pixels),
            "upright": plane(upright(shown.lattice)),
            "lattice": drawn(shown, decoded.path, self._classifier),
            "text": reading.text,
            "value": reading.value,
            "values": _ranked(decoded.values),
            "readers": self._readers(shown, decoded),
            "looks": [_look(look, shown) for look in taken],
            "decisions": [self._decision(spec, reading, max_error) for max_error in max_errors],
        }

    def maps(self, crop: NDArray[np.uint8]) -> list[dict[str, Any]]:
        """The maps of the first two layers for a crop (32, 32), ink high; white is the layer's strongest answer."""
        told = []
        for layer, answers in self._feature_maps(crop):
            strongest = max(float(answers.max()), 1e-6)
            gray = np.clip(answers * (255 / strongest), 0, 255).astype(np.uint8)
            told.append({"layer": layer, "maps": [plane(one) for one in gray]})
        return told

    @cached_property
    def _feature_maps(self) -> Callable[[NDArray[np.uint8]], list[Any]]:
        from ocrpipe.reading.networks.feature_maps import feature_maps  # torch takes a second

        return feature_maps(self.card.weights)

    def _readers(self, look: Look, decoded: Decoded) -> list[dict[str, Any]]:
        """What each of the two readers would read by itself, and what it gives to the value that was agreed on."""
        if look.scores.frames is None or look.decoded.apart is None:
            return []
        spec, lattice = look.lattice.field.spec, look.lattice
        cuts = decode(lattice, replace(look.scores, frames=None), self.card.readers)
        cents = lattice.nodes - 1 - lattice.point if lattice.point is not None else 0
        sweep = second_alone(spec, look.scores.frames, cents)
        heard = sorted(((value, exp(log)) for value, log in sweep.log_prob.items()), key=lambda one: -one[1])
        by_cuts, by_sweep, _ = look.decoded.apart
        return [
            {"reader": "lattice", "values": _ranked(cuts.values), "agreed": share(exp(by_cuts))},
            {"reader": "sweep", "values": _ranked(heard), "agreed": share(exp(by_sweep))},
        ]

    def _decision(self, spec: FieldSpec, reading: Reading, max_error: float) -> dict[str, Any]:
        calibration = self.card.calibration
        decision = decide(spec, reading, calibration, max_error)
        return {
            "max_error": max_error, "status": decision.status, "reason": decision.reason,
            "confidence": decision.confidence, "threshold": decision.threshold,
            "because": because(spec, reading, decision, calibration, max_error),
        }  # fmt: skip


def _ranked(values: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"value": value, "prob": share(prob)} for value, prob in values[:_TOLD]]


def _look(look: Look, shown: Look) -> dict[str, Any]:
    values = _ranked(look.decoded.values[:1])
    first = values[0] if values else {"value": None, "prob": None}
    return {"threshold": look.threshold, "size": look.size, "shown": look is shown, **first}
