"""Templates: what is read from the file, and the words for what is wrong with it."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrpipe.errors import UsageError
from ocrpipe.fields.template import Template, load_template
from ocrpipe.fields.template_keys import is_date_format
from ocrpipe.geometry import Box

HEAD = """
name = "visit"
[page]
size_mm = [210, 297]
dpi = 254
[register]
blank = "visit.png"
"""
AMOUNT = """
[[fields]]
name = "amount"
kind = "amount"
box_mm = [20, 40, 80, 9]
"""


def load(folder: Path, text: str) -> Template:
    (folder / "visit.png").touch()
    path = folder / "form.toml"
    path.write_text(text, "utf-8")
    return load_template(path)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        load(folder, text)
    return str(caught.value)


def test_everything_that_a_field_may_say(tmp_path: Path) -> None:
    template = load(
        tmp_path,
        HEAD
        + """
        [[fields]]
        name = "amount"
        kind = "amount"
        box_mm = [20, 40, 80, 9]
        cells = 8
        cents_cells = 2
        currency = "EUR"
        required = true
        range = [0.01, 9_999.99]
        [[fields]]
        name = "account"
        kind = "digits"
        box_rel = [0.1, 0.5, 0.5, 0.05]
        digits = [3, 9]
        checksum = "luhn"
        sensitive = true
        [[fields]]
        name = "birthday"
        kind = "date"
        box_px = [100, 200, 300, 40]
        format = "DD.MM.YYYY"
    """,
    )
    amount, account, birthday = template.specs
    assert (template.width, template.height, template.residual_limit_mm) == (2100, 2970, 0.5)
    assert template.fields[0].box == Box(199.5, 399.5, 999.5, 489.5)
    assert template.fields[2].box == Box(100, 200, 400, 240)
    assert (amount.cells, amount.cents_cells, amount.currency, amount.required) == (8, 2, "EUR", True)
    assert (amount.minimum, amount.maximum) == (Decimal("0.01"), Decimal("9999.99"))
    assert (account.digits, account.checksum, account.sensitive) == ((3, 9), "luhn", True)
    assert birthday.format == "DD.MM.YYYY"
    assert template.files == (tmp_path / "form.toml", tmp_path / "visit.png")


def test_a_template_is_a_key(tmp_path: Path) -> None:
    assert load(tmp_path, HEAD + AMOUNT) == load(tmp_path, HEAD + AMOUNT)
    assert len({load(tmp_path, HEAD + AMOUNT), load(tmp_path, HEAD + AMOUNT)}) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + AMOUNT + AMOUNT.replace('"amount"\nkind = "amount"', '"paid"\nkind = "amout"'),
         'form.toml: fields[1].kind: expected one of amount, amount_digits, zip, digits, date, micr; got "amout"'),
        (HEAD + AMOUNT + 'requird = true', "form.toml: fields[0].requird: unknown key"),
        (HEAD + AMOUNT.replace('kind = "amount"\n', ""),
         "form.toml: fields[0].kind: expected this key, which is missing"),
        (HEAD + AMOUNT + 'cells = "many"',
         'form.toml: fields[0].cells: expected a valid integer, '),
        (HEAD + AMOUNT.replace("[20, 40, 80, 9]", "[20, 40, 80, -9]"),
         "form.toml: fields[0].box_mm[3]: expected greater than 0; got -9"),
        (HEAD + AMOUNT + "box_rel = [0, 0, 1, 1]",
         "form.toml: fields[0]: expected exactly one of box_mm, box_rel, box_px; got 2"),
        (HEAD + AMOUNT.replace("[20, 40", "[200, 40"),
         "form.toml: fields[0].box_mm: expected a box on the sheet of 2100 × 2970 px; got [1999.5, 399.5, 800, 90] px"),
        (HEAD + AMOUNT + AMOUNT, "form.toml: expected a different name for each field; got twice: amount"),
        (HEAD + AMOUNT + 'format = "DDMM"', "form.toml: fields[0]: expected format in a date, and only there"),
        (HEAD + AMOUNT.replace('kind = "amount"', 'kind = "date"\nformat = "DD/MM"'),
         'form.toml: fields[0]: expected format with DD, MM and YYYY or YY once each; got "DD/MM"'),
        (HEAD + AMOUNT + "cells = 2\ncents_cells = 2",
         "form.toml: fields[0]: expected cents_cells only in an amount, fewer than its cells"),
        (HEAD + AMOUNT + "range = [5, 1]",
         "form.toml: fields[0]: expected range = [least, most], in an amount or digits"),
        (HEAD + AMOUNT + "digits = [5, 1]", "form.toml: fields[0]: expected digits = [fewest, most]; got [5, 1]"),
        (HEAD + AMOUNT + 'checksum = "luhn"', "form.toml: fields[0]: expected checksum only where kind is digits"),
        (HEAD + AMOUNT.replace('"amount"\nbox', '"digits"\ncurrency = "USD"\nbox'),
         "form.toml: fields[0]: expected currency only in an amount"),
        (HEAD, "form.toml: fields: expected this key, which is missing"),
        (HEAD.replace("dpi = 254", "size_px = [1, 1]") + AMOUNT,
         "form.toml: page: expected exactly one of size_mm, size_px"),
        (HEAD.replace("size_mm = [210, 297]\ndpi = 254", "size_px = [210, 297]") + AMOUNT,
         "form.toml: page: expected dpi beside size_px"),
        (HEAD.replace("visit.png", "gone.png") + AMOUNT,
         'form.toml: register.blank: expected the path of a picture relative to the template; '
         'no such file: "gone.png"'),
        (HEAD.replace('blank = "visit.png"', "on_mm = [[1, 1, 5, 5]]") + AMOUNT,
         "form.toml: register: expected blank: the boxes of on_* are parts of its picture"),
        (HEAD.replace('blank = "visit.png"', "") + AMOUNT,
         "form.toml: expected register.blank or register.fiducials, or an anchor for each field; without: amount"),
        (HEAD.replace('blank = "visit.png"', "fiducials = { at_mm = [[5, 5], [200, 5]], size_mm = 5 }") + AMOUNT,
         "form.toml: register.fiducials.at_mm: expected at least 3 items"),
        (HEAD + AMOUNT + 'anchor = { line = "up", search_mm = [0, 0, 9, 9] }',
         'form.toml: fields[0].anchor.line: expected one of horizontal, vertical; got "up"'),
        (HEAD + AMOUNT + "anchor = { search_mm = [0, 0, 9, 9] }",
         "form.toml: fields[0].anchor: expected exactly one of text_mm (or text_rel, text_px), mark, line"),
        (HEAD + AMOUNT + 'anchor = { line = "vertical" }',
         "form.toml: fields[0].anchor: expected exactly one of search_mm, search_rel, search_px; got 0"),
        ("name = ", "form.toml: expected TOML; "),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_key_and_what_was_expected(tmp_path: Path, text: str, words: str) -> None:
    assert complaint(tmp_path, text).startswith(words)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, HEAD + AMOUNT.replace('kind = "amount"', 'kind = "x"\nhue = 1'))
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.toml", "unknown template; expected the path of a TOML file or a built-in name (check, envelope)"),
        ("check", "built in, without a template file"),
        (".", "expected a TOML file, got a folder"),
    ],
)
def test_an_unknown_template(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("(", r"\(").replace(")", r"\)")):
        load_template(name)


def test_checking_a_template_opens_no_picture_and_loads_no_opencv(tmp_path: Path) -> None:
    load(tmp_path, HEAD + AMOUNT)
    code = (
        "import sys; from ocrpipe.fields.template import load_template; "
        f"load_template({str(tmp_path / 'form.toml')!r}); "
        "assert not {'cv2', 'skimage', 'torch'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(st.permutations(["DD", "MM", "YYYY"]), st.sampled_from(["", "/", "-", ".", " "]))
def test_date_formats(parts: list[str], separator: str) -> None:
    assert is_date_format(separator.join(parts))
    assert not is_date_format(separator.join(parts[:2]))
    assert not is_date_format(separator.join([*parts, "DD"]))


@given(st.floats(0, 100), st.floats(0, 100), st.floats(1, 100), st.floats(1, 100))
def test_millimetres_shares_and_pixels_agree(
    tmp_path_factory: pytest.TempPathFactory, x: float, y: float, width: float, height: float
) -> None:
    folder = tmp_path_factory.mktemp("units")
    sides = (x, y, width, height)
    texts = [
        f"box_mm = {list(sides)}",
        f"box_rel = {[v / side for v, side in zip(sides, (210, 297, 210, 297), strict=True)]}",
        f"box_px = {[x * 10 - 0.5, y * 10 - 0.5, width * 10, height * 10]}",
    ]
    boxes = [load(folder, HEAD + AMOUNT.replace("box_mm = [20, 40, 80, 9]", text)).fields[0].box for text in texts]
    for box in boxes:
        assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((boxes[0].x0, boxes[0].y0, boxes[0].x1, boxes[0].y1))
