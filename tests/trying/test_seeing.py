"""What is shown of a reading: the same as a run reads, and the lattice as it was walked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import correlate2d

from ocrpipe.errors import UsageError
from ocrpipe.fields.clean import clean
from ocrpipe.fields.crop import whole
from ocrpipe.fields.template import load_template
from ocrpipe.pipeline import Line
from ocrpipe.reading.model import load_card
from ocrpipe.reading.networks.feature_maps import feature_maps
from ocrpipe.reading.networks.files import load_readers
from ocrpipe.reading.segment import lattice_with_pieces
from ocrpipe.records import BadPage, Page, ScanFile
from ocrpipe.scans.decode import decode, decode_bytes
from ocrpipe.settings import Settings
from ocrpipe.training.drawing import Drawer
from ocrpipe.training.wording import Mark, Wording
from ocrpipe.trying.cuts import bounds_in_frame
from ocrpipe.trying.kinds import KINDS, kind_of
from ocrpipe.trying.sampling import hand, sample
from ocrpipe.trying.seeing import Eyes
from tests.command import SAMPLES

PROMISES = (0.001, 0.01, 0.05)


def page_of(pixels: NDArray[np.uint8]) -> Page:
    return Page("field.png", "0" * 64, 0, pixels, 200.0, "inferred")


def drawn(kind: str, seed: int = 1) -> Page:
    return page_of(sample(kind, np.random.default_rng(seed)).pixels)


def paths_of(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [told["lattice"]["arcs"][i] for i in told["lattice"]["path"]]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_picture_is_read_as_a_run_reads_it(eyes: Eyes, kind: str) -> None:
    spec = KINDS[kind].spec
    for seed in range(4):
        page = drawn(kind, seed)
        told = eyes.see(page, spec, PROMISES)
        for max_error, decided in zip(PROMISES, told["decisions"], strict=True):
            line = Line.build(Settings(max_error=max_error), (), False, spec, "lenet5")
            (row,) = line.recognise(line.prepare(page))
            decision, reading = row.decision, row.reading
            assert reading is not None
            assert (decided["status"], decided["reason"]) == (decision.status, decision.reason)
            assert (decided["confidence"], decided["threshold"]) == (decision.confidence, decision.threshold)
            assert (told["value"], told["text"]) == (reading.value, reading.text)
            told_of = [(one["value"], one["prob"]) for one in told["values"][1:]]
            assert told_of == [(value, round(prob, 6)) for value, prob in reading.alternatives[:4]]


@pytest.mark.parametrize("kind", ["amount", "digits", "day_first"])
def test_the_path_leads_through_the_whole_lattice_and_spells_the_text(eyes: Eyes, kind: str) -> None:
    for seed in range(4):
        told = eyes.see(drawn(kind, seed), KINDS[kind].spec, PROMISES)
        path = paths_of(told)
        assert "".join(arc["symbol"] for arc in path).replace("~", "") == told["text"]
        assert [arc["start"] for arc in path] == [0, *(arc["end"] for arc in path[:-1])]
        assert path[-1]["end"] == len(told["lattice"]["nodes"]) - 1
        assert told["lattice"]["nodes"] == sorted(told["lattice"]["nodes"])
        for arc in path:
            joined = dict(zip(told["lattice"]["symbols"], arc["joined"], strict=True))
            assert arc["prob"] == joined[arc["symbol"]] and sum(arc["shown"]) == pytest.approx(1, abs=1e-4)


def test_candidates_lie_where_their_pieces_were_cut() -> None:
    page = drawn("zip", 5)
    field = clean(whole(page, KINDS["zip"].spec))
    lattice, pieces, _ = lattice_with_pieces(field)
    bounds = bounds_in_frame(lattice)
    for edge in np.flatnonzero(lattice.ends - lattice.starts == 1):
        piece = pieces[lattice.starts[edge]]
        np.testing.assert_allclose(bounds[edge], (piece.x0, piece.y0, piece.x1, piece.y1), atol=1e-3)


def test_both_readers_speak_for_themselves(eyes: Eyes) -> None:
    told = eyes.see(drawn("zip", 2), KINDS["zip"].spec, PROMISES)
    assert [one["reader"] for one in told["readers"]] == ["lattice", "sweep"]
    for one in told["readers"]:
        agreed = {value["value"]: value["prob"] for value in one["values"]}[told["value"]]
        assert agreed == pytest.approx(one["agreed"], abs=1e-5)


def test_nothing_written_is_blank(eyes: Eyes) -> None:
    told = eyes.see(page_of(np.full((160, 600), 255, np.uint8)), KINDS["amount"].spec, PROMISES)
    assert told["value"] == "" and told["lattice"]["frame"] is None and told["lattice"]["path"] == []
    assert {one["status"] for one in told["decisions"]} <= {"blank", "review"}
    json.dumps(told, allow_nan=False)


def test_what_spells_nothing_is_never_accepted_and_shows_its_cuts(eyes: Eyes) -> None:
    pixels = np.full((160, 600), 255, np.uint8)
    cv2.line(pixels, (40, 30), (560, 130), 0, 9)
    cv2.circle(pixels, (300, 80), 60, 0, 9)
    told = eyes.see(page_of(pixels), KINDS["date"].spec, PROMISES)
    assert not any(one["status"] == "accepted" for one in told["decisions"])
    assert all(one["because"] for one in told["decisions"])
    assert told["lattice"]["frame"] is not None


def test_a_decision_is_explained_by_its_numbers(eyes: Eyes) -> None:
    strict, *_, loose = eyes.see(drawn("digit", 3), KINDS["digit"].spec, (0.0001, 0.05))["decisions"]
    assert "7,086 calibration fields cannot show that at most 0.01 %" in strict["because"]
    assert strict["reason"] == "uncalibrated" and loose["status"] == "accepted"
    assert f"is not below {100 * loose['threshold']:.0f}"[:16] in loose["because"]


def test_the_maps_are_those_of_the_first_two_layers() -> None:
    card = load_card("lenet5")
    crop = np.random.default_rng(0).integers(0, 256, (32, 32)).astype(np.uint8)
    first, third = feature_maps(card.weights)(crop)
    assert (first.layer, first.answers.shape) == ("C1", (6, 28, 28))
    assert (third.layer, third.answers.shape) == ("C3", (16, 10, 10))
    weights = load_readers(card.weights)[1]["lenet"]
    linear = correlate2d(crop / 255, weights["layers.0.map.weight"][2, 0], "valid") + weights["layers.0.map.bias"][2]
    np.testing.assert_allclose(first.answers[2], linear / (1 + np.exp(-linear)), atol=1e-5)


def test_the_wider_network_has_maps_too() -> None:
    wide = Eyes(load_card("lenet5-wide"))
    layers = wide.maps(np.zeros((32, 32), np.uint8))
    assert [(one["layer"], len(one["maps"])) for one in layers] == [("first", 16), ("second", 32)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_most_samples_are_read_as_what_they_say(eyes: Eyes, kind: str) -> None:
    rng = np.random.default_rng(7)
    drawn = [sample(kind, rng) for _ in range(12)]
    read = [eyes.see(page_of(one.pixels), KINDS[kind].spec, PROMISES)["value"] for one in drawn]
    assert sum(value == one.value for value, one in zip(read, drawn, strict=True)) >= 7


def test_a_field_of_a_form_is_read_as_its_template_says(eyes: Eyes) -> None:
    form = load_template(SAMPLES / "forms" / "remittance.toml")
    in_cells = next(spec for spec in form.specs if spec.cells and spec.kind == "digits")
    kind = kind_of(form, in_cells.name)
    assert kind.spec == in_cells and f"{in_cells.cells} cells" in kind.hint
    one = Drawer([hand(np.random.default_rng(1))], []).draw(
        np.random.default_rng(1), Wording(kind.spec, tuple(Mark(c) for c in "27418063"), "27418063")
    )
    rows, columns = one.field.box.slices(one.field.pixels.shape)
    told = eyes.see(page_of(np.ascontiguousarray(one.field.pixels[rows, columns])), kind.spec, PROMISES)
    assert told["value"] == "27418063" and len(told["lattice"]["path"]) == 8
    with pytest.raises(UsageError, match=in_cells.name):
        kind_of(form, "nothing")


def test_a_picture_in_memory_is_decoded_as_its_file_is(tmp_path: Path) -> None:
    scan = SAMPLES / "forms" / "two-pages.tif"
    kept = list(decode(ScanFile(scan, "a"), Settings()))
    found = list(decode_bytes(scan.read_bytes(), "a", Settings()))
    assert len(kept) == len(found) == 2
    for one, other in zip(kept, found, strict=True):
        assert isinstance(one, Page) and isinstance(other, Page)
        assert one.source_sha256 == other.source_sha256 and np.array_equal(one.pixels, other.pixels)
    (bad,) = decode_bytes(b"Dear Sir", "a", Settings())
    assert isinstance(bad, BadPage) and "Dear Sir" in bad.failure.detail
