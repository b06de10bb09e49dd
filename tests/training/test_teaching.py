"""Teaching by what people confirmed: what a lesson holds, that it is learnt, and that nobody is judged by his own."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
import torch

from ocrpipe.geometry import Box, identity
from ocrpipe.looks import lattice_of
from ocrpipe.reading.classify import Classifier
from ocrpipe.reading.decide import NEVER_ACCEPTED
from ocrpipe.reading.grammar import value_of
from ocrpipe.reading.model import load_card
from ocrpipe.reading.networks.torch_nets import modules_from, readers_of
from ocrpipe.reading.search import Edges, chain
from ocrpipe.reading.symbols import SCRIBBLE, SYMBOLS
from ocrpipe.records import FieldImage, FieldSpec
from ocrpipe.training import crossfit
from ocrpipe.training.confirmed import Confirmed
from ocrpipe.training.lessons import Lesson, _spellings, any_of, lessons_of
from ocrpipe.training.reviews import Decided
from ocrpipe.training.teach import Course, Three, taught
from ocrpipe.training.train_paths import Readers, expected, path_loss
from ocrpipe.training.wording import MAKERS
from tests.training.drawn import strokes_of

CARD = load_card("lenet5")
AMOUNT = FieldSpec("amount", "amount")
QUICK = Course(epochs=12, fields=2, first=1e-3)


def written(text: str, spec: FieldSpec = AMOUNT) -> FieldImage:
    """Figures and points, drawn with a pen."""
    page = np.full((60, 40 + 34 * len(text)), 235, np.uint8)
    for i, char in enumerate(text):
        x = 20 + 34 * i
        if char == ".":
            cv2.circle(page, (x + 8, 47), 3, 40, -1, cv2.LINE_AA)
        elif char == "-":
            cv2.line(page, (x, 32), (x + 22, 31), 40, 3, cv2.LINE_AA)
        else:
            lines = [np.round(line * 38 + (x, 10)).astype(np.int32) for line in strokes_of(char)]
            cv2.polylines(page, lines, False, 40, 3, cv2.LINE_AA)
    return FieldImage(spec, page, identity(), Box(0, 0, page.shape[1], page.shape[0]), 200.0)


@cache
def readers() -> tuple[Three, Classifier]:
    torch.set_num_threads(1)
    start = modules_from(CARD.weights)
    return start, Classifier(readers_of(*start))


def lesson(text: str, value: str, spec: FieldSpec = AMOUNT) -> Lesson | None:
    return lessons_of([lattice_of(written(text, spec), True)], [value], readers()[1], CARD.readers.alpha)[0]


def spelt(one: Lesson) -> set[str]:
    return {"".join(SYMBOLS[symbol] for symbol in text) for text in one.texts}


def test_any_of_some_texts_sums_what_each_has() -> None:
    rng = np.random.default_rng(0)
    spans = [(i, j) for i in range(5) for j in (i + 1, i + 2) if j <= 5]
    starts, ends = (np.array([span[k] for span in spans], np.int64) for k in (0, 1))
    edges = Edges(6, starts, ends, np.log(rng.dirichlet(np.ones(len(SYMBOLS)), len(spans))), -1)
    texts, weights = [(1, 2, 3, 4), (1, 2, 4), (7, 7, 7)], [0.0, -0.5, -2.0]
    alone = [expected(edges, chain(text)) for text in texts]
    parts = np.array([total + weight for (total, _), weight in zip(alone, weights, strict=True)])
    total, taken = expected(edges, any_of(texts, weights))
    assert total == pytest.approx(np.logaddexp.reduce(parts))
    shares = np.exp(parts - total)
    np.testing.assert_allclose(taken, sum(s * t for s, (_, t) in zip(shares, alone, strict=True)), atol=1e-9)


def test_a_lesson_has_all_ways_to_write_its_value_and_no_other() -> None:
    one = lesson("31.-", "31.00")
    assert one is not None and "31.-" in spelt(one)
    assert {value_of(AMOUNT, text) for text in spelt(one)} == {"31.00"}
    assert len(one.texts) > 1


def test_a_value_that_the_readers_missed_is_spelt_as_the_ink_is() -> None:
    one = lesson("31.-", "37.00")
    assert one is not None and "37.-" in spelt(one) and not any("00" in text for text in spelt(one))


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "amount in cells"])
def test_whatever_is_written_is_among_the_ways_to_write_its_value(name: str) -> None:
    """A lattice of one piece a character, each of which shows what is written."""
    rng, tried = np.random.default_rng(5), 0
    while tried < 40:
        wording = MAKERS[name][1](rng)
        text = "".join({"=": "-"}.get(mark.char, mark.char) for mark in wording.marks)
        spec = wording.spec
        plain = text and set(text) <= set(SYMBOLS) and SCRIBBLE not in text and not spec.cents_cells
        if not plain or value_of(spec, text) != wording.value or _denominator(text) not in ("", "100"):
            continue
        table = np.full((len(text), len(SYMBOLS)), -9.0)
        table[np.arange(len(text)), [SYMBOLS.index(char) for char in text]] = -0.1
        ends = np.arange(1, len(text) + 1)
        lattice = replace(lattice_of(written("1", spec), True), nodes=len(text) + 1)
        texts, weights = _spellings(Edges(len(text) + 1, ends - 1, ends, table, -1), lattice, wording.value)
        assert text in texts and max(weights) <= 0.0
        assert {value_of(spec, one) for one in texts} == {wording.value}
        tried += 1


def _denominator(text: str) -> str:
    return text.partition("/")[2].strip("-")


def test_figures_alone_stand_before_a_printed_point() -> None:
    spec = FieldSpec("paid", "amount", cells=6, cents_cells=2)
    one = lesson("3142", "31.42", spec)
    assert one is not None and spelt(one) == {"3142"}


@pytest.mark.parametrize(("text", "value"), [("", ""), ("", "5.00"), ("31", ""), ("1", "123456.78")])
def test_nothing_is_taught_where_the_ink_cannot_say_it(text: str, value: str) -> None:
    assert lesson(text, value) is None


def test_what_is_taught_is_learnt_and_what_was_stays() -> None:
    start, _ = readers()
    before = [p.clone() for net in start for p in net.parameters()]
    lessons = [one for text, value in (("907.13", "901.13"), ("4285.60", "4285.66")) if (one := lesson(text, value))]
    assert lessons
    new = taught(start, CARD.readers.alpha, lessons, 0, QUICK)
    again = taught(start, CARD.readers.alpha, lessons, 0, QUICK)

    def loss(three: Three) -> float:
        fields = [one.written for one in lessons]
        return path_loss(Readers(three[0], three[1]), CARD.readers.alpha, fields).item()

    assert loss(new) < loss(start)
    for ours, theirs in zip(new, again, strict=True):
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(a, b)
    assert all(torch.equal(a, b) for a, b in zip(before, (p for net in start for p in net.parameters()), strict=True))


def field(number: int, text: str, value: str, spec: FieldSpec = AMOUNT) -> Confirmed:
    image = written(text, spec)
    decided = Decided(f"{number}.png", f"{number:064x}", 0, 0, spec.name, value, 1.0, True)
    return Confirmed(decided, image, lattice_of(image, True), None)


def test_no_field_is_read_by_readers_that_its_document_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["907.13", "428.60", "31.07", "77.30", "59.21", "64.88"]
    fields = [field(n // 2, texts[n // 2], texts[n // 2]) for n in range(12)]
    lessons: list[list[Lesson]] = []
    turns = 0

    def recorded(start: Three, alpha: float, some: list[Lesson], seed: int, course: Course) -> Three:
        lessons.append(some)
        return start

    def step() -> None:
        nonlocal turns
        turns += 1

    monkeypatch.setattr(crossfit, "taught", recorded)
    found = crossfit.relearn(CARD, fields, 0, QUICK, step)
    assert turns == crossfit.FOLDS + 1 and found.lessons == 12 == len(lessons[-1])
    assert [one.value for one in found.before] == [one.value for one in found.after]
    strips = [one.lattice.strip for one in fields]
    number = {id(strip): n // 2 for n, strip in enumerate(strips)}
    out = [set(range(6)) - {number[id(one.strip)] for one in some} for some in lessons[:-1]]
    assert sorted(document for some in out for document in some) == list(range(6))
    assert all(len(some) + 2 * len(left) == 12 for some, left in zip(lessons[:-1], out, strict=True))


def test_confidence_is_not_fitted_to_what_is_never_accepted() -> None:
    fields = [field(1, "31.07", "31.07"), field(2, "31.07", "31.07", replace(AMOUNT, maximum=5))]
    readings = crossfit.relearn(CARD, fields, 0, replace(QUICK, most=1), lambda: None).before
    assert "out_of_range" in NEVER_ACCEPTED and {one.value for one in readings} == {"31.07"}
    found = crossfit.by_profile(CARD, fields, readings)
    assert {name: len(own.right) for name, own in found.items()} == {"amount, two readers": 1}
