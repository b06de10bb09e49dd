"""`ocrpipe try` in a real browser: how long from the end of a stroke to its reading on the screen.

    python -m tests.bench.trying [--rounds 20] [--shot docs/try.png]

With --shot, the page with a sample field is drawn as the documentation shows it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

from ocrpipe.trying.sampling import sample
from tests.browser import CHROMIUM
from tests.command import opened
from tests.trying.strokes import draw, wait_for

TEXTS = {"digit": "4", "digits": "1740", "amount": "17.40"}
_SHOWN = 5
"""The seed of a sample with a rule, specks and figures that hang together."""
_WIDTH, _COLORS = 1080, 128


def measure(page: Any, rounds: int) -> None:
    """Prints for each kind the median and the slowest, of single strokes, ms; the first round warms up."""
    for kind, text in TEXTS.items():
        page.select_option("#kind", kind)
        for done in range(rounds + 1):
            draw(page, text, x=300)
            wait_for(page, text)
            page.wait_for_function("() => document.getElementById('took').textContent !== ''")
            page.keyboard.press("c")
            wait_for(page, "–")
            if done == 0:
                page.evaluate("performance.clearMeasures()")
        took = page.evaluate("performance.getEntriesByName('stroke-to-reading').map(one => one.duration)")
        page.evaluate("performance.clearMeasures()")
        ranked = sorted(took)
        print(f"{kind:8} {text:6} {len(took):4} strokes: median {median(took):4.0f} ms, "
              f"95 % within {ranked[int(0.95 * len(ranked))]:4.0f} ms, slowest {ranked[-1]:4.0f} ms")  # fmt: skip


def shoot(page: Any, out: Path) -> None:
    """The page with a sample, small and in few colors."""
    one = sample("amount", np.random.default_rng(_SHOWN))
    page.select_option("#kind", "amount")
    picture = {"name": "field.png", "mimeType": "image/png", "buffer": cv2.imencode(".png", one.pixels)[1].tobytes()}
    page.set_input_files("#file", picture)
    wait_for(page, one.value)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    page.screenshot(path=out, full_page=True)
    from PIL import Image

    full = Image.open(out).convert("RGB")
    small = full.resize((_WIDTH, round(full.height * _WIDTH / full.width)), Image.Resampling.LANCZOS)
    small.quantize(_COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(out, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--shot", type=Path)
    given = parser.parse_args()
    with opened("try") as server, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(server.address)
        page.wait_for_selector("#paper[data-ready]")
        measure(page, given.rounds)
        if given.shot:
            shoot(page, given.shot)
        browser.close()


if __name__ == "__main__":
    main()
