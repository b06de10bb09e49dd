"""The page as people use it: real pointer events, a real browser, the real command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ocrpipe.trying.kinds import KINDS
from ocrpipe.trying.sampling import Sample, sample
from ocrpipe.trying.seeing import Eyes
from tests.trying.strokes import STROKES, draw, wait_for
from tests.trying.test_seeing import page_of as as_page

Open = Callable[..., Any]
EVIL = '<img src=x onerror=alert(1)><script>alert(2)</script>".png'.replace("/", "∕")


@pytest.fixture
def opened(page_of: Open, address: str) -> Open:
    """Opens the page, ready to be drawn on."""

    def open_it(kind: str = "digits", **options: Any) -> Any:
        page = page_of(address, **options)
        page.wait_for_selector("#paper[data-ready]")
        assert page.input_value("#kind") == "own"
        page.select_option("#kind", kind)
        return page

    return open_it


def _drop(page: Any, content: bytes, name: str) -> None:
    """Drops a file on the page, as a file manager does."""
    given = page.evaluate_handle(
        "([content, name]) => { const held = new DataTransfer();"
        "held.items.add(new File([new Uint8Array(content)], name)); return held; }",
        [list(content), name],
    )
    page.dispatch_event("#paper", "drop", {"dataTransfer": given})


def _png(one: Sample) -> bytes:
    return cv2.imencode(".png", one.pixels)[1].tobytes()


def _says(page: Any, part: str, words: str) -> None:
    page.wait_for_function(
        "([part, words]) => document.getElementById(part).textContent.includes(words)", arg=[part, words]
    )


def test_digits_are_drawn_and_read(opened: Open) -> None:
    page = opened("digit")
    for figure in "7104":
        draw(page, figure, x=500)
        wait_for(page, figure)
        page.keyboard.press("c")
        wait_for(page, "–")


def test_a_field_of_a_form_has_its_cells(opened: Open) -> None:
    page = opened("own")
    assert page.locator("#cells span").count() == 8 and page.is_disabled("#sample")
    _says(page, "source", "account")
    for i, figure in enumerate("17401740"):
        draw(page, figure, x=150 * i + 35)
    page.wait_for_function("() => document.querySelectorAll('.arc.on-path').length === 8")
    wait_for(page, "17401740")
    page.select_option("#kind", "digits")
    assert page.locator("#cells span").count() == 0 and page.is_enabled("#sample")


def test_readings_never_pile_up(opened: Open) -> None:
    page = opened()
    asked = []

    def slow(route: Any) -> None:
        asked.append(route)
        page.wait_for_timeout(250)
        route.continue_()

    page.route("**/api/see", slow)
    draw(page, "1111114")
    wait_for(page, "1111114")
    assert 2 <= len(asked) < 8  # of eight strokes


def test_a_finger_draws_as_well(opened: Open) -> None:
    page = opened(has_touch=True)
    box = page.locator("#paper").bounding_box()
    touches = page.context.new_cdp_session(page)
    scale = box["width"] / 1200
    (stroke,) = STROKES["1"]
    for i, (x, y) in enumerate(stroke):
        place = {"x": box["x"] + scale * (500 + x), "y": box["y"] + scale * (75 + y)}
        kind = "touchMove" if i else "touchStart"
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    touches.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_for(page, "1")


def test_an_amount_is_drawn_and_every_step_is_shown(opened: Open) -> None:
    page = opened("amount")
    before = [page.locator("section").nth(i).bounding_box() for i in range(6)]
    draw(page, "17.40")
    wait_for(page, "17.40")
    assert before == [page.locator("section").nth(i).bounding_box() for i in range(6)]  # nothing has moved
    assert page.locator(".arc.on-path").count() == 5
    assert "".join(page.locator(".arc.on-path text:not(.prob)").all_text_contents()) == "17.40"
    _says(page, "which", "character 1 of 5, taken as 1")
    assert page.locator("#bars .most th").text_content() == "1"
    _says(page, "c1-note", "C1: 6 maps of 28×28")
    _says(page, "c3-note", "C3: 16 maps of 10×10")
    for canvas in ("field", "upright", "line", "crop", "c1", "c3"):
        shades = page.evaluate(
            "id => { const one = document.getElementById(id);"
            "const { data } = one.getContext('2d').getImageData(0, 0, one.width, one.height);"
            "return new Set(data.filter((_, i) => i % 4 === 0)).size; }",
            canvas,
        )
        assert shades > 10, canvas
    assert page.locator("#values .agreed th").text_content() == "17.40"


def test_keys_lead_along_the_chosen_way_and_to_the_other_cuts(opened: Open) -> None:
    page = opened()
    draw(page, "174")
    wait_for(page, "174")
    for key, words in (
        ("ArrowRight", "2 of 3, taken as 7"),
        ("ArrowRight", "3 of 3, taken as 4"),
        ("ArrowLeft", "2 of"),
    ):
        page.keyboard.press(key)
        _says(page, "which", words)
    for _ in range(page.locator(".arc").count()):
        page.keyboard.press("ArrowDown")
    _says(page, "which", "not on the chosen way")  # the last stroke of the 4
    page.locator(".arc.on-path text").first.hover()
    _says(page, "which", "character 1 of 3")
    for _ in range(2):  # the strokes of the 4
        page.keyboard.press("u")
    wait_for(page, "17")


def test_a_picture_is_dropped_and_its_name_never_run(opened: Open, eyes: Eyes) -> None:
    page = opened("zip")
    one = sample("zip", np.random.default_rng(2))
    expected = eyes.see(as_page(one.pixels), KINDS["zip"].spec, (0.01,))
    _drop(page, _png(one), EVIL)
    wait_for(page, expected["value"])
    assert page.locator("#source").text_content() == EVIL
    _drop(page, b"<script>alert(3)</script>", "letter.html")
    _says(page, "source", "This picture cannot be read")
    wait_for(page, "–")
    page.wait_for_timeout(200)  # a dialog would be a complaint


def test_a_file_is_opened_and_drawing_puts_it_away(opened: Open, tmp_path: Path) -> None:
    one = sample("digits", np.random.default_rng(4))
    (tmp_path / "field.png").write_bytes(_png(one))
    page = opened()
    page.set_input_files("#file", tmp_path / "field.png")
    _says(page, "source", "field.png")
    page.wait_for_selector(".arc.on-path")
    draw(page, "1", x=500)
    wait_for(page, "1")
    _says(page, "status", "Accepted")
    _says(page, "source", "Such as")


def test_samples_of_every_kind(opened: Open) -> None:
    page = opened()
    for kind in KINDS:
        page.select_option("#kind", kind)
        page.click("#sample")
        _says(page, "source", "Drawn to say")
        page.wait_for_selector(".arc.on-path")
        page.keyboard.press("c")
        wait_for(page, "–")


def test_another_promise_is_another_decision(opened: Open, eyes: Eyes) -> None:
    page = opened("amount")
    spec = KINDS["amount"].spec
    for seed in range(200):
        one = sample("amount", np.random.default_rng(seed))
        strict, loose = eyes.see(as_page(one.pixels), spec, (0.01, 0.05))["decisions"]
        if (strict["status"], loose["status"]) == ("review", "accepted"):
            break
    _drop(page, _png(one), "field.png")
    _says(page, "status", "To a person")
    _says(page, "because", strict["because"])
    page.locator("#promises label", has_text="5 %").last.click()
    _says(page, "status", "Accepted")
    _says(page, "because", loose["because"])
    page.keyboard.press("ArrowLeft")  # along the promises, where the focus is
    page.keyboard.press("ArrowLeft")
    _says(page, "status", "To a person")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_to_all(opened: Open, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(color_scheme=scheme, bypass_csp=True)

    def check(what: str) -> None:
        found = axe.run(page).response["violations"]
        assert found == [], (what, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found])

    check("empty")
    page.select_option("#kind", "amount")
    draw(page, "17.40")
    wait_for(page, "17.40")
    _says(page, "c1-note", "maps")
    check("read")
    _drop(page, b"no picture", "a.png")
    _says(page, "source", "cannot be read")
    check("refused")
