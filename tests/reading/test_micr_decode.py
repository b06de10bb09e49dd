"""The dynamic programme over places on the pitch, on frames made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrpipe.e13b import SYMBOLS
from ocrpipe.reading.micr_decode import likeliest

PITCH = 8


def frames(placed: dict[int, str], total: int = 160, sure: float = 0.98) -> NDArray[np.float32]:
    """(F, 15) log probabilities: each character at its frame, half as likely beside it, nothing elsewhere."""
    probs = np.full((total, len(SYMBOLS) + 1), 1e-4)
    probs[:, -1] = 1
    for place, letter in placed.items():
        for frame, share in ((place - 1, 0.3 * sure), (place, sure), (place + 1, 0.3 * sure)):
            probs[frame] = 1e-4
            probs[frame, SYMBOLS.index(letter)] = share
            probs[frame, -1] = 1 - share
    return np.log(probs / probs.sum(axis=1, keepdims=True)).astype(np.float32)


def row(text: str, start: int = 10, pitch: float = PITCH) -> dict[int, str]:
    return {round(start + i * pitch): letter for i, letter in enumerate(text) if letter != " "}


def test_characters_on_the_pitch_are_read_with_their_spaces() -> None:
    path = likeliest(frames(row("U12U T04   5D")))
    assert path.text == "U12U T04 5D"
    assert path.frames.tolist() == sorted(row("U12U T04   5D"))
    assert path.log_prob > np.log(0.8)


@pytest.mark.parametrize("pitch", [7.8, 8.2])
def test_the_pitch_may_be_a_little_off(pitch: float) -> None:
    assert likeliest(frames(row("0123456789T1", pitch=pitch))).text == "0123456789T1"


def test_what_lies_between_two_characters_is_no_character() -> None:
    placed = row("0123456")
    noisy = frames(placed)
    between = frames({14: "8"}, sure=0.6)[14]
    noisy[14] = between
    assert likeliest(noisy).text == "0123456"


def test_a_group_may_begin_off_the_pitch() -> None:
    placed = row("012") | {x + 3: letter for x, letter in row("345", start=10 + 5 * PITCH).items()}
    assert likeliest(frames(placed)).text == "012 345"


def test_two_symbols_in_doubt_share_the_posterior() -> None:
    told = frames(row("0123"))
    place = 10 + PITCH
    for frame in (place - 1, place, place + 1):
        either = np.logaddexp(told[frame, 1], told[frame, 7]) - np.log(2)
        told[frame, 1], told[frame, 7] = either + 0.2, either - 0.2
    path = likeliest(told)
    assert path.text == "0123"
    assert np.exp(path.log_prob) == pytest.approx(path.probs[1, 1], abs=0.1)
    assert path.probs.sum(axis=1) == pytest.approx(1.0)


def test_an_empty_strip_says_nothing() -> None:
    path = likeliest(frames({}))
    assert path.text == "" and len(path.frames) == 0
