"""Drawn MICR lines: the glyphs keep the standard's measures, the truth fits the picture."""

from __future__ import annotations

import numpy as np
import pytest

from ocrpipe.e13b import SYMBOLS
from ocrpipe.reading.micr_fields import fields_of, fits_aba
from ocrpipe.reading.micr_strip import strips
from ocrpipe.training.e13b import COLUMNS, FINE, ROWS, glyph
from ocrpipe.training.micr_examples import NONE, labelled
from ocrpipe.training.micr_lines import draw_line
from ocrpipe.training.micr_wording import routing, wording


@pytest.mark.parametrize(("letters", "width"), [("12", 4), ("357", 5), ("469", 6), ("08TAUD", 7)])
def test_widths_are_those_of_the_standard_and_right_edges_agree(letters: str, width: int) -> None:
    for letter in letters:
        columns = np.flatnonzero(glyph(letter).any(axis=0))
        assert columns[-1] == COLUMNS * FINE - 1
        assert len(glyph(letter)[0]) - columns[0] == width * FINE


@pytest.mark.parametrize(("letters", "height"), [("0123456789TA", 9), ("U", 7), ("D", 4)])
def test_heights_are_those_of_the_standard(letters: str, height: int) -> None:
    for letter in letters:
        rows = np.flatnonzero(glyph(letter).any(axis=1))
        assert rows[-1] - rows[0] + 1 == pytest.approx(height * FINE, abs=1)
        assert glyph(letter).shape == (ROWS * FINE, COLUMNS * FINE)


def test_characters_differ_wherever_they_are_read() -> None:
    drawn = [glyph(symbol).ravel() for symbol in SYMBOLS]
    for i, one in enumerate(drawn):
        for other in drawn[:i]:
            assert np.abs(one - other).mean() > 0.05


def test_a_seed_draws_the_same_line_again() -> None:
    one, other = (draw_line(np.random.default_rng(5)) for _ in range(2))
    assert one.text == other.text
    assert np.array_equal(one.picture, other.picture)


@pytest.mark.parametrize("strange", [False, True])
def test_the_truth_fits_the_picture(strange: bool) -> None:
    for seed in range(6):
        line = draw_line(np.random.default_rng((3, seed)), strange=strange)
        letters = line.text.replace(" ", "")
        assert len(line.centres) == len(letters) == line.owners.max()
        assert (np.diff(line.centres[:, 0]) > 0).all()
        for i, (x, y) in enumerate(line.centres):
            rows, columns = np.nonzero(line.owners == i + 1)
            assert abs(columns.mean() - x) < 0.06 * line.dpi and abs(rows.mean() - y) < 0.06 * line.dpi


def test_frames_are_labelled_where_the_characters_stand() -> None:
    line = draw_line(np.random.default_rng(4), text="U123456U T021000021T 12D34567U")
    (strip,) = strips(line.picture, line.dpi)
    labels = labelled(line, strip)
    assert labels is not None and len(labels) == strip.ink.shape[1] // 2
    shown = [
        label for label, before in zip(labels, np.r_[NONE, labels[:-1]], strict=True) if label >= 0 and label != before
    ]
    assert "".join(SYMBOLS[label] for label in shown if label != NONE) == line.text.replace(" ", "")


def test_lines_say_what_checks_say() -> None:
    rng = np.random.default_rng(0)
    parsed = [fields_of(" ".join(wording(rng).split())) for _ in range(200)]
    assert {p.country for p in parsed} == {"US", "IN", "GB", None}
    assert all(p.check_digit is not False for p in parsed if p.country == "US" and p.check_digit is not None)
    assert all(fits_aba(routing(rng)) for _ in range(20))
