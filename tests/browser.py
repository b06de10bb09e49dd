"""Debian's chromium, and pages in it that must not complain."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page_of(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages, each in a browser of its own. None may run a foreign script, or complain; a request that the server
    refused (422), or that it was not there to answer, is no complaint."""
    complaints: list[str] = []
    contexts = []

    def heard(message: Any) -> None:
        if message.type in ("error", "warning") and not re.search(r"status of 422|net::ERR_", message.text):
            complaints.append(message.text)

    def open_it(address: str, name: str | None = None, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(address)
        if name is not None:
            page.wait_for_selector("#name-dialog[open]")
            page.fill("#name", name)
            page.keyboard.press("Enter")
            page.wait_for_selector("#name-dialog:not([open])", state="attached")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
