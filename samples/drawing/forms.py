"""A form of our own, the remittance advice: cells for one digit each, and open boxes."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from drawing.sheet import Sheet

WIDTH, HEIGHT = 5.5, 8.5


@dataclass(frozen=True)
class FormField:
    """x, y, width, height in inches; `keys` are its lines in the template, beside name, kind and box."""

    name: str
    kind: str
    label: str
    x: float
    y: float
    width: float
    height: float
    cells: int = 0
    keys: tuple[str, ...] = ()


CENTS = ("cents_cells = 2", 'currency = "USD"')
FIELDS = (
    FormField("account", "digits", "Account number", 0.5, 2.0, 2.56, 0.34, 8, ("digits = 8", "required = true")),
    FormField("date", "date", "Date paid (month, day, year)", 0.5, 2.8, 2.56, 0.34, 8, ('format = "MMDDYYYY"',)),
    FormField("zip", "zip", "ZIP code", 3.4, 2.8, 1.6, 0.34, 5),
    FormField("amount_due", "amount", "Amount due $", 0.5, 3.7, 2.1, 0.42, 0, ('currency = "USD"',)),
    FormField("amount_paid", "amount", "Amount paid $", 0.5, 4.6, 2.56, 0.34, 8, CENTS),
    FormField("invoice", "digits", "Invoice (4 to 7 digits)", 3.0, 3.7, 2.0, 0.42, 0, ("digits = [4, 7]",)),
)


def draw_form(rng: Generator) -> Sheet:
    """The empty form."""
    sheet = Sheet(WIDTH, HEIGHT, rng)
    sheet.text(0.5, 0.75, "REMITTANCE ADVICE", 17, "serif-bold")
    sheet.text(0.5, 0.98, "Larkspur Water District · P.O. Box 77 · Elk Grove CA 95624", 8, "serif")
    sheet.line(0.5, 1.1, WIDTH - 0.5, 1.1, 0.02)
    asked = "Please return this sheet with your payment.", "Write figures inside the boxes, in dark ink."
    for i, words in enumerate(asked):
        sheet.text(0.5, 1.35 + 0.16 * i, words, 9, "sans")
    for field in FIELDS:
        sheet.text(field.x, field.y - 0.07, field.label, 8.5, "sans-bold")
        sheet.frame(field.x, field.y, field.x + field.width, field.y + field.height, 0.012)
        for k in range(1, field.cells):
            x = field.x + k * field.width / field.cells
            cents = "cents_cells = 2" in field.keys and k == field.cells - 2
            sheet.line(x, field.y, x, field.y + field.height, 0.02 if cents else 0.007)
    sheet.line(0.5, 5.6, WIDTH - 0.5, 5.6, 0.01)
    rules = (
        "Payments that reach us after the tenth of the month bear interest.",
        "Questions about your meter: call the office between eight and four.",
        "Do not staple or fold. Keep the upper part for your records.",
    )
    for i, words in enumerate(rules):
        sheet.text(0.5, 5.85 + 0.18 * i, words, 9, "serif")
    sheet.frame(0.5, 6.7, WIDTH - 0.5, 7.9, 0.008)
    sheet.text(0.6, 6.87, "For office use", 7.5, "sans")
    sheet.text(WIDTH - 1.3, 8.15, "Form LWD-12", 7.5, "sans")
    return sheet


def fill_form(sheet: Sheet, written: dict[str, str], pen: str) -> None:
    """Writes each field as a person would: one digit a cell, or on a loose line in the box."""
    rng = sheet.rng
    for field in FIELDS:
        text = written.get(field.name, "")
        if not text:
            continue
        foot = field.y + field.height * 0.8
        if not field.cells:
            sheet.write(field.x + rng.uniform(0.1, 0.3), foot, text, 0.21, pen)
            continue
        digits = text.replace(".", "").replace("/", "")
        pitch = field.width / field.cells
        for k, digit in enumerate(digits, start=field.cells - len(digits)):
            x = field.x + (k + 0.24 + rng.uniform(-0.06, 0.06)) * pitch
            sheet.write(x, foot + rng.normal(0, 0.012), digit, 0.2, pen)


def template_toml() -> str:
    """The form's template; lengths in millimetres."""
    lines = [
        "# Drawn by samples/draw.py with the form itself. The empty form lies in a hidden folder,",
        "# so that `ocrpipe run samples/` does not take it for a scan.",
        'name = "remittance"',
        "",
        "[page]",
        f"size_mm = [{WIDTH * 25.4:.1f}, {HEIGHT * 25.4:.1f}]",
        "",
        "[register]",
        'blank = ".blank/remittance.png"',
    ]
    for field in FIELDS:
        box = ", ".join(f"{v * 25.4:.2f}" for v in (field.x, field.y, field.width, field.height))
        lines += ["", "[[fields]]", f'name = "{field.name}"', f'kind = "{field.kind}"', f"box_mm = [{box}]"]
        lines += [f"cells = {field.cells}"] if field.cells else []
        lines += field.keys
    return "\n".join(lines) + "\n"
