from __future__ import annotations

import dataclasses
import typing

import numpy as np
import pytest

from ocrpipe import codes, records
from ocrpipe.geometry import Box, identity, rotation
from ocrpipe.records import Failure, FieldImage, FieldSpec, Page, Upright
from tests.reading.drawn import field_of, lattice_of, paper

RECORDS = [
    value
    for value in vars(records).values()
    if dataclasses.is_dataclass(value) and value.__module__ == records.__name__
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_are_frozen_and_without_a_dictionary(record: type) -> None:
    assert record.__dataclass_params__.frozen and "__slots__" in vars(record) and record.__doc__


def test_a_failure_is_false() -> None:
    assert not Failure("decode", "unreadable", "damaged")


@pytest.mark.parametrize("pixels", [np.zeros((2, 2)), np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2), bool)])
def test_pictures_of_another_type_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(TypeError, match=r"Page\.pixels: expected 2 dimensions of uint8"):
        Page("a", "", 0, pixels, 200.0, "file")
    with pytest.raises(TypeError, match=r"FieldImage\.pixels"):
        FieldImage(FieldSpec("a", "zip"), pixels, identity(), Box(0, 0, 2, 2), 200.0)


@pytest.mark.parametrize(("name", "array"), [("crops", np.zeros((3, 32, 32))), ("shapes", np.zeros((3, 10)))])
def test_lattices_of_another_type_are_refused(name: str, array: np.ndarray) -> None:
    lattice = lattice_of(FieldSpec("a", "zip"), 4, [(0, 1), (1, 2), (2, 3)])
    with pytest.raises(TypeError, match=rf"Lattice\.{name}"):
        dataclasses.replace(lattice, **{name: array})


def test_width_runs_along_columns() -> None:
    page = Page("a", "", 0, paper(30, 50), 200.0, "file")
    assert (page.width, page.height) == (50, 30)


def test_a_field_knows_its_place_on_the_page() -> None:
    field = dataclasses.replace(field_of(paper(20, 40)), to_page=rotation(180, (20, 10)))
    assert field.quad == pytest.approx((40, 20, 0, 20, 0, 0, 40, 0))


@pytest.mark.parametrize("scale", [1.0, 0.5, 2.0])
def test_a_region_shows_its_part_of_the_upright_page(scale: float) -> None:
    pixels = paper(60, 90)
    pixels[20:40, 30:60] = 0
    upright = Upright(Page("a", "", 0, pixels, 200.0, "file"), 0, 0.0, identity(), 90, 60)
    shown = upright.region(Box(30, 20, 60, 40), scale)
    assert shown.shape == (round(20 * scale), round(30 * scale)) and shown.max() < 140
    assert upright.region(Box(60, 40, 90, 60), scale)[2:, 2:].min() == 255


def test_the_closed_lists_are_those_of_the_results() -> None:
    assert set(typing.get_args(codes.Status)) == {"accepted", "review", "blank", "skipped", "failed"}
    assert typing.get_args(codes.Kind) == codes.KINDS
