"""Why a reading is believed or not, in words for somebody who must explain it."""

from __future__ import annotations

from ocrpipe.reading.decide import Calibration, profile_name
from ocrpipe.records import FieldSpec
from ocrpipe.rows import Decision, Reading


def because(spec: FieldSpec, reading: Reading, decision: Decision, calibration: Calibration, max_error: float) -> str:
    """One or two sentences about a decision at a promise of `max_error`."""
    promised = f"{100 * max_error:g} %"
    name = profile_name(None if reading.value == "" else spec, reading.second, reading.located)
    fields = f"{calibration.profile(name).fields:,} calibration fields"
    if decision.reason == "no_reading":
        return f"There is ink, but no way through the lattice spells a valid {spec.kind.replace('_', ' ')}."
    if decision.reason == "uncalibrated":
        return f"However sure it is: {fields} cannot show that at most {promised} of the accepted would be wrong."
    if decision.confidence is None or decision.threshold is None or decision.detail is not None:
        return f"{decision.detail}." if decision.detail else "Nothing is known of its confidence."
    confidence, threshold = apart(decision.confidence, decision.threshold)
    limit = f"{threshold}, the least at which {fields} show (95 % sure) that at most {promised} are wrong"
    if decision.status == "blank":
        return f"Nothing is written here. The confidence in that, {confidence}, is not below {limit}."
    if decision.status == "accepted":
        return f"Its confidence, {confidence}, is not below {limit}."
    what = "that nothing is written" if decision.reason == "blank_unsure" else "in the reading"
    return f"The confidence {what}, {confidence}, is below {limit}."


def apart(one: float, other: float) -> tuple[str, str]:
    """Both in per cent, in as few decimals as tell them apart.

    >>> apart(0.9715, 0.9722), apart(0.5, 0.5)
    (('97.1 %', '97.2 %'), ('50 %', '50 %'))
    >>> apart(0.97216, 0.97223)
    ('97.21 %', '97.22 %')
    """
    for decimals in range(1, 6):
        shown = percent(one, decimals), percent(other, decimals)
        if shown[0] != shown[1]:
            return shown
    return percent(one), percent(other)


def percent(share: float, decimals: int = 1) -> str:
    """Cut off, never rounded up to a limit that it does not reach.

    >>> percent(0.01), percent(0.005), percent(0.9871), percent(0.99994, 2)
    ('1 %', '0.5 %', '98.7 %', '99.99 %')
    """
    return f"{int(share * 10 ** (decimals + 2) + 1e-6) / 10**decimals:g} %"
