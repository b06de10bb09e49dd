"""Draws every sample: `python samples/draw.py [FOLDER]` writes them beside itself, or to FOLDER.

The same seed gives the same papers. Wants Pillow and these Debian packages: fonts-breip,
fonts-dkg-handwriting, fonts-bwht, fonts-rufscript, fonts-humor-sans, fonts-liberation,
fonts-dejavu, fonts-gnutypewriter.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import cv2
import numpy as np
from drawing.checks import CheckLayout, CheckWords, draw_check, micr_text
from drawing.cheque import ChequeWords, draw_cheque
from drawing.envelopes import EnvelopeLayout, draw_envelope
from drawing.forms import FIELDS, draw_form, fill_form, template_toml
from drawing.sheet import DPI, scan, wavy_background
from numpy.typing import NDArray
from PIL import Image

SEED = 1998
Picture = NDArray[np.uint8]
Rows = list[tuple[str, int, str, str]]
"""file, page, field, value: the columns of expected.csv."""

SOURCE = """# Where this comes from

Drawn by `samples/draw.py`, which is the project's own work under the project's licence. {what}
Names, banks, addresses and account numbers are invented. Print and handwriting use fonts of Debian
packages (fonts-breip, fonts-dkg-handwriting, fonts-bwht, fonts-rufscript, fonts-humor-sans,
fonts-liberation, fonts-dejavu, fonts-gnutypewriter); every written letter is bent, leant and placed
at random. `expected.csv` says what is written (page counts from 0; an empty value is a blank field).
"""


def gray(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def save_jpeg(path: Path, picture: Picture, quality: int = 72) -> None:
    shown = picture[:, :, ::-1] if picture.ndim == 3 else picture
    Image.fromarray(np.ascontiguousarray(shown)).save(path, quality=quality, dpi=(DPI, DPI))


def save_png(path: Path, picture: Picture) -> None:
    """Sixteen grays, as many scanners write to keep files small."""
    coarse = (picture // 17 * 17).astype(np.uint8)
    Image.fromarray(coarse).quantize(16).save(path, dpi=(DPI, DPI), optimize=True)


def save_fax(path: Path, pictures: list[Picture]) -> None:
    """All pages in one bitonal TIFF, Group 4."""
    pages = []
    for picture in pictures:
        local = cv2.blur(picture, (61, 61)).astype(np.float32)
        pages.append(Image.fromarray(picture > 0.8 * local).convert("1"))
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="group4", dpi=(DPI, DPI))


def draw_checks(folder: Path) -> Rows:
    rows: Rows = []
    rng = np.random.default_rng(SEED)
    acorn = ("Acorn & Finch", "18 Mill Lane", "Dover NH 03820")
    pike = ("Samuel J. Pike", "402 Birch Court, Apt 9", "Moab UT 84532")
    guild = ("Cobalt Printers Guild", "1200 Foundry Road", "Duluth MN 55802")

    layout = CheckLayout(amount_right=0.28, amount_bottom=1.5, boxed=True, mark_font="serif-bold", text_font="serif")
    words = CheckWords(
        pike,
        "Harbor Trust Bank",
        "1187",
        "991000148",
        "220418839",
        "March 4, 2024",
        "Linden Hardware",
        "384.60",
        "Three hundred eighty-four and 60/100",
        "gutters",
        "S. J. Pike",
        pen="rufscript",
    )
    sheet, _ = draw_check(layout, words, rng)
    waves = wavy_background(sheet, 0.06, 0.09)
    save_png(folder / "handwritten-box.png", gray(scan(sheet, background=waves, skew_deg=1.8, noise=1.5)))
    rows += _told("handwritten-box.png", words, "384.60")

    layout = CheckLayout(8.5, 3.5, 0.45, 2.05, 1.5, 0.3, boxed=False, mark_font="sans", mark_size=12, text_size=7.5)
    words = CheckWords(
        guild,
        "First Bank of Superior",
        "40262",
        "991900536",
        "5500781264",
        "06/18/2024",
        "Northway Paper Company",
        "**1,946.07",
        "One thousand nine hundred forty-six and 07/100",
        "inv 2231",
        "E. Brandt",
        pen="create",
        machine="mono",
        figure_height=0.12,
    )
    sheet, _ = draw_check(layout, words, rng)
    save_fax(folder / "printed-line.tif", [gray(scan(sheet, skew_deg=-1.1))])
    rows += _told("printed-line.tif", words, "1946.07")

    layout = CheckLayout(
        6.0, 2.75, 0.35, 1.42, 1.2, 0.3, boxed=True, mark_size=15, payee_right_of="Pay to\nthe order of"
    )
    words = CheckWords(
        acorn,
        "Granite Savings",
        "2093",
        "991470215",
        "77104258",
        "Nov 30, 2023",
        "Ida Okafor",
        "1,250.00",
        "One thousand two hundred fifty and no/100",
        "deposit",
        "R. Finch",
        pen="breip",
    )
    sheet, _ = draw_check(layout, words, rng)
    picture = scan(
        sheet,
        paper=(226, 240, 232),
        print_ink=(70, 60, 30),
        pen_ink=(130, 60, 35),
        background=wavy_background(sheet, 0.045, 0.07),
        skew_deg=-2.3,
        noise=2,
    )
    save_jpeg(folder / "colour.jpg", picture)
    rows += _told("colour.jpg", words, "1250.00")

    layout = CheckLayout(8.0, 3.6, 0.6, 1.95, 1.35, 0.34, boxed=False, mark_font="dejavu-serif", mark_size=14)
    words = CheckWords(
        acorn,
        "Granite Savings",
        "2101",
        "991470215",
        "77104258",
        "Dec 2, 2023",
        "Dover Water Works",
        "72 45/100",
        "Seventy-two and 45/100",
        "acct 5512",
        "R. Finch",
        pen="dkg",
        figure_height=0.18,
    )
    sheet, _ = draw_check(layout, words, rng)
    save_jpeg(folder / "upside-down.jpg", gray(scan(sheet, paper=(232, 232, 232), skew_deg=0.7, quarter_turns=2)), 66)
    rows += _told("upside-down.jpg", words, "72.45")

    layout = CheckLayout(
        7.5, 3.0, 0.3, 1.6, 1.25, 0.28, boxed=True, mark_font="sans-bold", mark_size=16, text_font="dejavu"
    )
    words = CheckWords(
        guild,
        "First Bank of Superior",
        "40271",
        "991900536",
        "5500781264",
        "06/21/2024",
        "Cedar Tools Ltd",
        "$8,015.90",
        "Eight thousand fifteen and 90/100",
        "tools",
        "E. Brandt",
        pen="create",
        machine="typewriter",
        figure_height=0.12,
    )
    sheet, _ = draw_check(layout, words, rng)
    picture = scan(sheet, paper=(214, 214, 214), background=wavy_background(sheet, 0.08, 0.05), quarter_turns=1)
    save_jpeg(folder / "quarter-turn.jpg", gray(picture), 60)
    rows += _told("quarter-turn.jpg", words, "8015.90")
    return rows + draw_indian(folder)


def draw_indian(folder: Path) -> Rows:
    words = ChequeWords(
        "KAVERI BANK",
        "MG Road, Mysuru 570001 \u2013 IFSC KVRB0000417",
        "417206",
        "570999003",
        "004117",
        "31",
        "0417201000881",
        "14082024",
        "Sunita Hegde",
        ("One lakh twenty four", "thousand five hundred only"),
        "1,24,500/-",
        "R. Nair",
        pen="rufscript",
    )
    sheet = draw_cheque(words, np.random.default_rng(SEED + 3))
    waves = wavy_background(sheet, 0.07, 0.05)
    picture = scan(sheet, paper=(216, 238, 244), pen_ink=(120, 50, 30), background=waves, skew_deg=0.8, noise=2)
    save_jpeg(folder / "indian.jpg", picture)
    return [
        ("indian.jpg", 0, "amount", "124500.00"),
        ("indian.jpg", 0, "date", "2024-08-14"),
        ("indian.jpg", 0, "micr", words.micr),
        ("indian.jpg", 0, "micr_serial", words.serial),
        ("indian.jpg", 0, "micr_routing", words.sort_code),
        ("indian.jpg", 0, "micr_account", words.base),
        ("indian.jpg", 0, "micr_transaction", words.transaction),
    ]


def _told(name: str, words: CheckWords, amount: str) -> Rows:
    """What a check says: amount, number, the date where figures tell it, and the MICR line whole and by its fields."""
    serial = words.number.zfill(6)
    date = [(name, 0, "date", _canonical("date", words.date))] if "/" in words.date else []
    return [
        (name, 0, "amount", amount),
        *date,
        (name, 0, "number", words.number),
        (name, 0, "micr", micr_text(words)),
        (name, 0, "micr_routing", words.routing),
        (name, 0, "micr_account", words.account),
        (name, 0, "micr_serial", serial),
    ]


def draw_envelopes(folder: Path) -> Rows:
    rng = np.random.default_rng(SEED + 1)
    layout = EnvelopeLayout(letter=0.15, zip_letter=0.2, zip_rise=0.03)
    address = ("Ms. Rowan Hill", "77 Quarry Street", "Bend, OR")
    sheet, _ = draw_envelope(layout, address, "97701", rng, pen="mentor", machine=None)
    save_jpeg(folder / "handwritten.jpg", gray(scan(sheet, paper=(238, 238, 238), skew_deg=1.2, noise=2)), 55)

    layout = EnvelopeLayout(
        8.875, 3.875, 3.6, 2.0, 0.2, 0.11, stamp="permit", sender=("Granite Savings", "Dover NH 03821")
    )
    address = ("COBALT PRINTERS GUILD", "1200 FOUNDRY ROAD STE 4", "DULUTH MN")
    sheet, _ = draw_envelope(layout, address, "55802-1436", rng, pen="create", machine="mono")
    save_fax(folder / "printed.tif", [gray(scan(sheet, skew_deg=-0.6))])
    return [("handwritten.jpg", 0, "zip", "97701"), ("printed.tif", 0, "zip", "55802-1436")]


def draw_forms(folder: Path) -> Rows:
    rng = np.random.default_rng(SEED + 2)
    (folder / ".blank").mkdir(exist_ok=True)
    (folder / "remittance.toml").write_text(template_toml(), "utf-8")
    Image.fromarray(gray(scan(draw_form(rng), blur=0.3, noise=0)) > 150).convert("1").save(
        folder / ".blank" / "remittance.png", dpi=(DPI, DPI)
    )
    filled = (
        (
            "rufscript",
            {
                "account": "30417725",
                "date": "03/14/2024",
                "zip": "95624",
                "amount_due": "128.40",
                "amount_paid": "128.40",
                "invoice": "55190",
            },
        ),
        (
            "dkg",
            {
                "account": "88120396",
                "date": "11/02/2023",
                "zip": "03820",
                "amount_due": "1,076.25",
                "amount_paid": "500.00",
                "invoice": "",
            },
        ),
        (
            "humor",
            {
                "account": "61459073",
                "date": "07/28/2024",
                "zip": "84532",
                "amount_due": "39.71",
                "amount_paid": "39.71",
                "invoice": "402388",
            },
        ),
    )
    pictures = []
    for (pen, written), skew in zip(filled, (0.9, -1.4, 0.4), strict=True):
        sheet = draw_form(rng)
        fill_form(sheet, written, pen)
        pictures.append(gray(scan(sheet, paper=(244, 244, 244), skew_deg=skew, noise=2)))
    save_fax(folder / "two-pages.tif", pictures[:2])
    save_jpeg(folder / "one-page.jpg", pictures[2], 50)
    pages = (("two-pages.tif", 0), ("two-pages.tif", 1), ("one-page.jpg", 0))
    return [
        (name, page, field.name, _canonical(field.kind, written[field.name]))
        for (name, page), (_, written) in zip(pages, filled, strict=True)
        for field in FIELDS
    ]


def _canonical(kind: str, text: str) -> str:
    """What the pipeline says of `text`: amounts without grouping, dates as ISO."""
    if kind == "date":
        month, day, year = text.split("/")
        return f"{year}-{month}-{day}"
    return text.replace(",", "")


def write_expected(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("file", "page", "field", "value"))
        table.writerows(rows)


def main(root: Path) -> None:
    everything: Rows = []
    cases = (
        ("checks", draw_checks, "Checks of banks that do not exist, with lines of E-13B on the published grid."),
        ("envelopes", draw_envelopes, "Two envelopes, one written and one printed."),
        ("forms", draw_forms, "A form of our own, its template, and filled copies."),
    )
    for name, draw, what in cases:
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        rows = draw(folder)
        write_expected(folder / "expected.csv", rows)
        (folder / "SOURCE.md").write_text(SOURCE.format(what=what), "utf-8")
        everything += [(f"{name}/{file}", page, field, value) for file, page, field, value in rows]
    write_expected(root / "expected.csv", everything)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
