"""Drawn fields know what they say, who owns their ink, and how the segmenter's candidates are to be labelled."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest

from ocrpipe.reading.grammar import grammar_of, value_of
from ocrpipe.reading.segment import SHAPE_NAMES
from ocrpipe.reading.strip import STRIP_HEIGHT
from ocrpipe.reading.symbols import JUNK, NETWORK_CLASSES, SHAPE_CLASSES, SYMBOLS
from ocrpipe.records import FieldSpec
from ocrpipe.training.drawing import Drawer, DrawnField, is_whole, print_fonts
from ocrpipe.training.examples import Examples, gather, label, legible
from ocrpipe.training.letters import LETTERS, letters
from ocrpipe.training.wording import MAKERS, Mark, Wording
from tests.training.drawn import pen_writer, scanned_writer

CELLED = FieldSpec("account", "digits", cells=5)


@pytest.fixture(scope="module")
def drawer() -> Drawer:
    return Drawer([pen_writer(), scanned_writer()], [])


def draw(drawer: Drawer, words: str, seed: int, spec: FieldSpec = CELLED) -> DrawnField:
    wording = Wording(spec, tuple(Mark(char) for char in words), words, printable=False)
    return drawer.draw(np.random.default_rng(seed), wording)


@pytest.mark.parametrize("maker", MAKERS)
def test_wordings_obey_their_grammar_and_mean_their_value(maker: str) -> None:
    for seed in range(60):
        wording = MAKERS[maker][1](np.random.default_rng(seed))
        text = "".join(m.char for m in wording.marks).replace("=", "-").replace("x", "#")
        if wording.spec.cents_cells:
            text = text[:-2] + "." + text[-2:]
        grammar = grammar_of(wording.spec)
        states = {0}
        for char in text:
            states = {
                int(grammar.target[k])
                for s in states
                for k in range(grammar.first[s], grammar.first[s + 1])
                if SYMBOLS[grammar.symbol[k]] == char
            }
        assert any(grammar.final[s] > -np.inf for s in states), text
        assert value_of(wording.spec, text) == wording.value, text


def test_the_shares_of_what_is_drawn_make_a_whole() -> None:
    assert sum(share for share, _ in MAKERS.values()) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(6))
def test_every_character_of_a_spacious_field_is_labelled(drawer: Drawer, seed: int) -> None:
    """In cells, where characters stand apart, the candidates hold each of them at least once."""
    words = ("20471", "38695")[seed % 2]
    examples, _ = label(draw(drawer, words, seed))
    shown = [NETWORK_CLASSES[i] for i in examples.labels if 0 <= i < JUNK]
    assert set(shown) <= set(words)
    assert len(set(words) - set(shown)) <= 1


def test_most_fields_are_labelled_completely(drawer: Drawer) -> None:
    complete = 0
    for seed in range(20):
        examples, _ = label(draw(drawer, "20471", seed))
        complete += {NETWORK_CLASSES[i] for i in examples.labels if 0 <= i < JUNK} == set("20471")
    assert complete >= 15


def test_owners_are_the_characters_in_order(drawer: Drawer) -> None:
    drawn = draw(drawer, "20471", 3)
    owners = drawn.owners
    assert set(np.unique(owners)) == set(range(6)) and owners.dtype == np.int16
    assert owners.shape == drawn.field.pixels.shape and drawn.chars == list("20471")
    middles = [np.nonzero(owners == i)[1].mean() for i in range(1, 6)]
    assert middles == sorted(middles)


@pytest.mark.parametrize("strange", [False, True])
@pytest.mark.parametrize("cells", [0, 5])
def test_owned_pixels_are_dark(cells: int, strange: bool) -> None:
    """Whatever became of paper and ink, each owner's pixels are where its ink is."""
    drawer = Drawer([pen_writer(), scanned_writer()], [], strange=strange)
    for seed in range(25):
        drawn = draw(drawer, "20471", seed, replace(CELLED, cells=cells))
        ink, rest = drawn.field.pixels[drawn.owners > 0], drawn.field.pixels[drawn.owners == 0]
        assert np.median(ink) < np.median(rest) - 20


def test_strangers_differ_from_whom_the_networks_know() -> None:
    known, strange = (Drawer([pen_writer()], [], strange=flag) for flag in (False, True))
    differing = 0
    for seed in range(20):
        one, other = draw(known, "20471", seed), draw(strange, "20471", seed)
        assert one.chars == other.chars
        differing += not np.array_equal(one.field.pixels, other.field.pixels)
    assert differing >= 18


def test_linked_zeros_hang_together_and_are_owned_in_order() -> None:
    drawer = Drawer([pen_writer()], [])
    spec = replace(CELLED, cells=0)
    marks = (Mark("7"), Mark("0"), Mark("0", tight=True), Mark("0", tight=True))
    for seed in range(20):
        owners = drawer.draw(np.random.default_rng(seed), Wording(spec, marks, "7000", printable=False)).owners
        middles = [np.nonzero(owners == i)[1].mean() for i in range(1, 5)]
        assert middles == sorted(middles)
        count, _ = cv2.connectedComponents((owners > 1).astype(np.uint8))
        assert count == 2


def test_no_character_is_too_small_to_read() -> None:
    drawer = Drawer([pen_writer()], [])
    spec = replace(CELLED, cells=0)
    marks = (Mark("7"), Mark("0", 0.3), Mark("0", 0.3))
    for seed in range(100):
        owners = drawer.draw(np.random.default_rng(seed), Wording(spec, marks, "700", printable=False)).owners
        assert all(np.ptp(np.nonzero(owners == i)[0]) >= 5 for i in (2, 3))


def test_a_blank_field_is_labelled_as_dirt_and_wrong_cuts(drawer: Drawer) -> None:
    for seed in range(5):
        drawn = drawer.draw(np.random.default_rng(seed), blank=1.0)
        assert drawn.wording.value == "" and not drawn.owners.any()
        examples, _ = label(drawn)
        assert set(examples.labels) <= {JUNK}
        assert {SHAPE_CLASSES[i] for i in examples.places} <= {"noise", "junk"}


def test_the_seed_decides_the_field(drawer: Drawer) -> None:
    one, same, other = (drawer.draw(np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(one.field.pixels, same.field.pixels) and np.array_equal(one.owners, same.owners)
    assert one.wording == same.wording
    assert one.field.pixels.shape != other.field.pixels.shape or not np.array_equal(
        one.field.pixels, other.field.pixels
    )


def test_the_seed_decides_the_examples(drawer: Drawer) -> None:
    collect = partial(gather, drawer, 6)
    (one, _), (same, _) = collect(np.random.default_rng(1)), collect(np.random.default_rng(1))
    for name in ("crops", "labels", "shapes", "places"):
        assert np.array_equal(getattr(one, name), getattr(same, name))
    count = len(one.labels)
    assert one.crops.shape == (count, 32, 32) and len(one.shapes) == len(one.places) == count
    assert (one.labels >= 0).all() and (one.labels < len(NETWORK_CLASSES)).all()
    assert (one.places >= 0).all() and (one.places < len(SHAPE_CLASSES)).all()


@pytest.mark.skipif(not print_fonts(), reason="wants a print font such as Debian's fonts-dejavu")
def test_print_is_drawn_too() -> None:
    drawer = Drawer([pen_writer(), scanned_writer()], print_fonts()[:1])
    for seed in range(40):
        spec = replace(CELLED, cells=0)
        wording = Wording(spec, tuple(Mark(char) for char in "20471"), "20471")
        drawn = drawer.draw(np.random.default_rng(seed), wording)
        assert set(np.unique(drawn.owners)) == set(range(6))


def test_bars_that_printed_lines_left_do_not_teach_what_a_one_looks_like() -> None:
    """Only size and place tell them from a straight 1, and the network that sees those keeps them."""
    shapes = np.zeros((3, len(SHAPE_NAMES)), np.float32)
    shapes[:, SHAPE_NAMES.index("height")] = 0.9
    shapes[:, SHAPE_NAMES.index("width")] = (0.1, 0.1, 0.8)
    noise, character = SHAPE_CLASSES.index("noise"), SHAPE_CLASSES.index("character")
    places = np.array([noise, character, noise], np.int8)
    examples = Examples(np.zeros((3, 32, 32), np.uint8), np.array([JUNK, 1, JUNK], np.int8), shapes, places)
    assert legible(examples).labels.tolist() == [1, JUNK]


@pytest.mark.parametrize("maker", ["amount in cells", "digits in cells", "amount"])
def test_every_field_has_a_strip_that_says_what_is_written(maker: str) -> None:
    drawer = Drawer([pen_writer()], [])
    for seed in range(10):
        rng = np.random.default_rng(seed)
        drawn = drawer.draw(rng, MAKERS[maker][1](rng))
        strips = label(drawn)[1]
        assert strips.pixels.shape == (STRIP_HEIGHT, strips.widths.sum()) and strips.pixels.max() > 128
        assert strips.lengths.tolist() == [len(drawn.chars)] == [len(strips.symbols)]


def test_a_scan_that_loses_a_character_is_not_whole() -> None:
    owners = np.zeros((20, 40), np.int16)
    owners[5:15, 5:10], owners[5:15, 20:25] = 1, 2
    pixels = np.full(owners.shape, 250, np.uint8)
    pixels[owners > 0] = 60
    assert is_whole(pixels, owners)
    pixels[5:12, 20:25] = 250
    assert not is_whole(pixels, owners)


def test_letters_are_junk_of_every_slant() -> None:
    fonts = print_fonts()[:2]
    if not fonts:
        pytest.skip("no print fonts here")
    crops, labels = letters(fonts)
    assert crops.shape[1:] == (32, 32) and set(labels) == {JUNK}
    assert len(crops) >= 3 * len(fonts) * len(LETTERS) and crops.reshape(len(crops), -1).max(axis=1).min() > 128


def test_years_of_two_digits_mean_what_the_grammar_reads() -> None:
    for seed in range(2_000):
        wording = MAKERS["date"][1](np.random.default_rng(seed))
        assert value_of(wording.spec, "".join(m.char for m in wording.marks)) == wording.value
