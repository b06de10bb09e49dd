"""Pictures of the pages for the documentation: `python -m tests.review.shots` writes docs/review*.png."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import CHROMIUM
from tests.command import COMMAND, FORM, SAMPLES, opened

DOCS = SAMPLES.parent / "docs"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        results = str(Path(folder) / "results.parquet")
        template = ["--template", str(FORM)]
        subprocess.run(
            [*COMMAND, "run", str(SAMPLES), *template, "--max-error", "0.001", "--out", results, "--quiet"], check=True
        )
        with opened("review", results, *template) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            _shoot(browser.new_page(viewport={"width": 1360, "height": 820}), server.address)
            browser.close()


def _shoot(page: Page, address: str) -> None:
    page.goto(address)
    page.fill("#name", "Ann")
    page.keyboard.press("Enter")
    page.wait_for_selector(".figure")
    for _ in range(12):
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)
    page.keyboard.press("Tab")
    page.wait_for_selector(".box.at")
    page.screenshot(path=DOCS / "review.png")
    page.keyboard.press("Escape")
    for figure in ("1", "2"):
        page.keyboard.press(figure)
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)
    while page.is_visible("#work"):
        page.keyboard.press("Enter")
        page.wait_for_timeout(120)
    page.goto(page.url.rstrip("/") + "/numbers")
    page.wait_for_selector("#bands svg")
    page.screenshot(path=DOCS / "review-numbers.png", full_page=True)


if __name__ == "__main__":
    main()
