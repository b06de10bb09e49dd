"""One look where it suffices, three where it leaves doubt, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from ocrpipe.clock import Clock
from ocrpipe.fields.clean import cleaned, darkness_of
from ocrpipe.looks import lattice_of, read
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decode import Decoded, Scores, Weights, agreed
from ocrpipe.reading.symbols import SYMBOLS
from ocrpipe.records import FieldImage, Lattice
from tests.reading.drawn import DIGITS, field_of, one, paper, text


class Sayer:
    """Networks that read each piece as a 7, as sure as they are told."""

    def __init__(self, sure: float) -> None:
        self.sure = sure
        self.asked: list[int] = []
        self.widths: list[int] = []

    def scores(self, lattices: Sequence[Lattice]) -> list[Scores]:
        self.asked.append(len(lattices))
        return [self._scores(lattice) for lattice in lattices]

    def _scores(self, lattice: Lattice) -> Scores:
        edges, strip = len(lattice.starts), lattice.strip
        self.widths += [] if strip is None else [strip.shape[1]]
        frames = None if strip is None else np.full((strip.shape[1] // 4, len(SYMBOLS)), -np.log(len(SYMBOLS)))
        table = np.full((edges, len(SYMBOLS)), np.log((1 - self.sure) / len(SYMBOLS)))
        table[:, SYMBOLS.index("7")] = np.log(self.sure)
        return Scores(table, np.full(edges, np.log(0.01)), frames)


@pytest.fixture(scope="module")
def field() -> FieldImage:
    page = paper(66, 300)
    for x in (40, 140, 240):
        one(page, x)
    return field_of(page, DIGITS)


def said(field: FieldImage, sayer: Sayer, second: bool = False) -> Decoded:
    return read([field], [lattice_of(field, second)], cast(Classifier, sayer), Weights(1.0, 1.0), Clock())[0]


def test_who_is_sure_looks_once(field: FieldImage) -> None:
    sayer = Sayer(0.999)
    assert said(field, sayer).values[0][0] == "777" and sayer.asked == [1, 0]


def test_the_second_reader_sees_the_further_looks_at_other_sizes(field: FieldImage) -> None:
    sayer = Sayer(0.4)
    said(field, sayer, second=True)
    first, smaller, larger = sayer.widths
    assert smaller < larger and smaller <= first <= larger


def test_who_doubts_looks_twice_more(field: FieldImage) -> None:
    sayer = Sayer(0.4)
    decoded = said(field, sayer)
    assert sayer.asked == [1, 2] and decoded.values[0][0] == "777" and decoded.agreeing == 1.0
    assert 0 < decoded.values[0][1] < 0.97


@pytest.mark.parametrize("second", [False, True])
def test_the_second_reader_has_a_say_in_every_look_where_it_is_wanted(field: FieldImage, second: bool) -> None:
    assert (said(field, Sayer(0.9), second).apart is not None) == second


def test_a_strip_of_cells_shows_what_is_written_and_no_dot_between(field: FieldImage) -> None:
    dotted = field.pixels.copy()
    dotted[44:48, 88:92] = 0
    with_dot, without = (lattice_of(field_of(pixels, DIGITS), second=True) for pixels in (dotted, field.pixels))
    assert with_dot.strip is not None and without.strip is not None and with_dot.strip.max() > 200
    np.testing.assert_allclose(with_dot.strip.astype(int), without.strip, atol=2)


def test_thresholds_see_more_and_less_of_a_faint_pen() -> None:
    page = paper(66, 300)
    text(page, "7 7", 20)
    faint = np.where(page < 128, 170, 255).astype(np.uint8)
    faint[40:44, 30:200] = 215  # fainter still
    darkness = darkness_of(faint)
    shares = [(cleaned(field_of(faint), darkness, t).pixels < 128).mean() for t in (0.6, 1.0, 1.5)]
    assert shares[0] > shares[1] >= shares[2] > 0


def look(*values: tuple[str, float]) -> Decoded:
    return Decoded(values, values[0][0] if values else "", (), 0.0)


def test_what_most_looks_read_comes_first() -> None:
    together = agreed([look(("1", 0.6), ("7", 0.4)), look(("7", 0.9), ("1", 0.1)), look(("7", 0.8))])
    assert together.values[0] == ("7", pytest.approx(0.7)) and dict(together.values)["1"] == pytest.approx(0.7 / 3)
    assert together.agreeing == pytest.approx(2 / 3) and together.text == "7"


def test_a_value_that_no_look_reads_first_is_not_read() -> None:
    together = agreed([look(("1", 0.5), ("9", 0.45)), look(("7", 0.5), ("9", 0.45))])
    assert together.values[0][0] in "17" and together.agreeing == 0.5


def test_looks_that_read_nothing_say_nothing() -> None:
    assert agreed([look(), look()]).values == ()
    assert agreed([look(), look(("7", 0.9))]).values == (("7", 0.45),)
    assert agreed([one := look(("7", 0.9))]).values == one.values
