"""Whether to believe a MICR line and its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ocrpipe.geometry import Quad
from ocrpipe.reading.decide import Profile
from ocrpipe.records import FieldSpec
from ocrpipe.rows import Character, Decision, Reading

if TYPE_CHECKING:
    from ocrpipe.reading.micr import MicrReading


@dataclass(frozen=True, slots=True, eq=False)
class MicrPart:
    """The line, or a field of it, as a row has it."""

    spec: FieldSpec
    reading: Reading
    decision: Decision
    quad: Quad | None


def decide_micr(spec: FieldSpec, line: MicrReading, profile: Profile, max_error: float) -> list[MicrPart]:
    """The line, then its fields, named after the line's `spec`. A field is at least as likely right as the whole line,
    whose confidence it has; a routing number whose check digit does not fit is right for nobody."""
    if not line.text:
        nothing = Reading(None, "", (), (), line.features)
        none = Decision("review", "no_reading", "no character of E-13B is legible", None, 0.0, None)
        return [MicrPart(spec, nothing, none, None)]
    whole = Reading(line.text, line.text, line.alternatives, line.characters, line.features)
    decision = _decided(line.text, profile, whole, max_error)
    parts = [MicrPart(spec, whole, decision, line.quad)]
    for kind, field in line.fields.fields.items():
        part = FieldSpec(spec.name + kind.removeprefix("micr"), kind, sensitive=spec.sensitive)
        letters = slice(_letters(line.text, field.start), _letters(line.text, field.end))
        characters = line.characters[letters]
        text = line.text[field.start : field.end]
        told = replace(decision, value=field.value)
        if kind == "micr_routing" and line.fields.check_digit is False:
            told = replace(told, status="review", reason="checksum", detail="the ABA check digit does not fit")
        parts.append(
            MicrPart(part, Reading(field.value, text, (), characters, line.features), told, _around(characters))
        )
    return parts


def _decided(value: str, profile: Profile, reading: Reading, max_error: float) -> Decision:
    confidence, threshold = profile.confidence(reading.features), profile.threshold(max_error)
    if threshold is None:
        detail = f"{profile.fields} calibration lines cannot carry a promise of {max_error:g}"
        return Decision("review", "uncalibrated", detail, value, confidence, None)
    if confidence >= threshold:
        return Decision("accepted", None, None, value, confidence, threshold)
    return Decision("review", "low_confidence", None, value, confidence, threshold)


def _letters(text: str, end: int) -> int:
    """How many characters, spaces left out, stand before a place in the text."""
    return end - text.count(" ", 0, end)


def _around(characters: tuple[Character, ...]) -> Quad:
    """From the upper left of the first character to the lower right of the last."""
    first, last = characters[0].quad, characters[-1].quad
    return (*first[:2], *last[2:6], *first[6:])
